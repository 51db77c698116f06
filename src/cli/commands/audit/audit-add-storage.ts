import type { Added } from "../../../audit/audits/add-images.ts";
import { addStoredImages } from "../../../audit/audits/add-stored.ts";
import { collectStored } from "../../../audit/evidence/collect-stored.ts";
import { openEvidenceStore } from "../../../audit/evidence/open-store.ts";
import { machineName } from "../../../host/surroundings.ts";
import type { ImageProblem } from "../../../image/problem.ts";
import { parsePlace } from "../../../source/place.ts";
import { openStorageOf } from "../../../source/storage/open-storage.ts";
import type { ImageStorage } from "../../../source/storage/storage.ts";
import type { StoredImage } from "../../../source/storage/stored-image.ts";
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
  // All of them, before anything is added.
  const opened = await openStorages(operands.length === 0 ? ["containers-storage:"] : operands, io);
  const added = await withQueue(options, io, async ({ database, queue }) => {
    const audit = await chosenAudit(database, options.audit);
    const { environment, now } = io;
    const store = await openEvidenceStore(audit.settings.evidence, { environment, now: () => now() * 1000 });
    const { platform } = audit.settings;
    try {
      let images: Added = { added: 0, known: 0 };
      for (const { storage, listed } of opened) {
        const kept = collectStored(storage, listed, { store, platform });
        const { added, known } = await addStoredImages(audit, kept, { database, queue, machine, now });
        images = { added: images.added + added, known: images.known + known };
      }
      return { audit: audit.name, images };
    } finally {
      store.close();
    }
  }).finally(() => {
    for (const { storage } of opened) storage.close();
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

interface OpenedStorage {
  readonly storage: ImageStorage;
  readonly listed: readonly StoredImage[];
}

async function openStorages(operands: readonly string[], { environment }: Io): Promise<readonly OpenedStorage[]> {
  const opened: OpenedStorage[] = [];
  const written = operands.map((operand) => ({ operand, store: storeOf(operand) }));
  try {
    for (const { operand, store } of written) {
      const storage = await openStorageOf(store, environment);
      if (!storage.ok) throw unread(operand, storage.problem);
      const listed = storage.value.list();
      if (listed.ok) opened.push({ storage: storage.value, listed: listed.value });
      else {
        storage.value.close();
        throw unread(operand, listed.problem);
      }
    }
  } catch (error) {
    for (const { storage } of opened) storage.close();
    throw error;
  }
  return opened;
}

function unread(operand: string, problem: ImageProblem): AuditStopped {
  const why = { kind: "no-storage", operand, problem } as const;
  return new AuditStopped({ code: "usage.option.value", option: "storage", why });
}
