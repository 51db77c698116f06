/**
 * A process that uses the database of audits: `worker.run.ts PLACE set-up|work|hold [PER-REGISTRY]`, run by Node and by Bun. It prints JSON, a
 * line each.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { openQueue } from "../../src/audit/queue/open-queue.ts";
import { setUp } from "../../src/audit/schema/set-up.ts";
import { opened } from "../support/audit-databases.ts";

const [place = "", what, perRegistry = "2"] = process.argv.slice(2);
const print = (value: unknown) => console.log(JSON.stringify(value));
const database = await opened(place, { mayCreate: true });
const bounds = { stages: ["judge", "fetch", "expand"], perRegistry: Number(perRegistry), except: [] } as const;

/** What is in work at a time is written down while it is, so that each process sees how much that is. */
async function work(): Promise<void> {
  const queue = await openQueue(database, { isWorker: true });
  let most = 0;
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
      if (job.registry !== "") {
        const [{ running } = { running: 0 }] = await database.query(
          "SELECT count(*) AS running FROM running WHERE registry = $1",
          [job.registry],
        );
        most = Math.max(most, Number(running));
      }
      await sleep(2);
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
