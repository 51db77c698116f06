import { maxTrustFileBytes } from "../limits.ts";
import { assertNever, type Eventually, errorText, fail, type Result } from "../result.ts";
import type { TrustContent, TrustProblem, TrustRole } from "../verdict/trust-problem.ts";

/** Why a file that the policy names cannot be had. */
type TrustFileProblem =
  | { readonly kind: "too-large" }
  | { readonly kind: "empty" }
  | { readonly kind: "unreadable"; readonly reason: string; readonly isDirectory?: boolean };

/** Reads a file that the policy names. What it throws makes the file an unreadable one. */
export type ReadTrustFile = (path: string) => Eventually<Result<Uint8Array, TrustFileProblem>>;

/** The bytes of a file that the policy names, or why there are none. */
export async function readTrust(readFile: ReadTrustFile, path: string): Promise<Result<Uint8Array, TrustProblem>> {
  const content = await readSafely(readFile, path);
  const tooLarge = { code: "policy.trust.too-large", source: path, maxBytes: maxTrustFileBytes } as const;
  if (content.ok) return content.value.length > maxTrustFileBytes ? fail(tooLarge) : content;
  const { problem } = content;
  switch (problem.kind) {
    case "too-large":
      return fail(tooLarge);
    case "empty":
      return fail({ code: "policy.trust.empty", source: path });
    case "unreadable": {
      const { reason, isDirectory } = problem;
      return fail({ code: "policy.trust.unreadable", source: path, reason, ...(isDirectory ? { isDirectory } : {}) });
    }
    default:
      return assertNever(problem);
  }
}

/** What is thrown is a failure to read. */
export async function readSafely(readFile: ReadTrustFile, path: string): Promise<Result<Uint8Array, TrustFileProblem>> {
  try {
    return await readFile(path);
  } catch (error) {
    return fail({ kind: "unreadable", reason: errorText(error) });
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
