/** What work is told of its turn, and tells. */
export interface Turn {
  /** To be called for each answer "too many requests" (429), while the work goes on: fewer are sent to that host then. */
  throttled(): void;
}

interface Job {
  /** From 0, in the order of the references. */
  readonly order: number;
  readonly run: (turn: Turn) => Promise<void>;
  /** The last throttling of its host that it has taken part in, or that it was started after. */
  age: number;
  wasThrottled: boolean;
}

interface Host {
  readonly name: string;
  readonly waiting: Job[];
  running: number;
  /** How many may run now. */
  limit: number;
  /** How often the limit was halved. */
  age: number;
  /** Ended unthrottled since the limit changed. */
  good: number;
  /** It stands in the row of those that may start another. */
  isReady: boolean;
}

export interface QueueBounds {
  /** At most so many run at a time for a host, */
  readonly perHost: number;
  /** and altogether. */
  readonly total: number;
}

/** Which may start, as results wait for those before them: all, only the one that the others wait for, or none any more. */
export type Permission =
  | { readonly kind: "any" }
  | { readonly kind: "only"; readonly order: number }
  | { readonly kind: "none" };

/**
 * Runs jobs of many hosts: those of a host in their order, and hosts in turn, so that one that is slow has no more than its share. A host that
 * throttles is asked by half as many, and by one more each time that so many have ended well (additive increase, multiplicative decrease, as TCP
 * does: RFC 5681). Why not a package: docs/decisions/0012-queue.md.
 */
export class HostQueue {
  readonly #bounds: QueueBounds;
  readonly #permission: () => Permission;
  readonly #hosts = new Map<string, Host>();
  readonly #ready: Host[] = [];
  #running = 0;
  #isStopped = false;

  constructor(bounds: QueueBounds, permission: () => Permission) {
    for (const [name, bound] of Object.entries(bounds)) {
      if (!Number.isInteger(bound) || bound < 1) throw new TypeError(`${name} is not a number from 1 on`);
    }
    this.#bounds = bounds;
    this.#permission = permission;
  }

  /** Does some work for a host when its turn has come. Those of a host are to be given in their order. */
  run<T>(host: string, order: number, work: (turn: Turn) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const run = async (turn: Turn): Promise<void> => {
        try {
          resolve(await work(turn));
        } catch (error) {
          reject(error);
        }
      };
      const its = this.#host(host);
      its.waiting.push({ order, run, age: 0, wasThrottled: false });
      this.#makeReady(its);
      this.startMore();
    });
  }

  /** What has not been started never will be. */
  stop(): void {
    this.#isStopped = true;
    this.#hosts.clear();
  }

  /** To be called when the permission has become wider. */
  startMore(): void {
    while (!this.#isStopped && this.#running < this.#bounds.total) {
      const host = this.#nextHost();
      if (host === undefined) return;
      host.isReady = false;
      // It may have been throttled since it was put there.
      const job = host.running < host.limit ? host.waiting.shift() : undefined;
      if (job !== undefined) void this.#start(host, job);
      this.#makeReady(host);
    }
  }

  #nextHost(): Host | undefined {
    const permission = this.#permission();
    if (permission.kind === "none") return undefined;
    if (permission.kind === "any") return this.#ready.shift();
    const index = this.#ready.findIndex(({ waiting }) => waiting[0]?.order === permission.order);
    return index === -1 ? undefined : this.#ready.splice(index, 1)[0];
  }

  async #start(host: Host, job: Job): Promise<void> {
    host.running += 1;
    this.#running += 1;
    job.age = host.age;
    await job.run({ throttled: () => this.#throttle(host, job) });
    host.running -= 1;
    this.#running -= 1;
    if (!job.wasThrottled && job.age === host.age) this.#endedWell(host);
    this.#makeReady(host);
    const isIdle = host.running === 0 && host.waiting.length === 0;
    // A hundred thousand references may have as many hosts.
    if (isIdle && host.limit === this.#bounds.perHost) this.#hosts.delete(host.name);
    this.startMore();
  }

  /** Those that were under way together are throttled together: that counts once. */
  #throttle(host: Host, job: Job): void {
    if (job.age === host.age) {
      host.limit = Math.max(1, Math.floor(host.limit / 2));
      host.age += 1;
      host.good = 0;
    }
    job.age = host.age;
    job.wasThrottled = true;
  }

  #endedWell(host: Host): void {
    host.good += 1;
    if (host.good < host.limit) return;
    host.good = 0;
    host.limit = Math.min(this.#bounds.perHost, host.limit + 1);
  }

  #makeReady(host: Host): void {
    if (host.isReady || host.waiting.length === 0 || host.running >= host.limit) return;
    host.isReady = true;
    this.#ready.push(host);
  }

  #host(name: string): Host {
    const known = this.#hosts.get(name);
    if (known !== undefined) return known;
    const host = { name, waiting: [], running: 0, limit: this.#bounds.perHost, age: 0, good: 0, isReady: false };
    this.#hosts.set(name, host);
    return host;
  }
}
