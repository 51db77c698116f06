import { setImmediate as nextTurn } from "node:timers/promises";

/** So many in a row may find something at once: a peer that sends without end must not keep others from their turn. */
const maxInARow = 16;

/** Whoever never has to wait lets the event loop turn now and then. */
export class FairTurns {
  #inARow = 0;

  /** To be called before something is tried. */
  async next(): Promise<void> {
    this.#inARow += 1;
    if (this.#inARow <= maxInARow) return;
    this.#inARow = 0;
    await nextTurn();
  }

  /** To be called by whoever had to wait. */
  waited(): void {
    this.#inARow = 0;
  }
}
