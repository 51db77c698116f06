import { maxTrustFileBytes } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import { readBoundedFile } from "./bounded-file.ts";
import { type Warn, warner } from "./file-warning.ts";
import { reasonOf } from "./system-error.ts";

/** Why a key or certificate file cannot be had. */
export type UnreadableTrustFile =
  | { readonly kind: "too-large" }
  | { readonly kind: "unreadable"; readonly reason: string; readonly isDirectory?: boolean };

/**
 * Reads a key or certificate file that a policy names. Links are followed, as the administrator set them.
 *
 * @param userId for whom to warn, if not for the user who runs this process.
 */
export function readTrustFile(path: string, warn: Warn, userId?: number): Result<Uint8Array, UnreadableTrustFile> {
  const content = readBoundedFile(path, {
    maxBytes: maxTrustFileBytes,
    followLinks: true,
    inspect: warner(path, warn, userId),
  });
  if (content.ok) return ok(content.value);
  const { problem } = content;
  switch (problem.kind) {
    case "missing":
      return unreadable(reasonOf("ENOENT"));
    case "too-large":
      return fail({ kind: "too-large" });
    case "system":
      return unreadable(reasonOf(problem.errno));
    default:
      if (problem.kind === "special" && problem.isDirectory) {
        return fail({ kind: "unreadable", reason: reasonOf("EISDIR"), isDirectory: true });
      }
      return unreadable("not a regular file");
  }
}

function unreadable(reason: string): Result<never, UnreadableTrustFile> {
  return fail({ kind: "unreadable", reason });
}
