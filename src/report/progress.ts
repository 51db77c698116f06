import {
  type CountedOutcome,
  outcomeCountText,
  type RunCounts,
  rateText,
  timeLeftText,
} from "../words/progress-words.ts";
import { plain } from "../words/quote.ts";

/** How far a run has come, shown to a person while it goes on. Why not a package: docs/decisions/0011-progress.md. */
export interface Progress {
  /** One more was judged. `reference` is named where there is a line for each. */
  done(outcome: CountedOutcome, reference: string): void;
  /**
   * Writes whole lines, to standard output for example, so that they stand above what is shown of the progress, if both are on one
   * terminal. False if they cannot be delivered.
   */
  printAbove(text: string, out: ProgressSink): Promise<boolean>;
  /** Takes away what is shown of it; also before the process is left because it was interrupted. */
  stop(): Promise<void>;
}

/** Where it is shown: standard error. */
export interface ProgressSink {
  write(text: string): Promise<boolean>;
}

export type ProgressForm =
  | { readonly kind: "none" }
  /** A line for each image. */
  | { readonly kind: "lines" }
  /** A bar, for a terminal. */
  | ({ readonly kind: "bar" } & BarSurroundings);

interface BarSurroundings {
  readonly columns: () => number;
  readonly colour: boolean;
  /** Unix seconds. */
  readonly now: () => number;
  /** Does something again and again, until what it gives is called. */
  readonly every: (milliseconds: number, work: () => void) => () => void;
}

/** Begins to show the progress of a run with `total` images. */
export function openProgress(total: number, out: ProgressSink, form: ProgressForm): Progress {
  switch (form.kind) {
    case "bar":
      return new Bar(total, out, form);
    case "lines":
      return new Lines(total, out);
    default:
      return { done: () => undefined, printAbove: (text, above) => above.write(text), stop: async () => undefined };
  }
}

class Lines implements Progress {
  readonly #total: number;
  readonly #out: ProgressSink;
  #count = 0;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(total: number, out: ProgressSink) {
    this.#total = total;
    this.#out = out;
  }

  done(outcome: CountedOutcome, reference: string): void {
    this.#count += 1;
    const line = `${this.#count}/${this.#total} ${outcome} ${plain(reference)}\n`;
    this.#writing = this.#writing.then(() => this.#out.write(line));
  }

  printAbove(text: string, out: ProgressSink): Promise<boolean> {
    return out.write(text);
  }

  async stop(): Promise<void> {
    await this.#writing;
  }
}

const redrawMilliseconds = 200;

/** A rate is that of the last seconds: what was known from an earlier run comes at once, and registries slow down. */
const rateSeconds = 30;

/** What is said of the first moments is wrong. */
const firstRateSeconds = 3;

/** To the beginning of the line, and away with what stands there (ECMA-48: EL). */
const erased = "\r\u001b[K";

/**
 * One line that is written over. The cursor is never hidden, and the line never as long as the terminal is wide: so that however the process
 * ends, the terminal is as it was. Where a window is made narrower, what was there may break in two, of which the first stays: to go up
 * and erase it would in other terminals take a result away.
 */
class Bar implements Progress {
  readonly #out: ProgressSink;
  readonly #surroundings: BarSurroundings;
  readonly #counts: { total: number } & Record<CountedOutcome, number>;
  readonly #samples: { readonly at: number; readonly done: number }[] = [];
  readonly #endTimer: () => void;
  #shown = "";
  #isStopped = false;
  /** One after the other: a terminal that takes nothing for a while (Ctrl-S) must not get half a line amid another. */
  #writing: Promise<unknown> = Promise.resolve();
  #isDrawing = false;

  constructor(total: number, out: ProgressSink, surroundings: BarSurroundings) {
    this.#out = out;
    this.#surroundings = surroundings;
    this.#counts = { total, accepted: 0, rejected: 0, error: 0 };
    this.#endTimer = surroundings.every(redrawMilliseconds, () => this.#redraw());
  }

  done(outcome: CountedOutcome): void {
    this.#counts[outcome] += 1;
  }

  printAbove(text: string, out: ProgressSink): Promise<boolean> {
    return this.#inTurn(async () => {
      if (this.#shown === "") return out.write(text);
      await this.#out.write(erased);
      const delivered = await out.write(text);
      if (!this.#isStopped) await this.#out.write(this.#shown);
      return delivered;
    });
  }

  async stop(): Promise<void> {
    if (!this.#isStopped) this.#endTimer();
    this.#isStopped = true;
    await this.#inTurn(async () => {
      if (this.#shown !== "") await this.#out.write(erased);
      this.#shown = "";
    });
  }

  #redraw(): void {
    if (this.#isDrawing || this.#isStopped) return;
    this.#isDrawing = true;
    void this.#inTurn(async () => {
      const { columns, colour } = this.#surroundings;
      const line = progressLine(this.#counts, { ...this.#speed(), columns: columns(), colour });
      if (!this.#isStopped && line !== this.#shown) {
        this.#shown = line;
        await this.#out.write(`${erased}${line}`);
      }
      this.#isDrawing = false;
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#writing.then(work);
    this.#writing = done.catch(() => undefined);
    return done;
  }

  #speed(): Speed {
    const at = this.#surroundings.now();
    const { total, accepted, rejected, error } = this.#counts;
    const done = accepted + rejected + error;
    this.#samples.push({ at, done });
    while ((this.#samples[0]?.at ?? at) < at - rateSeconds) this.#samples.shift();
    const first = this.#samples[0] ?? { at, done };
    const seconds = at - first.at;
    if (seconds < firstRateSeconds || done === first.done) return {};
    const perSecond = (done - first.done) / seconds;
    return { perSecond, secondsLeft: (total - done) / perSecond };
  }
}

interface Speed {
  readonly perSecond?: number;
  readonly secondsLeft?: number;
}

const colours = { accepted: 32, rejected: 31, error: 33 } as const;
const outcomes = ["accepted", "rejected", "error"] as const;

const leastBar = 12;
const mostBar = 40;
const gap = "  ";

/** The line for a terminal of so many columns: what matters less is left out where there is no room. */
export function progressLine(
  counts: RunCounts,
  { columns, colour, perSecond, secondsLeft }: Speed & { readonly columns: number; readonly colour: boolean },
): string {
  // The last column stays free: a terminal goes to the next line where it is written to.
  const room = Math.max(0, columns - 1);
  const done = outcomes.reduce((sum, outcome) => sum + counts[outcome], 0);
  const parts = [
    `${done}/${counts.total}`,
    // Those that there are; that none was rejected yet needs no room.
    ...outcomes.filter((outcome) => counts[outcome] > 0).map((outcome) => outcomeCountText(outcome, counts[outcome])),
    ...(secondsLeft === undefined ? [] : [timeLeftText(secondsLeft)]),
    ...(perSecond === undefined ? [] : [rateText(perSecond)]),
  ];
  while (parts.length > 1 && parts.join(gap).length > room) parts.pop();
  const text = parts.join(gap).slice(0, room);
  const width = Math.min(mostBar, room - text.length - gap.length);
  const bar = width < leastBar ? "" : `${barOf(done, counts.total, width)}${gap}`;
  return bar + (colour ? coloured(text, counts) : text);
}

function barOf(done: number, total: number, width: number): string {
  const inside = width - 2;
  const full = total === 0 ? inside : Math.floor((inside * Math.min(done, total)) / total);
  return `[${"#".repeat(full)}${"-".repeat(inside - full)}]`;
}

function coloured(text: string, counts: RunCounts): string {
  return outcomes.reduce((sofar, outcome) => {
    const count = outcomeCountText(outcome, counts[outcome]);
    return counts[outcome] === 0
      ? sofar
      : sofar.replace(`${gap}${count}`, `${gap}\u001b[${colours[outcome]}m${count}\u001b[0m`);
  }, text);
}
