import { createHash } from "node:crypto";
import { cost, type WorkBudget } from "../../budget.ts";
import type { Filling, GpgRun } from "./stream.ts";

/** GnuPG: armor.c MAX_LINELEN. */
const maxLine = 20_000;

/** Whether GnuPG would look for armour, judging by the first packet header. GnuPG: armor.c is_armored. */
export function looksArmored(octets: Uint8Array): boolean {
  const [first = 0, second = 0] = octets;
  if ((first & 0x80) === 0) return true;
  const isNew = (first & 0x40) !== 0;
  const tag = isNew ? first & 0x3f : (first >> 2) & 0xf;
  if (indefiniteStarts.includes(tag)) return false;
  if (!definiteStarts.includes(tag)) return true;
  return isNew ? second >= 224 && second < 255 : (first & 3) === 3;
}

const definiteStarts: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 10, 12, 13, 14, 17, 19];
const indefiniteStarts: readonly number[] = [8, 9, 18, 11, 16, 61, 63];

/** The kinds of armour that GnuPG reads, with those of key files first. */
const keyHeadings: readonly string[] = ["PUBLIC KEY BLOCK", "PRIVATE KEY BLOCK", "SECRET KEY BLOCK"];
const signatureHeading = "SIGNATURE";
const clearTextHeading = "SIGNED MESSAGE";
const headings: readonly string[] = [...keyHeadings, "MESSAGE", signatureHeading, clearTextHeading, "ARMORED FILE"];

/** The hashes that a clear-signed text may announce. GnuPG: armor.c parse_hash_header. */
const announcedHashes: readonly (readonly [name: string, id: number])[] = [
  ["RIPEMD160", 3],
  ["SHA1", 2],
  ["SHA224", 11],
  ["SHA256", 8],
  ["SHA384", 9],
  ["SHA512", 10],
];
const sha1 = 2;

/** What GnuPG writes in front of a clear-signed text, for itself; a message cannot have it, as it is made of the message. */
export interface ControlMark {
  readonly octets: Uint8Array;
}

export function controlMark(file: Uint8Array): ControlMark {
  return { octets: createHash("sha256").update(file).digest().subarray(0, 20) };
}

/**
 * Undoes ASCII armour: several blocks follow each other, whatever stands between them; a clear-signed text becomes a literal
 * packet. GnuPG: armor.c armor_filter.
 */
export class ArmorSource {
  readonly #lines: LineReader;
  readonly #run: GpgRun;
  readonly #mark: ControlMark;
  readonly #onlyKeys: boolean;
  #mode: "start" | "binary" | "clear-text" | "radix-64" = "start";
  #hasData = false;
  readonly #hashes = new Set<number>();
  #isDashEscaped = true;
  #isAtFirstLine = false;
  #radix = new Radix64Decoder();

  /** The file ends where the budget does. */
  constructor(
    file: Uint8Array,
    run: GpgRun,
    budget: WorkBudget,
    kind: { readonly onlyKeys: boolean; readonly mark: ControlMark },
  ) {
    this.#lines = new LineReader(file, budget);
    this.#run = run;
    this.#mark = kind.mark;
    this.#onlyKeys = kind.onlyKeys;
  }

  fill(_below: unknown, room: number): Filling {
    const filling = this.#fill(room);
    if (filling.next === "end") this.close();
    return filling;
  }

  /** Nothing is read any more. */
  close(): void {
    if (!this.#hasData && this.#mode !== "binary") this.#run.saidNoData = true;
  }

  #fill(room: number): Filling {
    if (this.#mode === "start") {
      const mode = this.#start();
      if (mode === undefined) return end;
      this.#mode = mode;
      const hasNothingLeft = this.#lines.at >= this.#lines.length;
      if (mode === "binary" && hasNothingLeft) return { ...end, next: "more" };
      if (mode === "clear-text") return { octets: this.#clearTextStart(), next: "more" };
    }
    if (this.#mode === "binary") {
      const octets = this.#lines.rest(room);
      return octets.length === 0 ? end : { octets, next: "more" };
    }
    return this.#mode === "clear-text" ? this.#readClearText(room) : this.#readRadix64(room);
  }

  /** Finds the next block, and goes behind its headers; `undefined` if there is nothing to read. GnuPG: check_input. */
  #start(): "binary" | "clear-text" | "radix-64" | undefined {
    const lines = this.#lines;
    lines.advance();
    if (lines.isCut) return "binary";
    if (lines.length === 0) return undefined;
    const { line } = lines;
    const isBlankLine = line[0] === 0x0a || (line[0] === 0x0d && line[1] === 0x0a);
    if (!isBlankLine && lines.length >= 2 && !looksArmored(line)) return "binary";
    let mode: "clear-text" | "radix-64" = "radix-64";
    for (; lines.length > 0; lines.advanceToWhole()) {
      const heading = headingOf(lines);
      if (heading === undefined || (this.#onlyKeys && !keyHeadings.includes(heading))) continue;
      if (heading === clearTextHeading) mode = "clear-text";
      break;
    }
    while (lines.length > 0) {
      lines.advanceToWhole();
      if (this.#readHeader(mode) !== "header") break;
    }
    this.#radix = new Radix64Decoder();
    return mode;
  }

  /** GnuPG: parse_header_line. */
  #readHeader(mode: "clear-text" | "radix-64"): "header" | "blank" | "invalid" {
    const lines = this.#lines;
    const length = trimmedLength(lines.line, lines.length);
    if (length === 0) {
      lines.at = 0;
      return "blank";
    }
    const { text } = lines;
    const colon = text.indexOf(":");
    const after = text[colon + 1] ?? "";
    if (colon === -1 || after === "" || !" \r\n".includes(after)) return "invalid";
    if (mode !== "clear-text") return "header";
    const header = text.slice(0, length);
    const hashes = readHashHeader(header);
    if (hashes !== undefined) for (const hash of hashes) this.#hashes.add(hash);
    else if (header.length > 15 && header.startsWith("NotDashEscaped:")) this.#isDashEscaped = false;
    else return "invalid";
    return "header";
  }

  /** A control packet, and the beginning of a literal packet in parts. */
  #clearTextStart(): Uint8Array {
    const hashes = this.#hashes.size === 0 ? [sha1] : [...this.#hashes];
    const control = [...this.#mark.octets, 1, this.#isDashEscaped ? 1 : 0, ...hashes];
    this.#isAtFirstLine = true;
    return Uint8Array.of(0xff, control.length, ...control, 0xcb, 0xe1, 0x74, 0, 0xe2, 0, 0, 0, 0);
  }

  /** GnuPG: fake_packet. */
  #readClearText(room: number): Filling {
    const lines = this.#lines;
    const parts: Uint8Array[] = [];
    let left = room;
    let part: number[] = [];
    while (left > partOctets) {
      if (this.#isAtFirstLine) this.#isAtFirstLine = false;
      else {
        while (part.length < partOctets && lines.at < lines.length) part.push(lines.line[lines.at++] ?? 0);
        if (part.length === partOctets) {
          parts.push(Uint8Array.of(0xe9, ...part));
          left -= 1 + partOctets;
          part = [];
          continue;
        }
      }
      lines.at = 0;
      lines.advance();
      if (lines.length === 0) return { octets: Buffer.concat(parts), next: "end" };
      if (this.#endsClearText()) {
        const { length } = part;
        const head = length < 192 ? [length] : [((length - 192) >> 8) + 192, (length - 192) & 0xff];
        parts.push(Uint8Array.of(...head, ...part));
        return { octets: Buffer.concat(parts), next: this.#startSignature() };
      }
    }
    return { octets: Buffer.concat(parts), next: "more" };
  }

  /** Prepares the current line of the text, or says that the text ends before it. */
  #endsClearText(): boolean {
    const lines = this.#lines;
    const text = lines.text;
    if (text.startsWith("- ") && this.#isDashEscaped) lines.at = 2;
    else if (text.startsWith("-----")) {
      if (this.#isDashEscaped || headingOf(lines) === signatureHeading) return true;
    }
    if (this.#isDashEscaped) lines.trimEnd();
    return false;
  }

  /** Goes behind the headers of the signature. */
  #startSignature(): Filling["next"] {
    const lines = this.#lines;
    this.#mode = "radix-64";
    this.#radix = new Radix64Decoder();
    lines.at = 0;
    for (;;) {
      lines.advanceToWhole();
      if (lines.length === 0) return "end";
      const header = this.#readHeader("radix-64");
      if (header === "blank") return "more";
      if (header === "invalid") {
        this.#run.hasExited = true;
        return "error";
      }
    }
  }

  /** GnuPG: radix64_read. */
  #readRadix64(room: number): Filling {
    const octets: number[] = [];
    let letter: number | "pad" | "room" | undefined = this.#nextLetter();
    while (typeof letter === "number") {
      this.#radix.push(letter, octets);
      letter = octets.length < room ? this.#nextLetter() : "room";
    }
    if (letter !== "pad") {
      this.#radix.sum(octets);
      return octets.length === 0 ? end : { octets: Uint8Array.from(octets), next: "more" };
    }
    this.#radix.flush(octets);
    this.#radix.sum(octets);
    this.#hasData = true;
    this.#mode = "start";
    return { octets: Uint8Array.from(octets), next: this.#isChecksumRight() ? "more" : "error" };
  }

  /** The value of the next letter, the pad character, or nothing. Whatever else there is is passed over. */
  #nextLetter(): number | "pad" | undefined {
    const lines = this.#lines;
    for (let code = this.#nextCode(); code !== undefined; ) {
      const value = letterValue(code);
      if (value !== undefined) return value;
      if (code !== pad) {
        code = this.#nextCode();
        continue;
      }
      // Quoted printable, as mail programs may have left it.
      const [first = 0, second = 0, third = 0] = lines.line.subarray(lines.at, lines.length);
      const isQuoted = lines.at + 2 < lines.length && isHex(first) && isHex(second) && afterQuoted.includes(third);
      if (!isQuoted) {
        if (this.#isQuotedChecksum()) lines.at += 2;
        return "pad";
      }
      code = Number.parseInt(String.fromCharCode(first, second), 16);
      lines.at += 2;
    }
    return undefined;
  }

  /** `=3D` and four letters at the end of a line: the pad character of a checksum as quoted printable. */
  #isQuotedChecksum(): boolean {
    const { line, at, length } = this.#lines;
    if (at + 6 >= length || line[at] !== 0x33 || line[at + 1] !== 0x44 || line[at + 6] !== 0x0a) return false;
    return line.subarray(at + 2, at + 6).every((code) => letterValue(code) !== undefined);
  }

  /** Reads the checksum behind the pad character. None at all is fine. */
  #isChecksumRight(): boolean {
    let code = this.#nextCode();
    while (code !== undefined && (isBlank(code) || code === pad)) code = this.#nextCode();
    let count = 0;
    let expected = 0;
    while (code !== undefined && count < 4) {
      const value = letterValue(code);
      if (value === undefined) break;
      expected = expected * 64 + value;
      code = this.#nextCode();
      // A letter at the very end of the file does not count.
      if (code !== undefined) count++;
    }
    return count === 0 || (count === 4 && expected === this.#radix.checksum);
  }

  /** The next octet of the file, line by line. */
  #nextCode(): number | undefined {
    const lines = this.#lines;
    while (lines.at >= lines.length) {
      lines.at = 0;
      lines.advance();
      if (lines.length === 0) return undefined;
    }
    return lines.line[lines.at++];
  }
}

const end: Filling = { octets: new Uint8Array(0), next: "end" };

/** GnuPG: PARTIAL_CHUNK. */
const partOctets = 512;

const pad = 0x3d;

/** What may follow a quoted octet; C counts the NUL behind a text to it. */
const afterQuoted: readonly number[] = [pad, 0x0a, 0x0d, 0x09, 0x20, 0];

/** The lines of a file, of which GnuPG keeps one at a time. */
class LineReader {
  readonly #file: Uint8Array;
  readonly #budget: WorkBudget;
  #next = 0;
  line: Uint8Array = new Uint8Array(0);
  /** Octets of it; 0 at the end of the file. */
  length = 0;
  /** How much of it has been used. A new line does not change it. */
  at = 0;
  /** It was too long, and the rest of it is lost. */
  isCut = false;

  constructor(file: Uint8Array, budget: WorkBudget) {
    this.#file = file;
    this.#budget = budget;
  }

  /** Goes to the next line. GnuPG: common/iobuf.c iobuf_read_line. */
  advance(): void {
    if (!this.#budget.spend(cost.step)) this.#next = this.#file.length;
    const start = this.#next;
    const newline = this.#file.indexOf(0x0a, start);
    const stop = newline === -1 ? this.#file.length : newline + 1;
    this.#next = stop;
    // Room is left for a newline and a NUL.
    const limit = start + maxLine - 1;
    this.isCut = stop > limit || (newline === -1 && stop === limit);
    this.line = this.#file.subarray(start, this.isCut ? limit : stop);
    if (this.isCut) {
      this.line = Uint8Array.from(this.line);
      this.line[maxLine - 2] = 0x0a;
    }
    this.length = this.line.length;
  }

  /** Goes to the next line that is not cut. */
  advanceToWhole(): void {
    do this.advance();
    while (this.isCut);
  }

  /** What is left of the line, and then of the file. */
  rest(room: number): Uint8Array {
    const ofLine = this.line.subarray(this.at, Math.min(this.length, this.at + room));
    this.at += ofLine.length;
    const ofFile = this.#file.subarray(this.#next, this.#next + room - ofLine.length);
    this.#next += ofFile.length;
    return Buffer.concat([ofLine, ofFile]);
  }

  /** The line as C sees it: up to a NUL. */
  get text(): string {
    const nul = this.line.indexOf(0);
    return Buffer.from(this.line.subarray(0, nul === -1 ? this.length : nul)).toString("latin1");
  }

  /** Takes blanks off the end of the line. */
  trimEnd(): void {
    this.#budget.spend(cost.line);
    const isDos = this.length > 1 && this.line[this.length - 2] === 0x0d && this.line[this.length - 1] === 0x0a;
    const kept = this.line.subarray(this.at, this.length);
    const start = this.line.subarray(0, this.at + trimmedLength(kept, kept.length));
    this.line = Buffer.concat([start, isDos ? Uint8Array.of(0x0d, 0x0a) : Uint8Array.of(0x0a)]);
    this.length = this.line.length;
  }
}

/** Radix-64 (RFC 4880 section 6.3) and its checksum. */
class Radix64Decoder {
  checksum = 0xb704ce;
  #place = 0;
  #value = 0;

  push(letter: number, octets: number[]): void {
    switch (this.#place) {
      case 0:
        this.#value = letter << 2;
        break;
      case 1:
        octets.push(this.#value | (letter >> 4));
        this.#value = (letter << 4) & 0xf0;
        break;
      case 2:
        octets.push(this.#value | (letter >> 2));
        this.#value = (letter << 6) & 0xc0;
        break;
      default:
        octets.push(this.#value | letter);
    }
    this.#place = (this.#place + 1) % 4;
  }

  /** At the pad character: a letter that stands alone counts for an octet. */
  flush(octets: number[]): void {
    if (this.#place === 1) octets.push(this.#value);
  }

  /** RFC 4880 section 6.1. */
  sum(octets: readonly number[]): void {
    let crc = this.checksum;
    for (const octet of octets) crc = ((crc << 8) ^ (crcTable[(crc >> 16) ^ octet] ?? 0)) & 0xffffff;
    this.checksum = crc;
  }
}

const crcTable = new Uint32Array(256).map((_, index) => {
  let crc = index << 16;
  for (let bit = 0; bit < 8; bit++) {
    crc <<= 1;
    if ((crc & 0x1000000) !== 0) crc ^= 0x1864cfb;
  }
  return crc;
});

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const letterValues = new Map(Array.from(letters, (letter, value) => [letter.charCodeAt(0), value]));

function letterValue(code: number): number | undefined {
  return letterValues.get(code);
}

function isBlank(code: number): boolean {
  return code === 0x0a || code === 0x20 || code === 0x0d || code === 0x09;
}

function isHex(code: number): boolean {
  return /[0-9A-Fa-f]/.test(String.fromCharCode(code));
}

/** The length without blanks at the end; C counts a NUL to them. */
function trimmedLength(line: Uint8Array, length: number): number {
  let trimmed = length;
  while (trimmed > 0 && (isBlank(line[trimmed - 1] ?? 0) || line[trimmed - 1] === 0)) trimmed--;
  return trimmed;
}

/** What a line begins a block of. GnuPG: armor.c is_armor_header. */
function headingOf(lines: LineReader): string | undefined {
  if (lines.length < 15) return undefined;
  const { text } = lines;
  if (!text.startsWith("-----")) return undefined;
  const stop = text.indexOf("-----", 5);
  if (stop === -1 || /[^ \r\n\t]/.test(text.slice(stop + 5))) return undefined;
  return headings.find((heading) => text.slice(5, stop) === `BEGIN PGP ${heading}`);
}

/** The hashes of such a header, or `undefined` if it is none. GnuPG: armor.c parse_hash_header. */
function readHashHeader(header: string): readonly number[] | undefined {
  if (header.length < 6 || header.length > 60 || !header.startsWith("Hash:")) return undefined;
  const names = header.slice(5).split(",");
  // A comma at the end is fine.
  if (names.length > 1 && names.at(-1)?.trim() === "") names.pop();
  const hashes = names.map((name) => {
    const trimmed = name.replace(/^[ \t]+|[ \t]+$/g, "");
    // GnuPG compares no more than is there.
    return trimmed === "" ? undefined : announcedHashes.find(([full]) => full.startsWith(trimmed))?.[1];
  });
  return hashes.every((hash) => hash !== undefined) ? hashes : undefined;
}
