import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { AuditRunner, type Fleet, startFleet } from "../support/audit/fleet.ts";
import { dialects, newPlace, opened } from "../support/audit-databases.ts";
import { runAside } from "../support/registry/run-aside.ts";
import { runtimes } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary.ts";

/** Enough for a plan that compares each with each to be found out. */
const many = 200_000;
const statementMs = 5000;

for (const { dialect, skip } of dialects) {
  describe(`a chunk among many images: ${dialect}`, { skip }, () => {
    let fleet: Fleet;
    before(async () => {
      fleet = await startFleet(1);
    });
    after(() => fleet.stop());

    // A server that was given many rows a moment ago has no statistics of them: whether a statement is quick must not depend on that.
    it("is written and judged without looking at all of them", async () => {
      const place = await newPlace(dialect);
      const audit = new AuditRunner(runtimes[1], place);
      const [address = ""] = fleet.registries.map((registry) => registry.address);
      const references = Array.from({ length: 300 }, (_, at) => `${address}/app-${at}:1.0`);
      const evidence = `--evidence=${join(temporaryDirectory(), "evidence")}`;
      await audit.run("init", [`--policy=${fleet.policy}`, evidence, "--name=first"]);
      await audit.run("add", [...references, ...fleet.options]);
      const database = await opened(place);
      const counted = `WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < ${many})`;
      await database.query(
        `${counted} INSERT INTO images (audit_id, reference, chunk_id, registry)
            SELECT (SELECT max(id) FROM audits), 'registry.example.com/other-' || n || ':1.0', 0, 'registry.example.com' FROM counted`,
      );
      await database.query(
        `${counted} INSERT INTO causes (fingerprint, outcome, code, reason)
            SELECT 'cause ' || n, 'rejected', 'requirement.reject', 'reason ' || n FROM counted`,
      );
      await database.query(
        `${counted} INSERT INTO judgements (key, outcome, cause_id, valid_until_ms)
            SELECT 'key ' || n, 'rejected', (SELECT min(id) FROM causes), 0 FROM counted`,
      );
      if (dialect === "postgres") {
        const [{ name } = { name: "" }] = await database.query("SELECT quote_ident(current_database()) AS name");
        await database.query(`ALTER DATABASE ${name} SET statement_timeout = ${statementMs}`);
      }
      await database.close();
      // What takes longer is tried again, and the worker says that it waits.
      const worked = async () => {
        const { code, stderr } = await runAside(audit.command("work", ...fleet.options), {}, { timeoutMs: 120_000 });
        assert.deepEqual([code, stderr], [0, ""]);
      };
      await worked();
      const outcomes = Map.groupBy((await audit.results()).values(), ({ outcome }) => outcome);
      assert.equal(outcomes.get("accepted")?.length, references.length);
      // Images that were fetched before are looked for among those of earlier audits.
      await audit.run("init", [`--policy=${fleet.policy}`, evidence, "--name=second"]);
      await audit.run("add", [...references, ...fleet.options]);
      await worked();
      assert.match(await audit.run("status", []), /^Audit second: finished\n/);
    });
  });
}
