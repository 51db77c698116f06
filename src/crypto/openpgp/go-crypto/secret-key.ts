import { createPrivateKey, createPublicKey } from "node:crypto";
import type { WorkBudget } from "../../budget.ts";
import { publicKeyAlgorithms as algorithms } from "../algorithms.ts";
import type { KeyMaterial } from "../key-material.ts";
import { equal, padded, uint } from "../octets.ts";
import { curve448Public, edwards448Public } from "./curve448.ts";
import { FieldReader } from "./fields.ts";
import { isDsaPair, isElgamalPair, isRsaPair, pointOf } from "./number-checks.ts";
import { type GoEncryptionKey, type GoKey, readPublicKey } from "./public-key.ts";
import { aeadNonces, cipherBlocks, isUsable, readStringToKey } from "./s2k.ts";
import { consumeAll, type Fault, isFault, OctetSource, readAll, readExactly, type Source } from "./source.ts";

const usage = { plain: 0, aead: 253, sha1: 254, checksum: 255 } as const;

/**
 * Reads the body of a secret key packet, of which its public half counts. go-crypto does not take one whose secret half is
 * broken or belongs to another key, unless it is encrypted. packet/private_key.go PrivateKey.parse.
 */
export function readSecretKey(body: Source, isSubkey: boolean, budget: WorkBudget): GoKey | Fault {
  const key = readPublicKey(body, { isSubkey, isSecret: true });
  if (isFault(key)) return key;
  const isVersion6 = key.version === 6;
  const first = readExactly(body, 1);
  if (isFault(first)) return first;
  const [kind = 0] = first;
  if (kind === usage.plain) return readPlain(key, body, budget) ?? key;
  // Version 6 counts the octets of the parameters; nobody looks at it.
  const count = isVersion6 ? readExactly(body, 1) : undefined;
  if (isFault(count)) return count;
  if (kind !== usage.aead && kind !== usage.sha1 && kind !== usage.checksum) return "unsupported";
  if (isVersion6 && kind === usage.checksum) return "structural";
  const isAead = kind === usage.aead;
  return readEncrypted(body, { isVersion6, isAead }) ?? key;
}

function readEncrypted(body: Source, how: { isVersion6: boolean; isAead: boolean }): Fault | undefined {
  const first = readExactly(body, 1);
  if (isFault(first)) return first;
  const [cipher = 0] = first;
  if (cipher !== 0 && !cipherBlocks.has(cipher)) return "unsupported";
  let nonceOctets = cipherBlocks.get(cipher) ?? 0;
  if (how.isAead) {
    const mode = readExactly(body, 1);
    if (isFault(mode)) return mode;
    const octets = aeadNonces.get(mode[0] ?? 0);
    if (octets === undefined) return "unsupported";
    nonceOctets = octets;
  }
  const count = how.isVersion6 ? readExactly(body, 1) : undefined;
  if (isFault(count)) return count;
  const derivation = readStringToKey(body);
  if (isFault(derivation)) return derivation;
  // Nothing of what follows is read then: the next packet begins there.
  if (derivation.mode === "dummy") return undefined;
  if (!cipherBlocks.has(cipher)) return "unsupported";
  if (derivation.mode === "argon2" && !how.isAead) return "structural";
  if (derivation.mode === "simple" && how.isVersion6) return "structural";
  if (!isUsable(derivation)) return "unsupported";
  const nonce = readExactly(body, nonceOctets);
  return isFault(nonce) ? nonce : consumeAll(body);
}

function readPlain(key: GoKey, body: Source, budget: WorkBudget): Fault | undefined {
  const { octets, fault } = readAll(body);
  if (fault !== undefined) return fault;
  if (octets.length < 2) return "structural";
  if (key.version === 6) return checkSecret(key, octets, budget);
  const checksum = octets.subarray(0, -2).reduce((sum, octet) => (sum + octet) & 0xffff, 0);
  if (uint(octets, octets.length - 2, 2) !== checksum) return "structural";
  return checkSecret(key, octets.subarray(0, -2), budget);
}

/** Whether the secret half belongs to the public one. go-crypto: packet/private_key.go parsePrivateKey. */
function checkSecret(
  { algorithm, material, encryption }: GoKey,
  secret: Uint8Array,
  budget: WorkBudget,
): Fault | undefined {
  const numbers = new FieldReader(new OctetSource(secret));
  switch (material.kind) {
    case "rsa": {
      const [d, p, q] = [numbers.mpi(), numbers.mpi(), numbers.mpi()];
      return numbers.fault ?? broken(!isRsaPair(material, { d, p, q }, budget));
    }
    case "dsa": {
      const x = numbers.mpi();
      return numbers.fault ?? broken(!isDsaPair(material, x, budget));
    }
    case "ecdsa": {
      const d = numbers.mpi();
      return numbers.fault ?? broken(!equalOctets(pointOf(material.curve, d, budget), material.point));
    }
    case "ed25519":
    case "ed448":
      return checkEdwards(algorithm, material, secret, budget);
    case "none":
      // Post-quantum: go-crypto would derive the public half; nobody keeps such a key in a keyring for verifying, and not in plain.
      return encryption === undefined ? "fatal" : checkDecryption(encryption, secret, budget);
  }
}

function checkEdwards(
  algorithm: number,
  { kind, point }: Extract<KeyMaterial, { kind: "ed25519" | "ed448" }>,
  secret: Uint8Array,
  budget: WorkBudget,
): Fault | undefined {
  const size = kind === "ed25519" ? 32 : 57;
  let seed = secret;
  if (algorithm === algorithms.eddsa) {
    const numbers = new FieldReader(new OctetSource(secret));
    const number = numbers.mpi();
    if (numbers.fault !== undefined) return numbers.fault;
    // Ed25519 has its leading zeros cut off, Ed448 has a prefix instead.
    const native =
      kind === "ed25519" ? padded(number, size) : number.length === size + 1 ? number.subarray(1) : undefined;
    if (native === undefined) return "fatal";
    seed = native;
  } else if (seed.length !== size) return "structural";
  const derived = kind === "ed25519" ? rawPublic("ed25519", seed) : edwards448Public(seed, budget);
  return broken(!equalOctets(derived, point));
}

function checkDecryption(key: GoEncryptionKey, secret: Uint8Array, budget: WorkBudget): Fault | undefined {
  if (key.kind === "elgamal" || key.kind === "ecdh") {
    const numbers = new FieldReader(new OctetSource(secret));
    const number = numbers.mpi();
    if (numbers.fault !== undefined) return numbers.fault;
    if (key.kind === "elgamal") return broken(!isElgamalPair(key, number, budget));
    return broken(!equalOctets(pointOf(key.curve, number, budget), key.point));
  }
  const size = key.kind === "x25519" ? 32 : 56;
  let scalar = secret;
  if (!key.isPlain) {
    const numbers = new FieldReader(new OctetSource(secret));
    const number = numbers.mpi();
    if (numbers.fault !== undefined) return numbers.fault;
    // The one is a number, the most significant octet first (internal/ecc/curve25519.go); the other has a prefix.
    const native =
      key.kind === "x25519"
        ? padded(number, size)?.reverse()
        : number.length === size + 1
          ? number.subarray(1)
          : undefined;
    if (native === undefined) return "fatal";
    scalar = native;
  } else if (scalar.length !== size) return "structural";
  const derived = key.kind === "x25519" ? rawPublic("x25519", scalar) : curve448Public(scalar, budget);
  return broken(!equalOctets(derived, key.point));
}

function broken(isBroken: boolean): Fault | undefined {
  return isBroken ? "fatal" : undefined;
}

function equalOctets(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && equal(a, b);
}

/** RFC 8410 section 7, around the 32 octets of a secret key. */
const pkcs8Heads = {
  ed25519: "302e020100300506032b657004220420",
  x25519: "302e020100300506032b656e04220420",
} as const;

function rawPublic(kind: keyof typeof pkcs8Heads, secret: Uint8Array): Uint8Array {
  const der = Buffer.concat([Buffer.from(pkcs8Heads[kind], "hex"), secret]);
  const publicKey = createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
  return publicKey.export({ format: "der", type: "spki" }).subarray(-32);
}
