import { decodeBase64AsGo } from "./base64.ts";

/** One PEM block. `type` is what stands between `BEGIN ` and the dashes, as Latin-1 (it is only ever compared). */
export interface PemBlock {
  readonly type: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly bytes: Uint8Array;
  /** What follows the line of the END marker. */
  readonly rest: Uint8Array;
}

const begin = Buffer.from("-----BEGIN ");
const end = Buffer.from("\n-----END ");
const dashes = "-----";
const newline = 0x0a;

/**
 * The first PEM block in `text`, as Go's `encoding/pem.Decode` finds it: text around it is skipped, headers are
 * taken, a broken block is passed over in favour of a later one. `undefined` if there is none.
 *
 * Time is linear in the length of `text`: each attempt goes on behind the END marker of the one before.
 */
export function decodePemBlock(text: Uint8Array): PemBlock | undefined {
  const data = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  let searchFrom = 0;
  for (;;) {
    const endAt = data.indexOf(end, searchFrom);
    if (endAt < 0) return undefined;
    const afterEnd = endAt + end.length;
    const attempt = readBlock(data, { searchFrom, endAt, afterEnd });
    if (attempt === "none") return undefined;
    if (attempt !== "broken") return attempt;
    searchFrom = afterEnd;
  }
}

interface Marks {
  readonly searchFrom: number;
  readonly endAt: number;
  readonly afterEnd: number;
}

/** `broken`: look behind this END for another block; `none`: there is no block at all. */
function readBlock(data: Buffer, marks: Marks): PemBlock | "broken" | "none" {
  const { searchFrom, endAt, afterEnd } = marks;
  // The last BEGIN before the END counts, so that a BEGIN without an END does not swallow the block after it.
  const beginAt = data.subarray(searchFrom, endAt).lastIndexOf(begin);
  // At the very start of what is searched no newline is needed; that can also be just behind another END marker.
  if (beginAt < 0 || (beginAt > 0 && data[searchFrom + beginAt - 1] !== newline)) return "broken";
  const typeLine = readLine(data, searchFrom + beginAt + begin.length);
  if (!typeLine.text.endsWith(dashes)) return "broken";
  const type = typeLine.text.slice(0, -dashes.length);

  const headers = new Map<string, string>();
  let bodyAt = typeLine.next;
  for (;;) {
    if (bodyAt >= data.length) return "none";
    const line = readLine(data, bodyAt);
    const colon = line.text.indexOf(":");
    if (colon < 0) break;
    headers.set(line.text.slice(0, colon).trim(), line.text.slice(colon + 1).trim());
    bodyAt = line.next;
  }
  // Go gives up, rather than looking further, where the "headers" ran past the END marker altogether.
  if (headers.size > 0 && endAt < bodyAt) return afterEnd < bodyAt ? "none" : "broken";

  const typeEnd = afterEnd + type.length;
  if (data.toString("latin1", afterEnd, typeEnd + dashes.length) !== type + dashes) return "broken";
  if (readLine(data, typeEnd + dashes.length).text !== "") return "broken";

  // An empty block has its END right behind BEGIN's line: the newline belongs to both markers.
  const bytes = endAt > bodyAt ? decodeBody(data.toString("latin1", bodyAt, endAt)) : new Uint8Array();
  if (bytes === undefined) return "broken";
  return { type, headers, bytes, rest: data.subarray(readLine(data, afterEnd).next) };
}

function decodeBody(body: string): Uint8Array | undefined {
  return decodeBase64AsGo(body.replaceAll(/[ \t]/g, ""));
}

/** The line at `at` without its end (`\n` or `\r\n`) and without trailing blanks, and where the next one starts. */
function readLine(data: Buffer, at: number): { readonly text: string; readonly next: number } {
  const found = data.indexOf(newline, at);
  const next = found < 0 ? data.length : found + 1;
  let stop = found < 0 ? data.length : found;
  if (found > at && data[found - 1] === 0x0d) stop -= 1;
  while (stop > at && (data[stop - 1] === 0x20 || data[stop - 1] === 0x09)) stop -= 1;
  return { text: data.toString("latin1", at, stop), next };
}
