import { maxSignatureBytes, maxSignatures } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import type { ImageProblem } from "./problem.ts";

/**
 * The signatures of an image that were sent as texts, in order. As of files, too many or one that is too large matter only to a requirement
 * that reads signatures.
 *
 * @param decode gives `undefined` for what is no such text; it is not asked if there are too many
 * @returns the place of the first text that is not one, from 0, if there is one.
 */
export function decodeSignatures<T>(
  untrusted: readonly T[],
  decode: (text: T) => Uint8Array | undefined,
): Result<Result<readonly Uint8Array[], ImageProblem>, number> {
  if (untrusted.length > maxSignatures) return ok(fail({ code: "image.signature.too-many", maxCount: maxSignatures }));
  const signatures: Uint8Array[] = [];
  for (const [at, text] of untrusted.entries()) {
    const bytes = decode(text);
    if (bytes === undefined) return fail(at);
    signatures.push(bytes);
  }
  const large = signatures.findIndex((signature) => signature.length > maxSignatureBytes);
  if (large === -1) return ok(ok(signatures));
  return ok(fail({ code: "image.signature.too-large", name: `signature-${large + 1}`, maxBytes: maxSignatureBytes }));
}
