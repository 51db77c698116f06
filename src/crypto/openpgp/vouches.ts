import { constants, createHash, type KeyObject, publicDecrypt, verify } from "node:crypto";
import { cost, type WorkBudget } from "../budget.ts";
import { bigIntOf, bytesOf } from "../curves.ts";
import { keyObjectOf } from "../key-object.ts";
import type { Curve, HashAlgorithm } from "./algorithms.ts";
import type { KeyMaterial } from "./key-material.ts";
import { libraryVouches } from "./library.ts";
import { bitLength, equal, padded, withoutLeadingZeros } from "./octets.ts";

/**
 * Sizes beyond which a key vouches for nothing: they bound the time of one check. GnuPG reads no number of more than
 * 16384 bits; BoringSSL, on which the executable runs, takes no exponent of more than 33 (crypto/rsa, kMaxExponentBits).
 */
const maxRsaBits = 16_384;
const maxRsaExponentBits = 33;
/** For those who take any numbers, and compute by themselves. */
const maxOddExponentBits = 256;
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
   * Whether `values` is this key's signature of `signed`, for all back ends: only the arithmetic, no rule about dates, usage or
   * hash strength. `values` are big-endian numbers: s for RSA; r, s for the others.
   *
   * @param named the hash that RSA's padding names, if it is not the one that was used
   */
  async vouches(
    key: KeyMaterial,
    hash: HashAlgorithm,
    signed: Uint8Array,
    values: readonly Uint8Array[],
    named = hash,
  ): Promise<boolean> {
    if (!this.budget.spend(cost.check + cost.octets(signed.length))) return false;
    const digest = createHash(hash.name).update(signed).digest();
    const question = createHash("sha256");
    for (const part of [...keyParts(key), Uint8Array.of(hash.id, named.id), digest, ...values]) {
      question.update(`${part.length}:`).update(part);
    }
    const name = question.digest("base64");
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    if (!this.budget.spend(costOf(key))) return false;
    const answer = compute(key, { hash, named, digest, signed }, values.map(withoutLeadingZeros));
    if (this.#known.size >= maxKnown) this.#known.clear();
    this.#known.set(name, answer);
    return answer;
  }
}

function costOf(key: KeyMaterial): number {
  switch (key.kind) {
    case "rsa":
      return cost.rsa(Math.min(bitLength(key.n), maxRsaBits), Math.min(bitLength(key.e), maxOddExponentBits));
    case "dsa":
      return cost.dsa(Math.min(bitLength(key.p), maxDsaBits.p), Math.min(bitLength(key.q), maxDsaBits.q));
    case "ecdsa":
      return isBuiltIn(key.curve) ? cost.curve : cost.rareCurve;
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
      return [key.n, key.e, Uint8Array.of(key.anyNumbers === true ? 1 : 0)];
    case "dsa":
      return [key.p, key.q, key.g, key.y];
    case "ecdsa":
      return [Buffer.from(key.curve.name), key.point];
    case "ed25519":
      return [Buffer.from(key.kind), key.point, Uint8Array.of(key.anyNumbers === true ? 1 : 0)];
    case "ed448":
      return [Buffer.from(key.kind), key.point];
    case "none":
      return [];
  }
}

async function compute(
  key: KeyMaterial,
  { hash, named, digest, signed }: Record<"hash" | "named", HashAlgorithm> & Record<"digest" | "signed", Uint8Array>,
  values: readonly Uint8Array[],
): Promise<boolean> {
  const [first, second] = values;
  if (first === undefined) return false;
  if (key.kind === "rsa") {
    if (hash.sizeBytes !== named.sizeBytes) return false;
    if (isCommonRsa(key, first)) return rsaVouches(key, named, digest, first);
    return key.anyNumbers === true && rsaVouchesByNumbers(key, named, digest, first);
  }
  if (second === undefined || key.kind === "none") return false;
  if (key.kind === "ed25519") return ed25519Vouches(key, digest, first, second);
  if (key.kind === "ed448") return libraryVouches(key, hash, digest, [first, second]);
  if (key.kind === "dsa") {
    const usable = bitLength(key.p) <= maxDsaBits.p && bitLength(key.q) <= maxDsaBits.q && bitLength(key.q) % 8 === 0;
    return usable && libraryVouches(key, hash, digest, [first, second]);
  }
  // Bun's BoringSSL verifies nothing with SHA-3.
  const isForLibrary = !isBuiltIn(key.curve) || hash.name.startsWith("sha3");
  if (isForLibrary) return libraryVouches(key, hash, digest, [first, second]);
  return nistVouches(key, hash, signed, first, second);
}

/** Whether `node:crypto` has the curve on every run time. */
function isBuiltIn({ jwkName, spkiHeadHex }: Curve): boolean {
  return jwkName !== undefined || spkiHeadHex !== undefined;
}

type RsaMaterial = Extract<KeyMaterial, { kind: "rsa" }>;

/** Whether these are numbers that everybody takes, or leaves to the library. Go: crypto/rsa checkPublicKey. */
function isCommonRsa({ n, e }: RsaMaterial, s: Uint8Array): boolean {
  const bits = bitLength(n);
  const isOdd = (number: Uint8Array) => (number.at(-1) ?? 0) % 2 === 1;
  const exponentIsOne = e.length === 1 && e[0] === 1;
  if (bits < 1024 || bits > maxRsaBits || !isOdd(n) || !isOdd(e)) return false;
  if (exponentIsOne || bitLength(e) > maxRsaExponentBits) return false;
  return s.length < n.length || (s.length === n.length && Buffer.compare(s, n) < 0);
}

/** RSA with PKCS#1 v1.5: the padding is made and compared, never parsed, as both Go and Libgcrypt do. */
function rsaVouches(key: RsaMaterial, hash: HashAlgorithm, digest: Uint8Array, s: Uint8Array): boolean {
  const signature = padded(s, key.n.length);
  const object = keyObject(key, { kty: "RSA", n: base64url(key.n), e: base64url(key.e) });
  const expected = encodedDigest(key, hash, digest);
  if (signature === undefined || object === undefined || expected === undefined) return false;
  try {
    return equal(publicDecrypt({ key: object, padding: constants.RSA_NO_PADDING }, signature), expected);
  } catch {
    return false; // the library does not take the key after all
  }
}

/** The same with numbers that the libraries of the run times refuse. Libgcrypt: rsa.c rsa_verify, which looks at none of them. */
function rsaVouchesByNumbers(key: RsaMaterial, hash: HashAlgorithm, digest: Uint8Array, s: Uint8Array): boolean {
  const expected = encodedDigest(key, hash, digest);
  if (expected === undefined || bitLength(key.n) > maxRsaBits || bitLength(key.e) > maxOddExponentBits) return false;
  const [n, base] = [bigIntOf(key.n), bigIntOf(s)];
  let power = 1n;
  for (const bit of bigIntOf(key.e).toString(2)) {
    power = (power * power) % n;
    if (bit === "1") power = (power * base) % n;
  }
  return power === bigIntOf(expected);
}

/** RFC 8017 section 9.2, as long as the modulus; `undefined` if it is too short for that. */
function encodedDigest({ n }: RsaMaterial, hash: HashAlgorithm, digest: Uint8Array): Uint8Array | undefined {
  const digestInfo = Buffer.concat([Buffer.from(hash.digestInfoHex, "hex"), digest]);
  const filling = n.length - digestInfo.length - 3;
  if (filling < 1) return undefined;
  return Buffer.concat([Uint8Array.of(0, 1), Buffer.alloc(filling, 0xff), Uint8Array.of(0), digestInfo]);
}

function nistVouches(
  key: Extract<KeyMaterial, { kind: "ecdsa" }>,
  hash: HashAlgorithm,
  signed: Uint8Array,
  r: Uint8Array,
  s: Uint8Array,
): boolean {
  const { size, jwkName: crv, spkiHeadHex } = key.curve;
  const [paddedR, paddedS] = [padded(r, size), padded(s, size)];
  const x = base64url(key.point.subarray(1, 1 + size));
  const y = base64url(key.point.subarray(1 + size));
  const object =
    spkiHeadHex === undefined
      ? keyObject(key, { kty: "EC", crv, x, y })
      : keyObject(key, Buffer.concat([Buffer.from(spkiHeadHex, "hex"), key.point]));
  if (paddedR === undefined || paddedS === undefined || object === undefined) return false;
  try {
    return verify(hash.name, signed, { key: object, dsaEncoding: "ieee-p1363" }, Buffer.concat([paddedR, paddedS]));
  } catch {
    return false;
  }
}

function ed25519Vouches(
  { point, anyNumbers }: Extract<KeyMaterial, { kind: "ed25519" }>,
  digest: Uint8Array,
  r: Uint8Array,
  s: Uint8Array,
): boolean {
  // GnuPG: g10/pkglue.c pk_verify refuses a zero; all refuse more than 32 octets, and put leading zeros back.
  if (anyNumbers === true && (r.length === 0 || s.length === 0)) return false;
  const [paddedR, paddedS] = [padded(r, 32), padded(s, 32)];
  const object = keyObject(point, { kty: "OKP", crv: "Ed25519", x: base64url(point) });
  if (paddedR === undefined || paddedS === undefined || object === undefined) return false;
  const reducedS = anyNumbers === true ? modOrder(paddedS) : paddedS;
  try {
    return verify(null, digest, object, Buffer.concat([paddedR, reducedS]));
  } catch {
    return false;
  }
}

/** The order of the group of Ed25519, RFC 8032 section 5.1. */
const ed25519Order = 2n ** 252n + 27742317777372353535851937790883648493n;

/** The little-endian number that is the same multiple of the base point; the libraries of the run times want it reduced. */
function modOrder(number: Uint8Array): Uint8Array {
  const reduced = bigIntOf(Uint8Array.from(number).reverse()) % ed25519Order;
  return bytesOf(reduced, 32).reverse();
}

/**
 * The key for `node:crypto`, from a JSON Web Key or a SubjectPublicKeyInfo, or `undefined` if it refuses it (a point that is
 * not on the curve, for one).
 */
function keyObject(owner: object, key: Record<string, string | undefined> | Buffer): KeyObject | undefined {
  try {
    return keyObjectOf(owner, () => key);
  } catch {
    return undefined;
  }
}

function base64url(octets: Uint8Array): string {
  return Buffer.from(octets).toString("base64url");
}
