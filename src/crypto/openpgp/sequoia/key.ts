import { createHash } from "node:crypto";
import { isUncompressedPoint } from "../../curves.ts";
import { publicKeyAlgorithms as algorithms, ecdsaCurve, ed25519OidHex } from "../algorithms.ts";
import type { KeyMaterial } from "../key-material.ts";
import { bitLength, hex, keyHashInput, laterKeyHashInput } from "../octets.ts";
import { Cursor } from "./cursor.ts";
import type { KeyHandle } from "./subpackets.ts";

/** A public key or subkey as Sequoia reads it. */
export interface SequoiaKey {
  readonly version: 4 | 6;
  readonly createdAtSeconds: number;
  readonly algorithm: number;
  readonly material: KeyMaterial;
  /** Of an RSA modulus or a DSA prime; 0 for all else. */
  readonly bits: number;
  /** Of an elliptic curve, in hex; "" without one. */
  readonly curveOidHex: string;
  /** The public part of the packet, which signatures over the key are made of. */
  readonly body: Uint8Array;
  /** Upper-case hex. */
  readonly fingerprint: string;
  readonly keyId: string;
}

/** The fields of public keys: numbers, an object identifier, the parameters of ECDH, or so many octets (RFC 9580 section 5.5.5). */
const fieldsOf: Readonly<Record<number, readonly ("mpi" | "oid" | "kdf" | number)[]>> = {
  [algorithms.rsa]: ["mpi", "mpi"],
  [algorithms.rsaEncryptOnly]: ["mpi", "mpi"],
  [algorithms.rsaSignOnly]: ["mpi", "mpi"],
  [algorithms.elgamal]: ["mpi", "mpi", "mpi"],
  [algorithms.elgamalBoth]: ["mpi", "mpi", "mpi"],
  [algorithms.dsa]: ["mpi", "mpi", "mpi", "mpi"],
  [algorithms.ecdh]: ["oid", "mpi", "kdf"],
  [algorithms.ecdsa]: ["oid", "mpi"],
  [algorithms.eddsa]: ["oid", "mpi"],
  [algorithms.x25519]: [32],
  [algorithms.x448]: [56],
  [algorithms.ed25519]: [32],
  [algorithms.ed448]: [57],
  30: [32 + 1952],
  31: [57 + 2592],
  32: [32],
  33: [32],
  34: [64],
  35: [32 + 1184],
  36: [56 + 1568],
};

/** The fields of secret keys: numbers, or so many octets. */
const secretFieldsOf: Readonly<Record<number, readonly ("mpi" | number)[]>> = {
  [algorithms.rsa]: ["mpi", "mpi", "mpi", "mpi"],
  [algorithms.rsaEncryptOnly]: ["mpi", "mpi", "mpi", "mpi"],
  [algorithms.rsaSignOnly]: ["mpi", "mpi", "mpi", "mpi"],
  [algorithms.elgamal]: ["mpi"],
  [algorithms.elgamalBoth]: ["mpi"],
  [algorithms.dsa]: ["mpi"],
  [algorithms.ecdh]: ["mpi"],
  [algorithms.ecdsa]: ["mpi"],
  [algorithms.eddsa]: ["mpi"],
  [algorithms.x25519]: [32],
  [algorithms.x448]: [56],
  [algorithms.ed25519]: [32],
  [algorithms.ed448]: [57],
  30: [32 + 32],
  31: [57 + 32],
  32: [64],
  33: [64],
  34: [128],
  35: [32 + 64],
  36: [56 + 64],
};

/**
 * Reads the body of a key packet; `undefined` if it is malformed, of another version than 4 or 6, or if it holds a secret half
 * where none belongs, or none where one does. sequoia-openpgp: parse.rs Key4::parse, Key6::parse.
 */
export function readKey(body: Uint8Array, { isSecret }: { readonly isSecret: boolean }): SequoiaKey | undefined {
  const cursor = new Cursor(body);
  const version = cursor.number(1);
  if (version !== 4 && version !== 6) return undefined;
  const createdAtSeconds = cursor.number(4);
  const algorithm = cursor.number(1);
  const length = version === 6 ? cursor.number(4) : 0;
  const start = cursor.at;
  const fields = readFields(cursor, algorithm);
  if (version === 6 && cursor.at !== start + length) return undefined;
  const publicPart = body.subarray(0, cursor.at);
  if (cursor.failed || cursor.isAtEnd === isSecret) return undefined;
  if (isSecret && !isSoundSecret(cursor, algorithm, version)) return undefined;
  const identity = identityOf(version, publicPart);
  return { version, createdAtSeconds, algorithm, ...materialOf(algorithm, fields), body: publicPart, ...identity };
}

function readFields(cursor: Cursor, algorithm: number): readonly Uint8Array[] {
  const fields = fieldsOf[algorithm];
  if (fields === undefined) return [cursor.rest()];
  return fields.map((field) => {
    if (field === "mpi") return cursor.mpi();
    if (field === "oid") return cursor.bytes(cursor.number(1));
    if (field !== "kdf") return cursor.bytes(field);
    if (cursor.number(1) !== 3 || cursor.number(1) !== 1) cursor.fail();
    return cursor.bytes(2);
  });
}

/** What stands in the way of using the key is found only when it is used: Sequoia keeps it either way. */
function materialOf(
  algorithm: number,
  fields: readonly Uint8Array[],
): Pick<SequoiaKey, "material" | "bits" | "curveOidHex"> {
  const none = { material: { kind: "none" }, bits: 0, curveOidHex: "" } as const;
  const [a = new Uint8Array(0), b = a, c = a, d = a] = fields;
  switch (algorithm) {
    case algorithms.rsa:
    case algorithms.rsaEncryptOnly:
    case algorithms.rsaSignOnly:
      return { material: { kind: "rsa", n: a, e: b }, bits: bitLength(a), curveOidHex: "" };
    case algorithms.dsa:
      return { material: { kind: "dsa", p: a, q: b, g: c, y: d }, bits: bitLength(a), curveOidHex: "" };
    case algorithms.ecdsa: {
      const curveOidHex = hex(a).toLowerCase();
      const curve = ecdsaCurve(curveOidHex);
      if (curve === undefined || !isUncompressedPoint(curve, b)) return { ...none, curveOidHex };
      return { material: { kind: "ecdsa", curve, point: b }, bits: 0, curveOidHex };
    }
    case algorithms.eddsa: {
      const curveOidHex = hex(a).toLowerCase();
      const isUsable = curveOidHex === ed25519OidHex && b.length === 33 && b[0] === 0x40;
      return { ...none, material: isUsable ? { kind: "ed25519", point: b.subarray(1) } : none.material, curveOidHex };
    }
    case algorithms.ed25519:
      return { ...none, material: { kind: "ed25519", point: a } };
    case algorithms.ed448:
      return { ...none, material: { kind: "ed448", point: a } };
    case algorithms.ecdh:
      return { ...none, curveOidHex: hex(a).toLowerCase() };
    default:
      return none;
  }
}

function identityOf(version: 4 | 6, body: Uint8Array): Pick<SequoiaKey, "fingerprint" | "keyId"> {
  if (version === 6) {
    const fingerprint = hex(createHash("sha256").update(keyOctets(body, 6)).digest());
    return { fingerprint, keyId: fingerprint.slice(0, 16) };
  }
  const fingerprint = hex(createHash("sha1").update(keyHashInput(body)).digest());
  return { fingerprint, keyId: fingerprint.slice(-16) };
}

/** A key as a signature of this version is made over it. RFC 9580 section 5.2.4. */
export function keyOctets(body: Uint8Array, signatureVersion: number): Uint8Array {
  return signatureVersion === 6 ? laterKeyHashInput(6, body) : keyHashInput(body);
}

/** sequoia-openpgp: parse.rs Key4::parse and Key6::parse, mpis.rs SecretKeyMaterial::_parse: the secret numbers themselves are not checked. */
function isSoundSecret(cursor: Cursor, algorithm: number, version: 4 | 6): boolean {
  const usage = cursor.number(1);
  if (usage === 0) {
    const start = cursor.at;
    for (const field of secretFieldsOf[algorithm] ?? []) {
      if (field === "mpi") cursor.mpi();
      else cursor.bytes(field);
    }
    if (secretFieldsOf[algorithm] === undefined) cursor.rest();
    if (version === 6) return !cursor.failed;
    const sum = cursor.octets.subarray(start, cursor.at).reduce((total, octet) => (total + octet) & 0xffff, 0);
    return cursor.number(2) === sum && !cursor.failed;
  }
  if (version === 6) return usage >= 253 && isSoundEncryption(cursor, usage);
  if (usage === 253) {
    cursor.bytes(1);
    const mode = cursor.number(1);
    readStringToKey(cursor);
    cursor.bytes({ 1: 16, 2: 15, 3: 12 }[mode] ?? 0);
  } else if (usage >= 254) {
    cursor.bytes(1);
    readStringToKey(cursor);
  }
  return !cursor.failed;
}

function isSoundEncryption(cursor: Cursor, usage: number): boolean {
  const parameters = new Cursor(cursor.bytes(cursor.number(1)));
  parameters.bytes(usage === 253 ? 2 : 1);
  const length = parameters.number(1);
  const stringToKey = new Cursor(parameters.bytes(length));
  readStringToKey(stringToKey, length);
  return !cursor.failed && !parameters.failed && !stringToKey.failed && stringToKey.isAtEnd;
}

/** sequoia-openpgp: parse.rs S2K::parse_common; a version 6 key says how long it is. */
function readStringToKey(cursor: Cursor, length?: number): void {
  if (length === 0) {
    cursor.fail();
    return;
  }
  const type = cursor.number(1);
  const size = { 0: 2, 1: 10, 3: 11, 4: 20 }[type];
  if (size === undefined) {
    if (length !== undefined) cursor.rest();
    return;
  }
  if (length !== undefined && type !== 4 && length !== size) {
    cursor.fail();
    return;
  }
  cursor.bytes(size - 1);
}

/** Whether a handle in a signature names the key. */
export function names(issuer: KeyHandle, key: SequoiaKey): boolean {
  return issuer === (issuer.length > 16 ? key.fingerprint : key.keyId);
}
