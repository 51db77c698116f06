import type { PrivateFileProblem } from "../host/private-file.ts";
import type { SqlProblem } from "../host/sqlite.ts";

/** Why a file cannot be the record of a run. None of these changes the file. */
export interface StateProblem {
  readonly code: "usage.state.invalid";
  /** As it was given. */
  readonly path: string;
  readonly why: StateFlaw;
}

export type StateFlaw =
  /** The runtime has no SQLite. */
  | { readonly kind: "no-sqlite" }
  /** It is something else: a database of another program, or no database. */
  | { readonly kind: "not-ours"; readonly isDatabase: boolean }
  /** A later version of this program made it. */
  | { readonly kind: "newer"; readonly version: number; readonly known: number }
  /** Its results were decided by something else: the names of what differs. */
  | { readonly kind: "differs"; readonly parts: readonly string[] }
  | PrivateFileProblem
  | SqlProblem;
