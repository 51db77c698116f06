import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { DatabaseFailed } from "../../src/audit/database/database.ts";
import { bossVersion } from "../../src/audit/queue/boss.ts";
import { openQueue } from "../../src/audit/queue/open-queue.ts";
import { checkSetUp, migrations, setUp } from "../../src/audit/schema/set-up.ts";
import { openRunRecord } from "../../src/record/run-record.ts";
import { dialects, newPlace, opened, setUpPlace, sourceRuntimes } from "../support/audit-databases.ts";
import { runAside } from "../support/registry/run-aside.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const problemOf = (work: Promise<unknown>) =>
  work.then(
    () => "none",
    (error: unknown) => (error instanceof DatabaseFailed ? error.problem : error),
  );
const known = migrations.length;

for (const { dialect, skip } of dialects) {
  describe(`set-up: ${dialect}`, { skip }, () => {
    it("once, and again, and by two processes at a time", async () => {
      const place = await newPlace(dialect);
      const processes = [...sourceRuntimes, ...sourceRuntimes].map(({ path }) =>
        runAside(
          [path, join(import.meta.dirname, "worker.run.ts"), place, "set-up"],
          { PATH: "/usr/bin:/bin", HOME: temporaryDirectory() },
          { timeoutMs: 180_000 },
        ),
      );
      const befores = (await Promise.all(processes)).map(({ code, stdout, stderr }): number => {
        assert.deepEqual([code, stderr], [0, ""]);
        return JSON.parse(stdout).before;
      });
      assert.deepEqual(befores.sort(), [0, known, known, known]);
      const database = await opened(place);
      await checkSetUp(database);
      assert.deepEqual(await setUp(database), { before: known, now: known });
      const views = ["audit_results", "audit_by_cause", "audit_by_registry", "audit_by_signer", "audit_progress"];
      for (const view of views) assert.deepEqual(await database.query(`SELECT * FROM ${view}`), [], view);
      await database.close();
    });

    it("what a later version made is refused, and left as it is", async () => {
      const database = await opened(await setUpPlace(dialect));
      await database.query("INSERT INTO audit_schema (version, applied_ms) VALUES (99, 0)");
      const newer = { kind: "newer", version: 99, known };
      assert.deepEqual(await problemOf(checkSetUp(database)), newer);
      assert.deepEqual(await problemOf(setUp(database)), newer);
      await database.close();
    });

    it("nothing there", async () => {
      const database = await opened(await newPlace(dialect), { mayCreate: true });
      assert.deepEqual(await problemOf(checkSetUp(database)), { kind: "not-set-up" });
      await database.close();
    });

    it("a row that names what is not there is a bug", async () => {
      const database = await opened(await setUpPlace(dialect));
      const insert = "INSERT INTO chunks (audit_id, stage, registry, size) VALUES (1, 'fetch', 'r', 1)";
      assert.match(String(await problemOf(database.query(insert))), /foreign key/i);
      await database.close();
    });

    it("times are told as times", async () => {
      const database = await opened(await setUpPlace(dialect));
      const insert = async (sql: string) => {
        const [{ id } = { id: 0 }] = await database.query(`${sql} RETURNING id`);
        return Number(id);
      };
      const policy = await insert("INSERT INTO policies (fingerprint, content, files) VALUES ('f', '{}', '{}')");
      const audit = await insert(
        `INSERT INTO audits (name, policy_id, settings, per_registry, created_ms) VALUES ('a', ${policy}, '{}', 1, 1)`,
      );
      const images =
        "INSERT INTO images (audit_id, reference, chunk_id, registry, judged_ms) VALUES ($1, 'r', 1, 'r', $2)";
      await database.query(images, [audit, Date.UTC(2026, 10, 27, 6, 40, 55, 123)]);
      assert.deepEqual(await database.query("SELECT judged_at, fetched_at FROM audit_results"), [
        { judged_at: "2026-11-27T06:40:55.123Z", fetched_at: null },
      ]);
      await database.close();
    });
  });
}

describe("the queue of PostgreSQL", { skip: dialects[1]?.skip }, () => {
  const rows: readonly (readonly [sql: string, expected: object])[] = [
    ["UPDATE sealcheck_audit_queue.version SET version = 999", { kind: "newer", version: 999, known: bossVersion }],
    ["UPDATE sealcheck_audit_queue.version SET version = 1", { kind: "outdated", version: 1, known: bossVersion }],
    ["DROP SCHEMA sealcheck_audit_queue CASCADE", { kind: "not-set-up" }],
  ];
  for (const [sql, expected] of rows) {
    it(`${expected["kind" as keyof typeof expected]}`, async () => {
      const database = await opened(await setUpPlace("postgres"));
      await database.query(sql);
      assert.deepEqual(await problemOf(openQueue(database, { isWorker: true })), expected);
      await database.close();
    });
  }

  it("the version of its tables is the one of the package", () => {
    const path = join(import.meta.dirname, "../../node_modules/pg-boss/package.json");
    assert.equal(JSON.parse(readFileSync(path, "utf8")).pgboss.schema, bossVersion);
  });

  it("another schema, beside the first", async () => {
    const place = await setUpPlace("postgres");
    const other = await opened(place, { schema: "other" });
    assert.deepEqual(await problemOf(checkSetUp(other)), { kind: "not-set-up" });
    assert.deepEqual(await setUp(other), { before: 0, now: known });
    await (await openQueue(other, { isWorker: false })).close();
    await other.close();
    const odd = await problemOf(opened(place, { schema: 'x"; DROP' }));
    assert.equal((odd as { kind?: unknown }).kind, "address");
  });
});

describe("a file", () => {
  const file = () => join(temporaryDirectory(), "audit.sqlite");
  const kind = async (path: string, mayCreate = true) => {
    const problem = await problemOf(opened(path, { mayCreate }).then((database) => database.close()));
    return problem === "none" ? "none" : JSON.stringify(problem);
  };

  it("is made for this user alone, and only for who sets it up", async () => {
    const path = file();
    assert.equal(await kind(path, false), '{"kind":"not-set-up"}');
    assert.equal(existsSync(path), false);
    const database = await opened(path, { mayCreate: true });
    await setUp(database);
    for (const each of [path, `${path}-wal`]) assert.equal(statSync(each).mode & 0o777, 0o600, each);
    await database.close();
    assert.equal(await kind(path, false), "none");
  });

  const rows: readonly (readonly [what: string, make: (path: string) => unknown, expected: RegExp])[] = [
    ["no database", (path) => writeFileSync(path, "a list\n"), /"not-ours","isDatabase":false/],
    [
      "the record of a run",
      (path) => {
        const record = openRunRecord(path, { fingerprint: {}, now: () => 1_790_000_000 });
        if (record.ok) record.value.close();
      },
      /"not-ours","isDatabase":true/,
    ],
    ["a directory", (path) => mkdirSync(path), /"special","isDirectory":true/],
    [
      "a link",
      (path) => {
        writeFileSync(`${path}.other`, "");
        symlinkSync(`${path}.other`, path);
      },
      /"symlink"/,
    ],
    [
      "others may write it",
      (path) => {
        writeFileSync(path, "");
        chmodSync(path, 0o666);
      },
      /"writable-by-others"/,
    ],
    ["its directory is missing", () => undefined, /no such file or directory/],
  ];
  for (const [what, make, expected] of rows) {
    it(what, async () => {
      const path = what === "its directory is missing" ? join(temporaryDirectory(), "no", "audit.sqlite") : file();
      make(path);
      const before = existsSync(path) && statSync(path).isFile() ? readFileSync(path) : undefined;
      assert.match(await kind(path), expected);
      if (before !== undefined) assert.deepEqual(readFileSync(path), before);
      assert.equal(existsSync(`${path}-wal`), false);
    });
  }

  it("a process that ended before it had set up leaves nothing that is in the way", async () => {
    const path = file();
    await (await opened(path, { mayCreate: true })).close();
    assert.equal(await kind(path), "none");
  });

  it("what others hold for too long is in use, and then is not", async () => {
    const path = await setUpPlace("sqlite");
    const [first, second] = [await opened(path), await opened(path, { waitSeconds: 0.1 })];
    await first.transaction(async () => {
      assert.deepEqual(await problemOf(second.query("DELETE FROM queue")), { kind: "in-use" });
      assert.deepEqual(await problemOf(second.transaction(async () => undefined)), { kind: "in-use" });
      assert.deepEqual(await second.query("SELECT count(*) AS count FROM queue"), [{ count: 0 }]);
    });
    assert.deepEqual(await second.query("DELETE FROM queue"), []);
    await first.close();
    await second.close();
  });
});
