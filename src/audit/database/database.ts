/** What a statement takes and gives. Numbers are safe integers or doubles; times are milliseconds since 1970. */
export type SqlValue = string | number | null;

export type SqlRow = Readonly<Record<string, SqlValue>>;

/**
 * Runs statements, one after the other. The SQL is what SQLite 3.38 and PostgreSQL have in common, with `$1`, `$2`, … for values, each
 * first used in this order.
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
   * lost while it is committed nobody knows, and whoever tries again must find out.
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
  /** The disk is full, the runtime has no SQLite, … */
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
