import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { after } from "node:test";
import type { Channel, Descriptor } from "../../src/host/descriptors/channel.ts";
import { type Descriptors, openDescriptors } from "../../src/host/descriptors/descriptors.ts";
import { type Libc, loadLibc } from "../../src/host/descriptors/libc.ts";
import type { Result } from "../../src/result.ts";

/** The program itself runs the thread, as it does where it is installed. */
export const threadStart = {
  program: new URL("../../src/bin.ts", import.meta.url),
  argument: "readiness-thread",
} as const;

/** What passes descriptors, until the tests of a file are over. Its thread has started, and opens nothing any more. */
export async function openedDescriptors(): Promise<Descriptors> {
  const opened = await openDescriptors(threadStart);
  assert.ok(opened.ok, opened.ok ? "" : opened.problem.reason);
  after(() => opened.value.close());
  await warm(opened.value);
  return opened.value;
}

/** What comes this late, the thread hears of. */
export async function warm(descriptors: Descriptors): Promise<void> {
  const [one, other] = pairOf(descriptors, "stream");
  setTimeout(() => one.send(bytesOf("x")), 20);
  got(await other.receive(1));
  one.close();
  other.close();
}

export async function loadedLibc(): Promise<Libc> {
  const libc = await loadLibc();
  assert.ok(libc.ok);
  return libc.value;
}

export function got<T>(result: Result<T, unknown>): T {
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

export function errnoOf(result: Result<unknown, { readonly errno: string }>): string {
  assert.ok(!result.ok, "it did not fail");
  return result.problem.errno;
}

export function pairOf(descriptors: Descriptors, kind: "stream" | "packets"): readonly [Channel, Channel] {
  return got(descriptors.socketPair(kind));
}

export const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

export const bytesOf = (words: string): Uint8Array => Buffer.from(words);

/** How many descriptors this process has open. */
export function countDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

/** That something was done so often, and left nothing open. Runtimes open some for themselves, and close them later, but few. */
export function assertNothingOpened(before: number, rounds: number): void {
  const more = countDescriptors() - before;
  assert.ok(more < rounds / 4, `${more} more are open after ${rounds} rounds`);
}

export function closeAll(descriptors: readonly Descriptor[]): void {
  for (const descriptor of descriptors) descriptor.close();
}

export const pythonIsMissing =
  spawnSync("python3", ["-c", "import socket; socket.send_fds, socket.recv_fds"]).status === 0
    ? false
    : "python3 is not installed, or older than 3.9";

/** Another process, with these descriptors as 3, 4 and so on. Its standard output is what it gives at its end. */
export function python(
  program: string,
  { args = [], pass = [] }: { args?: readonly string[]; pass?: readonly number[] },
) {
  const child = spawn("python3", ["-c", `import array, os, socket, sys, time\n${program}`, ...args], {
    stdio: ["ignore", "pipe", "inherit", ...pass],
  });
  let output = "";
  const ended = new Promise<string>((resolve) => {
    child.stdout?.on("data", (piece) => {
      output += piece;
    });
    child.on("close", () => resolve(output));
  });
  return { processId: child.pid, ended, kill: () => child.kill("SIGKILL") };
}

/** Waits until it is so, and fails if it never is. */
export async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let round = 0; round < 500; round += 1) {
    if (isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail(`it never was so: ${what}`);
}
