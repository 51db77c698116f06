import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { temporaryDirectory } from "./support/temporary.ts";

const script = join(import.meta.dirname, "..", "conformance", "release.sh");
const ours = "conformance: the reference is go.podman.io/image/v5 v5.42.1";

/** What the script says where `go` knows these versions, or does what is given instead. */
function said(versions: string): { status: number | null; stdout: string; stderr: string } {
  const path = temporaryDirectory();
  const go = `#!/bin/sh\ncase " $* " in *" -versions "*) ${versions} ;; *) echo v5.42.1 ;; esac\n`;
  writeFileSync(join(path, "go"), go, { mode: 0o755 });
  const env = { PATH: `${path}:/usr/bin:/bin` };
  const { status, stdout, stderr } = spawnSync("/bin/sh", [script], { env, encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("make conformance says which release it compares with", () => {
  const rows: [why: string, versions: string, stdout: string][] = [
    ["the newest", "printf 'v5.42.0\\nv5.42.1\\n\\n'", `${ours}\n`],
    ["what is no release yet does not count", "printf 'v5.42.1\\nv5.43.0-rc1\\n\\n'", `${ours}\n`],
    [
      "a newer one is out",
      "printf 'v5.42.1\\nv5.42.2\\nv5.43.0\\nv5.44.0-rc1\\n\\n'",
      `${ours}; v5.43.0 is out: CONTRIBUTING.md, Following the reference\n`,
    ],
    ["no registry answers", "echo 'dial tcp: no such host' >&2; exit 1", `${ours}\n`],
    ["a registry that knows nothing", "true", `${ours}\n`],
  ];
  for (const [why, versions, stdout] of rows) {
    it(why, () => assert.deepEqual(said(versions), { status: 0, stdout, stderr: "" }));
  }
});
