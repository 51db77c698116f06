import { toolsOnDemand } from "../../../audit/worker/open-tools.ts";
import { runWorker } from "../../../audit/worker/worker.ts";
import { auditWords } from "../../../report/audit-summary.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import { registriesOptionsOf } from "../../arguments/registries-options.ts";
import type { Io } from "../../io.ts";
import { version } from "../../version.ts";
import { withQueue } from "./open-audit.ts";
import { workLog } from "./work-log.ts";

/** Chunks that are fetched at a time, and images of each. */
const defaultJobs = 8;
const imagesOfChunk = 4;

/** Works until nothing is left. @returns the exit code. */
export async function auditWork(options: Options, io: Io): Promise<number> {
  const ending = new AbortController();
  io.onInterrupt(() => ending.abort(new Error("interrupted")));
  io.onTermination(() => ending.abort(new Error("terminated")));
  await withQueue(
    options,
    io,
    async ({ database, queue, leaseSeconds }) => {
      const { environment, now } = io;
      const registries = registriesOptionsOf(options, io);
      const tools = {
        database,
        queue,
        registries,
        environment,
        words: auditWords,
        version,
        now,
        concurrency: imagesOfChunk,
      };
      await runWorker({
        ...{ database, queue, leaseSeconds, now, tell: workLog(options, io) },
        toolsOf: toolsOnDemand(tools),
        jobs: options.jobs ?? defaultJobs,
        isWaiting: options.wait === true,
        stop: ending.signal,
      });
    },
    { isWorker: true },
  );
  return 0;
}
