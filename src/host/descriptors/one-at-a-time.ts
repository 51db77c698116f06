/** Work of one kind that never overlaps: whoever starts it again too early has a bug. */
export class OneAtATime {
  readonly #what: string;
  #isBusy = false;

  /** @param what the method that it is for */
  constructor(what: string) {
    this.#what = what;
  }

  /** @throws if the last call has not ended. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isBusy) throw new Error(`two calls of ${this.#what} at a time`);
    this.#isBusy = true;
    try {
      return await work();
    } finally {
      this.#isBusy = false;
    }
  }
}
