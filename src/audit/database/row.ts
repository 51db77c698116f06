import type { SqlRow, SqlValue } from "./database.ts";

/** A column, `null` also if there is none of this name. */
export function valueIn(row: SqlRow, column: string): SqlValue {
  return row[column] ?? null;
}

/** A column that has a number. @throws if it has none: the statement, or what wrote it, is wrong. */
export function numberIn(row: SqlRow | undefined, column: string): number {
  const value = row?.[column];
  if (typeof value !== "number") throw new Error(`${column} has no number`);
  return value;
}

export function numberOrNullIn(row: SqlRow, column: string): number | null {
  return row[column] === null ? null : numberIn(row, column);
}

/** The same as {@link numberIn} for a text. */
export function textIn(row: SqlRow | undefined, column: string): string {
  const value = row?.[column];
  if (typeof value !== "string") throw new Error(`${column} has no text`);
  return value;
}

export function textOrNullIn(row: SqlRow, column: string): string | null {
  return row[column] === null ? null : textIn(row, column);
}
