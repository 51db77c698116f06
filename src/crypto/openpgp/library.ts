import { type HashAlgorithm, publicKeyAlgorithms } from "./algorithms.ts";
import type { KeyMaterial } from "./key-material.ts";

type OpenPgpJs = typeof import("openpgp");

let library: Promise<OpenPgpJs> | undefined;

/** openpgp.js, loaded once, and only by whoever needs what `node:crypto` lacks on Bun (docs/decisions/0005-openpgp-js.md). */
function load(): Promise<OpenPgpJs> {
  library ??= import("openpgp");
  return library;
}

/** The keys whose signatures only openpgp.js can check on every run time. */
export type LibraryKey = Extract<KeyMaterial, { kind: "dsa" | "ed448" | "ecdsa" }>;

/**
 * Whether `values` (r, s) is this key's signature of `digest`.
 *
 * Only the arithmetic of openpgp.js is used: its `SignaturePacket.verify` compares issuer, hash prefix and dates by rules of
 * its own, so the packet handed to it is made up to satisfy those, and what it is asked is the one question left.
 */
export async function libraryVouches(
  key: LibraryKey,
  hash: HashAlgorithm,
  digest: Uint8Array,
  values: readonly [Uint8Array, Uint8Array],
): Promise<boolean> {
  const openpgp = await load();
  const publicKey = new openpgp.PublicKeyPacket();
  await publicKey.read(keyPacketBody(key));
  const signature = Object.assign(new openpgp.SignaturePacket(), {
    publicKeyAlgorithm: publicKey.algorithm,
    // Of Ed448 it takes no digest of less than 512 bits, as RFC 9580 has it; the back ends do.
    hashAlgorithm: key.kind === "ed448" ? openpgp.enums.hash.sha512 : hash.id,
    signatureType: openpgp.enums.signature.binary,
    issuerKeyID: publicKey.getKeyID(),
    created: new Date(0),
    hashed: digest,
    signedHashValue: digest.subarray(0, 2),
    params: key.kind === "ed448" ? { RS: ed448Signature(values) } : { r: values[0], s: values[1] },
  });
  const config = {
    ...openpgp.config,
    rejectHashAlgorithms: new Set<never>(),
    rejectMessageHashAlgorithms: new Set<never>(),
  };
  try {
    // biome-ignore format: one call
    await signature.verify(publicKey, openpgp.enums.signature.binary, {}, new Date(0), false, config);
    return true;
  } catch {
    return false; // its only way to say no
  }
}

/** The key as an OpenPGP version 4 packet body, for openpgp.js to read. */
function keyPacketBody(key: LibraryKey): Uint8Array {
  const head = (algorithm: number) => Uint8Array.of(4, 0, 0, 0, 0, algorithm);
  if (key.kind === "dsa") {
    return Buffer.concat([head(publicKeyAlgorithms.dsa), mpi(key.p), mpi(key.q), mpi(key.g), mpi(key.y)]);
  }
  if (key.kind === "ed448") return Buffer.concat([head(publicKeyAlgorithms.ed448), key.point]);
  const oid = Buffer.from(key.curve.oidHex, "hex");
  return Buffer.concat([head(publicKeyAlgorithms.ecdsa), Uint8Array.of(oid.length), oid, mpi(key.point)]);
}

/** As it came, with the leading zeros that a number would lose. */
function ed448Signature(values: readonly [Uint8Array, Uint8Array]): Uint8Array {
  const signature = new Uint8Array(114);
  signature.set(values[0], 57 - values[0].length);
  signature.set(values[1], 114 - values[1].length);
  return signature;
}

function mpi(number: Uint8Array): Uint8Array {
  const bits = number.length * 8 - Math.clz32(number[0] ?? 0) + 24;
  return Buffer.concat([Uint8Array.of(bits >> 8, bits & 0xff), number]);
}
