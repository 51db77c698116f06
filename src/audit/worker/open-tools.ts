import type { EngineEnvironment } from "../../engine/engine.ts";
import type { ConfigProblem } from "../../image/access-problem.ts";
import { readReference } from "../../inventory/read-reference.ts";
import { readRepository } from "../../inventory/repository.ts";
import { openRegistries, type RegistriesOptions } from "../../source/registry/open-registries.ts";
import type { RegistryAccess } from "../../source/registry/registry-access.ts";
import type { RegistryOf } from "../audits/add-images.ts";
import type { Audit } from "../audits/audit.ts";
import { auditById, policyOf } from "../audits/audits.ts";
import type { AuditDatabase } from "../database/database.ts";
import type { BucketOptions } from "../evidence/bucket-store.ts";
import { openEvidenceStore } from "../evidence/open-store.ts";
import { AuditJudge, type AuditWords } from "../judge/audit-judge.ts";
import { SharedPace } from "../pace/registry-pace.ts";
import type { ChunkQueue } from "../queue/chunk-queue.ts";
import type { AuditTools } from "./audit-tools.ts";

export interface ToolSettings {
  readonly database: AuditDatabase;
  readonly queue: ChunkQueue;
  /** Of this machine: how registries are reached, and with which credentials. */
  readonly registries: RegistriesOptions;
  readonly environment: EngineEnvironment & BucketOptions["environment"];
  readonly words: AuditWords;
  readonly version: string;
  /** Unix seconds. */
  readonly now: () => number;
  /** Images of a chunk that are fetched at a time. */
  readonly concurrency: number;
}

/** The settings for registries on this machine cannot be used. */
export class RegistriesUnusable extends Error {
  override readonly name = "RegistriesUnusable";
  readonly problem: ConfigProblem;

  constructor(problem: ConfigProblem) {
    super(problem.reason);
    this.problem = problem;
  }
}

/** What is needed for the chunks of an audit, once for all of them. @throws {@link RegistriesUnusable} */
export function toolsOnDemand(settings: ToolSettings): (auditId: number) => Promise<AuditTools> {
  const opened = new Map<number, Promise<AuditTools>>();
  return (auditId) => {
    const known = opened.get(auditId) ?? openTools(auditId, settings);
    opened.set(auditId, known);
    // What could not be read may be there the next time.
    known.catch(() => opened.delete(auditId));
    return known;
  };
}

async function openTools(auditId: number, settings: ToolSettings): Promise<AuditTools> {
  const { database, queue, environment, words, version, now, concurrency } = settings;
  const audit = await auditById(database, auditId);
  const policy = await policyOf(database, audit);
  const store = await openEvidenceStore(audit.settings.evidence, {
    environment,
    now: () => now() * 1000,
    mayMake: false,
  });
  const registries = await openPacedRegistries(audit, settings);
  return {
    ...{ audit, database, queue, store, registries, now, concurrency },
    blobMemo: new Map(),
    judge: new AuditJudge(audit, { policy, words, store, environment, version, now }),
    registryOf: registryOf(registries),
  };
}

async function openPacedRegistries(audit: Audit, { database, registries }: ToolSettings): Promise<RegistryAccess> {
  const { perSecond } = audit.settings;
  const pace = new SharedPace(database, { defaultPerSecond: perSecond, elapsed: () => performance.now() });
  const access = await openRegistries({
    ...registries,
    // Waiting for its turn is no fault of a registry.
    ...(perSecond === undefined ? {} : { imageSeconds: 86_400 }),
    beforeRequest: (host, signal) => pace.admit(host, signal),
    onThrottled: (host, seconds) => void pace.pause(host, seconds).catch(() => undefined),
  });
  if (!access.ok) throw new RegistriesUnusable(access.problem);
  return access.value;
}

/** Which registry is asked first, by the settings of this machine. */
export function registryOf(registries: RegistryAccess): RegistryOf {
  return (reference) => {
    const read = readReference(reference);
    const repository = readRepository(reference);
    const named =
      read.ok && read.value.kind === "registry" ? read.value.reference : repository.ok ? repository.value : undefined;
    return named === undefined ? "" : registries.firstHost(named);
  };
}
