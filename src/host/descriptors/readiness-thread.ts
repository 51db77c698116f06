import type { MessagePort } from "node:worker_threads";
import { pollEvents } from "./layouts.ts";
import { errnoName, loadLibc } from "./libc.ts";

/** Numbers that both threads see. */
export const words = { turn: 0, isEnding: 1, count: 2 } as const;

/** Who looks for events: never both, so that none is taken while the other one sleeps. */
export const turns = { main: 0, thread: 1 } as const;

export interface ReadinessThreadData {
  /** The descriptor of an epoll(7): it is readable while it has events. */
  readonly epoll: number;
  /** Of an eventfd(2), which ends this. */
  readonly wake: number;
  readonly shared: SharedArrayBuffer;
}

/** The thread's side of `Readiness`: sleeps until there is an event, says so, and sleeps until the turn is its own again. */
export async function serveReadiness(port: MessagePort, { epoll, wake, shared }: ReadinessThreadData): Promise<void> {
  const libc = await loadLibc();
  if (!libc.ok) throw new Error(libc.problem.reason);
  const numbers = new Int32Array(shared);
  const watched = [epoll, wake].map((descriptor) => ({ descriptor, events: pollEvents.readable }));
  for (;;) {
    Atomics.wait(numbers, words.turn, turns.main);
    if (Atomics.load(numbers, words.isEnding) === 1) return;
    const found = libc.value.poll(watched, -1);
    if (typeof found === "number") throw new Error(`poll: ${errnoName(found)}`);
    if (Atomics.load(numbers, words.isEnding) === 1) return;
    if (found[0] === 0) continue;
    Atomics.store(numbers, words.turn, turns.main);
    port.postMessage(0);
  }
}
