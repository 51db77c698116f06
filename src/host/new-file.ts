import { closeSync, constants, openSync, writeSync } from "node:fs";
import { fail, ok, type Result } from "../result.ts";
import { writeOutputFiles } from "./output-file.ts";
import { errnoOf, reasonOf } from "./system-error.ts";

/** What others may read: a policy is for every user of the machine. */
const mode = 0o644;

/** Writes a file that is not there yet, or, to `replace` it, all or nothing in place of the one that is. */
export function writeNewFile(
  path: string,
  content: Uint8Array,
  { replace }: { readonly replace: boolean },
): Result<undefined, "exists" | { readonly reason: string }> {
  if (replace) {
    const written = writeOutputFiles([{ path, content, mode }]);
    return written.ok ? written : fail({ reason: written.problem.reason });
  }
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
    for (let written = 0; written < content.length; ) written += writeSync(descriptor, content, written);
    return ok(undefined);
  } catch (error) {
    const errno = errnoOf(error);
    return fail(errno === "EEXIST" ? "exists" : { reason: reasonOf(errno) });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
