import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { type AuditDatabase, DatabaseFailed, type SqlValue } from "../../src/audit/database/database.ts";
import { dialects, newPlace, opened, postgresServer } from "../support/audit-databases.ts";

const kindOf = (work: Promise<unknown>) =>
  work.then(
    () => "no problem",
    (error: unknown) => (error instanceof DatabaseFailed ? error.problem.kind : error),
  );

for (const { dialect, skip } of dialects) {
  describe(`the database: ${dialect}`, { skip }, () => {
    const all: AuditDatabase[] = [];
    const places = new Map<AuditDatabase, string>();
    after(() => Promise.all(all.map((database) => database.close())));
    const open = async (place: string, options = {}) => {
      const database = await opened(place, { mayCreate: true, ...options });
      all.push(database);
      places.set(database, place);
      return database;
    };
    /** With a table of numbers. */
    const made = async () => {
      const database = await open(await newPlace(dialect));
      // There is no schema of ours yet, in which tables would be made.
      if (dialect === "postgres") await database.query("CREATE SCHEMA sealcheck_audit");
      await database.query("CREATE TABLE numbers (number BIGINT PRIMARY KEY NOT NULL, text TEXT)");
      return database;
    };
    const numbers = async (database: AuditDatabase) =>
      (await database.query("SELECT number FROM numbers ORDER BY number")).map(({ number }) => number);

    const rows: readonly (readonly [sql: string, values: readonly SqlValue[], expected: SqlValue])[] = [
      ["SELECT CAST($1 AS BIGINT) AS x", [9007199254740991], 9007199254740991],
      ["SELECT CAST($1 AS BIGINT) AS x", [-1], -1],
      ["SELECT CAST($1 AS DOUBLE PRECISION) AS x", [0.1], 0.1],
      ["SELECT CAST($1 AS TEXT) AS x", ["it's ü\n"], "it's ü\n"],
      ["SELECT CAST($1 AS TEXT) AS x", [null], null],
      ["SELECT CAST($2 AS TEXT) || CAST($1 AS TEXT) || CAST($2 AS TEXT) AS x", ["a", "b"], "bab"],
      ["SELECT '$1' || CAST($1 AS TEXT) || 'it''s $2' AS x", ["a"], "$1ait's $2"],
      ["SELECT CAST($1 AS BIGINT) / 2 AS x", [7], 3],
      ["SELECT CAST($1 AS BIGINT) = 7 AS x", [7], 1],
      ["SELECT CAST($1 AS BIGINT) = 8 AS x", [7], 0],
      ["SELECT count(*) AS x FROM numbers", [], 0],
      ["SELECT sum(number) AS x FROM (SELECT CAST($1 AS BIGINT) AS number UNION ALL SELECT 2) AS several", [3], 5],
      ["INSERT INTO numbers (number, text) VALUES ($1, $2) RETURNING text AS x", [1, "one"], "one"],
    ];
    it("values", async () => {
      const database = await made();
      for (const [sql, values, expected] of rows) {
        assert.deepEqual(
          (await database.query(sql, values)).map(({ x }) => x),
          [expected],
          sql,
        );
      }
      assert.deepEqual(await database.query("UPDATE numbers SET text = 'two' WHERE number = $1", [1]), []);
      assert.deepEqual(await database.query("SELECT number FROM numbers WHERE number = $1", [2]), []);
    });

    it("a number that is none in JavaScript is not given for another", async () => {
      await assert.rejects((await made()).query("SELECT CAST('9007199254740993' AS BIGINT) AS x"), /large|range/);
    });

    it("SQL that is none is a bug, and the next statement works", async () => {
      const database = await made();
      await assert.rejects(database.query("SELEKT 1"), (error) => !(error instanceof DatabaseFailed));
      await assert.rejects(
        database.transaction((session) => session.query("SELEKT 1")),
        (error) => !(error instanceof DatabaseFailed),
      );
      assert.deepEqual(await numbers(database), []);
    });

    it("a transaction takes effect whole", async () => {
      const database = await made();
      const result = await database.transaction(async (session) => {
        for (const number of [1, 2]) await session.query("INSERT INTO numbers (number) VALUES ($1)", [number]);
        return "done";
      });
      assert.equal(result, "done");
      assert.deepEqual(await numbers(database), [1, 2]);
    });

    it("what fails takes no effect, and throws what it threw", async () => {
      const database = await made();
      const thrown = new Error("no");
      const work = database.transaction(async (session) => {
        await session.query("INSERT INTO numbers (number) VALUES (1)");
        throw thrown;
      });
      await assert.rejects(work, (error) => error === thrown);
      assert.deepEqual(await numbers(database), []);
    });

    it("nobody sees what is not committed", async () => {
      const [first, second] = [await made(), undefined];
      const other = second ?? (await open(places.get(first) ?? ""));
      await first.transaction(async (session) => {
        await session.query("INSERT INTO numbers (number) VALUES (1)");
        assert.deepEqual(await numbers(other), []);
      });
      assert.deepEqual(await numbers(other), [1]);
    });

    it("transactions and statements at once do not mix", async () => {
      const database = await made();
      const works = Array.from({ length: 20 }, (_, index) =>
        kindOf(
          database.transaction(async (session) => {
            await session.query("INSERT INTO numbers (number) VALUES ($1)", [index]);
            await new Promise(setImmediate);
            if (index % 2 === 1) throw new DatabaseFailed({ kind: "damaged" });
            await session.query("UPDATE numbers SET text = 'kept' WHERE number = $1", [index]);
          }),
        ),
      );
      await Promise.all([...works, database.query("INSERT INTO numbers (number) VALUES (100)")]);
      assert.deepEqual(await numbers(database), [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 100]);
    });

    it("a session ends with its transaction", async () => {
      const database = await made();
      const session = await database.transaction(async (given) => given);
      await assert.rejects(session.query("SELECT 1"), /is over/);
    });

    it("a failure that the work overlooks takes back the rest", async () => {
      const database = await made();
      await kindOf(
        database.transaction(async (session) => {
          await session.query("INSERT INTO numbers (number) VALUES (1)");
          await session.query("SELECT 1 FROM missing_table").catch(() => undefined);
          throw new Error("as SQLite goes on after it");
        }),
      );
      assert.deepEqual(await numbers(database), []);
    });
  });
}

describe("a server that goes away", { skip: dialects[1]?.skip }, () => {
  it("is unreachable, and is used again once it is back", async () => {
    const server = await postgresServer();
    const database = await opened(await newPlace("postgres"));
    try {
      await database.query("CREATE SCHEMA sealcheck_audit");
      await database.query("CREATE TABLE numbers (number BIGINT)");
      await server.stop();
      assert.equal(await kindOf(database.query("SELECT 1")), "unreachable");
      assert.equal(await kindOf(database.transaction((session) => session.query("SELECT 1"))), "unreachable");
      assert.equal(await kindOf(opened(server.url("postgres"))), "unreachable");
      await server.start();
      assert.deepEqual(await database.query("SELECT 1 AS x"), [{ x: 1 }]);
      const broken = database.transaction(async (session) => {
        await session.query("INSERT INTO numbers (number) VALUES (1)");
        await server.stop();
        await session.query("INSERT INTO numbers (number) VALUES (2)");
      });
      assert.equal(await kindOf(broken), "unreachable");
      await server.start();
      assert.deepEqual(await database.query("SELECT number FROM numbers"), []);
      const overlooked = database.transaction(async (session) => {
        await session.query("INSERT INTO numbers (number) VALUES (1)");
        await session.query("SELECT 1 FROM missing_table").catch(() => undefined);
      });
      await assert.rejects(overlooked, /overlooked/);
      assert.deepEqual(await database.query("SELECT number FROM numbers"), []);
    } finally {
      await database.close();
    }
  });
});
