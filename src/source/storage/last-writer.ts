import type { OpenDirectory } from "../../host/open-directory.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { maxLastWriterBytes } from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";
import { fileProblem } from "../file-problem.ts";

/** How often it is tried to read what a storage lists while nobody writes to it. */
export const maxAttempts = 3;

/**
 * What a lock of a storage says of who wrote last (containers/storage: pkg/lockfile), in hex; "" if nobody has. Another one has written if
 * it differs.
 */
export function readLastWriter(directory: OpenDirectory, lockName: string): Result<string, ImageProblem> {
  const content = directory.readFile(lockName, maxLastWriterBytes);
  if (content.ok) return ok(Buffer.from(content.value).toString("hex"));
  const { problem } = content;
  if (problem.kind === "missing") return ok("");
  if (problem.kind !== "too-large") return fail(fileProblem(lockName, problem));
  const detail = `larger than ${maxLastWriterBytes} bytes`;
  return fail({ code: "image.source.malformed", name: lockName, detail });
}
