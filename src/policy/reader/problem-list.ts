import type { PolicyFlaw, PolicyProblem, Position } from "../problem.ts";
import { LineIndex } from "./line-index.ts";
import { type Member, pathOf, type Value } from "./value.ts";

/** More than this many help nobody; the rest of a hostile file is not looked at. */
const problemsMax = 100;

/** Collects what is wrong with one file. */
export class ProblemList {
  readonly #problems: PolicyProblem[] = [];
  readonly #lines: LineIndex;

  constructor(text: string) {
    this.#lines = new LineIndex(text);
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
    return this.#lines.position(offset);
  }

  inFileOrder(): readonly PolicyProblem[] {
    return this.#problems.toSorted((a, b) => a.at.offset - b.at.offset);
  }

  #add(offset: number, value: Value, flaw: PolicyFlaw): void {
    if (!this.isFull) this.#problems.push({ ...flaw, at: this.position(offset), path: pathOf(value) });
  }
}
