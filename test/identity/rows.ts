import { test } from "node:test";

/** One test per row, named by its input. Equal inputs are an error: one of the two rows would be there for nothing. */
export function testRows<R>(rows: readonly R[], inputOf: (row: R) => string, check: (row: R) => void): void {
  const seen = new Set<string>();
  for (const row of rows) {
    const name = shorten(JSON.stringify(inputOf(row)));
    if (seen.has(name)) throw new Error(`two rows for ${name}`);
    seen.add(name);
    test(name, () => check(row));
  }
}

/** Long inputs by their two ends and their length. */
function shorten(text: string): string {
  return text.length <= 160 ? text : `${text.slice(0, 80)}…${text.slice(-60)} (${text.length})`;
}
