import { type Profiler, Session } from "node:inspector";

/** Which blocks of the sources have run, by V8's own count. */
export class Coverage {
  readonly #session = new Session();
  readonly #seen = new Set<string>();

  constructor() {
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  get size(): number {
    return this.#seen.size;
  }

  /** Whether a block has run since the last call that never had before. Takes some milliseconds. */
  isNew(): boolean {
    let grown = false;
    // In the same thread the answer comes before `post` returns.
    this.#session.post("Profiler.takePreciseCoverage", (error, { result }) => {
      if (error !== null) throw error;
      for (const script of result) {
        if (script.url.includes("/src/")) grown = this.#add(script) || grown;
      }
    });
    return grown;
  }

  #add({ scriptId, functions }: Profiler.ScriptCoverage): boolean {
    const before = this.#seen.size;
    for (const { ranges } of functions) {
      for (const { startOffset, endOffset, count } of ranges) {
        if (count > 0) this.#seen.add(`${scriptId} ${startOffset} ${endOffset}`);
      }
    }
    return this.#seen.size > before;
  }
}
