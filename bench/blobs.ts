/**
 * How fast blobs are checked, beside sha256sum: `blobs.ts FILE [KIB...]`. Reads FILE in pieces of each size by each way of reading, and
 * prints MB per second, the best of three.
 */
import { execFileSync } from "node:child_process";
import { createReadStream, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { parseDigest } from "../src/encoding/digest.ts";
import { checkBlobs } from "../src/engine/check-blobs.ts";
import { ok } from "../src/result.ts";

const [file = "", ...sizes] = process.argv.slice(2);
const sizeBytes = statSync(file).size;
const digest = parseDigest(`sha256:${execFileSync("sha256sum", [file], { encoding: "utf8" }).slice(0, 64)}`);
if (digest === undefined) throw new Error("sha256sum said no digest");

await measure("sha256sum", () => void execFileSync("sha256sum", [file]));
for (const size of sizes.length > 0 ? sizes : ["64", "256", "1024"]) {
  const pieceBytes = Number(size) * 1024;
  await measure(`stream, ${size} KiB`, () => check(createReadStream(file, { highWaterMark: pieceBytes })));
  await measure(`read into one buffer, ${size} KiB`, () => check(intoOneBuffer(pieceBytes)));
  await measure(`read ahead into another, ${size} KiB`, () => check(readAhead(pieceBytes)));
}

async function* intoOneBuffer(pieceBytes: number): AsyncGenerator<Uint8Array> {
  const handle = await open(file);
  const buffer = Buffer.allocUnsafeSlow(pieceBytes);
  try {
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, pieceBytes, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** The next piece is read while this one is hashed. */
async function* readAhead(pieceBytes: number): AsyncGenerator<Uint8Array> {
  const handle = await open(file);
  let [buffer, other] = [Buffer.allocUnsafeSlow(pieceBytes), Buffer.allocUnsafeSlow(pieceBytes)];
  try {
    let pending = handle.read(buffer, 0, pieceBytes, null);
    for (;;) {
      const { bytesRead } = await pending;
      if (bytesRead === 0) return;
      pending = handle.read(other, 0, pieceBytes, null);
      yield buffer.subarray(0, bytesRead);
      [buffer, other] = [other, buffer];
    }
  } finally {
    await handle.close();
  }
}

async function check(content: AsyncIterable<Uint8Array>): Promise<void> {
  if (digest === undefined) return;
  const blobs = [{ digest, sizeBytes, isForeign: false, untrustedUrls: [] }];
  const result = await checkBlobs({ blob: () => ok({ sizeBytes, content }) }, blobs);
  if (!result.ok || result.value.corrupt.length > 0) throw new Error("the file was not found right");
}

async function measure(name: string, run: () => void | Promise<void>): Promise<void> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const before = performance.now();
    await run();
    best = Math.min(best, performance.now() - before);
  }
  console.log(`${name}: ${Math.round(sizeBytes / 1000 / best)} MB/s`);
}
