import type { Io } from "./io.ts";
import type { Options } from "./parse-arguments.ts";

export async function policyShow(_options: Options, _io: Io): Promise<number> {
  throw new Error("not yet");
}
