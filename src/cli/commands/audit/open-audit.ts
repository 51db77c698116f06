import type { Audit } from "../../../audit/audits/audit.ts";
import { findAudit, listAudits } from "../../../audit/audits/audits.ts";
import type { AuditDatabase } from "../../../audit/database/database.ts";
import { openAuditDatabase } from "../../../audit/database/open-database.ts";
import type { ChunkQueue } from "../../../audit/queue/chunk-queue.ts";
import { openQueue } from "../../../audit/queue/open-queue.ts";
import { checkSetUp, setUp } from "../../../audit/schema/set-up.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import type { Io } from "../../io.ts";
import { AuditStopped, defaultDatabase } from "./audit-stopped.ts";

const defaultLeaseSeconds = 60;

/** Opens the database for a command, and closes it after that. */
export async function withDatabase<T>(
  options: Options,
  io: Io,
  work: (database: AuditDatabase) => Promise<T>,
  { isNew = false }: { readonly isNew?: boolean } = {},
): Promise<T> {
  const where = options.db ?? defaultDatabase;
  const database = await openAuditDatabase(where, { environment: io.environment, mayCreate: isNew });
  try {
    await (isNew ? setUp(database) : checkSetUp(database));
    return await work(database);
  } finally {
    await database.close();
  }
}

/** The same with its queue. */
export function withQueue<T>(
  options: Options,
  io: Io,
  work: (opened: {
    readonly database: AuditDatabase;
    readonly queue: ChunkQueue;
    readonly leaseSeconds: number;
  }) => Promise<T>,
  { isWorker = false }: { readonly isWorker?: boolean } = {},
): Promise<T> {
  return withDatabase(options, io, async (database) => {
    const leaseSeconds = options.lease ?? defaultLeaseSeconds;
    const queue = await openQueue(database, { leaseSeconds, isWorker });
    try {
      return await work({ database, queue, leaseSeconds });
    } finally {
      await queue.close();
    }
  });
}

/** What a new audit is called: as it was begun unless it is given. @throws {@link AuditStopped} */
export function nameOf({ name }: Options, createdMs: number): string {
  if (name === undefined) return new Date(createdMs).toISOString().slice(0, 19);
  if (name.length <= maxNameLength && !/\p{Cc}|\p{Zl}|\p{Zp}/u.test(name)) return name;
  throw new AuditStopped({ code: "usage.option.value", option: "name", why: { kind: "no-name", value: name } });
}

const maxNameLength = 200;

/** The audit of that name, or the last one. @throws {@link AuditStopped} if there is none. */
export async function chosenAudit(database: AuditDatabase, name: string | undefined): Promise<Audit> {
  const audit = await findAudit(database, name);
  if (audit !== undefined) return audit;
  const known = (await listAudits(database)).map((one) => one.name);
  throw new AuditStopped({ code: "usage.audit.unknown", name, known });
}
