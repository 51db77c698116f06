import { assertNever } from "../../../result.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import type { Io } from "../../io.ts";

/** The commands for whoever writes a policy. */
export type PolicyCommand = "policy check" | "policy explain" | "policy diff" | "policy show" | "policy init";

/**
 * Runs one of them.
 *
 * @returns the exit code.
 */
export async function policyCommand(
  command: PolicyCommand,
  options: Options,
  operands: readonly string[],
  io: Io,
): Promise<number> {
  const [first, second = ""] = operands;
  switch (command) {
    case "policy check": {
      const { policyCheck } = await import("./policy-check.ts");
      return policyCheck(options, first, io);
    }
    case "policy explain": {
      const { policyExplain } = await import("./policy-explain.ts");
      return policyExplain(options, first ?? "", io);
    }
    case "policy diff": {
      const { policyDiff } = await import("./policy-diff.ts");
      return policyDiff(options, { older: first ?? "", newer: second }, io);
    }
    case "policy show": {
      const { policyShow } = await import("./policy-show.ts");
      return policyShow(options, io);
    }
    case "policy init": {
      const { policyInit } = await import("./policy-init.ts");
      return policyInit(options, io);
    }
    default:
      return assertNever(command);
  }
}
