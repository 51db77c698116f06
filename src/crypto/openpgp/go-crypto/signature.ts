import { cost, WorkBudget } from "../../budget.ts";
import { publicKeyAlgorithms as algorithms, hashAlgorithm, signatureTypes } from "../algorithms.ts";
import { concat, hex, uint } from "../octets.ts";
import { type Fault, isFault, OctetSource, readExactly, readFull, type Source } from "./source.ts";
import { readSubpackets, type Subpackets } from "./subpackets.ts";

/** A signature packet (version 4) as go-crypto reads it. */
export interface GoSignature extends Subpackets {
  readonly packet: "signature";
  readonly type: number;
  readonly algorithm: number;
  readonly hash: number;
  /** What is hashed after the signed data (RFC 4880 section 5.2.4). */
  readonly trailer: Uint8Array;
  /** The numbers of the signature, as they are in the packet. */
  readonly values: readonly Uint8Array[];
}

const maxEmbeddingDepth = 8;

/** Embedded signatures are paid for with the area that they are in. */
const paid = new WorkBudget(Number.POSITIVE_INFINITY);

/** Reads the body of a signature packet. go-crypto: packet/signature.go Signature.parse. */
export function readSignature(source: Source, budget: WorkBudget, depth = 0): GoSignature | Fault {
  // go-crypto has no bound; nothing that is accepted nests more than once.
  if (depth > maxEmbeddingDepth) return "fatal";
  const version = readExactly(source, 1);
  if (isFault(version)) return version;
  // 3 is refused, 5 needs a build tag. 6 is known to go-crypto; GnuPG gives up on the whole input at such a packet,
  // so that nothing can be accepted then, and it need not be understood here.
  if (version[0] !== 4) return "unsupported";
  const head = readExactly(source, 5);
  if (isFault(head)) return head;
  const [type = 0, algorithm = 0, hash = 0] = head;
  const valueCount = countValues(algorithm);
  if (valueCount === undefined || hash === 3 || hashAlgorithm(hash) === undefined) return "unsupported";
  const hashed = readExactly(source, uint(head, 3, 2));
  if (isFault(hashed)) return hashed;
  if (!budget.spend(cost.subpackets(hashed.length))) return "fatal";
  const fields = readSubpackets(hashed, depth);
  if (isFault(fields)) return fields;
  const unhashedLength = readExactly(source, 2);
  if (isFault(unhashedLength)) return unhashedLength;
  const unhashed = readExactly(source, uint(unhashedLength, 0, 2));
  if (isFault(unhashed)) return unhashed;
  if (!budget.spend(cost.subpackets(unhashed.length))) return "fatal";
  const subpackets = readSubpackets(unhashed, depth, fields);
  if (isFault(subpackets)) return subpackets;
  const hashPrefix = readExactly(source, 2); // not compared: go-crypto issue 107
  if (isFault(hashPrefix)) return hashPrefix;
  const values = readValues(source, algorithm, valueCount);
  if (isFault(values)) return values;
  const signedFields = concat(version, head, hashed);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(signedFields.length);
  const trailer = concat(signedFields, Uint8Array.of(4, 0xff), length);
  return { packet: "signature", type, algorithm, hash, trailer, values, ...subpackets };
}

/** Reads a signature embedded in another one's subpacket; only a back-signature may be. */
export function readEmbeddedSignature(body: Uint8Array, depth: number): GoSignature | Fault {
  const signature = readSignature(new OctetSource(body), paid, depth);
  if (isFault(signature)) return signature;
  return signature.type === signatureTypes.primaryKeyBinding ? signature : "structural";
}

function countValues(algorithm: number): number | undefined {
  switch (algorithm) {
    case algorithms.rsa:
    case algorithms.rsaSignOnly:
    case algorithms.ed25519:
    case algorithms.ed448:
      return 1;
    case algorithms.dsa:
    case algorithms.ecdsa:
    case algorithms.eddsa:
      return 2;
    default:
      return undefined;
  }
}

function readValues(source: Source, algorithm: number, count: number): readonly Uint8Array[] | Fault {
  if (algorithm === algorithms.ed25519 || algorithm === algorithms.ed448) {
    const octets = readFull(source, algorithm === algorithms.ed25519 ? 64 : 114);
    return isFault(octets) ? octets : [octets];
  }
  const values: Uint8Array[] = [];
  for (let index = 0; index < count; index++) {
    const length = readExactly(source, 2);
    if (isFault(length)) return length;
    const value = readExactly(source, Math.ceil(uint(length, 0, 2) / 8));
    if (isFault(value)) return value;
    values.push(value);
  }
  return values;
}

/** Whether the signature says that this key made it. go-crypto: packet/signature.go CheckKeyIdOrFingerprint. */
export function namesIssuer(
  signature: GoSignature,
  key: { readonly fingerprint: string; readonly keyId: string },
): boolean {
  if (signature.issuerFingerprint !== undefined) return hex(signature.issuerFingerprint) === key.fingerprint;
  return signature.issuerKeyId === key.keyId;
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
