import { cost, type WorkBudget } from "../budget.ts";
import { goTree } from "./bunzip2-go-tree.ts";

/** Why the octets are not one bzip2 stream that fits. */
export type Bunzip2Fault = "corrupt" | "too-large";

export interface Bunzip2Stream {
  readonly output: Uint8Array;
  /** Octets of input that belong to the stream. */
  readonly consumed: number;
}

/** What there is of a stream: all of it up to its `end`, or what came out before it was `cut`, or before the rest was found corrupt. */
export interface Bunzip2Start extends Bunzip2Stream {
  readonly ending: "end" | "cut" | Bunzip2Fault;
}

/**
 * Decompresses the bzip2 stream at the start of `input`; what follows it is not looked at. `node:zlib` has no bzip2, and
 * openpgp.js gives out only the packets it makes of the result, not the octets.
 * Fails on anything libbz2 or Go's compress/bzip2 fails on; `maxOctets` bounds the output, and with it memory.
 */
export function bunzip2(input: Uint8Array, maxOctets: number, budget: WorkBudget): Bunzip2Stream | Bunzip2Fault {
  const { ending, ...stream } = bunzip2Start(input, maxOctets, budget);
  if (ending === "end") return stream;
  return ending === "too-large" ? ending : "corrupt";
}

/**
 * The same, with what comes out of a stream that is not whole.
 *
 * @param options.asGo reads as Go's compress/bzip2 what that reads in another way than libbz2, and no bzip2 writes: Huffman codes
 * that are not complete, a run of four and no more before the same octet
 */
export function bunzip2Start(
  input: Uint8Array,
  maxOctets: number,
  budget: WorkBudget,
  { asGo = false }: { readonly asGo?: boolean } = {},
): Bunzip2Start {
  budget.spend(cost.stream);
  const bits = new BitReader(input, 0);
  const output = new OctetBuffer(maxOctets);
  /** A block that has a fault in itself does not come out; one with a wrong check does. */
  let good = 0;
  let streamCheck = 0;
  const result = (ending: Bunzip2Start["ending"]): Bunzip2Start => {
    const isCut = ending === "corrupt" && bits.overrun;
    return { output: output.octets(0).slice(0, good), consumed: bits.octetsRead, ending: isCut ? "cut" : ending };
  };
  for (const expected of [0x42, 0x5a, 0x68]) if (bits.read(8) !== expected) return result("corrupt");
  const level = bits.read(8) - 0x30;
  if (level < 1 || level > 9) return result("corrupt");
  // For all blocks: there may be a hundred thousand of one octet each.
  let table: Uint32Array | undefined;
  for (;;) {
    const magic = bits.read(24) * 0x1000000 + bits.read(24);
    if (magic !== streamEnd && magic !== blockStart) return result("corrupt");
    const check = bits.read(16) * 0x10000 + bits.read(16);
    if (bits.overrun) return result("corrupt");
    if (magic === streamEnd) return result(check === streamCheck ? "end" : "corrupt");
    if (table === undefined) {
      budget.spend(cost.bzip2Table);
      table = new Uint32Array(level * 100_000);
    }
    const begun = output.length;
    const fault = readBlock(bits, { table, output, budget, asGo });
    if (fault !== undefined) return result(fault);
    good = output.length;
    if (blockCheck(output.octets(begun)) !== check) return result("corrupt");
    streamCheck = (((streamCheck << 1) | (streamCheck >>> 31)) ^ check) >>> 0;
  }
}

const blockStart = 0x314159265359;
const streamEnd = 0x177245385090;

class BitReader {
  readonly #input: Uint8Array;
  #at: number;
  #buffer = 0;
  #count = 0;
  overrun = false;

  constructor(input: Uint8Array, at: number) {
    this.#input = input;
    this.#at = at;
  }

  /** The next bits, most significant first; at most 24. Beyond the end they are 0, and `overrun` tells. */
  read(count: number): number {
    while (this.#count < count) {
      const next = this.#input[this.#at++];
      if (next === undefined) this.overrun = true;
      this.#buffer = ((this.#buffer << 8) | (next ?? 0)) >>> 0;
      this.#count += 8;
    }
    this.#count -= count;
    return (this.#buffer >>> this.#count) & (2 ** count - 1);
  }

  get octetsRead(): number {
    return this.#at - Math.floor(this.#count / 8);
  }
}

function readBlock(
  bits: BitReader,
  {
    table,
    output,
    budget,
    asGo,
  }: {
    readonly table: Uint32Array;
    readonly output: OctetBuffer;
    readonly budget: WorkBudget;
    readonly asGo: boolean;
  },
): Bunzip2Fault | undefined {
  const begun = bits.octetsRead;
  if (!budget.spend(cost.bzip2Block)) return "too-large";
  if (bits.read(1) !== 0) return "corrupt"; // "randomised" blocks were never made by bzip2 1.0; Go: "deprecated randomized files"
  const origin = bits.read(24);
  const symbols = readSymbols(bits);
  if (symbols.length === 0) return "corrupt";
  const treeCount = bits.read(3);
  if (treeCount < 2 || treeCount > 6) return "corrupt";
  const selectorCount = bits.read(15);
  const selectors = readSelectors(bits, selectorCount, treeCount, asGo);
  if (selectors === undefined) return "corrupt";
  const trees: HuffmanTree[] = [];
  for (let index = 0; index < treeCount; index++) {
    const lengths = readLengths(bits, symbols.length + 2);
    const isGoTree = asGo && lengths !== undefined && !isComplete(lengths);
    if (isGoTree && !budget.spend(cost.bzip2GoTree(lengths.length))) return "too-large";
    const tree = lengths && (isGoTree ? goTree(lengths) : canonicalTree(lengths));
    if (tree === undefined) return "corrupt";
    trees.push(tree);
  }
  if (selectorCount === 0) return "corrupt";
  const filled = readMoveToFront(bits, table, symbols, selectors, trees);
  budget.spend(cost.bzip2Octets(bits.octetsRead - begun + (filled ?? table.length)));
  if (filled === undefined || bits.overrun || origin >= filled) return "corrupt";
  if (budget.isSpent) return "too-large";
  const sizeBefore = output.length;
  unwind(table, filled, { origin, output, asGo });
  return output.isFull || !budget.spend(cost.octets(output.length - sizeBefore)) ? "too-large" : undefined;
}

function readSymbols(bits: BitReader): number[] {
  const ranges = bits.read(16);
  const symbols: number[] = [];
  for (let range = 0; range < 16; range++) {
    if ((ranges & (0x8000 >> range)) === 0) continue;
    const used = bits.read(16);
    for (let index = 0; index < 16; index++) if ((used & (0x8000 >> index)) !== 0) symbols.push(range * 16 + index);
  }
  return symbols;
}

function readSelectors(bits: BitReader, count: number, treeCount: number, asGo: boolean): Uint8Array | undefined {
  const order = [0, 1, 2, 3, 4, 5];
  const selectors = new Uint8Array(count);
  for (let index = 0; index < count; index++) {
    let position = 0;
    while (bits.read(1) === 1) if (++position >= treeCount && !asGo) return undefined;
    if (position >= treeCount) return undefined; // Go reads on to the end of the number, which may not be there
    const [tree = 0] = order.splice(position, 1);
    order.unshift(tree);
    selectors[index] = tree;
  }
  return selectors;
}

/** Reads one symbol; `undefined` where the bits are no code of the tree. */
type HuffmanTree = (bits: BitReader) => number | undefined;

const maxCodeLength = 20;

function readLengths(bits: BitReader, symbolCount: number): Uint8Array | undefined {
  const lengths = new Uint8Array(symbolCount);
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    for (;;) {
      if (length < 1 || length > maxCodeLength || bits.overrun) return undefined;
      if (bits.read(1) === 0) break;
      length += bits.read(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  return lengths;
}

/** Whether every sequence of bits is one code. */
function isComplete(lengths: Uint8Array): boolean {
  return lengths.reduce((sum, length) => sum + 2 ** (maxCodeLength - length), 0) === 2 ** maxCodeLength;
}

/** The canonical code as libbz2 reads it: for each length, the first code and where its symbols begin. */
function canonicalTree(lengths: Uint8Array): HuffmanTree {
  const sorted = new Uint16Array(lengths.length);
  const limits = new Int32Array(maxCodeLength + 2).fill(-1);
  const bases = new Int32Array(maxCodeLength + 2);
  let code = 0;
  let filled = 0;
  for (let size = 1; size <= maxCodeLength; size++) {
    code <<= 1;
    bases[size] = filled - code;
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] !== size) continue;
      sorted[filled++] = symbol;
      code++;
    }
    limits[size] = code - 1;
  }
  return (bits) => {
    let read = 0;
    for (let size = 1; size <= maxCodeLength; size++) {
      read = (read << 1) | bits.read(1);
      if (read <= (limits[size] ?? -1)) return sorted[read + (bases[size] ?? 0)];
    }
    return undefined;
  };
}

/** What a run may come to before it is looked at; libbz2 and Go have the same bound. */
const maxRun = 2 * 1024 * 1024;

/** Undoes the Huffman, zero-run and move-to-front codes into `table`; the count of octets, or `undefined`. */
function readMoveToFront(
  bits: BitReader,
  table: Uint32Array,
  symbols: readonly number[],
  selectors: Uint8Array,
  trees: readonly HuffmanTree[],
): number | undefined {
  const front = [...symbols];
  const endOfBlock = symbols.length + 1;
  let filled = 0;
  let run = 0;
  let runWeight = 1;
  for (let decoded = 0; ; decoded++) {
    const selector = selectors[Math.floor(decoded / 50)];
    const tree = selector === undefined ? undefined : trees[selector];
    const symbol = tree?.(bits);
    if (symbol === undefined || bits.overrun) return undefined;
    if (symbol <= 1) {
      run += runWeight << symbol;
      runWeight *= 2;
      if (run > maxRun) return undefined;
      continue;
    }
    if (filled + run > table.length) return undefined;
    table.fill(front[0] ?? 0, filled, filled + run);
    filled += run;
    run = 0;
    runWeight = 1;
    if (symbol === endOfBlock) return filled;
    if (filled >= table.length) return undefined;
    const [octet = 0] = front.splice(symbol - 1, 1);
    front.unshift(octet);
    table[filled++] = octet;
  }
}

/** Undoes the Burrows-Wheeler transform and the first run-length code; stops once the output is full. */
function unwind(
  table: Uint32Array,
  filled: number,
  { origin, output, asGo }: { readonly origin: number; readonly output: OctetBuffer; readonly asGo: boolean },
): void {
  const starts = new Uint32Array(256);
  for (let index = 0; index < filled; index++) {
    const octet = (table[index] ?? 0) & 0xff;
    starts[octet] = (starts[octet] ?? 0) + 1;
  }
  let sum = 0;
  for (let octet = 0; octet < 256; octet++) {
    const count = starts[octet] ?? 0;
    starts[octet] = sum;
    sum += count;
  }
  for (let index = 0; index < filled; index++) {
    const octet = (table[index] ?? 0) & 0xff;
    const place = starts[octet] ?? 0;
    starts[octet] = place + 1;
    table[place] = ((table[place] ?? 0) | (index << 8)) >>> 0;
  }
  let position = (table[origin] ?? 0) >>> 8;
  let last = -1;
  let repeats = 0;
  for (let index = 0; index < filled; index++) {
    const entry = table[position] ?? 0;
    const octet = entry & 0xff;
    position = entry >>> 8;
    if (repeats === 4) {
      output.push(last, octet);
      // To Go a run of four and no more is the first octet of another run. compress/bzip2 readFromBlock.
      const goesOn = asGo && octet === 0;
      repeats = goesOn ? 1 : 0;
      if (!goesOn) last = -1;
    } else {
      repeats = octet === last ? repeats + 1 : 1;
      last = octet;
      output.push(octet, 1);
    }
    if (output.isFull) return;
  }
}

/** All that comes out of a stream. */
class OctetBuffer {
  readonly #room: number;
  #octets = new Uint8Array(0);
  length = 0;
  isFull = false;

  constructor(room: number) {
    this.#room = room;
  }

  push(octet: number, count: number): void {
    const end = this.length + count;
    if (end > this.#room) {
      this.isFull = true;
      return;
    }
    if (end > this.#octets.length) {
      const larger = new Uint8Array(Math.max(end, 4096, this.#octets.length * 2));
      larger.set(this.#octets);
      this.#octets = larger;
    }
    this.#octets.fill(octet, this.length, end);
    this.length = end;
  }

  octets(from: number): Uint8Array {
    return this.#octets.subarray(from, this.length);
  }
}

const checkTable = new Uint32Array(256).map((_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit++) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value >>> 0;
});

function blockCheck(block: Uint8Array): number {
  let check = 0xffffffff;
  for (const octet of block) check = ((check << 8) ^ (checkTable[(check >>> 24) ^ octet] ?? 0)) >>> 0;
  return ~check >>> 0;
}
