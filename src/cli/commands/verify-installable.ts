import type { Options } from "../arguments/parse-arguments.ts";
import type { Io } from "../io.ts";
import { judgeOne } from "./judge-one.ts";

/**
 * Judges the image of a directory.
 *
 * @returns the exit code.
 */
export function verifyInstallable(options: Options, source: string, io: Io): Promise<number> {
  const request = { identity: options.identity ?? "", image: { source } };
  return judgeOne(request, { command: "verify-installable", options, io });
}
