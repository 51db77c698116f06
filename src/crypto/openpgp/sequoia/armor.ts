import { isUtf8 } from "node:buffer";
import { cost, type WorkBudget } from "../../budget.ts";

/** What an armoured text holds, and where it ends. */
export interface Dearmored {
  readonly octets: Uint8Array;
  readonly end: number;
}

/** `none`: no armour to the end of the text; `malformed`: there is, and it is broken. */
export type ArmorFault = "none" | "malformed";

/** Marks of quotation and white space that may stand before each line. */
const quotation = " \t\r>|]}";
const labels: readonly string[] = [
  "MESSAGE",
  "PUBLIC KEY BLOCK",
  "PRIVATE KEY BLOCK",
  "SIGNATURE",
  "SIGNED MESSAGE",
  "ARMORED FILE",
];

interface Heading {
  readonly label: string;
  readonly prefix: string;
  /** Where the label ends. */
  readonly end: number;
}

/**
 * Finds the first heading, whatever stands before it. Of the dashes around it only the hyphen is taken for one; Sequoia knows
 * two dozen. sequoia-openpgp: armor.rs Reader::initialize, Label::detect_header.
 */
function findHeading(text: string, from: number): Heading | undefined {
  for (let at = text.indexOf(begin, from); at !== -1; at = text.indexOf(begin, at + 1)) {
    let dashesAt = at;
    while (dashesAt > from && text[dashesAt - 1] === "-") dashesAt--;
    let lineAt = dashesAt;
    while (lineAt > from && quotation.includes(text[lineAt - 1] ?? "x")) lineAt--;
    const label = labels.find((known) => text.startsWith(known, at + begin.length));
    if (label === undefined || (lineAt > from && text[lineAt - 1] !== "\n")) continue;
    return { label, prefix: text.slice(lineAt, dashesAt), end: skipDashes(text, at + begin.length + label.length) };
  }
  return undefined;
}

const begin = "BEGIN PGP ";

function skipDashes(text: string, from: number): number {
  let at = from;
  while (text[at] === "-") at++;
  return at;
}

/** A cleartext signed message: the text, with line ends and dashes as they are signed, and what is behind it. */
export interface Cleartext {
  readonly content: Uint8Array;
  /** The packets of the signatures. */
  readonly signatures: Uint8Array;
}

const cleartextLabel = "SIGNED MESSAGE";

/** Armour is looked for in the octets, each a character: of a file with many blocks the text is made once. */
export function armorText(file: Uint8Array): string {
  return Buffer.from(file.buffer, file.byteOffset, file.length).toString("latin1");
}

/** Takes the first armoured block from there out of a text that is no cleartext signed message. */
export function sequoiaDearmor(text: string, from = 0): Dearmored | ArmorFault {
  let heading = findHeading(text, from);
  while (heading?.label === cleartextLabel) heading = findHeading(text, heading.end);
  return heading === undefined ? "none" : readBlock(text, heading);
}

/**
 * Takes a cleartext signed message apart; `none` if the first heading is another. sequoia-openpgp: armor.rs
 * Reader::read_clearsigned_message.
 */
export function readCleartext(text: string, budget: WorkBudget): Cleartext | ArmorFault {
  const heading = findHeading(text, 0);
  if (heading?.label !== cleartextLabel) return "none";
  const { prefix } = heading;
  let at = skipHeaders(text, heading);
  const content: string[] = [];
  while (at !== undefined && at < text.length && budget.spend(cost.line)) {
    const newline = text.indexOf("\n", at);
    const stop = newline === -1 ? text.length : newline + 1;
    const start = skipPrefix(text, at, prefix);
    if (start === undefined) return "malformed";
    const line = text.slice(Math.min(start, stop), stop);
    if (/^---+BEGIN PGP SIGNATURE/.test(line)) {
      const block = readBlock(text, { label: "SIGNATURE", prefix, end: stop }, true);
      const signed = content.join("").replace(/\r?\n$/, "");
      return typeof block === "string" ? block : { content: Buffer.from(signed, "latin1"), signatures: block.octets };
    }
    const end = line.endsWith("\r\n") ? "\r\n" : "\n";
    const bare = line.slice(0, -end.length).replace(/^- /, "");
    content.push(withoutBlanks(bare), end);
    at = stop;
  }
  return "malformed";
}

/** Without blanks at its end. A regular expression would look at each run of blanks again from every one of them. */
function withoutBlanks(line: string): string {
  let end = line.length;
  while (line[end - 1] === " " || line[end - 1] === "\t") end--;
  return line.slice(0, end);
}

/**
 * The octets of a block. A checksum does not matter, the last line does. sequoia-openpgp: armor.rs Reader::read_headers,
 * read_armored_data.
 *
 * @param isBehindLine `heading.end` is where the line with the heading ends
 */
function readBlock(text: string, heading: Heading, isBehindLine = false): Dearmored | "malformed" {
  const body = skipHeaders(text, heading, isBehindLine);
  if (body === undefined) return "malformed";
  const { base64, end } = readBase64(text, body, heading.prefix);
  const footer = skipChecksum(text, end, heading.prefix);
  const last = footerEnd(text, footer, heading.label);
  return last === undefined ? "malformed" : { octets: Buffer.from(base64, "base64"), end: last };
}

/** Goes over `Name: value` lines and the empty line behind them. */
function skipHeaders(text: string, { prefix, end }: Heading, isBehindLine = false): number | undefined {
  let at = end;
  while (!isBehindLine && at < text.length && " \t\r\n\f".includes(text[at] ?? "x")) {
    at++;
    if (text[at - 1] === "\n") break;
  }
  for (let line = 1; ; line++) {
    const start = skipPrefix(text, at, prefix);
    if (start === undefined) return undefined;
    const newline = text.indexOf("\n", start);
    const stop = newline === -1 ? text.length : newline + 1;
    // Lines that are not UTF-8 are stepped over.
    const content = utf8(text.slice(start, stop).replace(/\r?\n$/, ""));
    if (content !== undefined && /^\p{White_Space}*$/u.test(content)) return stop;
    if (content?.includes(": ") === false && line === 1) return at;
    if (newline === -1) return undefined;
    at = stop;
  }
}

function utf8(latin1: string): string | undefined {
  const octets = Buffer.from(latin1, "latin1");
  return isUtf8(octets) ? octets.toString("utf8") : undefined;
}

/** A prefix may be cut short where only white space is missing. */
function skipPrefix(text: string, at: number, prefix: string): number | undefined {
  if (text.startsWith(prefix, at)) return at + prefix.length;
  let common = 0;
  while (common < prefix.length && text[at + common] === prefix[common]) common++;
  return prefix.slice(common).trim() === "" ? at + common : undefined;
}

/** The radix-64 letters up to what is none of it; a last group that is not whole counts for nothing. */
function readBase64(text: string, from: number, prefix: string): { readonly base64: string; readonly end: number } {
  // Not a list of letters, which would take eight times the text.
  let letters = Buffer.alloc(4096);
  let length = 0;
  let padding = 0;
  let end = from;
  let at = from + (text.startsWith(prefix, from) ? prefix.length : 0);
  for (; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === "\n") {
      at += text.startsWith(prefix, at + 1) ? prefix.length : 0;
      continue;
    }
    if (" \t\r\f".includes(character)) continue;
    if (padding > 0 && length % 4 === 0) break;
    if (character === "=") {
      if (padding === 2 || length % 4 === 0) break;
      padding++;
    } else if (padding > 0 || !/[A-Za-z0-9+/]/.test(character)) break;
    if (length === letters.length) letters = Buffer.concat([letters, letters]);
    letters[length++] = text.charCodeAt(at);
    if (length % 4 === 0) end = at + 1;
  }
  return { base64: letters.toString("latin1", 0, length - (length % 4)), end };
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && " \t\r\n\f".includes(text[at] ?? "x")) at++;
  return at;
}

function skipChecksum(text: string, from: number, prefix: string): number {
  let at = skipBlanks(text, from);
  if (text.startsWith(prefix, at)) at += prefix.length;
  if (/^=[A-Za-z0-9+/]{4}/.test(text.slice(at, at + 5))) at += 5;
  at = skipBlanks(text, at);
  if (text.startsWith(prefix, at)) at += prefix.length;
  return skipBlanks(text, at);
}

function footerEnd(text: string, from: number, label: string): number | undefined {
  const at = skipDashes(text, from);
  const end = `END PGP ${label}`;
  return text.startsWith(end, at) ? skipDashes(text, at + end.length) : undefined;
}
