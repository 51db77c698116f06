import type { PrivateFileProblem } from "../../host/private-file.ts";

/** What a statement takes and gives. Numbers are safe integers or doubles; times are milliseconds since 1970. */
export type SqlValue = string | number | null;

export type SqlRow = Readonly<Record<string, SqlValue>>;

/**
 * Runs statements, one after the other. The SQL is what SQLite 3.38 and PostgreSQL have in common, with `$1`, `$2`, … for values, each of
 * which may be used several times. A statement has at most 32,766 of them (SQLITE_MAX_VARIABLE_NUMBER as it comes). Truth comes back as 1 and 0, a time as text (ISO
 * 8601, UTC).
 *
 * @throws {@link DatabaseFailed}; what the SQL itself does wrong is a bug, and is thrown as it is.
 */
export interface SqlSession {
  query(sql: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
}

/** The database of audits: a file of SQLite, or a server. */
export interface AuditDatabase extends SqlSession {
  readonly dialect: "sqlite" | "postgres";
  /**
   * Everything that the work does takes effect, or nothing. What it throws is thrown on, and nothing has taken effect then; if the connection is
   * lost while it is committed nobody knows, and whoever tries again must find out. The work waits for nothing but its session:
   * others wait for it meanwhile, and what is asked of the database itself waits until it is over.
   */
  transaction<T>(work: (session: SqlSession) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Why a database cannot be used, or no longer. */
export type DatabaseProblem =
  /** Nobody answers, or the connection broke off: it may work later. */
  | { readonly kind: "unreachable"; readonly reason: string }
  /** Others hold what is needed for longer than was waited, or two transactions were in each other's way: it may work later. */
  | { readonly kind: "in-use" }
  /** The server does not let this user in, or do this. */
  | { readonly kind: "not-permitted"; readonly reason: string }
  | { readonly kind: "damaged" }
  /** There is nothing of ours in it. */
  | { readonly kind: "not-set-up" }
  /** A later version of this program made it, and this one would misread it. */
  | { readonly kind: "newer"; readonly version: number; readonly known: number }
  /** An earlier version made it, and it has to be brought up to date first. */
  | { readonly kind: "outdated"; readonly version: number; readonly known: number }
  /** The file is another program's. */
  | { readonly kind: "not-ours"; readonly isDatabase: boolean }
  /** Others can change the file: what is in it would be believed. */
  | { readonly kind: "not-private"; readonly why: Exclude<PrivateFileProblem, { readonly kind: "system" }> }
  /** The server's address cannot be understood, or says what this program cannot do. */
  | { readonly kind: "address"; readonly reason: string }
  /** The runtime has no SQLite. */
  | { readonly kind: "no-sqlite" }
  /** The disk is full, a package is not installed, … */
  | { readonly kind: "system"; readonly reason: string };

/** Thrown by all that a database is asked, as there are so many places, and each of them gives up then. */
export class DatabaseFailed extends Error {
  override readonly name = "DatabaseFailed";
  readonly problem: DatabaseProblem;

  constructor(problem: DatabaseProblem) {
    super(`database: ${problem.kind}`);
    this.problem = problem;
  }
}
