import type { ImageProblem } from "../image/problem.ts";
import { maxSignatureBytes, maxSignatures } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import { parseSignatureBlob, type SignatureBlob } from "../signature/blob.ts";

/** A signature of the image, with the name it goes by in verdicts: `signature-1` is the first. */
export type NamedSignature = SignatureBlob & { readonly name: string };

/**
 * Parses all signatures of an image. One that cannot be parsed spoils them all, as in the reference: no requirement that
 * reads signatures can be met then.
 */
export function parseImageSignatures(blobs: readonly Uint8Array[]): Result<readonly NamedSignature[], ImageProblem> {
  if (blobs.length > maxSignatures) return fail({ code: "image.signature.too-many", maxCount: maxSignatures });
  const signatures: NamedSignature[] = [];
  for (const [index, blob] of blobs.entries()) {
    const name = `signature-${index + 1}`;
    if (blob.length > maxSignatureBytes) {
      return fail({ code: "image.signature.too-large", name, maxBytes: maxSignatureBytes });
    }
    const parsed = parseSignatureBlob(blob, name);
    if (!parsed.ok) return parsed;
    signatures.push({ ...parsed.value, name });
  }
  return ok(signatures);
}
