import { maxTrustFileBytes } from "../limits.ts";
import { errorText, fail, ok, type Result } from "../result.ts";
import type { TrustContent, TrustProblem, TrustRole } from "../verdict/trust-problem.ts";

/**
 * Reads a file that the policy names. May throw: the error's message becomes the reason, and its `code` the verdict's if
 * that is `policy.trust.too-large` or `policy.trust.empty`; `EISDIR` says that it is a directory.
 */
export type ReadTrustFile = (path: string) => Uint8Array | Promise<Uint8Array>;

/** The bytes of a file that the policy names, or why there are none. */
export async function readTrust(readFile: ReadTrustFile, path: string): Promise<Result<Uint8Array, TrustProblem>> {
  const tooLarge = { code: "policy.trust.too-large", source: path, maxBytes: maxTrustFileBytes } as const;
  try {
    const bytes = await readFile(path);
    return bytes.length > maxTrustFileBytes ? fail(tooLarge) : ok(bytes);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === tooLarge.code) return fail(tooLarge);
    if (code === "policy.trust.empty") return fail({ code, source: path });
    const reason = errorText(error);
    const isDirectory = code === "EISDIR";
    return fail({ code: "policy.trust.unreadable", source: path, reason, ...(isDirectory ? { isDirectory } : {}) });
  }
}

/** What bytes that cannot be used look like. Only then is it loaded. */
export async function lookAt(wanted: TrustRole, bytes: Uint8Array): Promise<TrustContent> {
  const { keyKindOf } = await import("../crypto/key-kind.ts");
  return { wanted, found: keyKindOf(bytes) };
}

/** Keys or certificates that cannot be used, with what they look like. */
export async function invalidTrust(
  { role, source, bytes }: { readonly role: TrustRole; readonly source: string; readonly bytes: Uint8Array },
  detail: string,
): Promise<Result<never, TrustProblem>> {
  return fail({ code: "policy.trust.invalid", source, detail, content: await lookAt(role, bytes) });
}
