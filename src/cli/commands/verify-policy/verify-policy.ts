import { every } from "../../../host/later.ts";
import { errorTerminal } from "../../../host/terminal.ts";
import type { ImageList } from "../../../inventory/image-list.ts";
import type { NotPinned } from "../../../inventory/pin-images.ts";
import type { RunRecord } from "../../../record/run-record.ts";
import { printableJson } from "../../../report/document.ts";
import { openProgress, type Progress } from "../../../report/progress.ts";
import { ok, type Result } from "../../../result.ts";
import type { CommandProblem } from "../../../words/command-words.ts";
import { mappingText, notPinnedText, passedOverText } from "../../../words/inventory-words.ts";
import { plain } from "../../../words/quote.ts";
import { outdatedText } from "../../../words/state-words.ts";
import { imageOptionsOf } from "../../arguments/image-options.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import { type Io, interruptedExitCode, undeliveredExitCode } from "../../io.ts";
import { reportCommandProblem } from "../../report.ts";
import { askedByOperand, askedImage, type GivenList, readImageList } from "./asked-images.ts";
import { checkImages, NotKept, type Turns } from "./check-images.ts";
import { checkSettings, decidedBy } from "./check-settings.ts";
import type { AskedImage, Check } from "./judge-reference.ts";
import { printResults, writeReport } from "./print-results.ts";
import { Run } from "./run.ts";
import { writePinned } from "./write-pinned.ts";

/** Images of one registry that are under way at a time. */
const defaultJobs = 16;

/** Of so few, each is named, pinned by its digest, without being asked to. */
const maxNamedOneByOne = 20;

const pinWithPlatform = {
  code: "usage.option.combination",
  option: "pin",
  why: { kind: "not-with", other: "platform" },
} as const;

interface Called {
  readonly options: Options;
  readonly io: Io;
}

/**
 * Checks images in registries as those that are going to run them would see them.
 *
 * @returns the exit code: the highest of any image.
 */
export async function verifyPolicy(options: Options, operands: readonly string[], io: Io): Promise<number> {
  const called = { options, io };
  const refuse = (problem: CommandProblem) =>
    reportCommandProblem(problem, "verify-policy", problemFormat(options), io);
  const chosen = imageOptionsOf(options);
  if (!chosen.ok) return refuse(chosen.problem);
  const given = options.images === undefined ? ok(undefined) : await readImageList(options.images, io);
  if (!given.ok) return refuse(given.problem);

  const interrupt = new AbortController();
  const { signal } = interrupt;
  io.onInterrupt(() => interrupt.abort(new Error("interrupted")));
  const turns: Turns = new Map();
  const { platform = { kind: "all" } } = chosen.value;
  // What is pinned of an index is all of it, so all of it has to be judged.
  if (options.pin !== undefined && platform.kind === "one") return refuse(pinWithPlatform);
  const blobs = options.blobs === undefined ? "head" : chosen.value.blobs;
  const onThrottled = (host: string) => turns.get(host)?.throttled();
  const check = checkSettings(options, { platform, blobs }, { io, signal, onThrottled });

  const named = await askedByOperands(operands, check, called);
  const listed = (given.value?.list.images ?? []).map((image) => askedImage(image, io));
  const run = new Run([...named, ...listed], given.value && { ...given.value, firstIndex: named.length }, io.now);
  if (run.asked.length === 0) return refuse({ code: "usage.input.empty", isWithoutReference: true });
  if (given.value !== undefined && options.quiet !== true) await tellOfList(given.value.list, io);

  const record = await openRecord(check, called);
  if (!record.ok) return refuse(record.problem);
  const isDelivered = await judgeAll(run, check, { ...called, turns, record: record.value });
  if (!isDelivered.ok) return refuse(isDelivered.problem);
  const problem = await writeFiles(run, given.value, called);
  if (problem !== undefined) return refuse(problem);
  const isPrinted = isDelivered.value && (await print(run, called));
  if (signal.aborted) return interruptedExitCode;
  return isPrinted ? run.exitCode : run.exitCode || undeliveredExitCode;
}

function problemFormat({ format }: Options): "json" | "text" {
  return format === "json" || format === "jsonl" ? "json" : "text";
}

async function askedByOperands(
  operands: readonly string[],
  check: Check,
  { options, io }: Called,
): Promise<readonly AskedImage[]> {
  if (options["all-tags"] !== true) return operands.map((reference) => askedByOperand(reference, io));
  const { askedByTags } = await import("./all-tags.ts");
  const asked: AskedImage[] = [];
  for (const repository of operands) asked.push(...(await askedByTags(repository, check)));
  return asked;
}

/** What of a list is read otherwise than somebody may expect, or not at all. */
async function tellOfList({ form, passedOver }: ImageList, io: Io): Promise<void> {
  if (form === "mapping") await io.stderr.write(`sealcheck: ${mappingText}.\n`);
  for (const one of passedOver) await io.stderr.write(`sealcheck: ${passedOverText(one)}.\n`);
}

async function openRecord(
  check: Check,
  { options, io }: Called,
): Promise<Result<RunRecord | undefined, CommandProblem>> {
  if (options.resume === undefined) return ok(undefined);
  const { openRunRecord } = await import("../../../record/run-record.ts");
  const record = openRunRecord(options.resume, { fingerprint: await decidedBy(check, options), now: io.now });
  if (record.ok && record.value.outdated > 0 && options.quiet !== true) {
    await io.stderr.write(`sealcheck: ${outdatedText(options.resume, record.value.outdated)}.\n`);
  }
  return record;
}

/** @returns whether standard output took what was printed on the way. */
async function judgeAll(
  run: Run,
  check: Check,
  { options, io, turns, record }: Called & { readonly turns: Turns; readonly record: RunRecord | undefined },
): Promise<Result<boolean, CommandProblem>> {
  const isAlongside = options.format === "jsonl" && options.quiet !== true;
  const isKept = !isAlongside || options.report !== undefined || options.pin !== undefined;
  const progress = await progressOf(run, { options, io });
  const how = { perHost: options.jobs ?? defaultJobs, turns, record };
  let isDelivered = true;
  let problem: CommandProblem | undefined;
  try {
    for await (const result of checkImages(run.asked, check, how)) {
      run.add(result, { isKept });
      progress.done(result.outcome, result.reference);
      if (isAlongside) isDelivered = await progress.printAbove(`${printableJson(JSON.stringify(result))}\n`, io.stdout);
      if (!isDelivered) break;
    }
  } catch (error) {
    if (error instanceof NotKept) problem = error.problem;
    else if (!check.signal.aborted) throw error;
  } finally {
    await progress.stop();
  }
  const closed = record?.close();
  if (closed?.ok === false) problem ??= closed.problem;
  return problem === undefined ? ok(isDelivered) : { ok: false, problem };
}

/** On a terminal a bar, otherwise a line for each image, unless these are printed already. */
async function progressOf({ asked }: Run, { options, io }: Called): Promise<Progress> {
  const open = (form: Parameters<typeof openProgress>[2]) => openProgress(asked.length, io.stderr, form);
  if (options.quiet === true) return open({ kind: "none" });
  const terminal = await errorTerminal();
  if (terminal === undefined) return open({ kind: options.format === "jsonl" ? "none" : "lines" });
  const colour = !io.environment.NO_COLOR;
  return open({ kind: "bar", columns: () => terminal.columns(), colour, now: io.now, every });
}

/** The page, and the pinned images if all were accepted. */
async function writeFiles(
  run: Run,
  given: GivenList | undefined,
  { options, io }: Called,
): Promise<CommandProblem | undefined> {
  const results = run.soFar();
  if (options.report !== undefined) {
    const written = await writeReport(options.report, results);
    if (!written.ok) return { code: "usage.output.unwritable", ...written.problem };
  }
  if (options.pin === undefined) return undefined;
  if (run.exitCode !== 0 || !results.isComplete) {
    await io.stderr.write(`sealcheck: ${plain(options.pin)} is left as it was: not all images were accepted.\n`);
    return undefined;
  }
  const written = await writePinned(options.pin, results.results, given);
  if (!written.ok) return { code: "usage.output.unwritable", ...written.problem };
  for (const one of written.value) await io.stderr.write(`${notPinnedLine(one)}\n`);
  return undefined;
}

function notPinnedLine({ image, place, why }: NotPinned): string {
  const where = place === undefined ? "" : ` (line ${place.line})`;
  return `sealcheck: not pinned: ${plain(image)}${where}: ${notPinnedText(why)}`;
}

/** @returns whether standard output took it. */
async function print(run: Run, { options, io }: Called): Promise<boolean> {
  const { format = "text" } = options;
  if (format === "jsonl" || options.quiet === true) return true;
  const colour = format === "text" && !io.environment.NO_COLOR && (await io.stdout.isTerminal());
  const isVerbose = options.verbose === true || run.asked.length <= maxNamedOneByOne;
  return printResults(run.soFar(), { format, isVerbose, colour }, io.stdout);
}
