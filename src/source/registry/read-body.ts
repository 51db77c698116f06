import { HttpBroken, type HttpFailure, type HttpResponse } from "../../host/http/exchange.ts";
import { fail, ok, type Result } from "../../result.ts";

/** Why a body could not be had: it broke off, or is larger than what it may be. */
export type BodyProblem = HttpFailure | { readonly kind: "too-large"; readonly maxBytes: number };

/** Reads a short body: no more of it than one byte too much, and no longer than it may take. */
export async function readBody(
  { body, bodySeconds }: Pick<HttpResponse, "body" | "bodySeconds">,
  maxBytes: number,
): Promise<Result<Uint8Array, BodyProblem>> {
  const pieces: Uint8Array[] = [];
  const end = performance.now() + bodySeconds * 1000;
  let length = 0;
  try {
    for await (const piece of body) {
      if (performance.now() > end) return fail({ kind: "timeout", phase: "body", seconds: bodySeconds });
      length += piece.length;
      if (length > maxBytes) return fail({ kind: "too-large", maxBytes });
      pieces.push(piece);
    }
  } catch (error) {
    if (error instanceof HttpBroken) return fail(error.failure);
    throw error;
  }
  return ok(Buffer.concat(pieces, length));
}
