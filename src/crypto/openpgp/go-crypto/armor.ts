import { decodeBase64AsGo } from "../../../encoding/base64.ts";
import { cost, type WorkBudget } from "../../budget.ts";

export interface GoArmor {
  /** As in `-----BEGIN …-----`. */
  readonly type: string;
  /** `undefined` if the block is malformed. */
  readonly octets: Uint8Array | undefined;
  /** Where in the text the block ends. */
  readonly end: number;
}

/**
 * Reads the first armoured block of a keyring as go-crypto does: text around it, headers and white space do not matter, its
 * checksum is not looked at, and neither is anything behind it. The text ends where the budget does. go-crypto: armor/armor.go
 * Decode.
 */
export function goDearmor(text: Uint8Array, budget: WorkBudget): GoArmor | undefined {
  const lines = new LineReader(text, budget);
  for (;;) {
    const type = findBegin(lines);
    if (type === undefined) return undefined;
    const headers = skipHeaders(lines);
    if (headers === "end") return undefined;
    if (headers === "not-a-header") continue;
    return { type, octets: readBase64(lines), end: lines.at };
  }
}

/** Go's bufio.Reader of 100 octets, of which ReadLine never gives out more. */
const maxLine = 100;

class LineReader {
  readonly #text: Uint8Array;
  readonly #budget: WorkBudget;
  at = 0;

  constructor(text: Uint8Array, budget: WorkBudget) {
    this.#text = text;
    this.#budget = budget;
  }

  /** The next line without its end, or the next part of a line that is too long; `undefined` at the end. */
  next(): { readonly line: string; readonly isPrefix: boolean } | undefined {
    if (this.at >= this.#text.length || !this.#budget.spend(cost.step)) return undefined;
    // Not needed, but much faster where a file consists of them.
    if (this.#text[this.at] === 0x0a) {
      this.at += 1;
      return { line: "", isPrefix: false };
    }
    const newline = this.#text.subarray(this.at, this.at + maxLine).indexOf(0x0a);
    let end = newline === -1 ? Math.min(this.at + maxLine, this.#text.length) : this.at + newline;
    const isPrefix = newline === -1 && end === this.at + maxLine;
    // Go: bufio ReadLine does not split \r from \n.
    if (isPrefix && this.#text[end - 1] === 0x0d) end--;
    const start = this.at;
    this.at = newline === -1 ? end : end + 1;
    if (newline !== -1 && end > start && this.#text[end - 1] === 0x0d) end--;
    return { line: Buffer.from(this.#text.subarray(start, end)).toString("latin1"), isPrefix };
  }
}

const begin = "-----BEGIN ";
const dashes = "-----";

function findBegin(lines: LineReader): string | undefined {
  let ignoreNext = false;
  for (;;) {
    const ignoreThis = ignoreNext;
    const next = lines.next();
    if (next === undefined) return undefined;
    ignoreNext = next.isPrefix;
    if (ignoreNext || ignoreThis) continue;
    const line = trimSpace(next.line);
    if (line.length > begin.length + dashes.length && line.startsWith(begin)) {
      return line.slice(begin.length, line.length - dashes.length);
    }
  }
}

function skipHeaders(lines: LineReader): "body" | "not-a-header" | "end" {
  let continuation = false;
  for (;;) {
    const wasContinuation = continuation;
    const next = lines.next();
    if (next === undefined) return "end";
    continuation = next.isPrefix;
    if (wasContinuation) continue;
    const line = trimSpace(next.line);
    if (line.length === 0) return "body";
    if (!line.includes(":")) return "not-a-header";
  }
}

/** The octets up to the end of the block, or `undefined` if a line or the base64 is malformed, for which go-crypto refuses the file. */
function readBase64(lines: LineReader): Uint8Array | undefined {
  const text: string[] = [];
  for (;;) {
    const next = lines.next();
    if (next === undefined) break;
    const line = trimSpace(next.line);
    if (next.isPrefix) return undefined;
    if (line.startsWith("-----END ") || (line.length === 5 && line.startsWith("="))) break;
    if (line.length > 96) return undefined;
    if (line !== "") text.push(line);
  }
  return decodeBase64AsGo(text.join(""));
}

/** Go's bytes.TrimSpace on octets read as Latin-1: ASCII white space, U+0085 and U+00A0 are not valid UTF-8 there and stay. */
function trimSpace(line: string): string {
  const isSpace = (character: string | undefined) => character !== undefined && "\t\n\v\f\r ".includes(character);
  let start = 0;
  let end = line.length;
  while (start < end && isSpace(line[start])) start++;
  while (end > start && isSpace(line[end - 1])) end--;
  return line.slice(start, end);
}
