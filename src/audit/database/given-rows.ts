import type { AuditDatabase, SqlValue } from "./database.ts";

/**
 * Rows that are given as one value, an array of objects as JSON, as a table with these columns, all of them texts: so many rows take one
 * statement, and its text is always the same.
 *
 * They are made a table first, in SQLite by a limit, which is none. Otherwise they may be looked at, and read from the JSON, for each row of
 * the other table, of which there are millions: nobody knows how many either are.
 *
 * @param placeholder of the value, as `$1`
 */
export function givenRows(
  { dialect }: Pick<AuditDatabase, "dialect">,
  placeholder: string,
  columns: readonly string[],
): string {
  const selected = columns.map((column) => `value ->> '${column}' AS ${column}`).join(", ");
  return dialect === "postgres"
    ? `(WITH rows AS MATERIALIZED (SELECT ${selected} FROM ${elementsOf(placeholder)}) SELECT * FROM rows) AS given`
    : `(SELECT ${selected} FROM json_each(${placeholder}) AS each_row LIMIT -1) AS given`;
}

interface GivenColumn {
  /** Of the value, as for {@link givenRows}. */
  readonly placeholder: string;
  /** One of the columns. */
  readonly of: string;
}

/** That a column has one of the texts that the rows have. */
export function amongGiven(
  { dialect }: Pick<AuditDatabase, "dialect">,
  column: string,
  { placeholder, of }: GivenColumn,
): string {
  return dialect === "postgres"
    ? `${column} = ANY (ARRAY(SELECT value ->> '${of}' FROM ${elementsOf(placeholder)}))`
    : `${column} IN (SELECT value ->> '${of}' FROM json_each(${placeholder}) AS each_row)`;
}

/**
 * What joins a table with the rows: that its column has the text of the row. PostgreSQL is told as well that it is one of theirs: that says
 * nothing new, but by it the index of the column is used whatever the server believes. A table that was filled a moment ago it takes for a small
 * one, and would compare each row with each.
 */
export function matchesGiven(
  database: Pick<AuditDatabase, "dialect">,
  column: string,
  { placeholder, of }: GivenColumn,
): string {
  const matches = `${column} = given.${of}`;
  return database.dialect === "postgres"
    ? `${matches} AND ${amongGiven(database, column, { placeholder, of })}`
    : matches;
}

const elementsOf = (placeholder: string) => `json_array_elements(${placeholder}::json) AS each_row (value)`;

/** The value for them. */
export function rowsValue(rows: readonly Readonly<Record<string, SqlValue | undefined>>[]): string {
  return JSON.stringify(rows);
}
