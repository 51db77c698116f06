/** Parts of hostile requests. Everything else about them is in order, so that it is the attack that decides. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fixtureImage, fixturePolicy, fixtures } from "../support/images.ts";

export const mebibyte = 1024 * 1024;

export function base64(bytes: Uint8Array | string): string {
  return Buffer.from(bytes).toString("base64");
}

export const identity = "docker://registry.example.com/vendor/app:1.0";

/** An image without anything odd, judged by a policy of the fixtures; `changes` puts the attack in. */
export function request(fixture: { image: string; policy: string }, changes: object = {}): object {
  const { manifest, signatures } = fixtureImage(fixture.image);
  return {
    identity,
    manifest: base64(manifest),
    signatures: signatures.map(base64),
    policyText: Buffer.from(fixturePolicy(fixture.policy)).toString("utf8"),
    ...changes,
  };
}

/** A policy with these requirements for everything. */
export function policy(...requirements: readonly object[]): string {
  return JSON.stringify({ default: requirements });
}

/** A key file without anything odd. */
export function release(): Uint8Array {
  return readFileSync(join(fixtures, "keys", "gpg", "release-rsa4096.gpg"));
}

/** A signature file of sigstore's kind, its envelope given as JSON text. */
export function sigstoreFile(envelope: string): Uint8Array {
  return Buffer.from(`\0sigstore-json\n${envelope}`);
}

/** A signature file of the OpenPGP kind. */
export function openpgpFile(message: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from("\0simple-signing\n"), message]);
}

/** `count` times `text`, as a JSON list or object would be nested. */
export function nested(open: string, middle: string, close: string, count: number): string {
  return open.repeat(count) + middle + close.repeat(count);
}
