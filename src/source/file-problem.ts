import type { OpenProblem } from "../host/bounded-file.ts";
import { reasonOf } from "../host/system-error.ts";
import type { ImageProblem } from "../image/problem.ts";
import { assertNever } from "../result.ts";

/** Why a file of a source cannot be read; `name` is what it is called there. */
export function fileProblem(name: string, problem: OpenProblem): ImageProblem {
  switch (problem.kind) {
    case "symlink":
      return { code: "image.file.symlink", name };
    case "special":
      return { code: "image.file.special", name };
    case "missing":
      return { code: "image.file.unreadable", name, reason: reasonOf("ENOENT") };
    case "system":
      return { code: "image.file.unreadable", name, reason: reasonOf(problem.errno) };
    default:
      return assertNever(problem);
  }
}
