/** What a service has done since it started. */
export interface Metrics {
  readonly calls: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Calls that were answered with an error. */
  readonly errors: number;
  /** Of the time that recent verdicts took; `undefined` before the first. */
  readonly p50Microseconds: number | undefined;
  readonly p99Microseconds: number | undefined;
}

/** How many of the last verdicts the percentiles are of. */
const recentVerdicts = 1024;

/** Counts, in constant memory. */
export class Meter {
  readonly #counts = { calls: 0, accepted: 0, rejected: 0, errors: 0 };
  readonly #recent = new Float64Array(recentVerdicts);
  #verdicts = 0;

  count(what: "calls" | "errors"): void {
    this.#counts[what] += 1;
  }

  verdict(outcome: "accepted" | "rejected", milliseconds: number): void {
    this.#counts[outcome] += 1;
    this.#recent[this.#verdicts % recentVerdicts] = milliseconds * 1000;
    this.#verdicts += 1;
  }

  get metrics(): Metrics {
    const sorted = this.#recent.slice(0, Math.min(this.#verdicts, recentVerdicts)).sort();
    const at = (share: number): number | undefined => {
      const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
      return value === undefined ? undefined : Math.round(value);
    };
    return { ...this.#counts, p50Microseconds: at(0.5), p99Microseconds: at(0.99) };
  }
}
