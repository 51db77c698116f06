import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type AuditDatabase, DatabaseFailed } from "../../src/audit/database/database.ts";
import { type ChunkJob, type ChunkQueue, NotOurs, type TakenJob } from "../../src/audit/queue/chunk-queue.ts";
import { openQueue } from "../../src/audit/queue/open-queue.ts";
import { dialects, opened, postgresServer, setUpPlace, sourceRuntimes } from "../support/audit-databases.ts";
import { runAside } from "../support/registry/run-aside.ts";

const worker = join(import.meta.dirname, "worker.run.ts");
const environment = { PATH: "/usr/bin:/bin", HOME: "/nonexistent" };
const bounds = { stages: ["judge", "fetch", "expand"], perRegistry: 2, except: [] } as const;

interface Opened {
  readonly database: AuditDatabase;
  readonly queue: ChunkQueue;
}

const fetchOf = (registry: string, ...chunks: readonly number[]): readonly ChunkJob[] =>
  chunks.map((chunk) => ({ stage: "fetch", chunk, registry }));

const put = ({ database, queue }: Opened, jobs: readonly ChunkJob[]) =>
  database.transaction((session) => queue.put(session, jobs));

const done = ({ database, queue }: Opened, job: TakenJob) =>
  database.transaction((session) => queue.done(session, job));

async function taken({ queue }: Opened, some: Partial<Parameters<ChunkQueue["take"]>[0]> = {}): Promise<TakenJob> {
  const job = await queue.take({ ...bounds, ...some });
  assert.ok(job !== undefined, "there was nothing to take");
  return job;
}

/** Takes until there is something, however long that lasts. */
async function takenLater({ queue }: Opened): Promise<TakenJob> {
  for (let tries = 0; tries < 1200; tries += 1) {
    const job = await queue.take(bounds);
    if (job !== undefined) return job;
    await sleep(100);
  }
  throw new Error("there was nothing to take for two minutes");
}

for (const { dialect, skip } of dialects) {
  describe(`the queue: ${dialect}`, { skip }, () => {
    const all: Opened[] = [];
    after(async () => {
      for (const { database, queue } of all) {
        await queue.close();
        await database.close();
      }
    });
    const open = async (place: string, leaseSeconds?: number): Promise<Opened> => {
      const database = await opened(place);
      const queue = await openQueue(database, {
        isWorker: true,
        ...(leaseSeconds === undefined ? {} : { leaseSeconds }),
      });
      const made = { database, queue };
      all.push(made);
      return made;
    };
    const made = async (leaseSeconds?: number) => open(await setUpPlace(dialect), leaseSeconds);

    it("gives what was put, once, and nothing after it is done", async () => {
      const one = await made();
      assert.equal(await one.queue.take(bounds), undefined);
      await put(one, fetchOf("r.example:5000", 7));
      const job = await taken(one);
      const { lease, ...rest } = job;
      assert.deepEqual(rest, { stage: "fetch", chunk: 7, registry: "r.example:5000", earlierAttempts: 0 });
      assert.notEqual(lease, "");
      assert.equal(await one.queue.take(bounds), undefined);
      assert.equal(await one.queue.keep(job), true);
      await done(one, job);
      assert.equal(await one.queue.take(bounds), undefined);
      assert.equal(await one.queue.keep(job), false);
      await assert.rejects(done(one, job), NotOurs);
    });

    it("what is put is there once it is committed", async () => {
      const one = await made();
      await one.database.transaction(async (session) => {
        await one.queue.put(session, fetchOf("r", 1));
        // With SQLite the other connection takes after this one, as the statement writes.
        if (dialect === "postgres") assert.equal(await one.queue.take(bounds), undefined);
      });
      await assert.rejects(
        one.database.transaction(async (session) => {
          await one.queue.put(session, fetchOf("r", 2));
          throw new Error("no");
        }),
        /no/,
      );
      assert.equal((await taken(one)).chunk, 1);
      assert.equal(await one.queue.take(bounds), undefined);
    });

    it("done that is rolled back leaves it taken", async () => {
      const one = await made();
      await put(one, fetchOf("r", 1));
      const job = await taken(one);
      const work = one.database.transaction(async (session) => {
        await one.queue.done(session, job);
        await one.queue.put(session, fetchOf("r", 2));
        throw new Error("no");
      });
      await assert.rejects(work, /no/);
      assert.equal(await one.queue.take(bounds), undefined);
      assert.equal(await one.queue.keep(job), true);
      await done(one, job);
    });

    it("the next stage of a chunk is put where the one before is done", async () => {
      const one = await made();
      await put(one, fetchOf("r", 1));
      const job = await taken(one);
      await one.database.transaction(async (session) => {
        await one.queue.put(session, [{ stage: "judge", chunk: 1, registry: "" }]);
        await one.queue.done(session, job);
      });
      const next = await taken(one);
      assert.deepEqual([next.stage, next.chunk, next.registry], ["judge", 1, ""]);
    });

    it("the stages in their order, and no others", async () => {
      const one = await made();
      const stages = ["expand", "fetch", "judge"] as const;
      await put(
        one,
        stages.map((stage, chunk) => ({ stage, chunk, registry: `r${chunk}` })),
      );
      assert.equal(await one.queue.take({ ...bounds, stages: [] }), undefined);
      assert.equal((await taken(one, { stages: ["fetch", "judge"] })).stage, "fetch");
      assert.equal((await taken(one, { stages: ["judge", "expand"] })).stage, "judge");
      assert.equal(await one.queue.take({ ...bounds, stages: ["judge", "fetch"] }), undefined);
      assert.equal((await taken(one, { stages: ["judge", "expand"] })).stage, "expand");
    });

    it("no more of a registry than it may have, over all stages, and of none as many as there are", async () => {
      const one = await made();
      await put(one, [...fetchOf("a", 1, 2, 3), ...fetchOf("", 4, 5, 6), { stage: "expand", chunk: 7, registry: "a" }]);
      const jobs: TakenJob[] = [];
      for (let job = await one.queue.take(bounds); job !== undefined; job = await one.queue.take(bounds))
        jobs.push(job);
      assert.equal(jobs.filter(({ registry }) => registry === "a").length, 2);
      assert.equal(jobs.filter(({ registry }) => registry === "").length, 3);
      assert.equal(await one.queue.take({ ...bounds, perRegistry: 1 }), undefined);
      const [first] = jobs.filter(({ registry }) => registry === "a");
      assert.ok(first !== undefined);
      await done(one, first);
      assert.equal((await taken(one)).registry, "a");
      assert.equal((await taken(one, { perRegistry: 3 })).registry, "a");
    });

    it("nothing of the registries that are excepted", async () => {
      const one = await made();
      await put(one, [...fetchOf("a", 1), ...fetchOf("b", 2), ...fetchOf("", 3)]);
      assert.equal((await taken(one, { except: ["a", ""], stages: ["fetch"] })).registry, "b");
      assert.equal((await taken(one, { except: ["a", "b"] })).registry, "");
      assert.equal(await one.queue.take({ ...bounds, except: ["x", "a"] }), undefined);
      assert.equal((await taken(one, { except: ["b"] })).registry, "a");
    });

    it("one with many chunks does not hold up others", async () => {
      const one = await made();
      await put(one, fetchOf("many", ...Array.from({ length: 300 }, (_, index) => index)));
      await put(one, fetchOf("few", 1000, 1001));
      const registries: string[] = [];
      for (let index = 0; index < 4; index += 1) registries.push((await taken(one)).registry);
      assert.deepEqual(registries.sort(), ["few", "few", "many", "many"]);
    });

    it("what was put back comes after its while, and that was no attempt", async () => {
      const one = await made();
      await put(one, fetchOf("r", 1));
      const job = await taken(one);
      await one.database.transaction((session) => one.queue.putBack(session, job, 3600));
      assert.equal(await one.queue.take(bounds), undefined);
      assert.equal(await one.queue.keep(job), false);
      await assert.rejects(done(one, job), NotOurs);
      await put(one, fetchOf("r", 2));
      const second = await taken(one);
      assert.equal(second.chunk, 2);
      await one.database.transaction((session) => one.queue.putBack(session, second, 0));
      const third = await taken(one);
      assert.deepEqual([third.chunk, third.earlierAttempts], [2, 0]);
      assert.notEqual(third.lease, second.lease);
    });

    it("who lost a chunk can do nothing with it any more, nor with anything beside it", async () => {
      const place = await setUpPlace(dialect);
      const [slow, quick] = [await open(place, 1), await open(place, 1)];
      await slow.database.query("CREATE TABLE results (chunk BIGINT)");
      await put(slow, fetchOf("r", 1));
      const lost = await taken(slow);
      const job = await takenLater(quick);
      assert.deepEqual([job.chunk, job.earlierAttempts], [1, 1]);
      assert.equal(await slow.queue.keep(lost), false);
      for (const what of ["done", "putBack"] as const) {
        const work = slow.database.transaction(async (session) => {
          await session.query("INSERT INTO results (chunk) VALUES (1)");
          if (what === "done") await slow.queue.done(session, lost);
          else await slow.queue.putBack(session, lost, 0);
        });
        await assert.rejects(work, NotOurs, what);
      }
      assert.deepEqual(await slow.database.query("SELECT chunk FROM results"), []);
    });

    it("put back after attempts that came to nothing, it still has them", async () => {
      const one = await made(1);
      await put(one, fetchOf("r", 1));
      await taken(one);
      const again = await takenLater(one);
      assert.equal(again.earlierAttempts, 1);
      await one.database.transaction((session) => one.queue.putBack(session, again, 0));
      assert.equal((await takenLater(one)).earlierAttempts, 1);
    });

    it("what is kept is not given to others, however long that lasts", async () => {
      const one = await made(2);
      await put(one, fetchOf("r", 1));
      const job = await taken(one);
      // Longer than the lease; kept in time, or else the machine slept, and it is lost rightly.
      for (let turn = 0; turn < 12; turn += 1) {
        await sleep(400);
        if (!(await one.queue.keep(job))) return;
        assert.equal(await one.queue.take(bounds), undefined);
      }
      await done(one, job);
    });

    for (const { name, path } of sourceRuntimes) {
      it(`a chunk of a process that was killed comes again: ${name}`, { timeout: 180_000 }, async () => {
        const place = await setUpPlace(dialect);
        const one = await open(place, 1);
        await put(one, fetchOf("r", 1));
        const child = spawn(path, [worker, place, "hold"], { env: environment, stdio: ["ignore", "pipe", "inherit"] });
        try {
          const first = await new Promise<string>((resolve, reject) => {
            child.stdout.once("data", (bytes) => resolve(String(bytes)));
            child.once("exit", () => reject(new Error("it ended")));
          });
          const held: TakenJob = JSON.parse(first);
          assert.equal(held.chunk, 1);
          child.kill("SIGKILL");
          const job = await takenLater(one);
          assert.deepEqual([job.chunk, job.earlierAttempts], [1, 1]);
          await assert.rejects(done(one, held), NotOurs);
          await done(one, job);
        } finally {
          child.kill("SIGKILL");
        }
      });
    }

    it("several processes of both runtimes: each chunk once, and no registry more than it may", {
      timeout: 300_000,
    }, async () => {
      const place = await setUpPlace(dialect);
      const one = await open(place);
      await one.database.query("CREATE TABLE running (chunk BIGINT, registry TEXT)");
      await one.database.query("CREATE TABLE unfinished (chunk BIGINT PRIMARY KEY)");
      const chunks = Array.from({ length: 150 }, (_, index) => index);
      await one.database.transaction(async (session) => {
        for (const chunk of chunks) {
          await session.query("INSERT INTO unfinished (chunk) VALUES ($1)", [chunk]);
          await one.queue.put(session, fetchOf(["a", "b", ""][chunk % 3] ?? "", chunk));
        }
      });
      const processes = [...sourceRuntimes, ...sourceRuntimes].map(({ path }) =>
        runAside([path, worker, place, "work", "2"], environment, { timeoutMs: 240_000 }),
      );
      const results = await Promise.all(processes);
      const told = results.map(({ code, stdout, stderr }): { done: number[]; most: number } => {
        assert.deepEqual([code, stderr], [0, ""]);
        return JSON.parse(stdout);
      });
      assert.deepEqual(
        told.flatMap((each) => each.done).sort((a, b) => a - b),
        chunks,
      );
      assert.ok(
        told.every(({ most }) => most <= 2),
        JSON.stringify(told.map(({ most }) => most)),
      );
      assert.ok(told.some(({ most }) => most === 2));
    });
  });
}

describe("a server that goes away", { skip: dialects[1]?.skip }, () => {
  it("the queue is unreachable, and goes on once it is back", async () => {
    const server = await postgresServer();
    const database = await opened(await setUpPlace("postgres"));
    const one = { database, queue: await openQueue(database, { isWorker: true, leaseSeconds: 1 }) };
    const isUnreachable = (error: unknown) => error instanceof DatabaseFailed && error.problem.kind === "unreachable";
    try {
      await put(one, fetchOf("r", 1, 2));
      const job = await taken(one);
      await server.stop();
      await assert.rejects(one.queue.take(bounds), isUnreachable);
      await assert.rejects(one.queue.keep(job), isUnreachable);
      await assert.rejects(done(one, job), isUnreachable);
      // What pg-boss does by itself meanwhile is not thrown at anybody.
      await sleep(1500);
      await server.start();
      const chunks = [(await takenLater(one)).chunk, (await takenLater(one)).chunk];
      assert.deepEqual(chunks.sort(), [1, 2]);
    } finally {
      await one.queue.close();
      await database.close();
    }
  });
});
