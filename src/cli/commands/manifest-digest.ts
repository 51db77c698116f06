import { exitCodeOf } from "../../codes.ts";
import { digestText } from "../../encoding/digest.ts";
import { readManifest } from "../../image/manifest.ts";
import { operandProblemText } from "../../words/standalone-words.ts";
import { type Io, printText } from "../io.ts";
import { readManifestOperand } from "./standalone/standalone-operands.ts";

/**
 * Prints the digest that a manifest goes by.
 *
 * @returns the exit code.
 */
export async function manifestDigest(path: string, io: Io): Promise<number> {
  const manifest = await readManifestOperand(path, io);
  const digest = manifest.ok ? readManifest(manifest.value).comparableDigest : manifest;
  if (!digest.ok) {
    await io.stderr.write(`sealcheck: ${operandProblemText(digest.problem)}\n`);
    return exitCodeOf(digest.problem.code);
  }
  return printText(digestText(digest.value), io);
}
