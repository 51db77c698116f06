import { Engine } from "../../engine/engine.ts";
import type { Step } from "../../engine/step.ts";
import type { Warn } from "../../host/file-warning.ts";
import { readTrustFile } from "../../host/trust-file.ts";
import { stepText } from "../../words/trace-words.ts";
import { warningText } from "../../words/warning-words.ts";
import { openPgpOf } from "../arguments/openpgp-option.ts";
import type { Options } from "../arguments/parse-arguments.ts";
import type { Io } from "../io.ts";

/** How a command was called. */
export interface Called {
  readonly options: Options;
  readonly io: Io;
}

/** What a command judges by: the policy and its keys are read once in its run. */
export function commandEngine(
  called: Called,
  { isForOneImage = false }: { readonly isForOneImage?: boolean } = {},
): Engine {
  const { options, io } = called;
  const { trace, warn } = tellers(called);
  return new Engine({
    environment: io.environment,
    now: io.now,
    readFile: (path) => readTrustFile(path, warn),
    openPgp: openPgpOf(options),
    isPinned: true,
    isForOneImage,
    trace,
    warn,
  });
}

/** Who hears of steps and warnings. */
export function tellers({ options, io }: Called): {
  readonly trace: (step: Step) => void;
  readonly warn: Warn;
} {
  const isQuiet = options.quiet === true;
  return {
    trace: (step) => {
      if (options.debug === true && !isQuiet) void io.stderr.write(`${stepText(step)}\n`);
    },
    warn: (warning) => {
      if (!isQuiet) void io.stderr.write(`${warningText(warning)}\n`);
    },
  };
}
