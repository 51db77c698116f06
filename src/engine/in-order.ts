import { unlessAborted } from "./unless-aborted.ts";

/**
 * Does something for many, in the order in which they come. No more than `concurrency` are taken at a time and not yet handed over; each
 * result is handed over as soon as it is there, so that the next request may be made of it.
 *
 * @throws the signal's reason once it is aborted; what the work throws; what `requests` throws, after the results of those before.
 */
export async function* inOrder<R, T>(
  requests: Iterable<R> | AsyncIterable<R>,
  { concurrency, signal }: { readonly concurrency: number; readonly signal: AbortSignal | undefined },
  work: (request: R) => Promise<T>,
): AsyncGenerator<T> {
  if (!Number.isInteger(concurrency) || concurrency < 1) throw new TypeError("concurrency is not a number from 1 on");
  const source = Symbol.asyncIterator in requests ? requests[Symbol.asyncIterator]() : requests[Symbol.iterator]();
  const atWork: Promise<{ readonly result: T }>[] = [];
  /** Asked for, and not there yet. */
  let next: Promise<Taken<R>> | undefined;
  let end: { readonly failure?: unknown } | undefined;
  try {
    for (;;) {
      if (end === undefined && atWork.length < concurrency) next ??= take(source);
      const [first] = atWork;
      const awaited = [first, next].filter((promise) => promise !== undefined);
      if (awaited.length === 0) break;
      const done = await unlessAborted<{ readonly result: T } | Taken<R>>(signal, () => Promise.race(awaited));
      if ("result" in done) {
        atWork.shift();
        yield done.result;
        continue;
      }
      next = undefined;
      if ("request" in done) atWork.push(unheard(work(done.request).then((result) => ({ result }))));
      else end = done;
    }
    if (end !== undefined && "failure" in end) throw end.failure;
  } finally {
    if (end === undefined) {
      const closed = unheard(Promise.resolve(source.return?.()));
      // A generator is not closed before it gives what was asked of it, which may be never.
      if (next === undefined) await closed;
    }
  }
}

type Taken<R> = { readonly request: R } | { readonly failure?: unknown };

/** The next request, or that there is none, for whatever reason. */
async function take<R>(source: Iterator<R> | AsyncIterator<R>): Promise<Taken<R>> {
  try {
    const { done, value } = await source.next();
    return done === true ? {} : { request: value };
  } catch (failure) {
    return { failure };
  }
}

/** It is awaited in its turn; until then, nobody else must hear of a failure. */
function unheard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
