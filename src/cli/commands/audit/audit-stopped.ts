import { DatabaseFailed } from "../../../audit/database/database.ts";
import { StoreFailed } from "../../../audit/evidence/evidence.ts";
import { RegistriesUnusable } from "../../../audit/worker/open-tools.ts";
import type { CommandProblem } from "../../../words/command-words.ts";
import type { Options } from "../../arguments/parse-arguments.ts";

/** A command cannot go on, for a reason that has to do with what it was given. */
export class AuditStopped extends Error {
  readonly problem: CommandProblem;

  constructor(problem: CommandProblem) {
    super(problem.code);
    this.problem = problem;
  }
}

/** Where the database of audits is, unless it is said. */
export const defaultDatabase = "audit.sqlite";

/** What a command ends with; `undefined` for a bug. */
export function stoppedBy(error: unknown, options: Options): CommandProblem | undefined {
  if (error instanceof AuditStopped) return error.problem;
  if (error instanceof DatabaseFailed) {
    return { code: "usage.database.unusable", where: shownDatabase(options.db ?? defaultDatabase), why: error.problem };
  }
  if (error instanceof StoreFailed) return { code: "usage.evidence.unusable", reason: error.message };
  if (error instanceof RegistriesUnusable) return error.problem;
  return undefined;
}

/** Without a password: nobody should write one there, and some do. */
function shownDatabase(where: string): string {
  return where.replace(/^(postgres(?:ql)?:\/\/[^:@/]*):[^@/]*@/, "$1@").replace(/([?&]password=)[^&]*/, "$1…");
}
