import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { lacks } from "./support/gpg.ts";
import { fixtures } from "./support/images.ts";
import { type Runtime, runtimes } from "./support/run.ts";
import { fixturePolicyFile, temporaryDirectory } from "./support/temporary.ts";

// The examples of docs/without-toctou.md, as somebody would copy them, against somebody who exchanges the download as soon as there
// is a verdict.

const page = readFileSync(new URL("../docs/without-toctou.md", import.meta.url), "utf8");
const examples = [...page.matchAll(/^## (.*)\n(?:(?!^## )[\s\S])*?^```(sh|c|python)\n([\s\S]*?)^```$/gm)];
const identity = "registry.example.com/vendor/app:1.0";
const policy = fixturePolicyFile("rhel-like.json");

it("docs/without-toctou.md has an example in each section", () => {
  assert.deepEqual(
    examples.map(([, title]) => title),
    [...page.matchAll(/^## (.*)$/gm)].map(([, title]) => title),
  );
  assert.equal(examples.length, 5);
});

interface Place {
  readonly directory: string;
  readonly download: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A directory with the download, and programs for PATH: `install-image` keeps what it is given; `sealcheck` is the real one, after
 * which the manifest is another, and the download another directory.
 */
function makePlace(image: string, { command }: Runtime): Place {
  const directory = temporaryDirectory();
  const download = join(directory, "download");
  const bin = join(directory, "bin");
  for (const path of [bin, join(directory, "evil")]) mkdirSync(path);
  cpSync(join(fixtures, "images", image), download, { recursive: true });
  writeFileSync(join(directory, "evil/manifest.json"), "evil");
  const script = (name: string, lines: string): void =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  script("install-image", `cat -- "$1" >"${directory}/installed"`);
  const real = command.map((word) => `'${word}'`).join(" ");
  const exchange = `printf evil >'${download}/manifest.json'; mv '${download}' '${directory}/gone'; mv '${directory}/evil' '${download}'`;
  script("sealcheck", `${real} "$@"; code=$?; ${exchange}; exit $code`);
  const { PATH = "" } = process.env;
  return { directory, download, env: { PATH: `${bin}:${PATH}`, TMPDIR: directory, REF: identity, DOWNLOAD: download } };
}

/** Runs an example, with the policy of this test in place of the system's. */
function runExample(language: string, code: string, { directory, download, env }: Place) {
  const text = code.replaceAll("/etc/containers/policy.json", policy);
  const options = { env, cwd: directory, encoding: "utf8", timeout: 60_000 } as const;
  if (language === "sh") return spawnSync("/bin/sh", ["-c", text], options);
  if (language === "python") return spawnSync("python3", ["-c", text, identity, download], options);
  writeFileSync(join(directory, "installer.c"), text);
  const flags = ["-Wall", "-Wextra", "-Werror", "-O1", "-o", "installer", "installer.c"];
  const built = spawnSync("cc", flags, options);
  assert.equal(built.status, 0, built.stderr);
  return spawnSync(join(directory, "installer"), [identity, download], options);
}

function missing(language: string, code: string): string | false {
  const needed = { sh: code.includes("jq ") ? ["jq"] : [], c: ["cc"], python: ["python3"] }[language] ?? [];
  return lacks(...needed);
}

for (const runtime of runtimes) {
  for (const [, title = "", language = "", code = ""] of examples) {
    describe(`docs/without-toctou.md, ${title} (${runtime.name})`, { skip: missing(language, code) }, () => {
      it("installs what was verified, and not what is there afterwards", () => {
        const place = makePlace("gpg-release-oci", runtime);
        const { status, stderr } = runExample(language, code, place);
        assert.equal(status, 0, stderr);
        const expected = readFileSync(join(fixtures, "images/gpg-release-oci/manifest.json"));
        assert.deepEqual(readFileSync(join(place.directory, "installed")), expected);
        assert.equal(readFileSync(join(place.download, "manifest.json"), "utf8"), "evil");
      });

      for (const image of ["gpg-unknown-key", "unsigned"]) {
        it(`installs nothing of ${image}`, () => {
          const place = makePlace(image, runtime);
          assert.notEqual(runExample(language, code, place).status, 0);
          assert.ok(!existsSync(join(place.directory, "installed")));
        });
      }

      // The other examples leave the layers to install-image.
      if (code.includes(".layers"))
        it("notices a layer that is not the one in the manifest", () => {
          const place = makePlace("gpg-release-oci", runtime);
          const [layer = ""] = readdirSync(place.download).filter((name) => name.startsWith("1ccd8e5c"));
          appendFileSync(join(place.download, layer), "x");
          assert.notEqual(runExample(language, code, place).status, 0);
          assert.ok(!existsSync(join(place.directory, "installed")));
        });

      it("installs nothing if there is no sealcheck", () => {
        const place = makePlace("gpg-release-oci", runtime);
        rmSync(join(place.directory, "bin/sealcheck"));
        assert.notEqual(runExample(language, code, place).status, 0);
        assert.ok(!existsSync(join(place.directory, "installed")));
      });
    });
  }
}
