import { type Digest, digestText } from "../../encoding/digest.ts";
import { HttpBroken } from "../../host/http/exchange.ts";
import { sleep } from "../../host/sleep.ts";
import type { Answer, Endpoint } from "./endpoint.ts";

/** What must have come, or how long it must have taken, since it was asked for again (docker/body_reader.go `errorIfNotReconnecting`). */
const minProgressBytes = 1024 * 1024;
const minMilliseconds = 60_000;

/** As the reference: so that not all come back at once. */
const pauseSeconds = 1;

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
  let last: { readonly offset: number; readonly at: number } | undefined;
  for (let resumptions = 0; ; resumptions += 1) {
    try {
      for await (const piece of response.body) {
        offset += piece.length;
        yield piece;
      }
      return;
    } catch (error) {
      const isWorthIt =
        last === undefined ||
        offset - last.offset >= minProgressBytes ||
        performance.now() - last.at >= minMilliseconds;
      const mayResume = canResume && resumptions < maxResumptions && isWorthIt;
      if (!(error instanceof HttpBroken) || error.failure.kind !== "unreachable" || !mayResume) throw error;
      await sleep(pauseSeconds, signal);
      last = { offset, at: performance.now() };
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
  if (!answer.ok) throw cause;
  const { response } = answer.value;
  const isRest = response.status === 206 && isRangeToEnd(response.header("content-range"), offset);
  if (isRest && response.header("content-encoding").length === 0) return response;
  response.discard();
  throw cause;
}

/** RFC 7233, 4.2: from here on, and all of it, if it says how much there is. */
function isRangeToEnd(headers: readonly string[], offset: number): boolean {
  const [, first, last, length] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(headers[0] ?? "") ?? [];
  if (headers.length !== 1 || Number(first) !== offset) return false;
  return length === "*" || Number(last) + 1 === Number(length);
}
