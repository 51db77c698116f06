import { Engine } from "../../../engine/engine.ts";
import { inOrder } from "../../../engine/in-order.ts";
import { readTrustFile } from "../../../host/trust-file.ts";
import type { ConfigProblem } from "../../../image/access-problem.ts";
import type { CheckedImage, CheckRun } from "../../../report/checked-image.ts";
import { printableJson } from "../../../report/document.ts";
import type { Result } from "../../../result.ts";
import { openRegistries } from "../../../source/registry/open-registries.ts";
import type { RegistryAccess } from "../../../source/registry/registry-access.ts";
import type { CommandProblem } from "../../../words/command-words.ts";
import { imageOptionsOf } from "../../arguments/image-options.ts";
import { openPgpOf } from "../../arguments/openpgp-option.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import { type Io, interruptedExitCode, undeliveredExitCode } from "../../io.ts";
import { reportCommandProblem } from "../../report.ts";
import { version } from "../../version.ts";
import { tellers } from "../judge-one.ts";
import { type AskedImage, type Check, judgeReference } from "./judge-reference.ts";
import { KeptResults } from "./kept-results.ts";
import { printResults, writeReport } from "./print-results.ts";
import { askedImage } from "./references.ts";

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
  if (operands.length === 0) return refuse({ code: "usage.input.empty" });

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

  const run = new Run(operands.map((reference) => askedImage(reference, io.environment.PWD)));
  const isAlongside = options.format === "jsonl" && options.quiet !== true;
  const isKept = !isAlongside || options.report !== undefined;
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
  const { format = "text" } = options;
  if (format !== "jsonl" && options.quiet !== true) {
    const colour = format === "text" && !io.environment.NO_COLOR && (await io.stdout.isTerminal());
    isDelivered = await printResults(results, { format, isVerbose: options.verbose === true, colour }, io.stdout);
  }
  if (interrupt.signal.aborted) return interruptedExitCode;
  return isDelivered ? run.exitCode : run.exitCode || undeliveredExitCode;
}

/** What has been found so far. */
class Run {
  readonly asked: readonly AskedImage[];
  readonly #startedAt = new Date();
  readonly #kept = new KeptResults();
  #count = 0;
  #exitCode = 0;

  constructor(asked: readonly AskedImage[]) {
    this.asked = asked;
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
    return {
      results: this.#kept,
      startedAt: this.#startedAt,
      finishedAt: new Date(),
      isComplete: this.#count === this.asked.length,
      total: this.asked.length,
    };
  }
}

const defaultJobs = 16;
