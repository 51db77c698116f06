#!/usr/bin/env node
// First of all: what follows does not even load on an older Node.
import "./host/required-node.ts";

import type { Io } from "./cli/io.ts";
import { run } from "./cli/run.ts";
import { descriptorSink, isTerminal } from "./host/sink.ts";
import { standardInput } from "./host/standard-input.ts";

/** The first argument of the threads that `batch` starts; node:worker_threads is loaded for them only. */
const threadArgument = "batch-thread";

/** The same for the thread that waits for descriptors. */
const readinessArgument = "readiness-thread";

// Libraries may talk to developers (openpgp.js does, if NODE_ENV says so): not among verdicts.
for (const method of ["log", "info", "warn", "error", "debug"] as const) console[method] = () => {};

const program = new URL(import.meta.url);

const io: Io = {
  stdin: () => standardInput(() => process.stdin),
  stdinIsTerminal: () => isTerminal(0),
  stdout: descriptorSink(1),
  stderr: descriptorSink(2),
  environment: process.env,
  now: () => Date.now() / 1000,
  onInterrupt: (listener) => void process.once("SIGINT", listener),
  onTermination: (listener) => void process.once("SIGTERM", listener),
  async startThread(settings) {
    const { threadJudge } = await import("./cli/commands/batch/batch-thread.ts");
    return threadJudge({ program, argument: threadArgument }, settings);
  },
  processId: process.pid,
  async serveCalls(request) {
    const stop = new AbortController();
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
    const { runService } = await import("./serve/service/run-service.ts");
    return runService({ ...request, stop: stop.signal }, { program, argument: readinessArgument });
  },
  async serveImageProxy(request) {
    const { runProxy } = await import("./serve/image-proxy/run-proxy.ts");
    return runProxy(request, { program, argument: readinessArgument });
  },
};

const role = process.argv[2];
const isThread = role === threadArgument || role === readinessArgument;
const thread = isThread ? await import("node:worker_threads") : undefined;
if (thread?.parentPort && role === readinessArgument) {
  const { serveReadiness } = await import("./host/descriptors/readiness-thread.ts");
  await serveReadiness(thread.parentPort, thread.workerData);
} else if (thread?.parentPort) {
  const { serveBlocks } = await import("./cli/commands/batch/batch-thread.ts");
  serveBlocks(thread.parentPort, thread.workerData, io);
} else {
  // Whatever ends the process early, it is not an acceptance.
  process.exitCode = 70;
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    process.on(event, async (error: unknown) => {
      const { reportInternalError } = await import("./cli/report.ts");
      process.exit(await reportInternalError(error, "text", io));
    });
  }
  process.exit(await run(process.argv.slice(2), io));
}
