import { maxRunAhead, maxRunAheadBytes } from "../limits.ts";
import { HostQueue, type QueueBounds, type Turn } from "./host-queue.ts";
import { inOrder } from "./in-order.ts";

export interface ByHostBounds<T> extends QueueBounds {
  /** What a result takes while it waits for those before it, about. */
  readonly bytesOf: (result: T) => number;
  readonly signal?: AbortSignal | undefined;
  /** {@link maxRunAhead} and {@link maxRunAheadBytes} unless given. */
  readonly ahead?: number;
  readonly aheadBytes?: number;
}

/**
 * Judges items of many hosts, so that one that is slow, broken or throttles does not hold up the others, and hands the results over in the
 * order of the items. How far others run ahead of a slow one is bounded: by `ahead` items, which are taken from `items` no sooner, and by the
 * size of the results that wait (and those of `total` that were under way by then).
 *
 * @param hostOf which host `judge` asks first, such as a mirror's; what is said of throttling is said of it.
 * @throws the signal's reason once it is aborted, and starts no more then; what `judge` throws, in its turn; what `items` throws, after the
 *   results of those before.
 */
export async function* inOrderByHost<I, T>(
  items: Iterable<I> | AsyncIterable<I>,
  hostOf: (item: I) => string,
  judge: (item: I, turn: Turn) => Promise<T>,
  bounds: ByHostBounds<T>,
): AsyncGenerator<{ readonly item: I; readonly result: T }> {
  const { perHost, total, bytesOf, signal, ahead = maxRunAhead, aheadBytes = maxRunAheadBytes } = bounds;
  let taken = 0;
  let handedOver = 0;
  let heldBytes = 0;
  const queue = new HostQueue({ perHost, total }, () => {
    if (signal?.aborted === true) return { kind: "none" };
    return heldBytes < aheadBytes ? { kind: "any" } : { kind: "only", order: handedOver };
  });
  const judgeInTurn = async (item: I) => {
    const order = taken;
    taken += 1;
    const judged = await queue.run(hostOf(item), order, async (turn) => {
      const result = await judge(item, turn);
      const bytes = bytesOf(result);
      heldBytes += bytes;
      return { result, bytes };
    });
    return { item, ...judged };
  };
  try {
    for await (const { item, result, bytes } of inOrder(items, { concurrency: ahead, signal }, judgeInTurn)) {
      heldBytes -= bytes;
      handedOver += 1;
      queue.startMore();
      yield { item, result };
    }
  } finally {
    queue.stop();
  }
}
