import { cost, WorkBudget } from "../../budget.ts";
import { publicKeyAlgorithms as algorithms, hashAlgorithm, signatureTypes } from "../algorithms.ts";
import { concat, hex, signatureTrailer, uint } from "../octets.ts";
import { FieldReader } from "./fields.ts";
import type { GoKey } from "./public-key.ts";
import type { GoSignature } from "./signature-fields.ts";
import { type Fault, isFault, OctetSource, readExactly, readFull, type Source } from "./source.ts";
import { readSubpackets } from "./subpackets.ts";

/** go-crypto has no bound; nothing that is accepted nests more than once. */
const maxEmbeddingDepth = 100;

/** Embedded signatures are paid for with the area that they are in. */
const paid = new WorkBudget(Number.POSITIVE_INFINITY);

/** Reads the body of a signature packet. go-crypto: packet/signature.go Signature.parse. */
export function readSignature(source: Source, budget: WorkBudget, depth = 0): GoSignature | Fault {
  if (depth > maxEmbeddingDepth) return "fatal";
  const first = readExactly(source, 1);
  if (isFault(first)) return first;
  const [version] = first;
  // 3 is refused, 5 needs a build tag that the reference does not set.
  if (version !== 4 && version !== 6) return "unsupported";
  const lengthOctets = version === 6 ? 4 : 2;
  const head = readExactly(source, 3 + lengthOctets);
  if (isFault(head)) return head;
  const [type = 0, algorithm = 0, hash = 0] = head;
  if (!signing.includes(algorithm) || !hashesOf(version).includes(hash)) return "unsupported";
  const hashed = readExactly(source, uint(head, 3, lengthOctets));
  if (isFault(hashed)) return hashed;
  if (!budget.spend(cost.subpackets(hashed.length))) return "fatal";
  const readEmbedded = (body: Uint8Array) => readEmbeddedSignature(body, depth + 1);
  const about = { version, type, readEmbedded } as const;
  const fields = readSubpackets(hashed, about);
  if (isFault(fields)) return fields;
  const unhashedLength = readExactly(source, lengthOctets);
  if (isFault(unhashedLength)) return unhashedLength;
  const unhashed = readExactly(source, uint(unhashedLength, 0, lengthOctets));
  if (isFault(unhashed)) return unhashed;
  if (!budget.spend(cost.subpackets(unhashed.length))) return "fatal";
  const subpackets = readSubpackets(unhashed, about, fields);
  if (isFault(subpackets)) return subpackets;
  const hashPrefix = readExactly(source, 2);
  if (isFault(hashPrefix)) return hashPrefix;
  const salt = version === 6 ? readSalt(source, hash) : new Uint8Array(0);
  if (isFault(salt)) return salt;
  const values = readValues(source, algorithm);
  if (isFault(values)) return values;
  const trailer = signatureTrailer(version, concat(first, head, hashed));
  return { packet: "signature", version, type, algorithm, hash, salt, trailer, hashPrefix, values, ...subpackets };
}

/** Reads a signature embedded in another one's subpacket; only a back-signature may be. */
function readEmbeddedSignature(body: Uint8Array, depth: number): GoSignature | Fault {
  const signature = readSignature(new OctetSource(body), paid, depth);
  if (isFault(signature)) return signature;
  return signature.type === signatureTypes.primaryKeyBinding ? signature : "structural";
}

const signing: readonly number[] = [
  algorithms.rsa,
  algorithms.rsaSignOnly,
  algorithms.dsa,
  algorithms.ecdsa,
  algorithms.eddsa,
  algorithms.ed25519,
  algorithms.ed448,
  algorithms.mlDsa65Ed25519,
  algorithms.mlDsa87Ed448,
  algorithms.slhDsaShake128s,
  algorithms.slhDsaShake128f,
  algorithms.slhDsaShake256s,
];

/** go-crypto: packet/packet.go PublicKeyAlgorithm.CanSign. */
export function canSign(algorithm: number): boolean {
  return signing.includes(algorithm);
}

/** go-crypto: internal/algorithm/hash.go HashById; SHA-1 only where there is no version 6. */
const hashes: readonly number[] = [8, 9, 10, 11, 12, 14];
const sha1 = 2;
const hashesWithSha1: readonly number[] = [sha1, ...hashes];

function hashesOf(version: 4 | 6): readonly number[] {
  return version === 6 ? hashes : hashesWithSha1;
}

/** Whether a one-pass packet may name it. go-crypto: internal/algorithm/hash.go HashIdToHashWithSha1. */
export function isKnownHash(hash: number): boolean {
  return hashesWithSha1.includes(hash);
}

/** The salt of version 6, as long as the hash wants it. go-crypto: packet/signature.go SaltLengthForHash. */
export function readSalt(source: Source, hash: number): Uint8Array | Fault {
  const size = readExactly(source, 1);
  if (isFault(size)) return size;
  if (hash === sha1) return "unsupported";
  const wanted = (hashAlgorithm(hash)?.sizeBytes ?? 0) / 2;
  // SHA-224 has the salt of SHA-256.
  return size[0] === Math.max(wanted, 16) ? readExactly(source, Math.max(wanted, 16)) : "structural";
}

/** Octets of the parts of signatures that are no numbers. */
const plainSizes: ReadonlyMap<number, readonly number[]> = new Map([
  [algorithms.ed25519, [64]],
  [algorithms.ed448, [114]],
  [algorithms.mlDsa65Ed25519, [64, 3309]],
  [algorithms.mlDsa87Ed448, [114, 4627]],
  [algorithms.slhDsaShake128s, [7856]],
  [algorithms.slhDsaShake128f, [17_088]],
  [algorithms.slhDsaShake256s, [29_792]],
]);

function readValues(source: Source, algorithm: number): readonly Uint8Array[] | Fault {
  const values: Uint8Array[] = [];
  for (const size of plainSizes.get(algorithm) ?? []) {
    const octets = readFull(source, size);
    if (isFault(octets)) return octets;
    values.push(octets);
  }
  if (values.length > 0) return values;
  const count = algorithm === algorithms.rsa || algorithm === algorithms.rsaSignOnly ? 1 : 2;
  const fields = new FieldReader(source);
  for (let index = 0; index < count; index++) values.push(fields.mpi());
  return fields.fault ?? values;
}

/** Whether the signature says that this key made it. go-crypto: packet/signature.go CheckKeyIdOrFingerprint. */
export function namesIssuer(signature: GoSignature, key: GoKey): boolean {
  const { issuer } = signature;
  if (issuer === undefined || issuer.version === 0) return signature.issuerKeyId === key.keyId;
  return issuer.version === key.version && hex(issuer.fingerprint) === key.fingerprint;
}

/** go-crypto: packet/signature.go SigExpired: also true of a signature from the future. */
export function signatureExpired(
  signature: Pick<GoSignature, "createdAtSeconds" | "lifetimeSeconds">,
  nowSeconds: number,
): boolean {
  if (signature.createdAtSeconds > nowSeconds) return true;
  const lifetime = signature.lifetimeSeconds ?? 0;
  return lifetime !== 0 && nowSeconds > signature.createdAtSeconds + lifetime;
}
