/**
 * Waits.
 *
 * @throws the signal's reason where that ends it.
 */
export function sleep(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    };
    const timer = setTimeout(() => {
      end();
      resolve();
    }, seconds * 1000);
    const stop = (): void => {
      end();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", stop, { once: true });
  });
}
