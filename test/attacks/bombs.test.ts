/** What one image, or the key files of one policy, may cost: the verdict says that it was too much, and soon. */
import { linkSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Code } from "../../src/codes.ts";
import { fixtureImage, fixturePolicy } from "../support/images.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { type Attack, attackTable } from "./attack-table.ts";
import { type Bomb, largeRings, openpgpBombs, policyBombs, rekorBombs, sigstoreBombs } from "./bombs.ts";
import { identity, policy, request } from "./requests.ts";

const folder = temporaryDirectory();
let images = 0;

/** A directory with so many signatures that are this file, which is there once. */
function imageWith(file: Uint8Array, copies: number, manifest: Uint8Array): string {
  const path = join(folder, `image-${++images}`);
  mkdirSync(path);
  writeFileSync(join(path, "manifest.json"), manifest);
  writeFileSync(join(path, "signature-1"), file);
  for (let i = 2; i <= copies; i++) linkSync(join(path, "signature-1"), join(path, `signature-${i}`));
  return path;
}

function rows(bombs: readonly Bomb[], fixture: { image: string; policy: string }): readonly Attack[] {
  const { manifest } = fixtureImage(fixture.image);
  const policyText = Buffer.from(fixturePolicy(fixture.policy)).toString("utf8");
  const row = (what: string, file: () => Uint8Array, copies: number, code: Code): Attack => ({
    what,
    request: once(() => ({ identity, source: imageWith(file(), copies, manifest), policyText })),
    ...(code.startsWith("signature.") ? { code: "requirement.signature.not-accepted", signature: code } : { code }),
  });
  return bombs.flatMap(({ what, file, code, fifteen }) => {
    const made = once(file);
    return [row(what, made, 1, code), row(`fifteen times ${what}`, made, 15, fifteen)];
  });
}

/** Both forms of the command are asked the same, and some of it takes long to make. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

const gpg = { image: "gpg-release-oci", policy: "gpg-keydata.json" };
const sigstore = { image: "sigstore-key-tag", policy: "sigstore-key.json" };
attackTable("bombs as OpenPGP messages", rows(openpgpBombs, gpg));
attackTable("bombs as sigstore signatures", rows(sigstoreBombs, sigstore));
attackTable("bombs as log entries", rows(rekorBombs, { image: "sigstore-key-rekor", policy: "sigstore-rekor.json" }));

attackTable(
  "bombs as keyrings",
  largeRings.map(({ what, ring, code }) => ({
    what,
    request: once(() => {
      const keyPath = join(folder, `ring-${++images}`);
      writeFileSync(keyPath, ring(1));
      return request(gpg, { policyText: policy({ type: "signedBy", keyType: "GPGKeys", keyPath }) });
    }),
    code,
    seconds: 20,
  })),
);

attackTable(
  "bombs as policies",
  policyBombs.map(({ what, requirement, signature, copies, code }) => ({
    what,
    request: once(() => {
      const { manifest } = fixtureImage(sigstore.image);
      return { identity, source: imageWith(signature, copies, manifest), policyText: policy(...requirement()) };
    }),
    ...(code.startsWith("signature.")
      ? { code: "requirement.signature.not-accepted" as const, signature: code }
      : { code }),
    seconds: 10,
  })),
);
