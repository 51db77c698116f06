import type { JsonPath, PolicyFlaw, PolicyProblem, Position } from "./problem.ts";

/** More than this many help nobody; the rest of a hostile file is not looked at. */
const problemsMax = 100;

/** Collects what is wrong with one file. */
export class ProblemList {
  readonly #text: string;
  readonly #problems: PolicyProblem[] = [];
  #lineStarts: readonly number[] | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  get isEmpty(): boolean {
    return this.#problems.length === 0;
  }

  /** Whether further problems would not be kept. */
  get isFull(): boolean {
    return this.#problems.length >= problemsMax;
  }

  /** `offset` counts UTF-16 units of the text. */
  add(offset: number, path: JsonPath, flaw: PolicyFlaw): void {
    if (!this.isFull) this.#problems.push({ ...flaw, at: this.position(offset), path });
  }

  position(offset: number): Position {
    this.#lineStarts ??= lineStarts(this.#text);
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { offset, line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 };
  }

  inFileOrder(): readonly PolicyProblem[] {
    return this.#problems.toSorted((a, b) => a.at.offset - b.at.offset);
  }
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let newline = text.indexOf("\n"); newline !== -1; newline = text.indexOf("\n", newline + 1)) {
    starts.push(newline + 1);
  }
  return starts;
}
