import type { WorkEvent } from "../../../audit/worker/worker.ts";
import { errorText } from "../../../result.ts";
import { goingOnText, idleText, waitingForText } from "../../../words/audit-words.ts";
import { commandProblemText } from "../../../words/command-words.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import type { Io } from "../../io.ts";
import { stoppedBy } from "./audit-stopped.ts";

/** Each of the lanes of a worker finds out that the database is away, and again each time it tries. */
const repeatedSeconds = 60;

/** Tells on standard error what a worker waits for, and that it goes on; with `--debug` each chunk. */
export function workLog(options: Options, io: Io): (event: WorkEvent) => void {
  if (options.quiet === true) return () => undefined;
  let waitsFor: { readonly reason: string; readonly untilSeconds: number } | undefined;
  const write = (text: string): void => void io.stderr.write(`sealcheck: ${text}\n`);
  return (event) => {
    switch (event.kind) {
      case "waiting":
        write(idleText(event.resting));
        return;
      case "failed": {
        const problem = stoppedBy(event.error, options);
        const reason = problem === undefined ? errorText(event.error) : commandProblemText(problem);
        if (waitsFor?.reason === reason && io.now() < waitsFor.untilSeconds) return;
        waitsFor = { reason, untilSeconds: io.now() + repeatedSeconds };
        write(waitingForText(reason));
        return;
      }
      default: {
        const { stage, chunk, registry } = event.job;
        // One that was begun may fail for the same reason.
        if (event.kind === "done" && waitsFor !== undefined) {
          waitsFor = undefined;
          write(goingOnText());
        }
        if (options.debug === true) write(`${event.kind}: ${stage} ${chunk} ${registry}`);
      }
    }
  };
}
