import type { AuditDatabase } from "../database/database.ts";
import { numberIn, textIn } from "../database/row.ts";
import { nowIn } from "./registry-pace.ts";

/** What is to be done about a registry that does not answer. */
export type Breaking =
  /** It is left alone for so long, and then asked again. */
  | { readonly kind: "parked"; readonly seconds: number }
  /** It was left alone often enough: that it does not answer is the result. */
  | { readonly kind: "given-up" };

/** How often a registry is left alone, each time this many times as long. */
const maxParks = 3;
const growth = 5;

/** Leaves registries alone that do not answer, for all workers. */
export class Breaker {
  readonly #database: AuditDatabase;
  readonly #parkSeconds: number;

  /** @param parkSeconds the first time */
  constructor(database: AuditDatabase, parkSeconds: number) {
    this.#database = database;
    this.#parkSeconds = parkSeconds;
  }

  /** A registry has not answered again and again. */
  async trip(host: string): Promise<Breaking> {
    const database = this.#database;
    const now = nowIn(database);
    await database.query("INSERT INTO registries (host) VALUES ($1) ON CONFLICT (host) DO NOTHING", [host]);
    // Of several workers that find it out together one parks it.
    await database.query(
      `UPDATE registries SET parks = parks + 1,
          parked_until_ms = ${now} + $1 * CASE parks WHEN 0 THEN 1 WHEN 1 THEN ${growth} ELSE ${growth ** 2} END
        WHERE host = $2 AND parks < ${maxParks} AND parked_until_ms <= ${now}`,
      [this.#parkSeconds * 1000, host],
    );
    const [row] = await database.query(`SELECT parked_until_ms - ${now} AS left_ms FROM registries WHERE host = $1`, [
      host,
    ]);
    const leftMs = numberIn(row, "left_ms");
    return leftMs > 0 ? { kind: "parked", seconds: leftMs / 1000 } : { kind: "given-up" };
  }

  /** It has answered. */
  async worked(host: string): Promise<void> {
    await this.#database.query(
      "UPDATE registries SET parks = 0, parked_until_ms = 0 WHERE host = $1 AND (parks > 0 OR parked_until_ms > 0)",
      [host],
    );
  }
}

export interface RestingRegistry {
  readonly host: string;
  /** For so long. */
  readonly seconds: number;
}

/** Registries that are to be left alone now: parked, or paused by their own wish. */
export async function restingRegistries(database: AuditDatabase): Promise<readonly RestingRegistry[]> {
  const now = nowIn(database);
  const rows = await database.query(
    `SELECT host, CAST(CASE WHEN parked_until_ms > paused_until_ms THEN parked_until_ms ELSE paused_until_ms END - ${now} AS double precision) AS left_ms
      FROM registries WHERE parked_until_ms > ${now} OR paused_until_ms > ${now} ORDER BY host`,
  );
  return rows.map((row) => ({ host: textIn(row, "host"), seconds: Math.max(0, numberIn(row, "left_ms")) / 1000 }));
}
