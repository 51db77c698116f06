import { Engine } from "../../../engine/engine.ts";
import { inOrder } from "../../../engine/in-order.ts";
import { readTrustFile } from "../../../host/trust-file.ts";
import type { ConfigProblem } from "../../../image/access-problem.ts";
import type { ImageList } from "../../../inventory/image-list.ts";
import type { NotPinned } from "../../../inventory/pin-images.ts";
import type { CheckedImage, CheckRun } from "../../../report/checked-image.ts";
import { printableJson } from "../../../report/document.ts";
import { ok, type Result } from "../../../result.ts";
import { openRegistries } from "../../../source/registry/open-registries.ts";
import type { RegistryAccess } from "../../../source/registry/registry-access.ts";
import type { CommandProblem } from "../../../words/command-words.ts";
import { mappingText, notPinnedText, passedOverText } from "../../../words/inventory-words.ts";
import { plain } from "../../../words/quote.ts";
import { imageOptionsOf } from "../../arguments/image-options.ts";
import { openPgpOf } from "../../arguments/openpgp-option.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import { type Io, interruptedExitCode, undeliveredExitCode } from "../../io.ts";
import { reportCommandProblem } from "../../report.ts";
import { version } from "../../version.ts";
import { tellers } from "../judge-one.ts";
import { askedByOperand, askedImage, type GivenList, readImageList } from "./asked-images.ts";
import { type AskedImage, type Check, judgeReference } from "./judge-reference.ts";
import { KeptResults } from "./kept-results.ts";
import { printResults, writeReport } from "./print-results.ts";
import { writePinned } from "./write-pinned.ts";

const command = "verify-policy";

/**
 * Checks images in registries as those that are going to run them would see them.
 *
 * @returns the exit code: the highest of any image.
 */
export async function verifyPolicy(options: Options, operands: readonly string[], io: Io): Promise<number> {
  const refuse = (problem: CommandProblem) =>
    reportCommandProblem(
      problem,
      command,
      options.format === "json" || options.format === "jsonl" ? "json" : "text",
      io,
    );
  const chosen = imageOptionsOf(options);
  if (!chosen.ok) return refuse(chosen.problem);
  const { platform = { kind: "all" } } = chosen.value;
  const given = options.images === undefined ? ok(undefined) : await readImageList(options.images, io);
  if (!given.ok) return refuse(given.problem);
  if (operands.length === 0 && given.value === undefined) {
    return refuse({ code: "usage.input.empty", isWithoutReference: true });
  }

  const interrupt = new AbortController();
  io.onInterrupt(() => interrupt.abort(new Error("interrupted")));
  let opened: Promise<Result<RegistryAccess, ConfigProblem>> | undefined;
  const { trace, warn } = tellers({ command, options, io });
  const check: Check = {
    engine: new Engine({
      environment: io.environment,
      now: io.now,
      readFile: (path) => readTrustFile(path, warn),
      openPgp: openPgpOf(options),
      isPinned: true,
      trace,
      warn,
    }),
    registries: () => {
      opened ??= openRegistries({
        registriesConf: options["registries-conf"],
        registriesDirectory: options["registries.d"],
        authFile: options.authfile,
        certificatesDirectory: options["cert-dir"],
        tlsVerify: options["tls-verify"],
        environment: io.environment,
        userAgent: `sealcheck/${version}`,
      });
      return opened;
    },
    policy: options.policy === undefined ? { kind: "default" } : { kind: "file", path: options.policy },
    requireSigned: options["require-signed"] === true,
    platform,
    blobs: options.blobs === undefined ? "head" : chosen.value.blobs,
    blobMemo: new Map(),
    signal: interrupt.signal,
  };

  const named = await askedByOperands(operands, { isAllTags: options["all-tags"] === true, check, io });
  const listed = (given.value?.list.images ?? []).map((image) => askedImage(image, io));
  const run = new Run([...named, ...listed], given.value && { ...given.value, firstIndex: named.length });
  if (given.value !== undefined && options.quiet !== true) await tellOfList(given.value.list, io);
  if (run.asked.length === 0) return refuse({ code: "usage.input.empty", isWithoutReference: true });
  const isAlongside = options.format === "jsonl" && options.quiet !== true;
  const isKept = !isAlongside || options.report !== undefined || options.pin !== undefined;
  let isDelivered = true;
  const how = { concurrency: options.jobs ?? defaultJobs, signal: interrupt.signal };
  try {
    for await (const result of inOrder(run.asked, how, (image) => judgeReference(image, check))) {
      run.add(result, { isKept });
      if (isAlongside) isDelivered = await io.stdout.write(`${printableJson(JSON.stringify(result))}\n`);
      if (!isDelivered) break;
    }
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
  }
  const results = run.finished();
  if (options.report !== undefined) {
    const written = await writeReport(options.report, results);
    if (!written.ok) return refuse({ code: "usage.output.unwritable", ...written.problem });
  }
  if (options.pin !== undefined && run.exitCode === 0 && results.isComplete) {
    const written = await writePinned(options.pin, results.results, given.value);
    if (!written.ok) return refuse({ code: "usage.output.unwritable", ...written.problem });
    for (const one of written.value) await io.stderr.write(`${notPinnedLine(one)}\n`);
  }
  const { format = "text" } = options;
  if (format !== "jsonl" && options.quiet !== true) {
    const colour = format === "text" && !io.environment.NO_COLOR && (await io.stdout.isTerminal());
    isDelivered = await printResults(
      results,
      { format, isVerbose: options.verbose === true || run.asked.length <= maxNamedOneByOne, colour },
      io.stdout,
    );
  }
  if (interrupt.signal.aborted) return interruptedExitCode;
  return isDelivered ? run.exitCode : run.exitCode || undeliveredExitCode;
}

async function askedByOperands(
  operands: readonly string[],
  { isAllTags, check, io }: { readonly isAllTags: boolean; readonly check: Check; readonly io: Io },
): Promise<readonly AskedImage[]> {
  if (!isAllTags) return operands.map((reference) => askedByOperand(reference, io));
  const { askedByTags } = await import("./all-tags.ts");
  const asked: AskedImage[] = [];
  for (const repository of operands) asked.push(...(await askedByTags(repository, check)));
  return asked;
}

/** What of a list is read otherwise than somebody may expect, or not at all. */
async function tellOfList({ form, passedOver }: ImageList, io: Io): Promise<void> {
  if (form === "mapping") await io.stderr.write(`sealcheck: ${mappingText}.\n`);
  for (const one of passedOver) await io.stderr.write(`sealcheck: line ${one.line}: ${passedOverText(one)}.\n`);
}

function notPinnedLine({ image, place, why }: NotPinned): string {
  const where = place === undefined ? "" : ` (line ${place.line})`;
  return `sealcheck: not pinned: ${plain(image)}${where}: ${notPinnedText(why)}`;
}

/** What has been found so far. */
class Run {
  readonly asked: readonly AskedImage[];
  readonly #given: (GivenList & { readonly firstIndex: number }) | undefined;
  readonly #startedAt = new Date();
  readonly #kept = new KeptResults();
  #count = 0;
  #exitCode = 0;

  constructor(asked: readonly AskedImage[], given: (GivenList & { readonly firstIndex: number }) | undefined) {
    this.asked = asked;
    this.#given = given;
  }

  /** The highest of any image. */
  get exitCode(): number {
    return this.#exitCode;
  }

  add(result: CheckedImage, { isKept }: { readonly isKept: boolean }): void {
    this.#count += 1;
    this.#exitCode = Math.max(this.#exitCode, result.exitCode);
    if (isKept) this.#kept.add(result);
  }

  finished(): CheckRun {
    const given = this.#given;
    const lineOf = (index: number) => given?.list.images[index - given.firstIndex]?.places[0]?.line;
    return {
      ...(given === undefined ? {} : { list: { path: given.path, lineOf } }),
      results: this.#kept,
      startedAt: this.#startedAt,
      finishedAt: new Date(),
      isComplete: this.#count === this.asked.length,
      total: this.asked.length,
    };
  }
}

const defaultJobs = 16;

/** Of so few, each is named, pinned by its digest, without being asked to. */
const maxNamedOneByOne = 20;
