/**
 * Audits of many images: `audit.ts --images N [--workers W] [--db sqlite|postgres] [--kill SECONDS] [--prepared]`. Prints what it measures.
 *
 * As it comes: four registries, of which one is away for a while, and another wants to be asked less; a worker is killed now and then, the
 * database is stopped in the middle; at the end each result is compared with that of `verify-policy`.
 *
 * `--prepared`: what registries would answer is kept already, and the images are judged only: how fast, in what memory, how large the database is.
 * `--same K`: so many images of each repository are the same, under other tags.
 */
import { createPrivateKey } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { findAudit } from "../src/audit/audits/audits.ts";
import type { AuditDatabase } from "../src/audit/database/database.ts";
import { givenRows, rowsValue } from "../src/audit/database/given-rows.ts";
import { numberIn } from "../src/audit/database/row.ts";
import { encodeEvidence } from "../src/audit/evidence/encode-evidence.ts";
import type { EvidenceStore } from "../src/audit/evidence/evidence.ts";
import { parseDigest } from "../src/encoding/digest.ts";
import { sha256Hex } from "../src/runtime/sha256.ts";
import { Crew } from "../test/support/audit/crew.ts";
import { AuditRunner, assertLikeDirect, directVerdicts, startFleet } from "../test/support/audit/fleet.ts";
import { leftIn, opened } from "../test/support/audit-databases.ts";
import { type PostgresServer, startPostgres } from "../test/support/postgres.ts";
import { digestOf, madeImage } from "../test/support/registry/content.ts";
import { newSigstoreKey, payloadSigner } from "../test/support/registry/sign.ts";
import { runtimes } from "../test/support/run.ts";

const { values } = parseArgs({
  options: {
    images: { type: "string", default: "20000" },
    workers: { type: "string", default: "3" },
    db: { type: "string", default: "sqlite" },
    runtime: { type: "string", default: "executable" },
    kill: { type: "string" },
    rate: { type: "string" },
    prepared: { type: "boolean", default: false },
    same: { type: "string", default: "20" },
    profile: { type: "string" },
  },
});
const count = Number(values.images);
const workers = Number(values.workers);
const runtime = runtimes.find(({ name }) => name === values.runtime) ?? runtimes[1];
const folder = mkdtempSync(join(tmpdir(), "bench-audit-"));
const server: PostgresServer | undefined = values.db === "postgres" ? await startPostgres() : undefined;
const place = server === undefined ? join(folder, "audit.sqlite") : server.url(await server.createDatabase());
const audit = new AuditRunner(runtime, place, { timeoutMs: 3_600_000 });
const evidence = join(folder, "evidence");

function say(what: string, value: unknown): void {
  console.log(`${what}: ${value}`);
}

async function timed<T>(what: string, rows: number, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  const seconds = (performance.now() - start) / 1000;
  say(what, `${seconds.toFixed(1)} s, ${Math.round(rows / seconds)} a second`);
  return result;
}

async function worked(crew: Crew, isOver: () => void | Promise<void> = () => undefined): Promise<void> {
  const watch = setInterval(() => crew.note(), 250);
  await crew.done();
  clearInterval(watch);
  await isOver();
  say("peak memory of a worker", `${Math.round(crew.peakMemory)} MiB`);
  say("memory over time, MiB", crew.memoryOverTime());
  say(
    "processor time of workers",
    `${crew.processorSeconds.toFixed(1)} s, ${Math.round((crew.processorSeconds * 1e6) / count)} µs an image`,
  );
}

async function sizeOf(database: AuditDatabase): Promise<string> {
  if (server === undefined) return `${Math.round(statSync(place).size / 1e6)} MB`;
  const [row] = await database.query("SELECT pg_database_size(current_database()) AS bytes");
  return `${Math.round(numberIn(row, "bytes") / 1e6)} MB`;
}

async function chaos(): Promise<void> {
  const fleet = await startFleet(4);
  const [, failing, throttling] = fleet.registries;
  if (failing === undefined || throttling === undefined) throw new Error("there are four");
  const perRepository = 3;
  const references = fleet.registries.flatMap(({ address }) =>
    Array.from({ length: count / 4 }, (_, i) => {
      return `${address}/app-${Math.floor(i / perRepository)}:${["1.0", "1.1", i % 50 === 2 ? "nowhere" : "1.2"][i % perRepository]}`;
    }),
  );
  const list = join(folder, "images.txt");
  writeFileSync(list, references.join("\n"));
  const rate = values.rate === undefined ? [] : [`--rate=${values.rate}`];
  await audit.run("init", [`--policy=${fleet.policy}`, `--evidence=${evidence}`, "--park=2", ...rate]);
  await timed("added", references.length, () => audit.run("add", [`--images=${list}`, ...fleet.options]));
  await Promise.all([failing.behave("dead"), throttling.behave("throttled")]);
  const command = audit.command("work", "--lease=3", ...fleet.options);
  await timed("fetched and judged", references.length, async () => {
    const crew = new Crew({ command, count: workers });
    const trouble = (async () => {
      const killSeconds = Number(values.kill ?? "0");
      for (let second = 1; !crew.isDone; second += 1) {
        await sleep(1000);
        if (killSeconds > 0 && second % killSeconds === 0) crew.kill();
        if (second === 20) await throttling.behave("well");
        if (second === 30) await failing.behave("well");
        if (second === 60) await server?.stop();
        if (second === 65) await server?.start();
      }
    })();
    await worked(crew);
    await trouble;
    say("killed", `${crew.kills}; ended by themselves: ${crew.failures}`);
  });
  for (const registry of fleet.registries) {
    const { mostInSecond, manifests, attachments, blobs } = await registry.counts();
    say("registry", JSON.stringify({ mostInSecond, manifests, attachments, blobs }));
  }
  const database = await opened(place);
  say("left", await leftIn(database));
  say("database", await sizeOf(database));
  await database.close();
  const results = await audit.results();
  const direct = await timed("verify-policy", references.length, () => directVerdicts(runtime, fleet, references));
  assertLikeDirect(results, direct);
  say("compared", `${results.size} results, all as verify-policy says`);
  await fleet.stop();
}

/** Without waiting for the disk, which whoever measures has to do without. */
function fastStore(): Pick<EvidenceStore, "put"> {
  for (let byte = 0; byte < 256; byte += 1) {
    mkdirSync(join(evidence, "sha256", byte.toString(16).padStart(2, "0")), { recursive: true, mode: 0o700 });
  }
  return {
    put: async (bytes) => {
      const key = sha256Hex(bytes);
      writeFileSync(join(evidence, "sha256", key.slice(0, 2), key.slice(2)), bytes, { mode: 0o600 });
      return key;
    },
  };
}

async function prepared(): Promise<void> {
  const same = Number(values.same);
  const host = "registry.example.com";
  const key = newSigstoreKey();
  const keyPath = join(folder, "key.pub");
  writeFileSync(keyPath, key.publicPem);
  const policyOf = (default_: string) => {
    const path = join(folder, `${default_}.json`);
    const signed = [{ type: "sigstoreSigned", keyPath, signedIdentity: { type: "matchExact" } }];
    writeFileSync(path, JSON.stringify({ default: [{ type: default_ }], transports: { docker: { [host]: signed } } }));
    return path;
  };
  await audit.run("init", [`--policy=${policyOf("reject")}`, `--evidence=${evidence}`, "--name=first"]);
  const store = fastStore();
  const sign = payloadSigner(createPrivateKey(key.privateKey.export({ type: "pkcs8", format: "pem" })));
  const layer = Buffer.from("every image has this layer");
  const database = await opened(place);
  const first = await findAudit(database, "first");
  if (first === undefined) throw new Error("there is an audit");
  const perChunk = 500;
  await timed("prepared", count, async () => {
    let rows: { reference: string; evidence: string; pinned: string; served_by: string }[] = [];
    const write = async () => {
      const [chunk] = await database.query(
        "INSERT INTO chunks (audit_id, stage, registry, size) VALUES ($1, 'done', $2, $3) RETURNING id",
        [first.id, host, rows.length],
      );
      await database.query(
        `INSERT INTO images (audit_id, reference, chunk_id, registry, evidence, fetched_ms, pinned, served_by)
          SELECT CAST($1 AS bigint), reference, CAST($2 AS bigint), $3, evidence, 0, pinned, served_by
          FROM ${givenRows(database, "$4", ["reference", "evidence", "pinned", "served_by"])} WHERE true`,
        [first.id, numberIn(chunk, "id"), host, rowsValue(rows)],
      );
      rows = [];
    };
    for (let at = 0; at * same < count; at += 1) {
      const repository = `team-${at % 1000}/app-${at}`;
      const name = `${host}/${repository}`;
      const manifest = madeImage([layer], "1.0", repository).manifests.get("1.0");
      if (manifest === undefined) throw new Error("no manifest");
      const digest = digestOf(manifest.bytes);
      // Signed for the first tag of each image, and the second.
      const signatures = [0, 1].map((tag) => sign(digest, `${name}:1.${tag}`));
      const kept = await Promise.all(
        signatures.map((signature) => store.put(Buffer.from(`\0sigstore-json\n${JSON.stringify(signature)}`))),
      );
      const parsed = parseDigest(digest);
      if (parsed === undefined) throw new Error("no digest");
      const evidenceKey = await store.put(
        encodeEvidence({
          ...{ version: 1, kind: "image", transport: "docker", instances: new Map() },
          ...{ manifest: { found: await store.put(manifest.bytes) }, untrustedMediaType: manifest.mediaType },
          ...{ signatures: { found: kept }, opened: { name, servedBy: name, digest: parsed } },
          signaturesFrom: { kind: "registry", repository: name, useAttachments: true, lookaside: undefined },
        }),
      );
      for (let tag = 0; tag < same; tag += 1) {
        const pinned = `${name}@${digest}`;
        rows.push({ reference: `${name}:1.${tag}`, evidence: evidenceKey, pinned, served_by: name });
        if (rows.length === perChunk) await write();
      }
    }
    if (rows.length > 0) await write();
  });
  say("database", await sizeOf(database));
  await timed("given to be judged anew", count, () =>
    audit.run("rejudge", [`--policy=${policyOf("insecureAcceptAnything")}`, "--name=second", "--audit=first"]),
  );
  // A directory for profiles of the workers, which then have to be Node.
  const profiled = values.profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${values.profile}`];
  const [program = "", ...args] = audit.command("work");
  const command = [program, ...profiled, ...args];
  await timed("judged", count, () => worked(new Crew({ command, count: workers })));
  say("left", await leftIn(database));
  say("database", await sizeOf(database));
  await timed("status", count, () => audit.run("status", ["--audit=second"]));
  await timed("reported", count, () => audit.run("report", ["--audit=second"], { code: 1 })).then((text) =>
    say("report", text.split("\n").slice(0, 12).join(" | ")),
  );
  await database.close();
}

try {
  say("audit", JSON.stringify(values));
  await (values.prepared ? prepared() : chaos());
} finally {
  await server?.stop().catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
}
