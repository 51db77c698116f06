import { writeOutputFiles } from "../../../host/output-file.ts";
import type { Sink } from "../../../host/sink.ts";
import type { CheckRun } from "../../../report/checked-image.ts";
import { printableJson } from "../../../report/document.ts";
import { ok, type Result } from "../../../result.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import { version } from "../../version.ts";

/** Which form the results are printed in once all are there; each is printed when it is there with `jsonl`. */
export type ResultFormat = Exclude<NonNullable<Options["format"]>, "jsonl">;

/** @returns whether standard output took it. */
export async function printResults(
  run: CheckRun,
  {
    format,
    isVerbose,
    colour,
  }: { readonly format: ResultFormat; readonly isVerbose: boolean; readonly colour: boolean },
  stdout: Sink,
): Promise<boolean> {
  for (const piece of await piecesOf(run, format, { verbose: isVerbose, colour })) {
    if (!(await stdout.write(piece))) return false;
  }
  return true;
}

async function piecesOf(
  run: CheckRun,
  format: ResultFormat,
  options: { readonly verbose: boolean; readonly colour: boolean },
): Promise<Iterable<string>> {
  switch (format) {
    case "text":
      return (await import("../../../report/check/table.ts")).tablePieces(run, options);
    case "json":
      return jsonPieces(run);
    case "junit":
      return (await import("../../../report/check/junit.ts")).junitPieces(run);
    case "sarif":
      return (await import("../../../report/check/sarif.ts")).sarifPieces(run, version);
  }
}

/** One document for the whole run, with the verdicts as `jsonl` has them. */
function* jsonPieces({ results, startedAt, finishedAt, isComplete, total }: CheckRun): Iterable<string> {
  const about = { version: 1, startedAt: startedAt.toISOString(), finishedAt: finishedAt.toISOString() };
  const head = JSON.stringify({ ...about, complete: isComplete, total });
  yield `${head.slice(0, -1)},"results":[`;
  let separator = "\n";
  for (const result of results) {
    yield `${separator}${printableJson(JSON.stringify(result))}`;
    separator = ",\n";
  }
  yield "\n]}\n";
}

/** Writes the page for `--report`: all of it, or nothing. */
export async function writeReport(
  path: string,
  run: CheckRun,
): Promise<Result<undefined, { readonly path: string; readonly reason: string }>> {
  const { htmlPieces } = await import("../../../report/check/html/page.ts");
  const pieces = Array.from(htmlPieces(run), (piece) => Buffer.from(piece));
  const written = writeOutputFiles([{ path, content: Buffer.concat(pieces), mode: 0o644 }]);
  return written.ok ? ok(undefined) : written;
}
