import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { addImages, addRepository } from "../../src/audit/audits/add-images.ts";
import { copyImages } from "../../src/audit/audits/again.ts";
import type { Audit } from "../../src/audit/audits/audit.ts";
import { createAudit, policyOf } from "../../src/audit/audits/audits.ts";
import { keptPolicy } from "../../src/audit/audits/kept-policy.ts";
import { type AuditResult, auditResults } from "../../src/audit/audits/results.ts";
import type { AuditDatabase } from "../../src/audit/database/database.ts";
import { openEvidenceStore } from "../../src/audit/evidence/open-store.ts";
import { AuditJudge } from "../../src/audit/judge/audit-judge.ts";
import type { ChunkQueue } from "../../src/audit/queue/chunk-queue.ts";
import { openQueue } from "../../src/audit/queue/open-queue.ts";
import { registryOf, toolsOnDemand } from "../../src/audit/worker/open-tools.ts";
import { runWorker } from "../../src/audit/worker/worker.ts";
import { auditWords } from "../../src/report/audit-summary.ts";
import { openRegistries } from "../../src/source/registry/open-registries.ts";
import { type Effect, Ended, type Fault, Faults, faulty } from "../support/audit/faults.ts";
import { assertLikeDirect, type DirectLine, directVerdicts, type Fleet, startFleet } from "../support/audit/fleet.ts";
import { engineFor } from "../support/audit/in-process.ts";
import { type Dialect, dialects, leftIn, opened, setUpPlace } from "../support/audit-databases.ts";
import { runtimes } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary.ts";

/** What a worker does when something fails: a list, the tags of a repository, judging by another policy, giving back a chunk as it is told to end. */
const ways = ["list", "repository", "again", "stopped"] as const;
type Way = (typeof ways)[number];

/** For each way: a hundred in all on SQLite, and some on PostgreSQL. */
const faultsOfWay: Readonly<Record<Dialect, number>> = { sqlite: 25, postgres: 5 };
/** Runs of a way that are under way at a time; most of their time is waiting for leases. Each has some connections to a server. */
const runsAtATime: Readonly<Record<Dialect, number>> = { sqlite: 9, postgres: 1 };
const leaseSeconds = 1;
const environment = { HOME: "/nonexistent" };
const now = () => Date.now() / 1000;

interface Scene {
  readonly way: Way;
  readonly database: AuditDatabase;
  readonly queue: ChunkQueue;
  /** Whose results are to be right. */
  readonly audit: Audit;
}

for (const { dialect, skip } of dialects) {
  describe(`faults at the points of an audit: ${dialect}`, { skip, concurrency: 4 }, () => {
    let fleet: Fleet;
    let listed: readonly string[];
    let repository: string;
    let expected: Readonly<Record<Way, readonly DirectLine[]>>;
    before(async () => {
      fleet = await startFleet(2);
      const [first = "", second = ""] = fleet.registries.map(({ address }) => address);
      const names = ["a:1.0", "b:1.0", "b:1.1", "c:nowhere"];
      listed = [...names.map((name) => `${first}/${name}`), `${second}/a:1.0`, `${second}/d:1.0`, "short"];
      repository = `${first}/many`;
      const tags = ["1.0", "1.1", "1.2"].map((tag) => `${repository}:${tag}`);
      const { policy, otherPolicy, options } = fleet;
      const direct = (path: string, references: readonly string[]) =>
        directVerdicts(runtimes[1], { policy: path, options }, references);
      const [list, ofTags, again] = await Promise.all([
        direct(policy, listed),
        direct(policy, tags),
        direct(otherPolicy, listed),
      ]);
      expected = { list, repository: ofTags, again, stopped: list };
    });
    after(() => fleet.stop());

    const registries = () => ({
      registriesConf: join(fleet.folder, "registries.conf"),
      registriesDirectory: join(fleet.folder, "registries.d"),
      ...{ authFile: undefined, certificatesDirectory: undefined, tlsVerify: undefined, timeoutSeconds: undefined },
      ...{ environment, userAgent: "sealcheck/test", now: () => Date.now() },
    });

    /** Works until nothing is left, or it is told to stop. */
    async function work({ database, queue }: Omit<Scene, "audit" | "way">, faults: Faults, stop: AbortSignal) {
      const ports = faulty(faults, { database, queue });
      const { database: seen, queue: seenQueue } = ports;
      const made = toolsOnDemand({
        ...{ database: seen, queue: seenQueue, registries: registries(), environment, words: auditWords, now },
        ...{ version: "test", concurrency: 1 },
      });
      await runWorker({
        ...{
          database: seen,
          queue: seenQueue,
          leaseSeconds,
          now,
          jobs: 2,
          isWaiting: false,
          stop,
          tell: () => undefined,
        },
        toolsOf: async (id) => {
          const tools = await made(id);
          const store = ports.storeOf(tools.store);
          const policy = await policyOf(seen, tools.audit);
          return {
            ...tools,
            store,
            judge: new AuditJudge(tools.audit, { policy, words: auditWords, store, environment, version: "test", now }),
          };
        },
      });
    }

    /** Whoever cannot end within that is in the way of nobody else, and has left something. */
    const patience = () => AbortSignal.timeout(60_000);

    async function scene(way: Way): Promise<Scene> {
      const database = await opened(await setUpPlace(dialect));
      const queue = await openQueue(database, { leaseSeconds, isWorker: true });
      const evidence = temporaryDirectory();
      // As audit init does: workers make none.
      (await openEvidenceStore(evidence, { environment: {}, now: () => now() * 1000, mayMake: true })).close();
      const newAudit = async (name: string, path: string): Promise<Audit> => {
        const kept = keptPolicy(await engineFor().snapshot({ kind: "file", path }));
        assert.ok(kept.ok);
        const settings: Audit["settings"] = {
          ...{ requireSigned: false, platform: { kind: "all" } as const, blobs: "head" as const },
          ...{ evidence, perRegistry: 4, parkSeconds: 1 },
        };
        const made = await database.transaction((session) =>
          createAudit(session, { name, policy: kept.value, settings, createdMs: Date.now() }),
        );
        assert.ok(made);
        return made;
      };
      const audit = await newAudit("first", fleet.policy);
      const access = await openRegistries(registries());
      assert.ok(access.ok);
      const adding = { database, queue, registryOf: registryOf(access.value) };
      if (way === "repository") await addRepository(audit, repository, adding);
      else await addImages(audit, listed, adding);
      if (way !== "again") return { way, database, queue, audit };
      await work({ database, queue }, new Faults(undefined), patience());
      const second = await newAudit("second", fleet.otherPolicy);
      await database.transaction((session) => copyImages(session, audit, second, queue));
      return { way, database, queue, audit: second };
    }

    /** A worker that meets the fault, or ends by it, and then another one. @returns what the first came to. */
    async function run(way: Way, fault: Fault | undefined): Promise<Faults> {
      const made = await scene(way);
      try {
        return await tried(made, fault);
      } finally {
        await made.queue.close();
        await made.database.close();
      }
    }

    async function tried(made: Scene, fault: Fault | undefined): Promise<Faults> {
      const { way, database, audit } = made;
      const told = new AbortController();
      const faults = new Faults(fault, (point) => {
        if (way === "stopped" && point === "after store put") told.abort();
      });
      await work(made, faults, AbortSignal.any([told.signal, patience()])).catch((error: unknown) => {
        if (!(error instanceof Ended)) throw error;
      });
      await work(made, new Faults(undefined), patience());
      const results = new Map<string, AuditResult>();
      for await (const result of auditResults(database, audit)) results.set(result.reference, result);
      assertLikeDirect(results, expected[way]);
      assert.equal(await leftIn(database), 0, "nothing is left");
      return faults;
    }

    for (const [index, way] of ways.entries()) {
      it(way, async () => {
        const count = faultsOfWay[dialect];
        const left = [...faultsFor((await run(way, undefined)).passed, { count, from: index })].reverse();
        let met = 0;
        const wrong: string[] = [];
        const lane = async () => {
          for (let fault = left.pop(); fault !== undefined && met < count; fault = left.pop()) {
            const { point, occurrence, effect } = fault;
            try {
              // What a worker comes to before another one has the chunk is not always the same.
              if ((await run(way, fault)).hasStruck) met += 1;
            } catch (error) {
              wrong.push(`${point} (${occurrence}): ${effect}: ${error}`);
            }
          }
        };
        await Promise.all(Array.from({ length: runsAtATime[dialect] }, lane));
        assert.deepEqual(wrong, []);
        assert.ok(met >= count, `${met} faults`);
      });
    }
  });
}

/** Over all of the protocol, each at another point as long as there are any, with one effect after the other. */
function faultsFor(
  passed: ReadonlyMap<string, number>,
  { count, from }: { readonly count: number; readonly from: number },
): readonly Fault[] {
  const ofDatabase: readonly Effect[] = ["end", "unreachable", "in-use"];
  const ofStore: readonly Effect[] = ["store", "end"];
  // Only a slow machine comes to those of a lease, and not each time.
  const points = [...passed].filter(([point]) => !point.endsWith(" keep"));
  const rounds = Array.from({ length: 6 }, (_, round) => {
    const faults = points.map(([point, times], index): Fault => {
      const effects = point.includes("store ") ? ofStore : ofDatabase;
      const effect = effects[(index + round + from) % effects.length] ?? "end";
      return { point, effect, occurrence: round < 3 || times < 4 ? 1 : 2 };
    });
    const step = Math.max(1, Math.floor(faults.length / count));
    return faults.toSorted((left, right) => (faults.indexOf(left) % step) - (faults.indexOf(right) % step));
  });
  return rounds.flat();
}
