/**
 * How long an archive takes, and how much memory: opens an oci-archive of SIZE megabytes (2000) that has one blob, and hashes the
 * blob, beside sha256sum of the same bytes. With `gzip`, the archive is compressed.
 *
 *     node bench/archive.ts [SIZE] [gzip]
 */
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openOciArchive } from "../src/source/archive/oci-archive.ts";
import { tarEnd, tarEntry } from "../test/support/tar.ts";

const [megabytes = "2000", form = ""] = process.argv.slice(2);
const size = Number(megabytes) * 1_000_000;
const name = "blobs/sha256/blob";

const directory = mkdtempSync(join(tmpdir(), "sealcheck-bench-"));
try {
  const path = join(directory, "archive.tar");
  makeArchive(path);
  if (form === "gzip") execFileSync("gzip", ["-1", path]);
  await measure(form === "gzip" ? `${path}.gz` : path);
} finally {
  rmSync(directory, { recursive: true });
}

function makeArchive(path: string): void {
  const piece = randomBytes(1_000_000);
  const file = openSync(path, "w");
  // A header with the size, and no content yet.
  writeSync(file, tarEntry({ name, size }));
  for (let done = 0; done < size; done += piece.length) writeSync(file, piece);
  writeSync(file, Buffer.alloc(-size & 511));
  writeSync(file, tarEntry({ name: "index.json", content: "{}" }));
  writeSync(file, tarEnd);
  closeSync(file);
}

async function measure(path: string): Promise<void> {
  const seconds = (since: number) => (performance.now() - since) / 1000;
  const said = (what: string, took: number) =>
    console.log(`${what}: ${took.toFixed(2)} s, ${(size / took / 1e9).toFixed(2)} GB/s`);
  // What it was made of is in the cache, but for gzip's input.
  const sum = performance.now();
  const command = path.endsWith(".gz") ? `gzip -dc "${path}" | sha256sum` : `sha256sum "${path}"`;
  execFileSync("sh", ["-c", command]);
  said(path.endsWith(".gz") ? "gzip -dc | sha256sum" : "sha256sum", seconds(sum));

  console.log(`memory before: ${peakMegabytes()} MB`);
  const begin = performance.now();
  const files = await openOciArchive(path);
  if (!files.ok) throw new Error(files.problem.code);
  console.log(`opened: ${(seconds(begin) * 1000).toFixed(0)} ms`);
  const hashing = performance.now();
  const blob = await files.value.blob(name);
  if (!blob.ok) throw new Error(blob.problem.kind);
  const hash = createHash("sha256");
  let count = 0;
  for await (const piece of blob.value.content) {
    hash.update(piece);
    count += piece.length;
  }
  hash.digest();
  if (count !== size) throw new Error(`${count} bytes`);
  said("blob", seconds(hashing));
  await files.value.close();
  console.log(`memory at most: ${peakMegabytes()} MB`);
}

/** proc(5): VmHWM. */
function peakMegabytes(): number {
  const kibibytes = /VmHWM:\s+([0-9]+) kB/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  return Math.round((Number(kibibytes) * 1024) / 1e6);
}
