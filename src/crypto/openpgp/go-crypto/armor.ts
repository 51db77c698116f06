import { trimSpaceAsGo } from "../../../encoding/space.ts";
import { cost, type WorkBudget } from "../../budget.ts";
import { type Chunk, type Fault, isFault, type Source } from "./source.ts";

export interface GoArmor {
  /** As in `-----BEGIN …-----`. */
  readonly type: string;
  /** The octets of the block, still to be read. */
  readonly body: Source;
  /** How much of the text has been read, of the block too. */
  readonly position: () => number;
}

/**
 * Finds the first armoured block of a text as go-crypto does: text around it, headers and white space do not matter, its
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
    if (headers === "body") return { type, body: new Base64Source(new BodyReader(lines)), position: () => lines.at };
  }
}

const noLine = Buffer.alloc(0);

/** Go's bufio.Reader of 100 octets, of which ReadLine never gives out more. */
const maxLine = 100;

class LineReader {
  readonly #text: Buffer;
  readonly #budget: WorkBudget;
  at = 0;

  constructor(text: Uint8Array, budget: WorkBudget) {
    this.#text = Buffer.from(text.buffer, text.byteOffset, text.length);
    this.#budget = budget;
  }

  /** The next line without its end, or the next part of a line that is too long; `undefined` at the end. */
  next(): { readonly line: Buffer; readonly isPrefix: boolean } | undefined {
    if (this.at >= this.#text.length || !this.#budget.spend(cost.step)) return undefined;
    // Not needed, but much faster where a file consists of them.
    if (this.#text[this.at] === 0x0a) {
      this.at += 1;
      return { line: noLine, isPrefix: false };
    }
    const newline = this.#text.subarray(this.at, this.at + maxLine).indexOf(0x0a);
    let end = newline === -1 ? Math.min(this.at + maxLine, this.#text.length) : this.at + newline;
    const isPrefix = newline === -1 && end === this.at + maxLine;
    // Go: bufio ReadLine does not split \r from \n.
    if (isPrefix && this.#text[end - 1] === 0x0d) end--;
    const start = this.at;
    this.at = newline === -1 ? end : end + 1;
    if (newline !== -1 && end > start && this.#text[end - 1] === 0x0d) end--;
    return { line: this.#text.subarray(start, end), isPrefix };
  }
}

/** Without the blanks around it, in Latin-1. */
function textOf(line: Buffer): string {
  return line.length === 0 ? "" : trimSpaceAsGo(line).toString("latin1");
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
    const line = textOf(next.line);
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
    const line = textOf(next.line);
    if (line.length === 0) return "body";
    if (!line.includes(":")) return "not-a-header";
  }
}

/** The letters between the headers and the end of the block, a line at a time. go-crypto: armor/armor.go lineReader. */
class BodyReader {
  readonly #lines: LineReader;
  #rest = "";
  #hasEnded = false;

  constructor(lines: LineReader) {
    this.#lines = lines;
  }

  /** At most `size` letters of one line (which may be empty), or why there are no more. */
  read(size: number): string | { readonly fault: Fault } {
    if (this.#hasEnded) return { fault: "end" };
    if (this.#rest === "") {
      const next = this.#lines.next();
      if (next === undefined) return { fault: "end" };
      if (next.isPrefix) return { fault: "structural" };
      const line = textOf(next.line);
      if (line.startsWith("-----END ") || (line.length === 5 && line.startsWith("="))) {
        this.#hasEnded = true;
        return { fault: "end" };
      }
      if (line.length > 96) return { fault: "structural" };
      this.#rest = line;
    }
    const letters = this.#rest.slice(0, size);
    this.#rest = this.#rest.slice(size);
    return letters;
  }
}

const nothing = new Uint8Array(0);
const maxLetters = 1024;
/** The padding ends what is decoded at a time, not the block: go-crypto reads on behind it. */
const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Go's base64.NewDecoder: as many letters at a time as there are in a line, and as the caller has room for. */
class Base64Source implements Source {
  readonly #body: BodyReader;
  /** Letters that are not four yet. */
  #letters = "";
  /** Decoded, but not given out. */
  #decoded: Uint8Array = nothing;
  #bodyFault: Fault | undefined;
  #fault: Fault | undefined;

  constructor(body: BodyReader) {
    this.#body = body;
  }

  read(size: number): Chunk {
    if (this.#decoded.length === 0) {
      if (this.#fault !== undefined) return { octets: nothing, fault: this.#fault };
      const decoded = this.#decodeSome(size);
      if (isFault(decoded)) {
        this.#fault = decoded;
        return { octets: nothing, fault: decoded };
      }
      this.#decoded = decoded;
    }
    const octets = this.#decoded.subarray(0, size);
    this.#decoded = this.#decoded.subarray(octets.length);
    return { octets };
  }

  #decodeSome(size: number): Uint8Array | Fault {
    const room = Math.min(Math.max(Math.floor(size / 3) * 4, 4), maxLetters);
    while (this.#letters.length < 4 && this.#bodyFault === undefined) {
      const more = this.#body.read(room - this.#letters.length);
      if (typeof more === "string") this.#letters += more.includes("\r") ? more.replaceAll("\r", "") : more;
      else this.#bodyFault = more.fault;
    }
    if (this.#letters.length < 4) {
      return this.#bodyFault === "end" && this.#letters.length > 0 ? "cut" : (this.#bodyFault ?? "fatal");
    }
    const whole = this.#letters.length - (this.#letters.length % 4);
    const letters = this.#letters.slice(0, whole);
    this.#letters = this.#letters.slice(whole);
    return isBase64.test(letters) ? Buffer.from(letters, "base64") : "fatal";
  }
}
