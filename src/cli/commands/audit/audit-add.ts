import { addImages, addRepository, type RegistryOf } from "../../../audit/audits/add-images.ts";
import { RegistriesUnusable, registryOf } from "../../../audit/worker/open-tools.ts";
import { sizeOfFile } from "../../../host/file-kind.ts";
import { linesOfFile } from "../../../host/lines-of-file.ts";
import { readReference } from "../../../inventory/read-reference.ts";
import { readRepository } from "../../../inventory/repository.ts";
import { maxInventoryBytes } from "../../../limits.ts";
import { fail, type Result } from "../../../result.ts";
import { openRegistries } from "../../../source/registry/open-registries.ts";
import { auditAddedText } from "../../../words/audit-words.ts";
import type { ReferenceFlaw } from "../../../words/check-words.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import { registriesOptionsOf } from "../../arguments/registries-options.ts";
import { type Io, printText } from "../../io.ts";
import { readImageList } from "../verify-policy/asked-images.ts";
import { AuditStopped } from "./audit-stopped.ts";
import { chosenAudit, withQueue } from "./open-audit.ts";

/** Adds images to an audit. @returns the exit code. */
export async function auditAdd(options: Options, operands: readonly string[], io: Io): Promise<number> {
  if (options.storage === true) {
    const { auditAddStorage } = await import("./audit-add-storage.ts");
    return auditAddStorage(options, operands, io);
  }
  if (options.machine !== undefined) {
    throw new AuditStopped({
      code: "usage.option.combination",
      option: "machine",
      why: { kind: "needs", other: "storage" },
    });
  }
  if (operands.length === 0 && options.images === undefined) {
    throw new AuditStopped({ code: "usage.input.empty", isWithoutReference: true });
  }
  const isRepositories = options["all-tags"] === true;
  refuseOthers(operands, isRepositories ? readRepository : readImage);
  const listed = options.images === undefined ? [] : await referencesOf(options.images, io);
  const registries = await openRegistries(registriesOptionsOf(options, io));
  if (!registries.ok) throw new RegistriesUnusable(registries.problem);
  const known = remembered(registryOf(registries.value));
  const added = await withQueue(options, io, async ({ database, queue }) => {
    const audit = await chosenAudit(database, options.audit);
    const adding = { database, queue, registryOf: known };
    if (isRepositories) for (const repository of operands) await addRepository(audit, repository, adding);
    const references = isRepositories ? listed : concatenated(operands, listed);
    return { audit: audit.name, images: await addImages(audit, references, adding) };
  });
  if (options.quiet === true) return 0;
  const repositories = isRepositories ? operands.length : 0;
  const text = auditAddedText(added.audit, { images: added.images, repositories });
  return printText(text, io);
}

/** Of a list each is a result of its own; what somebody typed is told at once. */
function refuseOthers(operands: readonly string[], reading: (operand: string) => Result<unknown, ReferenceFlaw>): void {
  for (const operand of operands) {
    const read = reading(operand);
    if (read.ok) continue;
    throw new AuditStopped({ code: "usage.reference.invalid", reference: operand, flaw: read.problem });
  }
}

function readImage(operand: string): Result<unknown, ReferenceFlaw> {
  const read = readReference(operand);
  return read.ok && read.value.kind === "local" ? fail({ flaw: "local", transport: read.value.transport }) : read;
}

/** By any form that `verify-policy` reads; of more than that reads, each line is a reference. */
async function referencesOf(path: string, io: Io): Promise<Iterable<string> | AsyncIterable<string>> {
  if (path !== "-" && sizeOfFile(path) > maxInventoryBytes) return references(path);
  const given = await readImageList(path, io);
  if (!given.ok) throw new AuditStopped(given.problem);
  return given.value.list.images.map(({ text }) => text);
}

async function* references(path: string): AsyncGenerator<string> {
  for await (const text of linesOfFile(path)) {
    const line = text.trim();
    if (line !== "" && !line.startsWith("#")) yield line;
  }
}

async function* concatenated(
  first: Iterable<string>,
  second: Iterable<string> | AsyncIterable<string>,
): AsyncGenerator<string> {
  yield* first;
  yield* second;
}

/** There are fewer repositories than images, and of each the registry is looked up in the settings. */
function remembered(find: RegistryOf): RegistryOf {
  const known = new Map<string, string>();
  return (reference) => {
    const repository = reference.replace(/(?::[^:/@]*)?(?:@.*)?$/, "");
    const registry = known.get(repository) ?? find(reference);
    if (known.size < maxRemembered) known.set(repository, registry);
    return registry;
  };
}

const maxRemembered = 100_000;
