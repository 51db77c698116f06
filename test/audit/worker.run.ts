/**
 * A process that uses the database of audits: `worker.run.ts PLACE set-up|work|hold|connect [PER-REGISTRY]`, run by Node and by Bun. It prints
 * JSON, a line each.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseFailed } from "../../src/audit/database/database.ts";
import { openAuditDatabase } from "../../src/audit/database/open-database.ts";
import { openQueue } from "../../src/audit/queue/open-queue.ts";
import { setUp } from "../../src/audit/schema/set-up.ts";
import { opened } from "../support/audit-databases.ts";

const [place = "", what, perRegistry = "2"] = process.argv.slice(2);
const print = (value: unknown) => console.log(JSON.stringify(value));
if (what === "connect") {
  print(await connect());
  process.exit();
}
const database = await opened(place, { mayCreate: true });
const bounds = { stages: ["judge", "fetch", "expand"], perRegistry: Number(perRegistry), except: [] } as const;

/** By what this process has in its environment. @returns whether there is TLS, or why there is no connection. */
async function connect(): Promise<unknown> {
  try {
    const asked = await openAuditDatabase(place, { environment: process.env });
    const rows = await asked.query("SELECT ssl, current_user AS name FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    await asked.close();
    return rows[0];
  } catch (error) {
    return error instanceof DatabaseFailed ? error.problem : { bug: String(error) };
  }
}

async function runningOf(registry: string): Promise<number> {
  const rows = await database.query("SELECT count(*) AS running FROM running WHERE registry = $1", [registry]);
  const [{ running } = { running: 0 }] = rows;
  return Number(running);
}

/** What is in work at a time is written down while it is, so that each process sees how much that is. */
async function work(): Promise<void> {
  const queue = await openQueue(database, { isWorker: true });
  let most = 0;
  // For so long, it keeps what it has for as long as it has seen no two at a time: there are to be two, not only no more.
  const patience = Date.now() + 20_000;
  const done: number[] = [];
  const inTurn = async () => {
    for (;;) {
      const job = await queue.take(bounds);
      if (job === undefined) {
        const [{ left } = { left: 0 }] = await database.query("SELECT count(*) AS left FROM unfinished");
        if (left === 0) return;
        await sleep(5);
        continue;
      }
      await database.query("INSERT INTO running (chunk, registry) VALUES ($1, $2)", [job.chunk, job.registry]);
      do {
        if (job.registry !== "") most = Math.max(most, await runningOf(job.registry));
        await sleep(2);
      } while (job.registry !== "" && most < 2 && Date.now() < patience);
      await database.transaction(async (session) => {
        await session.query("DELETE FROM running WHERE chunk = $1", [job.chunk]);
        await session.query("DELETE FROM unfinished WHERE chunk = $1", [job.chunk]);
        await queue.done(session, job);
      });
      done.push(job.chunk);
    }
  };
  await Promise.all([inTurn(), inTurn(), inTurn()]);
  print({ done, most });
  await queue.close();
}

if (what === "set-up") print(await setUp(database));
else if (what === "work") await work();
else {
  const queue = await openQueue(database, { leaseSeconds: 1, isWorker: true });
  print(await queue.take(bounds));
  await sleep(600_000);
}
await database.close();
