import { isTerminal } from "./sink.ts";

/** A terminal that is drawn on. */
export interface Terminal {
  /** How wide it is now: a window may be resized. */
  columns(): number;
}

/** What a terminal has that does not say how wide it is, such as a serial line. */
const usualColumns = 80;

/** The terminal behind standard error, if it is one that can erase a line. */
export async function errorTerminal(): Promise<Terminal | undefined> {
  const { TERM } = process.env;
  if (TERM === "dumb" || !(await isTerminal(2))) return undefined;
  // Both runtimes keep this up to date (SIGWINCH) once it was asked for. Nothing is written to that stream.
  return { columns: () => process.stderr.columns || usualColumns };
}
