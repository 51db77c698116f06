import { type Code, exitCodeOf } from "../codes.ts";
import type { Verdict } from "../judge/verdict.ts";
import { type CommandProblem, commandProblemText, helpHintText, internalErrorText } from "../text/command-words.ts";
import { documentLine, type VerdictDocument, verdictDocument } from "../text/document.ts";
import { explain } from "../text/explain.ts";
import { type Io, undeliveredExitCode } from "./io.ts";

export type Format = "text" | "json";

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
  return reportError(
    problem.code,
    { reason: commandProblemText(problem), next: helpHintText(command) },
    nothingJudged,
    format,
    io,
  );
}

/** Prints that there is a bug: one line, no stack. */
export async function reportInternalError(error: unknown, format: Format, io: Io): Promise<number> {
  const detail = error instanceof Error ? error.message : String(error);
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
