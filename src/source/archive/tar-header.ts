import type { ArchiveFlaw } from "../../image/problem.ts";
import { maxArchiveHeaderBytes } from "../../limits.ts";
import { badMember, malformed } from "./archive-failure.ts";
import { type ByteInput, cut } from "./byte-input.ts";
import { checkNameEncoding } from "./member-name.ts";
import { checkPaxRecords } from "./pax-records.ts";
import { decodeTarHeader } from "./tar-library.ts";

/** A member of a tar archive, as its header describes it. */
export interface TarMember {
  readonly kind: "file" | "directory" | "link";
  /** As it is written. */
  readonly untrustedName: string;
  /** Where a symbolic link leads, as it is written. */
  readonly untrustedTarget: string;
  /** Of the content, which begins where the header ends; only a file has any. */
  readonly sizeBytes: number;
}

const blockBytes = 512;

/**
 * Reads the next header of a tar archive (pax(1), "ustar Interchange Format" and "pax Header Block"; GNU tar manual, "Basic Tar
 * Format"); `undefined` at the end, which is where the reference sees it (Go: archive/tar `readHeader`): two blocks of zeros, or
 * no more bytes.
 *
 * One archive must not be two: where readers of tar differ in what they make of the same bytes, another image could be judged here
 * than is loaded there. So what is not written as every reader takes it is refused, before the library is asked.
 */
export async function readTarHeader(input: ByteInput): Promise<TarMember | undefined> {
  const first = await readBlock(input);
  if (first === undefined) return undefined;
  const blocks = [first];
  const extensions: string[] = [];
  let said = { isSparse: false, hasSize: false };
  let last = first;
  for (let type = typeOf(last); type === "x" || type === "L" || type === "K"; type = typeOf(last)) {
    checkBlock(last);
    const size = sizeOf(last);
    const content = await readExtension(input, size);
    const text = content.subarray(0, size);
    if (type === "x") said = checkPaxRecords(text);
    else checkLongName(upToNul(text));
    // Of a pax header and a long name of GNU, some readers take the former and some the latter.
    if (extensions.includes(type) || (extensions.length > 0 && (type === "x" || extensions.includes("x")))) {
      throw malformed("a member has two extended headers");
    }
    extensions.push(type);
    const next = await readBlock(input);
    if (next === undefined) throw cut();
    last = next;
    blocks.push(content, last);
  }
  return describe(last, Buffer.concat(blocks), said);
}

async function describe(
  block: Uint8Array,
  blocks: Uint8Array,
  { isSparse, hasSize }: ReturnType<typeof checkPaxRecords>,
): Promise<TarMember> {
  const type = typeOf(block);
  // A sparse header of GNU has its map where others have nothing.
  if (type !== "S") checkBlock(block);
  // Defaults for all members, which Go passes over and others apply; the library would wait for one.
  if (type === "g") throw badMember(latin1(upToNul(field(block, "name"))), "special");
  const { name, linkname = "", size } = await decodeTarHeader(blocks);
  const kind = kindOf(type);
  if (isSparse) throw badMember(name, "sparse");
  if (kind.flaw !== undefined) throw badMember(name, kind.flaw);
  if (kind.is === "file") {
    if (!Number.isSafeInteger(size)) throw badMember(name, "too-large");
    // To some readers that is a directory.
    if (name.endsWith("/")) throw badMember(name, "path");
    return { kind: "file", untrustedName: name, untrustedTarget: "", sizeBytes: size };
  }
  // The content that it says it has is passed over by some readers, and read as the next header by others.
  if (sizeOf(block) !== 0 || hasSize) throw malformed("a member without content has a size");
  return { kind: kind.is, untrustedName: name, untrustedTarget: linkname, sizeBytes: 0 };
}

/** A header, or `undefined` at the end of the archive. */
async function readBlock(input: ByteInput): Promise<Uint8Array | undefined> {
  const block = await input.read(blockBytes);
  if (block.length === 0) return undefined;
  if (block.length < blockBytes) throw cut();
  if (!isZero(block)) return block.slice();
  const second = await input.read(blockBytes);
  if (second.length > 0 && second.length < blockBytes) throw cut();
  if (!isZero(second)) throw malformed("a header is missing");
  return undefined;
}

/** The content of an extended header, with what fills its last block. */
async function readExtension(input: ByteInput, size: number): Promise<Uint8Array> {
  const padded = size + paddingOf(size);
  if (padded > maxArchiveHeaderBytes) throw malformed("the extended header of a member is too large");
  const bytes = await input.read(padded);
  if (bytes.length < padded) throw cut();
  return bytes.slice();
}

function checkLongName(untrustedName: Uint8Array): void {
  // Go lets the name in the header stay; the library takes the empty one.
  if (untrustedName.length === 0) throw malformed("a long name is empty");
  checkNameEncoding(untrustedName);
}

/** How many bytes follow a content of this size until the next header. */
export function paddingOf(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes;
}

function kindOf(
  type: string,
): { readonly is: TarMember["kind"]; readonly flaw?: never } | { readonly is?: never; readonly flaw: ArchiveFlaw } {
  switch (type) {
    case "0":
    case "\0":
      return { is: "file" };
    case "5":
      return { is: "directory" };
    case "2":
      return { is: "link" };
    case "1":
      return { flaw: "link" };
    case "S":
      return { flaw: "sparse" };
    default:
      // Devices, FIFOs, and what only some readers know.
      return { flaw: "special" };
  }
}

/** The fields of a header: where they begin, and how long they are (pax(1); in GNU's, the same up to the prefix). */
const fields = {
  name: [0, 100],
  mode: [100, 8],
  user: [108, 8],
  group: [116, 8],
  size: [124, 12],
  time: [136, 12],
  target: [157, 100],
  magic: [257, 8],
  major: [329, 8],
  minor: [337, 8],
  prefix: [345, 155],
  rest: [500, 12],
} as const;

function field(block: Uint8Array, name: keyof typeof fields): Uint8Array {
  const [start, length] = fields[name];
  return block.subarray(start, start + length);
}

function typeOf(block: Uint8Array): string {
  return String.fromCharCode(block[156] ?? 0);
}

/** Throws unless all readers take the fields of this header alike. */
function checkBlock(block: Uint8Array): void {
  const magic = latin1(field(block, "magic"));
  const isGnu = magic === "ustar  \0";
  if (!isGnu && magic !== "ustar\x0000") throw malformed("a header has no known format");
  // In GNU's format these are times and a map of holes, of which old programs made a prefix; star has times at its end.
  if (isGnu && !isZero(field(block, "prefix")))
    throw malformed("a header has a prefix, which its format does not have");
  if (!isZero(field(block, "rest"))) throw malformed("a header has something behind its end");
  for (const name of ["mode", "user", "group", "time", "major", "minor"] as const) {
    const number = field(block, name);
    if (!isBinary(number) && !isOctal(number)) throw malformed("a header has a number that is none");
  }
  sizeOf(block);
  for (const name of ["name", "target", "prefix"] as const) checkNameEncoding(upToNul(field(block, name)));
}

function sizeOf(block: Uint8Array): number {
  const bytes = field(block, "size");
  if (!isBinary(bytes)) {
    if (!isOctal(bytes)) throw malformed("a header has a size that is none");
    return Number.parseInt(`0${latin1(bytes).replaceAll(/[ \0]/g, "")}`, 8);
  }
  // Binary, the sign first (GNU tar manual, "Extensions"): 2^53 and more cannot be told exactly.
  if (bytes[0] !== 0x80 || !isZero(bytes.subarray(1, 5)) || (bytes[5] ?? 0) >= 0x20) {
    throw malformed("a header has a size that is too large");
  }
  return bytes.reduce((sum, byte, index) => (index === 0 ? 0 : sum * 256 + byte), 0);
}

/** Octal digits, with spaces before them, and spaces or NULs behind. */
function isOctal(bytes: Uint8Array): boolean {
  return /^ *[0-7]*[ \0]*$/.test(latin1(bytes));
}

function isBinary(bytes: Uint8Array): boolean {
  return bytes[0] === 0x80 || bytes[0] === 0xff;
}

function upToNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end === -1 ? bytes : bytes.subarray(0, end);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
