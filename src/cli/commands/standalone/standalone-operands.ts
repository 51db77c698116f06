import { type Warn, warner } from "../../../host/file-warning.ts";
import { type OperandProblem, readOperandFile, readOperandStream } from "../../../host/operand-file.ts";
import type { ImageProblem } from "../../../image/problem.ts";
import { maxManifestBytes, maxSignatureBytes, maxTrustFileBytes } from "../../../limits.ts";
import { fail, ok, type Result } from "../../../result.ts";
import type { Io } from "../../io.ts";

/** The manifest in a file, or of standard input if that is named `-`. */
export async function readManifestOperand(path: string, io: Io): Promise<Result<Uint8Array, ImageProblem>> {
  const isStream = path === "-";
  const read = isStream
    ? await readOperandStream(io.stdin(), maxManifestBytes)
    : readOperandFile(path, maxManifestBytes);
  if (read.ok) return read;
  return fail(
    read.problem.kind === "too-large"
      ? { code: "image.manifest.too-large", maxBytes: maxManifestBytes }
      : unreadable(isStream ? "standard input" : path, read.problem),
  );
}

/** A signature in a file. */
export function readSignatureOperand(path: string): Result<Uint8Array, ImageProblem> {
  const read = readOperandFile(path, maxSignatureBytes);
  if (read.ok) return ok(read.value);
  return fail(
    read.problem.kind === "too-large"
      ? { code: "image.signature.too-large", name: path, maxBytes: maxSignatureBytes }
      : unreadable(path, read.problem),
  );
}

/** Public keys in a file. */
export function readKeysOperand(path: string, warn: Warn): Result<Uint8Array, OperandProblem> {
  return readOperandFile(path, maxTrustFileBytes, warner(path, warn));
}

function unreadable(name: string, { reason }: Extract<OperandProblem, { kind: "unreadable" }>): ImageProblem {
  return { code: "image.file.unreadable", name, reason };
}
