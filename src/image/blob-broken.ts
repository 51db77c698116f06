import type { ImageProblem } from "./problem.ts";

/** Thrown by the content of a blob where it is known more exactly why it ends; the message is for those who do not know this class. */
export class BlobBroken extends Error {
  override readonly name = "BlobBroken";
  readonly problem: ImageProblem;

  constructor(problem: ImageProblem) {
    super(problem.code);
    this.problem = problem;
  }
}
