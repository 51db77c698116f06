import type { Io } from "./io.ts";
import type { Options } from "./parse-arguments.ts";

/** The commands for whoever writes a policy. */
export type PolicyCommand = "policy check" | "policy explain" | "policy diff" | "policy show" | "policy init";

/**
 * Runs one of them.
 *
 * @returns the exit code.
 */
export async function policyCommand(
  command: PolicyCommand,
  _options: Options,
  _operands: readonly string[],
  _io: Io,
): Promise<number> {
  throw new Error(`${command} is not there yet`);
}
