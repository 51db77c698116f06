/**
 * How much work may still be done for one image, or for one keyring: what the size of a file does not bound. A unit is about
 * a microsecond; `cost` has what things take, rounded up, so that the verdict does not depend on how fast a machine is.
 *
 * Once spent it stays so. Whoever was refused may go on as with any other broken input, for whoever made the budget must
 * look at `isSpent` before it believes what came out: a revocation that was not checked looks like none.
 */
export class WorkBudget {
  #left: number;

  constructor(units: number) {
    this.#left = units;
  }

  /** Takes `units`; false, now and ever after, once there are too few. */
  spend(units: number): boolean {
    this.#left -= units;
    return this.#left >= 0;
  }

  /** Not a comparison with 0: a cost that is no number has spent it too. */
  get isSpent(): boolean {
    return !(this.#left >= 0);
  }
}

/** What becomes of a signature for which nothing is left of the budget. */
export interface TooCostly {
  readonly code: "signature.too-costly";
}

/** What work costs. Measured on both runtimes; the slower one counts. */
export const cost = {
  /** To frame a packet, or one part of a packet in parts, and to read it. */
  packet: 2,
  part: 0.5,
  /** To keep a user id, a key or a signature of a key file: what is kept takes memory as well. */
  kept: 30,
  /** To look at one thing among many, or at a line; to take a line of a signed text. */
  step: 0.2,
  line: 1,
  /** To read areas of subpackets of so many octets, again and again. */
  subpackets: (octets: number): number => octets / 4,
  /** To copy, hash or inflate so many octets. */
  octets: (count: number): number => count / 100,
  /** To begin a compressed stream; a block of bzip2, and so many octets of it before and after its transforms. */
  stream: 30,
  bzip2Table: 400,
  bzip2Block: 50,
  /** To make a tree, branch by branch, for so many symbols whose code is not complete. */
  bzip2GoTree: (symbols: number): number => symbols * 2.5,
  bzip2Octets: (count: number): number => count / 10,
  /** Octets in and out of an inflater of our own, for streams that are cut or broken. */
  inflatedInParts: (count: number): number => count / 5,
  /** To ask whether a key made a signature, whatever the answer; then the arithmetic, if it comes to that. */
  check: 10,
  rsa: (modulusBits: number, exponentBits: number): number => 100 + (modulusBits ** 2 * exponentBits) / 2e6,
  curve: 300,
  /** To read one of so many octets, or a key, and to hold names and policies against those of a chain. */
  certificate: (octets: number): number => 50 + octets / 5,
  /** To read JSON of so many octets. */
  json: (octets: number): number => 10 + octets / 20,
  /** By openpgp.js: DSA, curves that nobody else has, and whether the secret half of a key is the one of its public half. */
  dsa: (primeBits: number, orderBits: number): number => 2000 + (primeBits ** 2 * orderBits) / 3e5,
  rareCurve: 10_000,
  /** A power, and a multiple of a point of a curve, with BigInt. */
  power: (modulusBits: number, exponentBits: number): number => (modulusBits ** 2 * exponentBits) / 1e5,
  scalar: (fieldBits: number, scalarBits: number): number => scalarBits * (20 + fieldBits ** 2 / 5000),
} as const;
