import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { type OpenPgpBackEnd, openPgpBackEnds } from "../../../src/crypto/openpgp/back-end.ts";
import { keyringKeys, loadKeyring } from "../../../src/crypto/openpgp/keyring.ts";
import { untrustedMessageInfo, verifyMessage } from "../../../src/crypto/openpgp/message.ts";
import { type Untrusted, untrusted } from "../../../src/result.ts";

const fixtures = new URL("../../fixtures/", import.meta.url);
const nowSeconds = Date.UTC(2026, 10, 23) / 1000;

function key(name: string): Uint8Array {
  return readFileSync(new URL(`keys/gpg/${name}`, fixtures));
}

function message(image: string): Untrusted<Uint8Array> {
  return untrusted(readFileSync(new URL(`images/${image}/signature-1`, fixtures)));
}

async function verify(image: string, keys: readonly string[], backEnds = everybody): Promise<string> {
  const keyring = await loadKeyring(keys.map(key), backEnds);
  if (!keyring.ok) return keyring.problem.code;
  const verified = await verifyMessage({ message: message(image), keyring: keyring.value, nowSeconds });
  return verified.ok ? verified.value.primaryFingerprint : verified.problem.code;
}

const everybody: readonly OpenPgpBackEnd[] = openPgpBackEnds;

const release = "D20A9D88224ADAF5CBFF78963ED8CDB920858415";

/** Image, key files, and the primary key that signed or the code. */
const rows: readonly (readonly [image: string, keys: readonly string[], expected: string])[] = [
  ["gpg-release-oci", ["release-rsa4096.gpg"], release],
  ["gpg-release-oci", ["release-rsa4096.asc"], release],
  ["gpg-release-oci", ["keyring-unrelated-and-release.gpg"], release],
  ["gpg-ed25519", ["release-rsa4096.gpg", "release-ed25519.gpg"], "4FC4FF6134D1B20B62D8579B60DCCE1D2FF05B3D"],
  ["gpg-ed25519", ["keyring-release-both.gpg"], "4FC4FF6134D1B20B62D8579B60DCCE1D2FF05B3D"],
  ["gpg-ecdsa-p256", ["release-ecdsa-p256.gpg"], "06B594FB21BFA890D10AE21C12C555A88565DD4B"],
  ["gpg-subkey", ["subkey.gpg"], "75ED208B03CC0440D8FFF20A24FB5CF8B777A8EB"],
  ["gpg-revoked-key", ["revoked-before-revocation.gpg"], "2E0C53B512AECA034F80406B907A0D0C4D636A60"],
  ["gpg-unknown-key", ["unrelated.gpg"], "19D9C11A6FFA22E5CF1AC70F4C2B153C75399714"],
  ["gpg-payload-bzip2-compressed", ["release-rsa4096.gpg"], release],
  ["gpg-payload-zip-compressed", ["release-rsa4096.gpg"], release],
  ["gpg-payload-zlib-compressed", ["release-rsa4096.gpg"], release],
  ["gpg-payload-uncompressed", ["release-rsa4096.gpg"], release],
  ["gpg-payload-sha1", ["release-rsa4096.gpg"], "signature.hash.weak"],
  ["gpg-rsa1024", ["rsa1024.gpg"], "signature.key.weak"],
  ["gpg-secp256k1", ["secp256k1.gpg"], "signature.key.weak"],
  ["gpg-payload-text-mode", ["release-rsa4096.gpg"], release],
  ["gpg-payload-future-expiry", ["release-rsa4096.gpg"], release],
  ["gpg-message-trailing-garbage", ["release-rsa4096.gpg"], release],
  ["gpg-message-twice", ["release-rsa4096.gpg"], release],
  ["gpg-unknown-key", ["release-rsa4096.gpg"], "signature.key.unknown"],
  ["gpg-subkey", ["subkey-revoked.gpg"], "signature.key.revoked"],
  ["gpg-revoked-key", ["revoked.gpg"], "signature.key.revoked"],
  ["gpg-expired-key", ["expired.gpg"], "signature.key.expired"],
  ["gpg-payload-expired-signature", ["release-rsa4096.gpg"], "signature.expired"],
  ["gpg-payload-ripemd160", ["release-rsa4096.gpg"], "signature.openpgp.unsupported"],
  ["gpg-payload-two-signers-in-one-message", ["release-rsa4096.gpg"], "signature.openpgp.several"],
  ["gpg-detached-signature", ["release-rsa4096.gpg"], "signature.openpgp.malformed"],
  ["gpg-unsigned-literal", ["release-rsa4096.gpg"], "signature.openpgp.not-signed"],
  ["gpg-cleartext-signature", ["release-rsa4096.gpg"], "signature.openpgp.malformed"],
  ["gpg-signature-armored", ["release-rsa4096.gpg"], "signature.openpgp.malformed"],
  ["gpg-signature-truncated", ["release-rsa4096.gpg"], "signature.openpgp.malformed"],
  ["gpg-release-oci", ["garbage-keyring.gpg"], "policy.trust.invalid"],
  ["gpg-release-oci", ["release-rsa4096.gpg", "garbage-keyring.gpg"], "policy.trust.invalid"],
  ["gpg-release-oci", ["empty-keyring.gpg"], "policy.trust.empty"],
];

describe("signatures of the fixtures", () => {
  for (const [image, keys, expected] of rows) {
    test(`${image} with ${keys.join(", ")}`, async () => assert.equal(await verify(image, keys), expected));
  }

  for (const kind of ["rsa1024", "dsa2048", "brainpool-p256r1", "secp256k1", "ecdsa-p521"]) {
    test(`a key of kind ${kind}`, async () =>
      assert.match(await verify(`gpg-${kind}`, [`${kind}.gpg`], ["gnupg", "go"]), /^[0-9A-F]{40}$/));
  }

  test("SHA-1, by GnuPG and go-crypto", async () =>
    assert.equal(await verify("gpg-payload-sha1", ["release-rsa4096.gpg"], ["gnupg", "go"]), release));
});

test("what is signed is given out, with the key that signed and its user id", async () => {
  const keyring = await loadKeyring([key("subkey.gpg")], openPgpBackEnds);
  assert.ok(keyring.ok);
  const verified = await verifyMessage({ message: message("gpg-subkey"), keyring: keyring.value, nowSeconds });
  assert.ok(verified.ok);
  const { content, signingFingerprint, userId, signedAtSeconds } = verified.value;
  assert.equal(JSON.parse(Buffer.from(content).toString()).critical.type, "atomic container signature");
  assert.equal(signingFingerprint, "0986CEBA1076DDF17586B271B1796E09551222BF");
  assert.equal(userId, keyringKeys(keyring.value)[0]?.userIds[0]);
  assert.equal(new Date(signedAtSeconds * 1000).toISOString(), "2024-02-01T12:00:00.000Z");
  assert.ok(keyringKeys(keyring.value)[0]?.subkeys.includes(signingFingerprint));
});

test("a claim is read without any key", () => {
  const info = untrustedMessageInfo(message("gpg-release-oci"));
  assert.equal(info?.untrustedKeyId, release.slice(-16));
  assert.ok(Buffer.from(info.untrustedContent).toString().startsWith('{"critical":'));
  assert.equal(untrustedMessageInfo(untrusted(Buffer.from("hello"))), undefined);
});
