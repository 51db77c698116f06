#!/usr/bin/env node
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { serveBlocks, threadJudge } from "./cli/batch-thread.ts";
import type { Io } from "./cli/io.ts";
import { reportInternalError } from "./cli/report.ts";
import { run } from "./cli/run.ts";
import { descriptorSink } from "./host/sink.ts";
import { standardInput } from "./host/standard-input.ts";

const io: Io = {
  stdin: () => standardInput(() => process.stdin),
  stdout: descriptorSink(1),
  stderr: descriptorSink(2),
  environment: process.env,
  now: () => Date.now() / 1000,
  onInterrupt: (listener) => void process.once("SIGINT", listener),
  startThread: (settings) => threadJudge(new URL(import.meta.url), settings),
};

if (isMainThread) {
  // Whatever ends the process early, it is not an acceptance.
  process.exitCode = 70;
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    process.on(
      event,
      (error: unknown) => void reportInternalError(error, "text", io).then((code) => process.exit(code)),
    );
  }
  process.exit(await run(process.argv.slice(2), io));
} else if (parentPort !== null) {
  serveBlocks(parentPort, workerData, io);
}
