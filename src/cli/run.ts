import { assertNever } from "../result.ts";
import { batch } from "./batch.ts";
import { helpPage } from "./help.ts";
import type { Io } from "./io.ts";
import { asksForJson, type Invocation, parseArguments } from "./parse-arguments.ts";
import { reportCommandProblem, reportInternalError, undeliveredExitCode } from "./report.ts";
import { commandNames } from "./table.ts";
import { verifyInstallable } from "./verify-installable.ts";
import { version } from "./version.ts";

/**
 * Runs the command that `argv` (what follows the program's name) asks for. Never throws: a bug is told in one line.
 *
 * @returns the exit code, 0 only if everything was accepted.
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const format = asksForJson(argv) ? "json" : "text";
  try {
    const invocation = parseArguments(argv);
    if (invocation.ok) return await execute(invocation.value, io);
    const command = commandNames.find((name) => argv.includes(name));
    return await reportCommandProblem(invocation.problem, command, format, io);
  } catch (error) {
    return reportInternalError(error, format, io);
  }
}

async function execute(invocation: Invocation, io: Io): Promise<number> {
  switch (invocation.kind) {
    case "help":
      return print(helpPage(invocation.command), io);
    case "version":
      return print(`sealcheck ${version}\n`, io);
    case "run":
      break;
    default:
      return assertNever(invocation);
  }
  const { command, options, argument } = invocation;
  switch (command) {
    case "verify-installable":
      return verifyInstallable(options, argument, io);
    case "batch":
      return batch(options, io);
    default:
      return assertNever(command);
  }
}

async function print(text: string, io: Io): Promise<number> {
  return (await io.stdout.write(text)) ? 0 : undeliveredExitCode;
}
