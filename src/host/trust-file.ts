import { maxTrustFileBytes } from "../limits.ts";
import { readBoundedFile } from "./bounded-file.ts";
import { type Warn, warner } from "./file-warning.ts";
import { reasonOf } from "./system-error.ts";

/**
 * Reads a key or certificate file that a policy names. Links are followed, as the administrator set them.
 *
 * @throws Error whose message says why not, and whose `code` is `policy.trust.unreadable` or `policy.trust.too-large`.
 */
export function readTrustFile(path: string, warn: Warn): Uint8Array {
  const content = readBoundedFile(path, {
    maxBytes: maxTrustFileBytes,
    followLinks: true,
    inspect: warner(path, warn),
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
      throw new TrustFileError("policy.trust.unreadable", "not a regular file");
  }
}

/** Trust material that cannot be had; the message says why. */
export class TrustFileError extends Error {
  readonly code: "policy.trust.unreadable" | "policy.trust.too-large" | "policy.trust.empty";

  constructor(code: TrustFileError["code"], reason: string) {
    super(reason);
    this.code = code;
  }
}
