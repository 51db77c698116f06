import { Worker } from "node:worker_threads";
import { epoll } from "./layouts.ts";
import { errnoName, errnos, type Libc } from "./libc.ts";
import { type ReadinessThreadData, turns, words } from "./readiness-thread.ts";

/** Says when a descriptor is ready. Whoever closes the descriptor closes this before. */
export interface Watch {
  /** Each gives `undefined` when there is something to try, or the name of an error: ECANCELED once this is closed. */
  readable(): Promise<string | undefined>;
  writable(): Promise<string | undefined>;
  /** There is an error or a hang-up, such as a pipe that nobody reads any more. */
  broken(): Promise<string | undefined>;
  close(): void;
}

/** What a thread runs, with this as its first argument: it must call `serveReadiness`. */
export interface ThreadStart {
  readonly program: URL;
  readonly argument: string;
}

/**
 * Waits for many descriptors without holding up the event loop. A thread sleeps in poll(2) on the descriptor of an epoll(7), and says
 * once that there are events; this thread takes them, and goes on looking for as long as events keep coming closely, as waking
 * the thread and being woken by it takes longer than most peers take to answer. Then it lets the thread sleep again.
 */
export class Readiness {
  readonly #libc: Libc;
  readonly #epoll: number;
  readonly #wake: number;
  readonly #thread: Worker;
  readonly #shared: Int32Array;
  readonly #watches = new Map<number, EpollWatch>();
  readonly #ended: Promise<void>;
  readonly #end = () => this.#endThread();
  #lastId = 0;
  #waiting = 0;
  #isClosed = false;
  #failure: unknown;
  /** Of the two: whether this thread looks for events itself, now or when someone waits. */
  #isLooking = false;
  #lookUntil = 0;

  /** @returns the name of an error where the system gives no more descriptors */
  static open(libc: Libc, start: ThreadStart): Readiness | string {
    const epoll = libc.epoll();
    if (epoll < 0) return errnoName(epoll);
    const wake = libc.eventDescriptor();
    if (wake >= 0) return new Readiness(libc, { epoll, wake, start });
    libc.close(epoll);
    return errnoName(wake);
  }

  private constructor(libc: Libc, { epoll, wake, start }: { epoll: number; wake: number; start: ThreadStart }) {
    this.#libc = libc;
    this.#epoll = epoll;
    this.#wake = wake;
    const shared = new SharedArrayBuffer(4 * words.count);
    this.#shared = new Int32Array(shared);
    const workerData: ReadinessThreadData = { epoll, wake, shared };
    this.#thread = new Worker(start.program, { workerData, argv: [start.argument] });
    this.#thread.on("message", () => this.#startLooking());
    this.#thread.on("error", (error) => {
      this.#failure = error;
      for (const watch of this.#watches.values()) watch.reject(error);
    });
    this.#ended = new Promise((resolve) => this.#thread.on("exit", () => resolve()));
    // A runtime that ends waits for its threads: Node would for ever.
    process.on("exit", this.#end);
  }

  watch(descriptor: number): Watch {
    this.#lastId += 1;
    const id = this.#lastId;
    const watch = new EpollWatch({
      arm: (interest, isNew) => this.#arm(descriptor, { interest, isNew, id }),
      countWaiting: (change) => {
        this.#waiting += change;
      },
      forget: (isKnown) => {
        this.#watches.delete(id);
        if (isKnown) this.#libc.epollControl(this.#epoll, epoll.delete, descriptor, { events: 0, data: 0 });
      },
    });
    this.#watches.set(id, watch);
    return watch;
  }

  /** Ends what is waiting, and the thread. */
  async close(): Promise<void> {
    if (this.#isClosed) return this.#ended;
    this.#isClosed = true;
    for (const watch of [...this.#watches.values()]) watch.close();
    process.off("exit", this.#end);
    this.#endThread();
    await this.#ended;
    this.#libc.close(this.#epoll);
    this.#libc.close(this.#wake);
  }

  #endThread(): void {
    Atomics.store(this.#shared, words.isEnding, 1);
    this.#libc.raiseEvent(this.#wake);
    this.#giveTurn();
  }

  #arm(descriptor: number, { interest, isNew, id }: { interest: number; isNew: boolean; id: number }): number {
    if (this.#isClosed) return -errnos.ECANCELED;
    if (this.#failure !== undefined) throw this.#failure;
    const event = { events: interest | epoll.oneShot, data: id };
    const outcome = this.#libc.epollControl(this.#epoll, isNew ? epoll.add : epoll.modify, descriptor, event);
    if (outcome >= 0 && !this.#isLooking && Atomics.load(this.#shared, words.turn) === turns.main) this.#startLooking();
    return outcome;
  }

  #startLooking(): void {
    if (this.#isClosed || this.#isLooking) return;
    this.#isLooking = true;
    this.#lookUntil = performance.now() + lookingMs;
    setImmediate(this.#look);
  }

  readonly #look = (): void => {
    if (this.#isClosed) return;
    const found = this.#libc.epollEvents(this.#epoll);
    if (typeof found === "number") throw new Error(`epoll_wait: ${errnoName(found)}`);
    for (const { events, data } of found) this.#watches.get(data)?.tell(events);
    const now = performance.now();
    if (found.length > 0) this.#lookUntil = now + lookingMs;
    if (found.length > 0 || (this.#waiting > 0 && now < this.#lookUntil)) {
      setImmediate(this.#look);
      return;
    }
    this.#isLooking = false;
    if (this.#waiting > 0) this.#giveTurn();
  };

  #giveTurn(): void {
    Atomics.store(this.#shared, words.turn, turns.thread);
    Atomics.notify(this.#shared, words.turn);
  }
}

/**
 * A little longer than a peer on another processor takes to answer something small. Measured on two processors: a round trip takes 15 to 30 µs
 * within this time, and 100 to 150 µs by way of the thread.
 */
const lookingMs = 0.2;

interface Kernel {
  arm(interest: number, isNew: boolean): number;
  countWaiting(change: number): void;
  forget(isKnown: boolean): void;
}

interface Waiting {
  readonly interest: number;
  resolve(errno: string | undefined): void;
  reject(error: unknown): void;
}

/** One descriptor: who waits, for what. */
class EpollWatch implements Watch {
  readonly #kernel: Kernel;
  #waiting: readonly Waiting[] = [];
  #isKnown = false;
  #isClosed = false;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  readable(): Promise<string | undefined> {
    return this.#wait(epoll.readable);
  }

  writable(): Promise<string | undefined> {
    return this.#wait(epoll.writable);
  }

  broken(): Promise<string | undefined> {
    return this.#wait(0);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#kernel.forget(this.#isKnown);
    for (const { resolve } of this.#take(() => true)) resolve("ECANCELED");
  }

  reject(error: unknown): void {
    for (const { reject } of this.#take(() => true)) reject(error);
  }

  /** Errors and hang-ups are everybody's matter: whatever is tried next says what it is. */
  tell(events: number): void {
    const isBroken = (events & (epoll.error | epoll.hangUp)) !== 0;
    const ready = this.#take(({ interest }) => isBroken || (interest & events) !== 0);
    // The event took away what was armed.
    if (this.#waiting.length > 0) this.#arm();
    for (const { resolve } of ready) resolve(undefined);
  }

  #wait(interest: number): Promise<string | undefined> {
    if (this.#isClosed) return Promise.resolve("ECANCELED");
    return new Promise((resolve, reject) => {
      this.#waiting = [...this.#waiting, { interest, resolve, reject }];
      this.#kernel.countWaiting(1);
      this.#arm();
    });
  }

  #arm(): void {
    const interest = this.#waiting.reduce((all, one) => all | one.interest, 0);
    const outcome = this.#kernel.arm(interest, !this.#isKnown);
    if (outcome >= 0) {
      this.#isKnown = true;
      return;
    }
    // A regular file is always ready, and epoll takes none.
    const errno = outcome === -errnos.EPERM ? undefined : errnoName(outcome);
    for (const { resolve } of this.#take(() => true)) resolve(errno);
  }

  #take(isMeant: (waiting: Waiting) => boolean): readonly Waiting[] {
    const taken = this.#waiting.filter(isMeant);
    if (taken.length === 0) return taken;
    this.#waiting = this.#waiting.filter((waiting) => !taken.includes(waiting));
    this.#kernel.countWaiting(-taken.length);
    return taken;
  }
}
