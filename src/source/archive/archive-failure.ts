import type { ArchiveFlaw, ImageProblem } from "../../image/problem.ts";
import { fail, ok, type Result } from "../../result.ts";

/**
 * A problem on its way out of a stream. Streams end by throwing, in both runtimes; so what reads an archive throws this, and
 * {@link attempt} makes a value of it where the archive's users begin.
 */
export class ArchiveFailure extends Error {
  readonly problem: ImageProblem;

  constructor(problem: ImageProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

export function malformed(detail: string): ArchiveFailure {
  return new ArchiveFailure({ code: "image.archive.malformed", detail }, `the archive is malformed: ${detail}`);
}

export function badMember(untrustedName: string, flaw: ArchiveFlaw): ArchiveFailure {
  return new ArchiveFailure({ code: "image.archive.member", untrustedName, flaw }, "the archive has a bad member");
}

export function tooLarge(maxBytes: number): ArchiveFailure {
  return new ArchiveFailure({ code: "image.archive.too-large", maxBytes }, `there are more than ${maxBytes} bytes`);
}

/** The outcome of `work` as a value. What is no failure of an archive is a bug, and thrown on. */
export async function attempt<T>(work: () => Promise<T>): Promise<Result<T, ImageProblem>> {
  try {
    return ok(await work());
  } catch (error) {
    if (error instanceof ArchiveFailure) return fail(error.problem);
    throw error;
  }
}
