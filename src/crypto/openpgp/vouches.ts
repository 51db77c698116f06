import { constants, createHash, createPublicKey, type KeyObject, publicDecrypt, verify } from "node:crypto";
import { cost, type WorkBudget } from "../budget.ts";
import type { HashAlgorithm } from "./algorithms.ts";
import type { KeyMaterial } from "./key-material.ts";
import { libraryVouches } from "./library.ts";
import { bitLength, equal, padded, withoutLeadingZeros } from "./octets.ts";

/**
 * Sizes beyond which a key vouches for nothing: they bound the time of one check. GnuPG reads no number of more than
 * 16384 bits; BoringSSL, on which the executable runs, takes no exponent of more than 33 (crypto/rsa, kMaxExponentBits).
 */
const maxRsaBits = 16_384;
const maxRsaExponentBits = 33;
const maxDsaBits = { p: 8192, q: 512 };

/** Answers that are remembered; a batch may go on for as many images as it likes. */
const maxKnown = 10_000;

/** A check of signatures that remembers what it has computed: the back ends ask about the same signatures. */
export class SignatureChecker {
  /** What its checks are paid from. Once that is spent, no key vouches for anything. */
  readonly budget: WorkBudget;
  readonly #known: Map<string, Promise<boolean>>;

  constructor(budget: WorkBudget, known = new Map<string, Promise<boolean>>()) {
    this.budget = budget;
    this.#known = known;
  }

  /** The same, with the same memory, paid by somebody else. */
  paidFrom(budget: WorkBudget): SignatureChecker {
    return new SignatureChecker(budget, this.#known);
  }

  /**
   * Whether `values` is this key's signature of `signed`, for both back ends: only the arithmetic, no rule about dates, usage or
   * hash strength. `values` are big-endian numbers: s for RSA; r, s for the others.
   */
  async vouches(
    key: KeyMaterial,
    hash: HashAlgorithm,
    signed: Uint8Array,
    values: readonly Uint8Array[],
  ): Promise<boolean> {
    if (!this.budget.spend(cost.check + cost.octets(signed.length))) return false;
    const digest = createHash(hash.name).update(signed).digest();
    const question = createHash("sha256");
    for (const part of [...keyParts(key), Uint8Array.of(hash.id), digest, ...values]) {
      question.update(`${part.length}:`).update(part);
    }
    const name = question.digest("base64");
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    if (!this.budget.spend(costOf(key))) return false;
    const answer = compute(key, hash, signed, digest, values.map(withoutLeadingZeros));
    if (this.#known.size >= maxKnown) this.#known.clear();
    this.#known.set(name, answer);
    return answer;
  }
}

function costOf(key: KeyMaterial): number {
  switch (key.kind) {
    case "rsa":
      return cost.rsa(Math.min(bitLength(key.n), maxRsaBits), Math.min(bitLength(key.e), maxRsaExponentBits));
    case "dsa":
      return cost.dsa(Math.min(bitLength(key.p), maxDsaBits.p), Math.min(bitLength(key.q), maxDsaBits.q));
    case "ecdsa":
      return key.curve.jwkName === undefined ? cost.rareCurve : cost.curve;
    case "ed25519":
      return cost.curve;
    case "ed448":
      return cost.rareCurve;
    case "none":
      return 0;
  }
}

function keyParts(key: KeyMaterial): readonly Uint8Array[] {
  switch (key.kind) {
    case "rsa":
      return [key.n, key.e];
    case "dsa":
      return [key.p, key.q, key.g, key.y];
    case "ecdsa":
      return [Buffer.from(key.curve.name), key.point];
    case "ed25519":
    case "ed448":
      return [Buffer.from(key.kind), key.point];
    case "none":
      return [];
  }
}

async function compute(
  key: KeyMaterial,
  hash: HashAlgorithm,
  signed: Uint8Array,
  digest: Uint8Array,
  values: readonly Uint8Array[],
): Promise<boolean> {
  const [first, second] = values;
  if (first === undefined) return false;
  if (key.kind === "rsa") return rsaVouches(key, hash, digest, first);
  if (second === undefined || key.kind === "none") return false;
  if (key.kind === "ed25519") return ed25519Vouches(key.point, digest, first, second);
  if (key.kind === "ed448") return libraryVouches(key, hash, digest, [first, second]);
  if (key.kind === "dsa") {
    const usable = bitLength(key.p) <= maxDsaBits.p && bitLength(key.q) <= maxDsaBits.q && bitLength(key.q) % 8 === 0;
    return usable && libraryVouches(key, hash, digest, [first, second]);
  }
  // Bun's BoringSSL verifies nothing with SHA-3.
  const isForLibrary = key.curve.jwkName === undefined || hash.name.startsWith("sha3");
  if (isForLibrary) return libraryVouches(key, hash, digest, [first, second]);
  return nistVouches(key, hash, signed, first, second);
}

/** RSA with PKCS#1 v1.5: the padding is made and compared, never parsed, as both Go and Libgcrypt do. Go: crypto/rsa checkPublicKey. */
function rsaVouches(
  key: Extract<KeyMaterial, { kind: "rsa" }>,
  hash: HashAlgorithm,
  digest: Uint8Array,
  s: Uint8Array,
): boolean {
  const bits = bitLength(key.n);
  const lastOfN = key.n.at(-1) ?? 0;
  const lastOfE = key.e.at(-1) ?? 0;
  const exponentIsOne = key.e.length === 1 && lastOfE === 1;
  if (
    bits < 1024 ||
    bits > maxRsaBits ||
    lastOfN % 2 === 0 ||
    lastOfE % 2 === 0 ||
    exponentIsOne ||
    bitLength(key.e) > maxRsaExponentBits
  )
    return false;
  const signature = padded(s, key.n.length);
  const object = keyObject(key, { kty: "RSA", n: base64url(key.n), e: base64url(key.e) });
  if (signature === undefined || object === undefined) return false;
  const digestInfo = Buffer.concat([Buffer.from(hash.digestInfoHex, "hex"), digest]);
  const filling = key.n.length - digestInfo.length - 3;
  const expected = Buffer.concat([Uint8Array.of(0, 1), Buffer.alloc(filling, 0xff), Uint8Array.of(0), digestInfo]);
  try {
    return equal(publicDecrypt({ key: object, padding: constants.RSA_NO_PADDING }, signature), expected);
  } catch {
    return false; // the number is not below the modulus
  }
}

function nistVouches(
  key: Extract<KeyMaterial, { kind: "ecdsa" }>,
  hash: HashAlgorithm,
  signed: Uint8Array,
  r: Uint8Array,
  s: Uint8Array,
): boolean {
  const size = key.curve.sizeBytes;
  const [paddedR, paddedS] = [padded(r, size), padded(s, size)];
  const object = keyObject(key, {
    kty: "EC",
    crv: key.curve.jwkName,
    x: base64url(key.point.subarray(1, 1 + size)),
    y: base64url(key.point.subarray(1 + size)),
  });
  if (paddedR === undefined || paddedS === undefined || object === undefined) return false;
  try {
    return verify(hash.name, signed, { key: object, dsaEncoding: "ieee-p1363" }, Buffer.concat([paddedR, paddedS]));
  } catch {
    return false;
  }
}

function ed25519Vouches(point: Uint8Array, digest: Uint8Array, r: Uint8Array, s: Uint8Array): boolean {
  // GnuPG: g10/pkglue.c pk_verify refuses a zero; both refuse more than 32 octets, and put leading zeros back.
  if (r.length === 0 || s.length === 0) return false;
  const [paddedR, paddedS] = [padded(r, 32), padded(s, 32)];
  const object = keyObject(point, { kty: "OKP", crv: "Ed25519", x: base64url(point) });
  if (paddedR === undefined || paddedS === undefined || object === undefined) return false;
  try {
    return verify(null, digest, object, Buffer.concat([paddedR, paddedS]));
  } catch {
    return false;
  }
}

const keyObjects = new WeakMap<object, KeyObject>();

/** The key for `node:crypto`, or `undefined` if it refuses it (a point that is not on the curve, for one). */
function keyObject(owner: object, jwk: Record<string, string | undefined>): KeyObject | undefined {
  let object = keyObjects.get(owner);
  if (object === undefined) {
    try {
      object = createPublicKey({ key: jwk, format: "jwk" });
    } catch {
      return undefined;
    }
    keyObjects.set(owner, object);
  }
  return object;
}

function base64url(octets: Uint8Array): string {
  return Buffer.from(octets).toString("base64url");
}
