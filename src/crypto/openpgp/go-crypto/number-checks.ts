import { cost, type WorkBudget } from "../../budget.ts";
import { bigIntOf, bytesOf } from "../../curves.ts";
import type { Curve } from "../algorithms.ts";
import type { KeyMaterial } from "../key-material.ts";

/** Beyond this a pair of keys is not believed: it bounds the time. */
const maxBits = 16_384;

/** Whether the exponent and the primes belong to the modulus. Go: crypto/internal/fips140/rsa newPrivateKey, checkPrivateKey. */
export function isRsaPair(
  { n, e }: Extract<KeyMaterial, { kind: "rsa" }>,
  secret: { readonly d: Uint8Array; readonly p: Uint8Array; readonly q: Uint8Array },
  budget: WorkBudget,
): boolean {
  const [modulus, exponent, d] = [bigIntOf(n), bigIntOf(e), bigIntOf(secret.d)];
  // go-crypto gives them to Go in this order.
  const [p, q] = [bigIntOf(secret.q), bigIntOf(secret.p)];
  if (modulus % 2n === 0n || exponent < 2n || exponent % 2n === 0n || d >= modulus) return false;
  if (p <= 2n || q <= 2n || p % 2n === 0n || p >= modulus || q >= modulus || (p * q) % modulus !== 0n) return false;
  const inverts = (prime: bigint) => ((d % (prime - 1n)) * exponent) % (prime - 1n) === 1n;
  if (!inverts(p) || !inverts(q)) return false;
  if (modularPower(q % p, p - 1n, p, budget) !== 1n) return false;
  const half = Math.floor(bitLength(modulus) / 2);
  return p !== q && bitLength(p > q ? p - q : q - p) > half - 100 && bitLength(d) > half;
}

const minDsaOrderBits = 150;

/** go-crypto: packet/private_key.go validateDSAParameters. */
export function isDsaPair(key: Extract<KeyMaterial, { kind: "dsa" }>, secret: Uint8Array, budget: WorkBudget): boolean {
  const [p, q, g, y, x] = [bigIntOf(key.p), bigIntOf(key.q), bigIntOf(key.g), bigIntOf(key.y), bigIntOf(secret)];
  if (g <= 1n || y <= 1n || g > p || p <= q || bitLength(q) < minDsaOrderBits || (p - 1n) % q !== 0n) return false;
  return isProbablyPrime(q, budget) && modularPower(g, q, p, budget) === 1n && modularPower(g, x, p, budget) === y;
}

const minElgamalBits = 1024;
const minElgamalOrder = 2 ** 18;

/** go-crypto: packet/private_key.go validateElGamalParameters. */
export function isElgamalPair(
  key: { readonly p: Uint8Array; readonly g: Uint8Array; readonly y: Uint8Array },
  secret: Uint8Array,
  budget: WorkBudget,
): boolean {
  const [p, g, y, x] = [bigIntOf(key.p), bigIntOf(key.g), bigIntOf(key.y), bigIntOf(secret)];
  if (g <= 1n || y <= 1n || g > p || bitLength(p) < minElgamalBits) return false;
  if (modularPower(g, p - 1n, p, budget) !== 1n || hasSmallOrder(g, p)) return false;
  return modularPower(g, x, p, budget) === y;
}

/** Whether a power of `g` up to the least order is 1. go-crypto tries them all; here they are tried as i * step - j. */
function hasSmallOrder(g: bigint, p: bigint): boolean {
  const step = Math.sqrt(minElgamalOrder);
  const small = new Set<bigint>();
  let power = 1n;
  for (let j = 0; j < step; j++) {
    small.add(power);
    power = (power * g) % p;
  }
  const giant = power;
  for (let i = 1; i <= step; i++) {
    if (small.has(power)) return true;
    power = (power * giant) % p;
  }
  return false;
}

/** Miller and Rabin's test; these bases would find any number that is not made to deceive them. */
const bases = [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n, 41n, 43n, 47n, 53n, 59n, 61n, 67n, 71n];

function isProbablyPrime(candidate: bigint, budget: WorkBudget): boolean {
  if (candidate % 2n === 0n) return false;
  let odd = candidate - 1n;
  let twos = 0;
  for (; odd % 2n === 0n; odd /= 2n) twos++;
  return bases.every((base) => {
    let power = modularPower(base, odd, candidate, budget);
    if (power === undefined) return false;
    if (power === 1n || power === candidate - 1n) return true;
    for (let index = 1; index < twos; index++) {
      power = (power * power) % candidate;
      if (power === candidate - 1n) return true;
    }
    return false;
  });
}

/** `undefined` if it would take too long. */
function modularPower(base: bigint, exponent: bigint, modulus: bigint, budget: WorkBudget): bigint | undefined {
  const [exponentBits, modulusBits] = [bitLength(exponent), bitLength(modulus)];
  if (exponentBits > maxBits || modulusBits > maxBits) return undefined;
  if (!budget.spend(cost.power(modulusBits, exponentBits))) return undefined;
  let result = 1n % modulus;
  let square = base % modulus;
  for (const bit of [...exponent.toString(2)].reverse()) {
    if (bit === "1") result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** The generators of the curves. */
const generators: ReadonlyMap<string, readonly [bigint, bigint]> = new Map([
  [
    "nistP256",
    [
      0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
      0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
    ],
  ],
  [
    "nistP384",
    [
      0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
      0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn,
    ],
  ],
  [
    "nistP521",
    [
      0xc6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66n,
      0x11839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650n,
    ],
  ],
  [
    "secp256k1",
    [
      0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,
      0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n,
    ],
  ],
  [
    "brainpoolP256r1",
    [
      0x8bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262n,
      0x547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997n,
    ],
  ],
  [
    "brainpoolP384r1",
    [
      0x1d1c64f068cf45ffa2a63a81b7c13f6b8847a3e77ef14fe3db7fcafe0cbd10e8e826e03436d646aaef87b2e247d4af1en,
      0x8abe1d7520f9c2a45cb1eb8e95cfd55262b70b29feec5864e19c054ff99129280e4646217791811142820341263c5315n,
    ],
  ],
  [
    "brainpoolP512r1",
    [
      0x81aee4bdd82ed9645a21322e9c4c6a9385ed9f70b5d916c1b43b62eef4d0098eff3b1f78e2d0d48d50d1687b93b97d5f7c6d5047406a5e688b352209bcb9f822n,
      0x7dde385d566332ecc0eabfa9cf7822fdf209f70024a57b1aa000c55b881f8111b2dcde494a5f485e5bca4bd88a2763aed1ca2b2fa8f0540678cd1e0f3ad80892n,
    ],
  ],
]);

type JacobianPoint = readonly [x: bigint, y: bigint, z: bigint];

/** The public point (0x04 and both coordinates) of a secret number; `undefined` at infinity. Go: elliptic ScalarBaseMult. */
export function pointOf(curve: Curve, secret: Uint8Array, budget: WorkBudget): Uint8Array | undefined {
  const generator = generators.get(curve.name);
  const scalar = bigIntOf(secret);
  const bits = bitLength(scalar);
  if (generator === undefined || bits > maxBits || !budget.spend(cost.scalar(curve.size * 8, bits))) return undefined;
  const { prime: p } = curve;
  const modulo = (value: bigint) => ((value % p) + p) % p;
  let sum: JacobianPoint = [1n, 1n, 0n];
  for (const bit of scalar.toString(2)) {
    sum = doubled(sum, curve.a, modulo);
    if (bit === "1") sum = added(sum, [...generator, 1n], curve.a, modulo);
  }
  const [x, y, z] = sum;
  if (z === 0n) return undefined;
  const inverse = modularInverse(z, p);
  const square = modulo(inverse * inverse);
  const coordinate = (value: bigint) => bytesOf(value, curve.size);
  return Buffer.concat([Uint8Array.of(4), coordinate(modulo(x * square)), coordinate(modulo(y * square * inverse))]);
}

type Modulo = (value: bigint) => bigint;

function doubled([x, y, z]: JacobianPoint, a: bigint, modulo: Modulo): JacobianPoint {
  const y2 = modulo(y * y);
  const s = modulo(4n * x * y2);
  const z2 = modulo(z * z);
  const m = modulo(3n * x * x + a * z2 * z2);
  const x3 = modulo(m * m - 2n * s);
  return [x3, modulo(m * (s - x3) - 8n * y2 * y2), modulo(2n * y * z)];
}

function added(first: JacobianPoint, second: JacobianPoint, a: bigint, modulo: Modulo): JacobianPoint {
  const [x1, y1, z1] = first;
  const [x2, y2, z2] = second;
  if (z1 === 0n) return second;
  const [z1Squared, z2Squared] = [modulo(z1 * z1), modulo(z2 * z2)];
  const [u1, u2] = [modulo(x1 * z2Squared), modulo(x2 * z1Squared)];
  const [s1, s2] = [modulo(y1 * z2Squared * z2), modulo(y2 * z1Squared * z1)];
  if (u1 === u2) return s1 === s2 ? doubled(first, a, modulo) : [1n, 1n, 0n];
  const h = modulo(u2 - u1);
  const r = modulo(s2 - s1);
  const [h2, h3] = [modulo(h * h), modulo(h * h * h)];
  const x3 = modulo(r * r - h3 - 2n * u1 * h2);
  return [x3, modulo(r * (u1 * h2 - x3) - s1 * h3), modulo(h * z1 * z2)];
}

/** Of a number that is not a multiple of the prime. */
export function modularInverse(value: bigint, prime: bigint): bigint {
  let [a, b] = [prime, value];
  let [x, y] = [0n, 1n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [x, y] = [y, x - quotient * y];
  }
  return x < 0n ? x + prime : x;
}

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}
