import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { givenRows, rowsValue } from "../../src/audit/database/given-rows.ts";
import { opened, setUpPlace } from "../support/audit-databases.ts";

describe("rows that are given as one value", () => {
  it("are looked up in a large table, not the other way around", async () => {
    const database = await opened(await setUpPlace("sqlite"));
    const plan = await database.query(
      `EXPLAIN QUERY PLAN UPDATE images SET outcome = given.outcome FROM ${givenRows(database, "$1", ["reference", "outcome"])}
        WHERE images.audit_id = $2 AND images.reference = given.reference AND images.outcome IS NULL`,
      [rowsValue([{ reference: "a", outcome: "accepted" }]), 1],
    );
    await database.close();
    const details = plan.map(({ detail }) => String(detail));
    assert.match(details.at(-1) ?? "", /^SEARCH images USING INDEX .*audit_id=\? AND reference=\?/, details.join("; "));
  });
});
