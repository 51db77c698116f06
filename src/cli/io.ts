import type { Sink } from "../host/sink.ts";
import type { Input } from "../host/standard-input.ts";
import type { BatchSettings, BlockJudge } from "./commands/batch/batch-block.ts";
import type { Environment } from "./environment.ts";
import type { ProxyRequest, ServiceRequest } from "./services.ts";

/** An accepted image of which nobody hears was not accepted: the exit code where standard output takes no more. */
export const undeliveredExitCode = 2;

/** 128 + SIGINT, as shells have it. */
export const interruptedExitCode = 130;

/** All that a command has of the process it runs in. */
export interface Io {
  /** Opened only by the commands that read it. */
  readonly stdin: () => Input;
  /** Whether somebody types the input. */
  readonly stdinIsTerminal: () => Promise<boolean>;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly environment: Environment;
  /** Unix seconds, with their fraction. */
  readonly now: () => number;
  /** Calls back, once, instead of ending the process, when it is interrupted (SIGINT). */
  readonly onInterrupt: (listener: () => void) => void;
  /** The same when it is told to end (SIGTERM). */
  readonly onTermination: (listener: () => void) => void;
  /** Starts a thread that judges as `blockJudge(settings)` does. */
  readonly startThread: (settings: BatchSettings) => Promise<BlockJudge>;
  /** Serves calls until the process is told to end (SIGTERM, SIGINT). @returns why it could not, if that is so. */
  readonly serveCalls: (request: ServiceRequest) => Promise<string | undefined>;
  /** The number of this process. */
  readonly processId: number;
  /** Serves the client of an image proxy until it is gone. @returns why that ended too early, if it did. */
  readonly serveImageProxy: (request: ProxyRequest) => Promise<string | undefined>;
}

/**
 * Prints a text to standard output, on lines of its own.
 *
 * @returns the exit code: a success of which nobody hears is none.
 */
export async function printText(text: string, io: Io, exitCode = 0): Promise<number> {
  return (await io.stdout.write(`${text}\n`)) ? exitCode : exitCode || undeliveredExitCode;
}
