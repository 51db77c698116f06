import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { lineBlocks } from "../../../../src/cli/commands/batch/request-lines.ts";
import type { Input } from "../../../../src/host/standard-input.ts";
import { maxRequestLineBytes } from "../../../../src/limits.ts";
import { fail, ok } from "../../../../src/result.ts";

async function linesOf(chunks: Iterable<Uint8Array>, reason?: string): Promise<string[]> {
  const lines: string[] = [];
  const input = (async function* (): Input {
    for (const chunk of chunks) yield ok(chunk);
    if (reason !== undefined) yield fail({ reason });
  })();
  for await (const block of lineBlocks(input)) {
    if (block.ok) for (const line of block.value) lines.push(Buffer.from(line).toString("latin1"));
    else lines.push(`broken off: ${block.problem.reason}`);
  }
  return lines;
}

describe("lineBlocks", () => {
  const rows: readonly { chunks: readonly string[]; expected: readonly string[] }[] = [
    { chunks: [], expected: [] },
    { chunks: [""], expected: [] },
    { chunks: ["a"], expected: ["a"] },
    { chunks: ["a\n"], expected: ["a"] },
    { chunks: ["a\n\n"], expected: ["a"] },
    { chunks: ["\na"], expected: ["a"] },
    { chunks: [" \t\r\n", "\r\n", " a\n", " "], expected: [" a"] },
    { chunks: ["\u00a0\n"], expected: ["\u00c2\u00a0"] },
    { chunks: ["a\r\nb"], expected: ["a\r", "b"] },
    { chunks: ["a", "b", "\n", "c"], expected: ["ab", "c"] },
  ];
  for (const { chunks, expected } of rows) {
    it(JSON.stringify(chunks), async () => {
      assert.deepEqual(await linesOf(chunks.map((chunk) => Buffer.from(chunk))), expected);
    });
  }

  it("tells last that the input broke off, and takes no half line for a whole one", async () => {
    assert.deepEqual(await linesOf([Buffer.from("a\nb")], "EIO"), ["a", "broken off: EIO"]);
  });

  it("does not depend on how the input arrives", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: fc.constantFrom("a", "\n") })), async (chunks) => {
        const whole = chunks.join("");
        const expected = whole.split("\n").filter((line) => line !== "");
        assert.deepEqual(await linesOf(chunks.map((chunk) => Buffer.from(chunk))), expected);
      }),
    );
  });

  it("keeps of a line that is too long only so much that this can be seen", async () => {
    const chunk = Buffer.alloc(1024 * 1024, "x");
    const lines = await linesOf([...Array.from({ length: 40 }, () => chunk), Buffer.from("x\nnext\n")]);
    assert.deepEqual(
      lines.map((line) => line.length),
      [maxRequestLineBytes + 1, 4],
    );
  });

  it("takes a line of exactly the bound whole", async () => {
    const lines = await linesOf([Buffer.alloc(maxRequestLineBytes, "x"), Buffer.from("\n")]);
    assert.deepEqual(
      lines.map((line) => line.length),
      [maxRequestLineBytes],
    );
  });
});
