import type { ImageProblem } from "../../image/problem.ts";
import { maxSignatureBytes, maxSignatures, maxSignaturesBytes } from "../../limits.ts";

/** Signatures in the order in which they are judged, within what an image may have of them. */
export class SignatureList {
  readonly #signatures: Uint8Array[] = [];
  #bytes = 0;

  get signatures(): readonly Uint8Array[] {
    return this.#signatures;
  }

  /** Adds one at the end; or says why there are too many, or they are too large. */
  add(signature: Uint8Array): ImageProblem | undefined {
    if (this.#signatures.length === maxSignatures) return { code: "image.signature.too-many", maxCount: maxSignatures };
    const maxBytes = Math.min(maxSignatureBytes, maxSignaturesBytes - this.#bytes);
    if (signature.length > maxBytes) {
      return { code: "image.signature.too-large", name: `signature-${this.#signatures.length + 1}`, maxBytes };
    }
    this.#signatures.push(signature);
    this.#bytes += signature.length;
    return undefined;
  }
}
