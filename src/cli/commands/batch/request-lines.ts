import type { Input, InputProblem } from "../../../host/standard-input.ts";
import { maxRequestLineBytes } from "../../../limits.ts";
import { ok, type Result } from "../../../result.ts";

/** Lines that are judged and printed together; few, so that several threads get their share of a small input. */
const maxBlockLines = 64;

const newline = 0x0a;

/**
 * Cuts a stream into lines, and hands on at once what has arrived: some whole lines at a time, without their newlines. What
 * follows the last newline is a line as well, unless the input broke off there, which is told last. Blank lines are left out. Of a line that is too long, no more is kept than shows that.
 */
export async function* lineBlocks(input: Input): AsyncGenerator<Result<readonly Uint8Array[], InputProblem>> {
  let begun: Uint8Array[] = [];
  let begunBytes = 0;
  for await (const piece of input) {
    if (!piece.ok) {
      yield piece;
      return;
    }
    const chunk = piece.value;
    let block: Uint8Array[] = [];
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      const line = join(begun, chunk.subarray(start, end));
      if (!isBlank(line)) block.push(line);
      begun = [];
      begunBytes = 0;
      start = end + 1;
      if (block.length === maxBlockLines) {
        yield ok(block);
        block = [];
      }
    }
    if (block.length > 0) yield ok(block);
    const rest = chunk.subarray(start, start + Math.max(0, maxRequestLineBytes + 1 - begunBytes));
    if (rest.length > 0) begun.push(rest);
    begunBytes += rest.length;
  }
  const last = join(begun, new Uint8Array());
  if (!isBlank(last)) yield ok([last]);
}

function join(begun: readonly Uint8Array[], last: Uint8Array): Uint8Array {
  return begun.length === 0 ? last : Buffer.concat([...begun, last]).subarray(0, maxRequestLineBytes + 1);
}

/** Of nothing but blanks, tabs and the carriage return of a foreign line end. */
function isBlank(line: Uint8Array): boolean {
  return line.every((octet) => octet === 0x20 || octet === 0x09 || octet === 0x0d);
}
