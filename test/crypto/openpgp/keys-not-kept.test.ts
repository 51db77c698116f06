import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { keysNotKept } from "../../../src/crypto/openpgp/keys-not-kept.ts";
import { hostPathResolver } from "../../../src/host/path-resolver.ts";
import { prepareVerifier } from "../../../src/index.ts";
import { parsePolicy } from "../../../src/policy/parse-policy.ts";
import { explain } from "../../../src/report/explain.ts";
import { gnupgHome, gpg, lacks } from "../../support/gpg.ts";
import { fixtureImage, fixtures } from "../../support/images.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const key = (name: string): Uint8Array => readFileSync(join(fixtures, "keys/gpg", name));
const release = "D20A9D88224ADAF5CBFF78963ED8CDB920858415";
const unrelated = "19D9C11A6FFA22E5CF1AC70F4C2B153C75399714";
const reviewer = "4BA9C67AA24424B1FC62DA980F260BF779FE26E4";
const versionSix = "691BC831E321A7F11A603189506CA278C39E31B5CC052A22B1B920F3D72EF64B";

/** The second key's user id was changed after it was signed. */
function unbound(): Uint8Array {
  const octets = Buffer.from(key("unrelated.gpg"));
  octets[octets.indexOf("TEST KEY")] = 0x74;
  return octets;
}

const files: Readonly<Record<string, Uint8Array>> = {
  "all is kept": Buffer.concat([key("release-rsa4096.gpg"), key("unrelated.gpg")]),
  "behind a key of version 6, and before it": Buffer.concat(
    ["release-rsa4096.gpg", "unrelated.gpg", "version-6.gpg", "reviewer.gpg"].map(key),
  ),
  "a key of version 6 at the end, after another": Buffer.concat([key("release-rsa4096.gpg"), key("version-6.gpg")]),
  "no valid self-signature": Buffer.concat([key("release-rsa4096.gpg"), unbound()]),
};

const rows: readonly { file: string; imported: readonly string[]; missing: readonly string[] }[] = [
  { file: "all is kept", imported: [release, unrelated], missing: [] },
  {
    file: "behind a key of version 6, and before it",
    imported: [release],
    missing: [`${unrelated} stopped`, `${versionSix} version`, `${reviewer} stopped`],
  },
  {
    file: "a key of version 6 at the end, after another",
    imported: [],
    missing: [`${release} stopped`, `${versionSix} version`],
  },
  { file: "no valid self-signature", imported: [release], missing: [`${unrelated} unbound`] },
];

describe("keysNotKept: what is in a file, and not in GnuPG's database", () => {
  for (const { file, imported, missing } of rows) {
    const bytes = files[file] ?? new Uint8Array();
    it(file, () => {
      const found = keysNotKept(bytes, new Set(imported)).filter(({ isSubkey }) => !isSubkey);
      assert.deepEqual(
        found.map(({ fingerprint, why }) => `${fingerprint} ${why}`),
        missing,
      );
    });

    it(`${file}: gpg imports the same`, { skip: lacks("gpg") }, () => {
      const { env } = gnupgHome("gpg/flatpak.gpg");
      const path = join(temporaryDirectory(), "ring.gpg");
      writeFileSync(path, bytes);
      spawnSync("gpg", ["--batch", "-q", "--import", path], { env });
      const kept = gpg(env, ["--list-keys", "--with-colons"]).match(/^fpr:+([0-9A-F]+):/gm) ?? [];
      const primaries = [release, unrelated, reviewer, versionSix].filter((name) =>
        kept.some((line) => line.includes(name)),
      );
      assert.deepEqual(primaries, imported);
    });
  }

  it("gives the key ID, the version and the owner", () => {
    const [found] = keysNotKept(key("version-6.gpg"), new Set());
    assert.deepEqual(found, {
      fingerprint: versionSix,
      keyId: "691BC831E321A7F1",
      version: 6,
      isSubkey: false,
      userId: "Vendor Next (TEST KEY) <next@vendor.example>",
      why: "version",
    });
  });

  it("takes any octets, in bounded time", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => keysNotKept(octets, new Set()).length >= 0));
    const tiny = Uint8Array.of(0x98, 12, 4, 0, 0, 0, 0, 1, 0, 1, 1, 0, 1, 1);
    const flood = Buffer.concat(Array.from({ length: 20_000 }, (_, i) => Buffer.from(tiny).fill(i & 0xff, 3, 7)));
    const started = performance.now();
    keysNotKept(flood, new Set());
    assert.ok(performance.now() - started < 5000);
  });
});

describe("a signature by a key that is in the file", () => {
  const said: readonly { file: string; says: RegExp; not: RegExp }[] = [
    {
      file: "behind a key of version 6, and before it",
      says: /4C2B 153C 7539 9714, which is in \/k\.gpg, but GnuPG does not read it.*Next: Split the file/s,
      not: /[Aa]dd it to|another key;/,
    },
    {
      file: "no valid self-signature",
      says: /which is in \/k\.gpg, but GnuPG does not import it.*Next: Get the key again/s,
      not: /[Aa]dd it to|another key;/,
    },
  ];
  for (const { file, says, not } of said) {
    it(`is rejected, and its key need not be added: ${file}`, async () => {
      const policy = parsePolicy(
        Buffer.from(JSON.stringify({ default: [{ type: "signedBy", keyType: "GPGKeys", keyPath: "/k.gpg" }] })),
        {},
      );
      assert.ok(policy.ok);
      const verifier = prepareVerifier(policy.value, {
        readFile: () => files[file] ?? new Uint8Array(),
        now: () => Date.UTC(2026, 0, 1) / 1000,
        paths: hostPathResolver(undefined),
      });
      const identity = "registry.example.com/vendor/app:1.0";
      const verdict = await verifier.verify({ identity, requireSigned: false, ...fixtureImage("gpg-unknown-key") });
      assert.deepEqual(
        verdict.requirements.flatMap(({ signatures }) => signatures.map(({ code }) => code)),
        ["signature.key.unknown"],
      );
      const text = explain(verdict).replaceAll(/\s+/g, " ");
      assert.match(text, says);
      assert.doesNotMatch(text, not);
    });
  }
});
