import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { dialects, opened, setUpPlace } from "../support/audit-databases.ts";

/** The tables and views of docs/audit.md with their columns, both in order of their names. */
function documentedColumns(): readonly (readonly [name: string, columns: readonly string[]])[] {
  const page = readFileSync(join(import.meta.dirname, "../../docs/audit.md"), "utf8");
  const sections = [...page.matchAll(/^### `(\w+)`\n([\s\S]*?)(?=^#|(?![\s\S]))/gm)];
  return sections
    .map(([, name = "", section = ""]) => {
      const columns = [...section.matchAll(/^\| `(\w+)` +\|/gm)].map(([, column = ""]) => column);
      return [name, columns.sort()] as const;
    })
    .sort(([left], [right]) => (left < right ? -1 : 1));
}

const columnsOf = {
  sqlite: `SELECT master.name AS relation, columns.name AS name FROM sqlite_master AS master, pragma_table_info(master.name) AS columns
    WHERE master.type IN ('table', 'view') AND master.name NOT LIKE 'sqlite%'`,
  postgres:
    "SELECT table_name AS relation, column_name AS name FROM information_schema.columns WHERE table_schema = 'sealcheck_audit'",
};

for (const { dialect, skip } of dialects) {
  describe(`docs/audit.md, and what the database has: ${dialect}`, { skip }, () => {
    it("has each table and view, with each column", async () => {
      const database = await opened(await setUpPlace(dialect));
      const rows = await database.query(columnsOf[dialect]);
      await database.close();
      const found = Map.groupBy(rows, ({ relation }) => String(relation));
      const names = [...found.keys()].sort();
      assert.deepEqual(
        // pg-boss has the queue in a schema of its own.
        documentedColumns().filter(([name]) => dialect === "sqlite" || name !== "queue"),
        names.map((name) => [name, (found.get(name) ?? []).map(({ name }) => String(name)).sort()]),
      );
    });
  });
}
