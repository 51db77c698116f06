import { maxTrustFileBytes } from "../limits.ts";
import { readBoundedFile } from "./bounded-file.ts";
import { type Warn, warner } from "./file-warning.ts";
import { reasonOf } from "./system-error.ts";

/**
 * Reads a key or certificate file that a policy names. Links are followed, as the administrator set them.
 *
 * @param userId for whom to warn, if not for the user who runs this process.
 * @throws Error whose message says why not, and whose `code` is one of {@link TrustFileError}'s.
 */
export function readTrustFile(path: string, warn: Warn, userId?: number): Uint8Array {
  const content = readBoundedFile(path, {
    maxBytes: maxTrustFileBytes,
    followLinks: true,
    inspect: warner(path, warn, userId),
  });
  if (content.ok) return content.value;
  const { problem } = content;
  switch (problem.kind) {
    case "missing":
      throw new TrustFileError("policy.trust.unreadable", reasonOf("ENOENT"));
    case "too-large":
      throw new TrustFileError("policy.trust.too-large", `larger than ${maxTrustFileBytes} bytes`);
    case "system":
      throw new TrustFileError("policy.trust.unreadable", reasonOf(problem.errno));
    default:
      if (problem.kind === "special" && problem.isDirectory) throw new TrustFileError("EISDIR", reasonOf("EISDIR"));
      throw new TrustFileError("policy.trust.unreadable", "not a regular file");
  }
}

/** Trust material that cannot be had; the message says why. */
export class TrustFileError extends Error {
  readonly code: "policy.trust.unreadable" | "policy.trust.too-large" | "policy.trust.empty" | "EISDIR";

  constructor(code: TrustFileError["code"], reason: string) {
    super(reason);
    this.code = code;
  }
}
