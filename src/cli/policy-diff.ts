import type { Io } from "./io.ts";
import type { Options } from "./parse-arguments.ts";

export async function policyDiff(
  _options: Options,
  _files: { older: string; newer: string },
  _io: Io,
): Promise<number> {
  throw new Error("not yet");
}
