import assert from "node:assert/strict";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { type AuditDatabase, DatabaseFailed } from "../../src/audit/database/database.ts";
import { openQueue } from "../../src/audit/queue/open-queue.ts";
import { checkSetUp, setUp } from "../../src/audit/schema/set-up.ts";
import { dialects, opened, postgresServer } from "../support/audit-databases.ts";

const rolesFile = join(import.meta.dirname, "../../packaging/postgres/roles.sql");

const problemOf = (work: Promise<unknown>) =>
  work.then(
    () => "none",
    (error: unknown) => (error instanceof DatabaseFailed ? error.problem.kind : error),
  );

describe("packaging/postgres/roles.sql", { skip: dialects[1]?.skip }, () => {
  let urlOf: (user: string) => string;
  const as = async <T>(user: string, work: (database: AuditDatabase) => Promise<T>): Promise<T> => {
    const database = await opened(urlOf(user));
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  };

  before(async () => {
    const server = await postgresServer();
    const name = await server.createDatabase();
    urlOf = (user) => server.url(name, user);
    await server.psqlFile(name, rolesFile);
    await server.psqlFile(name, rolesFile);
    await server.psql(
      name,
      `CREATE ROLE admin LOGIN IN ROLE sealcheck_audit_owner;
       ALTER ROLE admin SET role = sealcheck_audit_owner;
       CREATE ROLE worker LOGIN IN ROLE sealcheck_audit_worker;
       CREATE ROLE grafana LOGIN IN ROLE sealcheck_audit_reader;
       CREATE ROLE nobody LOGIN;
       REVOKE CREATE ON SCHEMA public FROM PUBLIC`,
    );
    await as("admin", setUp);
    await as("admin", setUp);
  });

  it("a worker puts, takes, keeps, gives back and ends chunks, and writes results", () =>
    as("worker", async (database) => {
      await checkSetUp(database);
      const queue = await openQueue(database, { isWorker: true, leaseSeconds: 1 });
      const bounds = { stages: ["fetch"], perRegistry: 1, except: [] } as const;
      const taken = async () => {
        const job = await queue.take(bounds);
        assert.ok(job !== undefined);
        return job;
      };
      await database.transaction(async (session) => {
        await session.query("INSERT INTO policies (fingerprint, content, files) VALUES ('f', '{}', '{}')");
        await session.query("UPDATE policies SET path = 'p'");
        await session.query("INSERT INTO registries (host) VALUES ('r')");
        await queue.put(session, [{ stage: "fetch", chunk: 1, registry: "r" }]);
      });
      const first = await taken();
      await database.transaction((session) => queue.putBack(session, first, 0));
      const lost = await taken();
      // pg-boss's own look at lost leases has what it needs too.
      let again = await queue.take(bounds);
      for (let tries = 0; again === undefined && tries < 1200; tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        again = await queue.take(bounds);
      }
      assert.ok(again !== undefined);
      const job = again;
      assert.equal(job.earlierAttempts, lost.earlierAttempts + 1);
      await database.transaction(async (session) => {
        await session.query("DELETE FROM registries");
        await queue.done(session, job);
      });
      await queue.close();
    }));

  const rows: readonly (readonly [user: string, sql: string, expected: string])[] = [
    ["worker", "CREATE TABLE more (x BIGINT)", "not-permitted"],
    ["worker", "DROP TABLE images", "not-permitted"],
    ["worker", "ALTER TABLE images ADD COLUMN more TEXT", "not-permitted"],
    ["worker", "CREATE TABLE sealcheck_audit_queue.more (x BIGINT)", "not-permitted"],
    ["worker", "CREATE TABLE public.more (x BIGINT)", "not-permitted"],
    ["worker", "TRUNCATE images", "not-permitted"],
    ["worker", "CREATE SCHEMA more", "not-permitted"],
    ["grafana", "SELECT * FROM audit_results", "none"],
    ["grafana", "SELECT * FROM images", "none"],
    ["grafana", "SELECT name FROM sealcheck_audit_queue.queue", "none"],
    ["grafana", "DELETE FROM images", "not-permitted"],
    ["grafana", "INSERT INTO registries (host) VALUES ('x')", "not-permitted"],
    ["grafana", "UPDATE sealcheck_audit_queue.queue SET retry_limit = 0", "not-permitted"],
    ["nobody", "SELECT * FROM sealcheck_audit.images", "not-permitted"],
    // A schema that it may not look into is not there for it.
    ["nobody", "SELECT * FROM audit_results", "not-set-up"],
  ];
  for (const [user, sql, expected] of rows) {
    it(`${user}: ${sql}`, () =>
      as(user, async (database) => assert.equal(await problemOf(database.query(sql)), expected)));
  }

  it("a reader sees that it is set up; a worker cannot set it up", async () => {
    await as("grafana", checkSetUp);
    await as("worker", async (database) => {
      await database.query("DELETE FROM audit_schema");
      assert.equal(await problemOf(setUp(database)), "not-permitted");
    });
  });
});
