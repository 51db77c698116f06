import { assertNever } from "../../../result.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import type { Io } from "../../io.ts";
import { reportCommandProblem } from "../../report.ts";
import { stoppedBy } from "./audit-stopped.ts";

/** The commands for whoever has many images to look after. */
export type AuditCommand =
  | "audit init"
  | "audit add"
  | "audit work"
  | "audit status"
  | "audit report"
  | "audit rejudge"
  | "audit diff"
  | "audit explain"
  | "audit retry";

/**
 * Runs one of them.
 *
 * @returns the exit code.
 */
export async function auditCommand(
  command: AuditCommand,
  options: Options,
  operands: readonly string[],
  io: Io,
): Promise<number> {
  try {
    return await runCommand(command, options, operands, io);
  } catch (error) {
    const problem = stoppedBy(error, options);
    if (problem === undefined) throw error;
    return reportCommandProblem(problem, command, options.format === "json" ? "json" : "text", io);
  }
}

async function runCommand(
  command: AuditCommand,
  options: Options,
  operands: readonly string[],
  io: Io,
): Promise<number> {
  const [first = "", second = ""] = operands;
  switch (command) {
    case "audit init": {
      const { auditInit } = await import("./audit-init.ts");
      return auditInit(options, io);
    }
    case "audit add": {
      const { auditAdd } = await import("./audit-add.ts");
      return auditAdd(options, operands, io);
    }
    case "audit work": {
      const { auditWork } = await import("./audit-work.ts");
      return auditWork(options, io);
    }
    case "audit status": {
      const { auditStatusCommand } = await import("./audit-status.ts");
      return auditStatusCommand(options, io);
    }
    case "audit report": {
      const { auditReport } = await import("./audit-report.ts");
      return auditReport(options, io);
    }
    case "audit rejudge": {
      const { auditRejudge } = await import("./audit-rejudge.ts");
      return auditRejudge(options, io);
    }
    case "audit diff": {
      const { auditDiff } = await import("./audit-diff.ts");
      return auditDiff({ before: first, after: second }, options, io);
    }
    case "audit explain": {
      const { auditExplain } = await import("./audit-explain.ts");
      return auditExplain(first, options, io);
    }
    case "audit retry": {
      const { auditRetry } = await import("./audit-retry.ts");
      return auditRetry(options, io);
    }
    default:
      return assertNever(command);
  }
}
