import { type Digest, digestText } from "../../encoding/digest.ts";
import { HttpBroken } from "../../host/http/exchange.ts";
import type { Answer, Endpoint } from "./endpoint.ts";

/** What must have come before it is worth going on (docker/body_reader.go `bodyReaderMinimumProgress`). */
const minProgressBytes = 1024 * 1024;

/** A blob of any size goes on so often at most: a server that breaks off each mebibyte would take days. */
const maxResumptions = 100;

/**
 * The content of a blob; where it breaks off after some progress, it is asked for from there on (docker/body_reader.go). What comes is
 * compared with the digest by whoever reads it, so a server that goes on with something else gains nothing.
 */
export async function* contentOf(
  endpoint: Endpoint,
  first: Answer,
  digest: Digest,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  let { response } = first;
  // What is counted is what was unpacked, and a range is of what is sent.
  const canResume = response.header("content-encoding").length === 0;
  let offset = 0;
  let resumedAt = 0;
  for (let resumptions = 0; ; resumptions += 1) {
    try {
      for await (const piece of response.body) {
        offset += piece.length;
        yield piece;
      }
      return;
    } catch (error) {
      const isWorthIt = canResume && resumptions < maxResumptions && offset - resumedAt >= minProgressBytes;
      if (!(error instanceof HttpBroken) || !isWorthIt) throw told(error);
      resumedAt = offset;
      response = await resume(endpoint, digest, offset, signal, error);
    }
  }
}

async function resume(
  endpoint: Endpoint,
  digest: Digest,
  offset: number,
  signal: AbortSignal | undefined,
  cause: HttpBroken,
): Promise<Answer["response"]> {
  const range = { range: `bytes=${offset}-` };
  const answer = await endpoint.ask(`blobs/${digestText(digest)}`, { headers: range, expected: 206, signal });
  if (!answer.ok) throw told(cause);
  const { response } = answer.value;
  const [contentRange = ""] = response.header("content-range");
  const isRest = response.status === 206 && contentRange.startsWith(`bytes ${offset}-`);
  if (isRest && response.header("content-encoding").length === 0) return response;
  response.discard();
  throw told(cause);
}

/** As the port has it: the reason is the message. */
function told(error: unknown): unknown {
  if (!(error instanceof HttpBroken)) return error;
  const { failure } = error;
  switch (failure.kind) {
    case "timeout":
      return new Error(`nothing came for ${failure.seconds} seconds`);
    case "malformed":
      return new Error(failure.detail);
    default:
      return new Error(failure.reason);
  }
}
