import type { TimeAllowance } from "../../host/time-allowance.ts";
import { BlobBroken } from "../../image/blob-broken.ts";
import { minBlobBytesPerSecond } from "../../limits.ts";
import { ok, type Result } from "../../result.ts";
import { withinTime } from "./within-time.ts";

type Piece = Result<IteratorResult<Uint8Array>, never>;

/**
 * The content of a blob, as long as the time of its image is not over. What comes lengthens that: a large image takes what it takes.
 *
 * @param from who sends it
 */
export async function* pacedContent(
  content: AsyncGenerator<Uint8Array>,
  time: TimeAllowance,
  from: string,
): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const next = await withinTime(time, from, async (): Promise<Piece> => ok(await content.next()));
      if (!next.ok) throw new BlobBroken(next.problem);
      if (next.value.done === true) return;
      time.extend(next.value.value.length / minBlobBytesPerSecond);
      yield next.value.value;
    }
  } finally {
    const ended = content.return(undefined);
    // What is still waited for then ends when it ends.
    if (time.signal.aborted) ended.catch(() => {});
    else await ended;
  }
}
