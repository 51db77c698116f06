import { setImmediate as nextTurn } from "node:timers/promises";
import { errorVerdict } from "../../../engine/error-verdict.ts";
import type { InputProblem } from "../../../host/standard-input.ts";
import { maxWaitingBlockBytes } from "../../../limits.ts";
import { documentLine, verdictDocument } from "../../../report/document.ts";
import { type BatchProgress, progressText, waitingText } from "../../../words/command-words.ts";
import { imageOptionsOf } from "../../arguments/image-options.ts";
import { openPgpOf } from "../../arguments/openpgp-option.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import { policyOf } from "../../arguments/policy-option.ts";
import { type Io, interruptedExitCode, undeliveredExitCode } from "../../io.ts";
import { reportCommandProblem } from "../../report.ts";
import type { BatchSettings, JudgedBlock } from "./batch-block.ts";
import { Crew } from "./crew.ts";
import { lineBlocks } from "./request-lines.ts";

/**
 * Judges one image a line. Verdicts come in the order of the requests, and each is written whole or not at all. Memory is
 * bounded: input is read no faster than verdicts are taken.
 *
 * @returns the exit code: 0 if all were accepted, 1 if all were judged, otherwise the highest; 2 without any request.
 */
export async function batch(options: Options, io: Io): Promise<number> {
  const image = imageOptionsOf(options);
  if (!image.ok) return reportCommandProblem(image.problem, "batch", "text", io);
  const settings: BatchSettings = {
    defaults: {
      policy: policyOf(options),
      requireSigned: options["require-signed"] === true,
      image: image.value,
    },
    debug: options.debug === true,
    openPgp: openPgpOf(options),
  };
  const crew = await Crew.gather(settings, { jobs: options.jobs, io });
  // On the same terminal the verdicts themselves show how far it has come.
  const showsProgress = (await io.stderr.isTerminal()) && !(await io.stdout.isTerminal());
  const output = new BatchOutput(io, showsProgress);
  const interrupted = new Promise<"interrupted">((resolve) => io.onInterrupt(() => resolve("interrupted")));

  if (await io.stdinIsTerminal()) await io.stderr.write(`${waitingText()}\n`);
  const judged = judgeAll(lineBlocks(io.stdin()), crew, output);
  const outcome = await Promise.race([judged.then((problem) => output.writeInputProblem(problem)), interrupted]);
  const exitCode = await output.close();
  if (outcome === "interrupted") return interruptedExitCode;
  // A generator that failed must not look like an acceptance.
  if (output.isEmpty && options["allow-empty"] !== true) {
    return reportCommandProblem({ code: "usage.input.empty" }, "batch", "text", io);
  }
  return exitCode;
}

/** @returns why there may be requests that could not be read, if there may be any */
async function judgeAll(
  blocks: ReturnType<typeof lineBlocks>,
  crew: Crew,
  output: BatchOutput,
): Promise<InputProblem | undefined> {
  const waiting: { readonly bytes: number; readonly written: Promise<void> }[] = [];
  let waitingBytes = 0;
  let last: Promise<void> = Promise.resolve();
  try {
    for await (const block of blocks) {
      if (output.isClosed) return undefined;
      if (!block.ok) return block.problem;
      const lines = block.value;
      const bytes = lines.reduce((sum, line) => sum + line.length, 0);
      const judged = crew.judge(lines);
      last = Promise.all([judged, last]).then(([block]) => output.write(block));
      // Whoever awaits an earlier one hears of it first; the error itself is not lost, it ends the loop.
      last.catch(() => undefined);
      waiting.push({ bytes, written: last });
      waitingBytes += bytes;
      while (waiting.length >= crew.maxWaiting || waitingBytes > maxWaitingBlockBytes) {
        const first = waiting.shift();
        if (first === undefined) break;
        await first.written;
        waitingBytes -= first.bytes;
      }
      // Verdicts alone never let the event loop turn, and so no interruption would be noticed.
      await nextTurn();
    }
    return undefined;
  } finally {
    // Also where the input breaks off: what was read before is judged.
    await last;
  }
}

/** Whole lines to standard output, and on a terminal how far it has come to standard error. */
class BatchOutput {
  readonly #io: Io;
  readonly #showsProgress: boolean;
  readonly #progress = { accepted: 0, rejected: 0, error: 0 } satisfies BatchProgress;
  #exitCode = 0;
  #shownAt = 0;
  #writing: Promise<unknown> = Promise.resolve();
  isClosed = false;
  /** No verdict was due. */
  isEmpty = true;

  constructor(io: Io, showsProgress: boolean) {
    this.#io = io;
    this.#showsProgress = showsProgress;
  }

  async write(block: JudgedBlock): Promise<void> {
    this.isEmpty = false;
    if (this.isClosed) return;
    const written = this.#io.stdout.write(block.text);
    this.#writing = written;
    this.#exitCode = Math.max(this.#exitCode, block.exitCode);
    if (!(await written)) {
      this.isClosed = true;
      this.#exitCode = Math.max(this.#exitCode, undeliveredExitCode);
      return;
    }
    this.#progress.accepted += block.accepted;
    this.#progress.rejected += block.rejected;
    this.#progress.error += block.error;
    await this.#showProgress();
  }

  async writeInputProblem(input: InputProblem | undefined): Promise<void> {
    if (input === undefined) return;
    const problem = { code: "usage.request.malformed", detail: input.reason, form: "input" } as const;
    const document = verdictDocument(errorVerdict(problem));
    const text = documentLine(document);
    await this.write({ text, exitCode: document.exitCode, accepted: 0, rejected: 0, error: 1 });
  }

  /** Ends after the line that is being written, and gives the exit code of what was judged. */
  async close(): Promise<number> {
    this.isClosed = true;
    await this.#writing;
    if (this.#shownAt > 0) await this.#io.stderr.write("\r\u001b[K");
    return this.#exitCode;
  }

  async #showProgress(): Promise<void> {
    const now = this.#io.now();
    if (!this.#showsProgress || now - this.#shownAt < 0.2) return;
    this.#shownAt = now;
    await this.#io.stderr.write(`\r\u001b[K${progressText(this.#progress)}`);
  }
}
