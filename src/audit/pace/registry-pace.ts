import { sleep } from "../../host/sleep.ts";
import type { AuditDatabase, SqlRow } from "../database/database.ts";

/** Turns that a worker takes at once, for fewer questions to the database; those that it does not use are lost. */
const maxTurnsAtOnce = 16;

/** How long a worker goes by what it knows of pauses, where there is no bound to ask for anyway. */
const knownForMilliseconds = 250;

interface Known {
  readonly perSecond: number | undefined;
  /** Of turns that are this worker's: when the first is due, and how many there are. */
  nextMs: number;
  left: number;
  /** Asks again then. */
  readonly untilMs: number;
}

/**
 * A bound on requests for each registry, kept in the database: turns, at even distances, are given out to workers one after the other (the
 * generic cell rate algorithm, ITU-T I.371, without a burst). Times are those of the database, so that workers need not agree on what time it is.
 */
export class SharedPace {
  readonly #database: AuditDatabase;
  readonly #defaultPerSecond: number | undefined;
  /** Milliseconds of a clock that only goes forward. */
  readonly #elapsed: () => number;
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, Promise<Known>>();
  /** When each registry last asked for a pause, as far as this worker was told. */
  readonly #pausedAt = new Map<string, number>();

  /** @param options.defaultPerSecond for registries of which nothing is said; as many as they take unless it is given */
  constructor(
    database: AuditDatabase,
    { defaultPerSecond, elapsed }: { readonly defaultPerSecond: number | undefined; readonly elapsed: () => number },
  ) {
    this.#database = database;
    this.#defaultPerSecond = defaultPerSecond;
    this.#elapsed = elapsed;
  }

  /** Waits until a request may be sent. @throws the signal's reason once it is aborted. */
  async admit(host: string, signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const known = this.#known.get(host);
      const now = this.#elapsed();
      if (known === undefined || known.left < 1 || now > known.untilMs) {
        await this.#ask(host);
        continue;
      }
      known.left -= 1;
      const turnMs = known.nextMs;
      if (known.perSecond !== undefined) known.nextMs += 1000 / known.perSecond;
      if (turnMs <= now) return;
      await sleep((turnMs - now) / 1000, signal);
      // It may have asked for a pause meanwhile.
      if ((this.#pausedAt.get(host) ?? 0) < now) return;
    }
  }

  /** Nobody asks it for so long: it said so. */
  async pause(host: string, seconds: number): Promise<void> {
    this.#known.delete(host);
    this.#pausedAt.set(host, this.#elapsed());
    await this.#database.query(
      `INSERT INTO registries (host, per_second, paused_until_ms) VALUES ($1, $2, ${nowIn(this.#database)} + $3)
        ON CONFLICT (host) DO UPDATE SET paused_until_ms =
          CASE WHEN registries.paused_until_ms > excluded.paused_until_ms THEN registries.paused_until_ms ELSE excluded.paused_until_ms END`,
      [host, this.#defaultPerSecond ?? null, Math.ceil(seconds * 1000)],
    );
    this.#known.delete(host);
  }

  /** One question at a time for each host, whoever waits for it. */
  #ask(host: string): Promise<Known> {
    const asked = this.#asking.get(host) ?? this.#reserve(host).finally(() => this.#asking.delete(host));
    this.#asking.set(host, asked);
    return asked;
  }

  async #reserve(host: string): Promise<Known> {
    const perSecond = this.#known.get(host)?.perSecond ?? this.#defaultPerSecond;
    const turns = perSecond === undefined ? 1 : Math.min(Math.max(Math.floor(perSecond / 4), 1), maxTurnsAtOnce);
    const [row] = await this.#take(host, turns);
    if (row === undefined) {
      // It is there for all who come later.
      await this.#database.query(
        "INSERT INTO registries (host, per_second) VALUES ($1, $2) ON CONFLICT (host) DO NOTHING",
        [host, this.#defaultPerSecond ?? null],
      );
    }
    const known = this.#knownOf(row ?? (await this.#take(host, turns))[0] ?? {}, turns);
    this.#known.set(host, known);
    return known;
  }

  /** Turns begin when those given out before have ended, and when the pause has; never in the past. */
  #take(host: string, turns: number): Promise<readonly SqlRow[]> {
    const now = nowIn(this.#database);
    const begin = `(SELECT max(at) FROM (SELECT next_ms AS at UNION ALL SELECT paused_until_ms UNION ALL SELECT ${now}) AS times)`;
    return this.#database.query(
      `UPDATE registries SET next_ms = CASE WHEN per_second IS NULL THEN next_ms ELSE ${begin} + $1 * 1000.0 / per_second END
        WHERE host = $2 RETURNING next_ms, per_second, paused_until_ms, ${now} AS now_ms`,
      [turns, host],
    );
  }

  #knownOf({ next_ms, per_second, paused_until_ms, now_ms }: SqlRow, turns: number): Known {
    const elapsed = this.#elapsed();
    if (typeof per_second !== "number") {
      const nextMs = elapsed + Math.max(Number(paused_until_ms) - Number(now_ms), 0);
      return { perSecond: undefined, nextMs, left: Number.POSITIVE_INFINITY, untilMs: nextMs + knownForMilliseconds };
    }
    const lastedMs = (turns * 1000) / per_second;
    const nextMs = elapsed + Number(next_ms) - lastedMs - Number(now_ms);
    // Turns that were not used in their time are lost: used later they would come on top of others'.
    return { perSecond: per_second, nextMs, left: turns, untilMs: nextMs + lastedMs };
  }
}

/** Milliseconds since 1970, of the machine that has the database. */
export function nowIn({ dialect }: Pick<AuditDatabase, "dialect">): string {
  return dialect === "postgres"
    ? "(extract(epoch FROM clock_timestamp()) * 1000)::double precision"
    : "((julianday('now') - 2440587.5) * 86400000.0)";
}
