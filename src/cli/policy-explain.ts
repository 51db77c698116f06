import type { Io } from "./io.ts";
import type { Options } from "./parse-arguments.ts";

export async function policyExplain(_options: Options, _identity: string, _io: Io): Promise<number> {
  throw new Error("not yet");
}
