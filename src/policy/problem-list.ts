import type { PolicyFlaw, PolicyProblem, Position } from "./problem.ts";
import { type Member, pathOf, type Value } from "./value.ts";

/** More than this many help nobody; the rest of a hostile file is not looked at. */
const problemsMax = 100;

/** Collects what is wrong with one file. */
export class ProblemList {
  readonly #text: string;
  readonly #problems: PolicyProblem[] = [];
  #lineStarts: Uint32Array | undefined;

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

  /** Reports at a value. The result is for readers that have nothing to return then. */
  add(value: Value, flaw: PolicyFlaw): undefined {
    this.#add(value.node.at, value, flaw);
  }

  /** Reports at the key of a member. */
  addAtKey(member: Member, flaw: PolicyFlaw): undefined {
    this.#add(member.keyAt, member, flaw);
  }

  /** Reports a text that is not JSON, where nothing has a path. */
  addToText(offset: number, flaw: PolicyFlaw): undefined {
    this.#problems.push({ ...flaw, at: this.position(offset), path: [] });
  }

  /** `offset` counts UTF-16 units of the text. */
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

  #add(offset: number, value: Value, flaw: PolicyFlaw): void {
    if (!this.isFull) this.#problems.push({ ...flaw, at: this.position(offset), path: pathOf(value) });
  }
}

function lineStarts(text: string): Uint32Array {
  let count = 1;
  for (let newline = text.indexOf("\n"); newline !== -1; newline = text.indexOf("\n", newline + 1)) count += 1;
  const starts = new Uint32Array(count);
  for (let line = 1; line < count; line++) starts[line] = text.indexOf("\n", starts[line - 1]) + 1;
  return starts;
}
