import type { CheckedImage, CheckRun } from "../../../report/checked-image.ts";
import type { GivenList } from "./asked-images.ts";
import type { AskedImage } from "./judge-reference.ts";
import { KeptResults } from "./kept-results.ts";

/** The images of a run, and what has been found of them so far. */
export class Run {
  readonly asked: readonly AskedImage[];
  readonly #given: (GivenList & { readonly firstIndex: number }) | undefined;
  readonly #now: () => number;
  readonly #startedAt: Date;
  readonly #kept = new KeptResults();
  #count = 0;
  #exitCode = 0;

  /**
   * @param given the list that was given, and how many images come before those in it
   * @param now Unix seconds
   */
  constructor(
    asked: readonly AskedImage[],
    given: (GivenList & { readonly firstIndex: number }) | undefined,
    now: () => number,
  ) {
    this.#now = now;
    this.#startedAt = new Date(now() * 1000);
    this.asked = asked;
    this.#given = given;
  }

  /** The highest of any image. */
  get exitCode(): number {
    return this.#exitCode;
  }

  add(result: CheckedImage, { isKept }: { readonly isKept: boolean }): void {
    this.#count += 1;
    this.#exitCode = Math.max(this.#exitCode, result.exitCode);
    if (isKept) this.#kept.add(result);
  }

  soFar(): CheckRun {
    const given = this.#given;
    const lineOf = (index: number) => given?.list.images[index - given.firstIndex]?.places[0]?.line;
    return {
      ...(given === undefined ? {} : { list: { path: given.path, lineOf } }),
      results: this.#kept,
      startedAt: this.#startedAt,
      finishedAt: new Date(this.#now() * 1000),
      isComplete: this.#count === this.asked.length,
      total: this.asked.length,
    };
  }
}
