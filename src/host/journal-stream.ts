import { fstatSync } from "node:fs";
import { errnoOf } from "./system-error.ts";

/**
 * Whether standard error leads to the journal (systemd.exec(5), `$JOURNAL_STREAM`): then what is said is better said to the journal itself,
 * with its fields.
 *
 * @param named what the variable says: device and inode.
 */
export function isJournalStream(named: string | undefined): boolean {
  if (named === undefined) return false;
  try {
    const { dev, ino } = fstatSync(2, { bigint: true });
    return named === `${dev}:${ino}`;
  } catch (error) {
    errnoOf(error);
    return false;
  }
}
