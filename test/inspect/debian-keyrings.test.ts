import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { DescribedPart } from "../../src/crypto/openpgp/listing.ts";
import { MaterialReader } from "../../src/inspect/material.ts";
import { trustFiles } from "../support/trust-files.ts";

/**
 * Keys that nobody here made: those of Debian's developers and archive, a thousand keys with the odd packets of twenty years
 * (packages debian-keyring and debian-archive-keyring). The listing is compared with GnuPG's, key by key and subkey by subkey.
 */
const keyrings = globSync("/usr/share/keyrings/debian-*.gpg").sort();
const hasGpg = spawnSync("gpg", ["--version"]).status === 0;
const skip =
  keyrings.length === 0
    ? "no /usr/share/keyrings/debian-*.gpg: install debian-keyring and debian-archive-keyring"
    : !hasGpg
      ? "no gpg"
      : false;

/** Generous: the largest has 28 MB, and takes about four seconds. */
const maxSeconds = 60;

const lettersOfState: Readonly<Record<DescribedPart["state"], string>> = {
  good: "signs",
  ambiguous: "signs",
  future: "signs",
  "not-for-signing": "does not sign",
  expired: "e",
  revoked: "r",
  unusable: "i",
};

describe("policy explain lists the keys that GnuPG imports from", { skip }, () => {
  for (const path of keyrings) {
    it(path, async (context) => {
      const now = Math.floor(Date.now() / 1000);
      const started = performance.now();
      const materials = new MaterialReader({ readFile: trustFiles((file) => readFileSync(file)), nowSeconds: now });
      const described = await materials.describe({
        type: "signedBy",
        keyType: "GPGKeys",
        keys: { kind: "paths", field: "keyPath", paths: [path] },
        signedIdentity: { type: "matchRepository" },
      });
      const seconds = (performance.now() - started) / 1000;
      assert.ok(seconds < maxSeconds, `${seconds} s`);
      const [material] = described.materials;
      assert.ok(material?.content.ok === true && material.content.value.kind === "keyring");
      const { keys, leftOut } = material.content.value.listing;
      const ours = keys.flatMap(({ parts }) =>
        parts.map((part, i) => `${i === 0 ? "pub" : "sub"} ${part.fingerprint} ${lettersOfState[part.state]}`),
      );
      const theirs = gpgListing(path, now);
      assert.deepEqual(ours.sort(), [...theirs].sort());
      const refused = keys.flatMap(({ parts }) => parts.filter(({ refusals }) => refusals.length > 0));
      context.diagnostic(
        `${keys.length} keys, ${ours.length} with subkeys, ${ours.filter((line) => line.endsWith(" signs")).length} can sign now, ` +
          `${refused.length} of these refused by go-crypto or Sequoia, ${leftOut.length} left out, ${seconds.toFixed(1)} s`,
      );
    });
  }
});

/** What gpg says of each key and subkey: its validity where that is bad, otherwise whether it can sign. */
function gpgListing(path: string, now: number): readonly string[] {
  const home = mkdtempSync(join(tmpdir(), "sealcheck-gpg-"));
  try {
    // What it would import, as it would store it; storing a thousand keys takes gpg minutes.
    const options = ["--homedir", home, "--batch", "--quiet", "--no-auto-check-trustdb", `--faked-system-time=${now}!`];
    const show = ["--with-colons", "--import-options", "show-only", "--import", path];
    const output = execFileSync("gpg", [...options, ...show], {
      encoding: "utf8",
      maxBuffer: 256 * 1024 * 1024,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const lines: string[] = [];
    let current: readonly string[] = [];
    for (const line of output.split("\n")) {
      const fields = line.split(":");
      if (fields[0] === "pub" || fields[0] === "sub") current = fields;
      if (fields[0] !== "fpr" || current.length === 0) continue;
      const [kind = "", validity = ""] = current;
      const canSign = (current[11] ?? "").includes("s");
      const said = /^[rei]$/.test(validity) ? validity : canSign ? "signs" : "does not sign";
      lines.push(`${kind} ${fields[9]} ${said}`);
      current = [];
    }
    return lines;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
