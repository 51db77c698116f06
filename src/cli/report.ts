import { type Code, exitCodeOf } from "../codes.ts";
import { documentLine, printableJson, type VerdictDocument, verdictDocument } from "../report/document.ts";
import { explain, explainProblem } from "../report/explain.ts";
import type { FailedCheck } from "../report/inspect-check.ts";
import { wrap } from "../report/wrap.ts";
import { errorText } from "../result.ts";
import type { ErrorVerdict, Verdict } from "../verdict/verdict.ts";
import { type CommandProblem, commandProblemText, helpHintText, internalErrorText } from "../words/command-words.ts";
import type { Format } from "./arguments/format-option.ts";
import { type Io, undeliveredExitCode } from "./io.ts";

/**
 * Prints a verdict: as JSON to standard output; as text there too, unless it is an error, which goes to standard error.
 *
 * @param how.acceptedText what to say instead of an acceptance, as text; then everything else goes to standard error
 * @returns the exit code.
 */
export async function reportVerdict(
  verdict: Verdict,
  how: { readonly format: Format; readonly acceptedText?: string | undefined },
  io: Io,
): Promise<number> {
  const { format, acceptedText } = how;
  const exitCode = exitCodeOf(verdict.code);
  if (format === "json")
    return (await printJson(verdictDocument(verdict), io)) ? exitCode : exitCode || undeliveredExitCode;
  const isForOutput = acceptedText === undefined ? verdict.outcome !== "error" : verdict.outcome === "accepted";
  const sink = isForOutput ? io.stdout : io.stderr;
  const colour = !io.environment.NO_COLOR && (await sink.isTerminal());
  const text = isForOutput && acceptedText !== undefined ? acceptedText : explain(verdict, { colour });
  const delivered = await sink.write(`${text}\n`);
  return delivered ? exitCode : exitCode || undeliveredExitCode;
}

/** Prints an accepted verdict whose output files could not be written: nothing may be installed by it. */
export async function reportUnwritten(
  verdict: Verdict,
  problem: CommandProblem,
  format: Format,
  io: Io,
): Promise<number> {
  return reportError(problem.code, { reason: commandProblemText(problem) }, verdictDocument(verdict), format, io);
}

/** Prints what is wrong with the command line. */
export async function reportCommandProblem(
  problem: CommandProblem,
  command: string | undefined,
  format: Format,
  io: Io,
): Promise<number> {
  const reason = commandProblemText(problem);
  const next = helpHintText(command);
  if (command === "policy check" && format === "json") {
    const exitCode = await printFailedCheck({ path: undefined, code: problem.code, message: reason, advice: next }, io);
    await io.stderr.write(`sealcheck: ${reason}\n${next}\n`);
    return exitCode;
  }
  return reportError(problem.code, { reason, next }, nothingJudged, format, io);
}

/** Prints as JSON why there is nothing to check, in the shape that a check always has. */
export async function printFailedCheck(failure: FailedCheck, io: Io): Promise<number> {
  const { failedCheckDocument } = await import("../report/inspect-check.ts");
  await io.stdout.write(`${printableJson(JSON.stringify(failedCheckDocument(failure), undefined, 2))}\n`);
  return exitCodeOf(failure.code);
}

/** Prints why a command about policies has nothing to work on. It judges no image, and so says nothing of one. */
export async function reportPolicyError(verdict: ErrorVerdict, format: Format, io: Io): Promise<number> {
  const { message, advice } = explainProblem(verdict);
  const said = advice === undefined ? message : `${message}\n${wrap(`Next: ${advice}`, "  ")}`;
  if (format === "json") await printJson({ ...verdictDocument(verdict), message: said }, io);
  else await io.stderr.write(`sealcheck: ${said}\n`);
  return exitCodeOf(verdict.code);
}

/** Prints that there is a bug: one line, no stack. */
export async function reportInternalError(error: unknown, format: Format, io: Io): Promise<number> {
  const detail = errorText(error);
  return reportError("internal.error", { reason: internalErrorText(detail) }, nothingJudged, format, io);
}

const nothingJudged: Pick<VerdictDocument, "version" | "identity" | "manifest" | "policy" | "requirements"> = {
  version: 1,
  identity: null,
  manifest: null,
  policy: { path: null, transport: "", scope: "" },
  requirements: [],
};

async function reportError(
  code: Code,
  { reason, next }: { readonly reason: string; readonly next?: string },
  known: typeof nothingJudged,
  format: Format,
  io: Io,
): Promise<number> {
  const exitCode = exitCodeOf(code);
  const message = next === undefined ? reason : `${reason}\n${next}`;
  if (format === "json") {
    await printJson({ ...known, outcome: "error", code, exitCode, message, reason: reason.replace(/\.$/, "") }, io);
  }
  await io.stderr.write(`sealcheck: ${message}\n`);
  return exitCode;
}

function printJson(document: VerdictDocument, io: Io): Promise<boolean> {
  return io.stdout.write(documentLine(document));
}
