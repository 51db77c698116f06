import { type MessagePort, Worker } from "node:worker_threads";
import type { Sink } from "../../../host/sink.ts";
import type { Environment } from "../../environment.ts";
import { type BatchSettings, type BlockJudge, blockJudge, type JudgedBlock } from "./batch-block.ts";

/**
 * A judge in a thread of its own. Blocks given to it are judged one after the other.
 *
 * @param start what the thread runs, with this as its first argument: it must call {@link serveBlocks}.
 */
export function threadJudge(
  start: { readonly program: URL; readonly argument: string },
  settings: BatchSettings,
): BlockJudge {
  const thread = new Worker(start.program, { workerData: settings, argv: [start.argument] });
  const waiting: { resolve(block: JudgedBlock): void; reject(error: unknown): void }[] = [];
  let failure: unknown;
  const fail = (error: unknown): void => {
    failure = error;
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  thread.on("message", (block: JudgedBlock) => waiting.shift()?.resolve(block));
  thread.on("error", fail);
  thread.on("exit", () => fail(new Error("a thread ended before its work was done")));
  return (lines) =>
    new Promise((resolve, reject) => {
      if (failure !== undefined) return reject(failure);
      waiting.push({ resolve, reject });
      // Copied one by one: cloning a line as it is would copy the whole chunk of input that it is a part of.
      thread.postMessage(lines.map((line) => new Uint8Array(line)));
    });
}

/** The other side: judges what comes through the port, in order. */
export function serveBlocks(
  port: MessagePort,
  settings: BatchSettings,
  io: { readonly environment: Environment; readonly now: () => number; readonly stderr: Sink },
): void {
  const { judge } = blockJudge(settings, io);
  let last: Promise<void> = Promise.resolve();
  port.on("message", (lines: readonly Uint8Array[]) => {
    last = last.then(async () => port.postMessage(await judge(lines)));
  });
}
