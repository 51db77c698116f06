import { cost, type WorkBudget } from "../../budget.ts";
import { looksArmored } from "./message.ts";

/** GnuPG: armor.c MAX_LINELEN. */
const maxLine = 20_000;

/**
 * The packets of a key file, dearmoured as GnuPG does: several blocks follow each other, whatever stands between them.
 * `undefined` if a checksum is wrong, for which GnuPG drops the file. The text ends where the budget does. GnuPG: armor.c
 * check_input, radix64_read.
 */
export function gpgDearmor(file: Uint8Array, budget: WorkBudget): Uint8Array | undefined {
  if (file.length === 0) return file;
  const newlineFirst = file[0] === 0x0a || (file[0] === 0x0d && file[1] === 0x0a);
  if (!newlineFirst && file.length >= 2 && !looksArmored(file)) return file;
  const firstLine = file.indexOf(0x0a);
  if ((firstLine === -1 ? file.length : firstLine) >= maxLine) return file;
  const reader = new ArmorReader(file, budget);
  const parts: Uint8Array[] = [];
  while (reader.findBlock()) {
    const block = reader.readBlock();
    if (block === undefined) return undefined;
    parts.push(block);
  }
  return Buffer.concat(parts);
}

const headings: readonly string[] = ["PUBLIC KEY BLOCK", "PRIVATE KEY BLOCK", "SECRET KEY BLOCK"];

class ArmorReader {
  readonly #file: Uint8Array;
  readonly #budget: WorkBudget;
  #at = 0;

  constructor(file: Uint8Array, budget: WorkBudget) {
    this.#file = file;
    this.#budget = budget;
  }

  /** Goes to the first octet of the next block's body. */
  findBlock(): boolean {
    for (;;) {
      const line = this.#line();
      if (line === undefined) return false;
      if (isHeading(line)) break;
    }
    for (;;) {
      const lineAt = this.#at;
      const line = this.#line();
      if (line === undefined) return true;
      if (line.trimEnd() === "") return true;
      const colon = line.indexOf(":");
      if (colon === -1 || !" \r\n".includes(line[colon + 1] ?? "end")) {
        this.#at = lineAt; // no header: it belongs to the body
        return true;
      }
    }
  }

  /** The octets of the block, `undefined` if its checksum is wrong. */
  readBlock(): Uint8Array | undefined {
    const { text, ended } = this.#radix64Until("=");
    const octets = decode(text);
    if (!ended) return octets;
    while ("\n\r\t =".includes(this.#peek())) this.#at++;
    const check: string[] = [];
    for (let character = this.#peek(); check.length < 4 && isRadix64(character); character = this.#peek()) {
      check.push(character);
      this.#at++;
    }
    if (check.length === 0) return octets;
    const expected = decode(check.join(""));
    return check.length === 4 &&
      crc24(octets) === ((expected[0] ?? 0) << 16) + ((expected[1] ?? 0) << 8) + (expected[2] ?? 0)
      ? octets
      : undefined;
  }

  #peek(): string {
    const octet = this.#file[this.#at];
    return octet === undefined ? "end" : String.fromCharCode(octet);
  }

  /** The radix-64 letters before the pad character or the end; others are skipped. */
  #radix64Until(pad: string): { text: string; ended: boolean } {
    const start = this.#at;
    const end = this.#file.indexOf(pad.charCodeAt(0), start);
    this.#at = end === -1 ? this.#file.length : end + 1;
    const kept = Buffer.from(this.#file.subarray(start, end === -1 ? undefined : end));
    let length = 0;
    for (const octet of kept) if (radix64[octet] === 1) kept[length++] = octet;
    return { text: kept.toString("latin1", 0, length), ended: end !== -1 };
  }

  /** The next line with its end; one that is too long is passed over. */
  #line(): string | undefined {
    for (;;) {
      if (this.#at >= this.#file.length || !this.#budget.spend(cost.step)) return undefined;
      const newline = this.#file.indexOf(0x0a, this.#at);
      const end = newline === -1 ? this.#file.length : newline + 1;
      const line = this.#file.subarray(this.#at, end);
      this.#at = end;
      if (line.length <= maxLine) return Buffer.from(line).toString("latin1");
    }
  }
}

/** GnuPG: armor.c is_armor_header. */
function isHeading(line: string): boolean {
  if (!line.startsWith("-----BEGIN PGP ")) return false;
  const end = line.indexOf("-----", 5);
  return end !== -1 && headings.includes(line.slice(15, end)) && line.slice(end + 5).trim() === "";
}

function isRadix64(character: string): boolean {
  return character.length === 1 && /[A-Za-z0-9+/]/.test(character);
}

/** 1 for the octets of its letters. A regular expression takes seconds to drop millions of others. */
const radix64 = Uint8Array.from({ length: 256 }, (_, octet) => Number(isRadix64(String.fromCharCode(octet))));

/** Radix-64 without its pad characters; a last letter alone counts for nothing. */
function decode(text: string): Uint8Array {
  return Buffer.from(text, "base64");
}

/** RFC 4880 section 6.1. */
function crc24(octets: Uint8Array): number {
  let crc = 0xb704ce;
  for (const octet of octets) {
    crc ^= octet << 16;
    for (let bit = 0; bit < 8; bit++) {
      crc <<= 1;
      if ((crc & 0x1000000) !== 0) crc ^= 0x1864cfb;
    }
  }
  return crc & 0xffffff;
}
