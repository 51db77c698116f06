import type { AuditDatabase, SqlValue } from "./database.ts";

/**
 * Rows that are given as one value, an array of objects as JSON, as a table with these columns, all of them texts: so many rows take one
 * statement, and its text is always the same.
 *
 * SQLite makes a table of them first, as there is a limit, which is none. Otherwise it may look at all of them for each row of the other
 * table, of which there are millions: it knows how many neither are.
 *
 * @param placeholder of the value, as `$1`
 */
export function givenRows(
  { dialect }: Pick<AuditDatabase, "dialect">,
  placeholder: string,
  columns: readonly string[],
): string {
  const selected = columns.map((column) => `value ->> '${column}' AS ${column}`).join(", ");
  const each =
    dialect === "postgres"
      ? `json_array_elements(${placeholder}::json) AS each_row (value)`
      : `json_each(${placeholder}) AS each_row`;
  return `(SELECT ${selected} FROM ${each}${dialect === "sqlite" ? " LIMIT -1" : ""}) AS given`;
}

/** The value for them. */
export function rowsValue(rows: readonly Readonly<Record<string, SqlValue | undefined>>[]): string {
  return JSON.stringify(rows);
}
