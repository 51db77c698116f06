import { createHash } from "node:crypto";
import { cost, type WorkBudget } from "../../budget.ts";
import { bigIntOf, bytesOf } from "../../curves.ts";
import { modularInverse } from "./number-checks.ts";

/**
 * The public halves of Ed448 and X448 keys (RFC 8032 section 5.2, RFC 7748 section 5), which Bun's `node:crypto` does not
 * have. Only to tell whether a secret key that somebody left in a keyring is whole; signatures are checked by openpgp.js.
 */

const p = 2n ** 448n - 2n ** 224n - 1n;
const d = -39_081n;
const base: Point = [
  224580040295924300187604334099896036246789641632564134246125461686950415467406032909029192869357953282578032075146446173674602635247710n,
  298819210078481492676017930443930673437544040154080242095928241372331506189835876003536878655418784733982303233503462500531545062832660n,
  1n,
];

type Point = readonly [x: bigint, y: bigint, z: bigint];

const modulo = (value: bigint) => ((value % p) + p) % p;

function sum([x1, y1, z1]: Point, [x2, y2, z2]: Point): Point {
  const a = modulo(z1 * z2);
  const b = modulo(a * a);
  const [c, e] = [modulo(x1 * x2), modulo(y1 * y2)];
  const f = modulo(d * c * e);
  const [minus, plus] = [modulo(b - f), modulo(b + f)];
  return [modulo(a * minus * ((x1 + y1) * (x2 + y2) - c - e)), modulo(a * plus * (e - c)), modulo(minus * plus)];
}

/** Of an Ed448 key; `undefined` if nothing is left of the budget. */
export function edwards448Public(seed: Uint8Array, budget: WorkBudget): Uint8Array | undefined {
  if (!budget.spend(cost.scalar(448, 448))) return undefined;
  const scalar = createHash("shake256", { outputLength: 114 }).update(seed).digest().subarray(0, 57);
  scalar[0] = (scalar[0] ?? 0) & 0xfc;
  scalar[55] = (scalar[55] ?? 0) | 0x80;
  scalar[56] = 0;
  let point: Point = [0n, 1n, 1n];
  for (const bit of fromLittleEndian(scalar).toString(2)) {
    point = sum(point, point);
    if (bit === "1") point = sum(point, base);
  }
  const inverse = modularInverse(point[2], p);
  const encoded = toLittleEndian(modulo(point[1] * inverse), 57);
  encoded[56] = Number(modulo(point[0] * inverse) & 1n) << 7;
  return encoded;
}

/** Of an X448 key; `undefined` if nothing is left of the budget. */
export function curve448Public(secret: Uint8Array, budget: WorkBudget): Uint8Array | undefined {
  if (!budget.spend(cost.scalar(448, 448))) return undefined;
  const octets = Uint8Array.from(secret);
  octets[0] = (octets[0] ?? 0) & 0xfc;
  octets[55] = (octets[55] ?? 0) | 0x80;
  const scalar = fromLittleEndian(octets);
  const u = 5n;
  let [x2, z2, x3, z3] = [1n, 0n, u, 1n];
  for (const bit of scalar.toString(2)) {
    if (bit === "1") [x2, x3, z2, z3] = [x3, x2, z3, z2];
    const [a, b] = [x2 + z2, x2 - z2];
    const [aa, bb] = [modulo(a * a), modulo(b * b)];
    const e = aa - bb;
    const [da, cb] = [modulo((x3 - z3) * a), modulo((x3 + z3) * b)];
    [x3, z3] = [modulo((da + cb) ** 2n), modulo(u * (da - cb) ** 2n)];
    [x2, z2] = [modulo(aa * bb), modulo(e * (aa + 39_081n * e))];
    if (bit === "1") [x2, x3, z2, z3] = [x3, x2, z3, z2];
  }
  return toLittleEndian(modulo(x2 * modularInverse(z2, p)), 56);
}

function fromLittleEndian(octets: Uint8Array): bigint {
  return bigIntOf(Uint8Array.from(octets).reverse());
}

function toLittleEndian(value: bigint, size: number): Uint8Array {
  return bytesOf(value, size).reverse();
}
