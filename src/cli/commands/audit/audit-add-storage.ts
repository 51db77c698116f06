import { addStoredImages } from "../../../audit/audits/add-stored.ts";
import { collectStored } from "../../../audit/evidence/collect-stored.ts";
import { openEvidenceStore } from "../../../audit/evidence/open-store.ts";
import { machineName } from "../../../host/surroundings.ts";
import type { ImageProblem } from "../../../image/problem.ts";
import { parsePlace } from "../../../source/place.ts";
import { openStorageOf } from "../../../source/storage/open-storage.ts";
import type { ImageStorage } from "../../../source/storage/storage.ts";
import { storedAddedText } from "../../../words/audit-words.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import { type Io, printText } from "../../io.ts";
import { AuditStopped } from "./audit-stopped.ts";
import { chosenAudit, withQueue } from "./open-audit.ts";

/** Adds the images that lie on this machine to an audit. @returns the exit code. */
export async function auditAddStorage(options: Options, operands: readonly string[], io: Io): Promise<number> {
  for (const other of ["images", "all-tags"] as const) {
    if (options[other] === undefined) continue;
    throw new AuditStopped({
      code: "usage.option.combination",
      option: other,
      why: { kind: "not-with", other: "storage" },
    });
  }
  const machine = machineOf(options);
  const stores = (operands.length === 0 ? ["containers-storage:"] : operands).map(storeOf);
  const added = await withQueue(options, io, async ({ database, queue }) => {
    const audit = await chosenAudit(database, options.audit);
    const { environment, now } = io;
    const store = await openEvidenceStore(audit.settings.evidence, { environment, now: () => now() * 1000 });
    const { platform } = audit.settings;
    try {
      let images = 0;
      for (const written of stores) {
        await withStorage(written, io, async (storage) => {
          const listed = storage.list();
          if (!listed.ok) throw unread(listed.problem);
          const kept = collectStored(storage, listed.value, { store, platform });
          images += await addStoredImages(audit, kept, { database, queue, machine, now });
        });
      }
      return { audit: audit.name, images };
    } finally {
      store.close();
    }
  });
  if (options.quiet === true) return 0;
  return printText(storedAddedText(added.audit, machine, added.images), io);
}

function machineOf(options: Options): string {
  const machine = options.machine ?? machineName();
  // It stands before "::", and in reports.
  if (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(machine)) return machine;
  const why = { kind: "no-machine", value: machine } as const;
  throw new AuditStopped({ code: "usage.option.value", option: "machine", why });
}

type WrittenStore = Parameters<typeof openStorageOf>[0];

function storeOf(operand: string): WrittenStore {
  const place = parsePlace(operand);
  if (place.ok && place.value.transport === "containers-storage" && place.value.image === "") return place.value.store;
  const why = { kind: "no-store", value: operand, option: "storage" } as const;
  throw new AuditStopped({ code: "usage.argument.value", argument: "REF", why });
}

async function withStorage(
  written: WrittenStore,
  { environment }: Io,
  work: (storage: ImageStorage) => Promise<void>,
): Promise<void> {
  const storage = await openStorageOf(written, environment);
  if (!storage.ok) throw unread(storage.problem);
  try {
    await work(storage.value);
  } finally {
    storage.value.close();
  }
}

function unread(problem: ImageProblem): AuditStopped {
  return new AuditStopped({ code: "usage.option.value", option: "storage", why: { kind: "no-storage", problem } });
}
