import { fail, ok, type Result } from "../result.ts";
import { later } from "./later.ts";

/** How long something may wait for others in all, however many waits there are; what it does meanwhile itself does not count. */
export class TimeAllowance {
  readonly seconds: number;
  readonly #outer: AbortSignal | undefined;
  readonly #controller = new AbortController();
  #leftMilliseconds: number;
  #waits = 0;
  #since = 0;
  #callOff: (() => void) | undefined;
  readonly #onOuter = (): void => this.#controller.abort(this.#outer?.reason);

  /** @param outer ends it as well */
  constructor(seconds: number, outer: AbortSignal | undefined) {
    this.seconds = seconds;
    this.#leftMilliseconds = seconds * 1000;
    this.#outer = outer;
  }

  /** Aborted once nothing is left, and, while something waits, by the outer signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  extend(seconds: number): void {
    this.#leftMilliseconds += seconds * 1000;
  }

  /**
   * Waits for some work no longer than is left; what comes of it after that, nobody hears.
   *
   * @throws the outer signal's reason once that is aborted.
   */
  async spend<T>(work: () => Promise<T>): Promise<Result<T, "spent">> {
    this.#outer?.throwIfAborted();
    if (this.signal.aborted) return fail("spent");
    let end: () => void = () => undefined;
    const ended = new Promise<never>((_, reject) => {
      end = () => reject(this.signal.reason);
      this.signal.addEventListener("abort", end);
    });
    this.#begin();
    try {
      return ok(await Promise.race([work(), ended]));
    } catch (error) {
      this.#outer?.throwIfAborted();
      if (this.signal.aborted) return fail("spent");
      throw error;
    } finally {
      this.#stop();
      this.signal.removeEventListener("abort", end);
    }
  }

  /** Waits beside each other count once. */
  #begin(): void {
    this.#waits += 1;
    if (this.#waits > 1) return;
    this.#outer?.addEventListener("abort", this.#onOuter);
    this.#since = performance.now();
    this.#watch();
  }

  #stop(): void {
    this.#waits -= 1;
    if (this.#waits > 0) return;
    this.#callOff?.();
    this.#count();
    this.#outer?.removeEventListener("abort", this.#onOuter);
  }

  #count(): void {
    const now = performance.now();
    this.#leftMilliseconds -= now - this.#since;
    this.#since = now;
  }

  /** It may be extended meanwhile, and a timer takes no more than 24 days. */
  #watch(): void {
    this.#callOff = later(Math.min(Math.max(this.#leftMilliseconds, 0), longestMilliseconds), () => {
      this.#count();
      if (this.#leftMilliseconds > 0) this.#watch();
      else this.#controller.abort(new Error("its time is over"));
    });
  }
}

const longestMilliseconds = 3_600_000;
