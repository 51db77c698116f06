import type { BlobMemo } from "../../engine/check-blobs.ts";
import type { RegistryAccess } from "../../source/registry/registry-access.ts";
import type { RegistryOf } from "../audits/add-images.ts";
import type { Audit } from "../audits/audit.ts";
import type { AuditDatabase } from "../database/database.ts";
import type { EvidenceStore } from "../evidence/evidence.ts";
import type { AuditJudge } from "../judge/audit-judge.ts";
import type { ChunkQueue } from "../queue/chunk-queue.ts";

/** What a worker has for the chunks of one audit. */
export interface AuditTools {
  readonly audit: Audit;
  readonly database: AuditDatabase;
  readonly queue: ChunkQueue;
  readonly store: EvidenceStore;
  readonly judge: AuditJudge;
  readonly registries: RegistryAccess;
  /** What is known of blobs that images have in common. */
  readonly blobMemo: BlobMemo;
  readonly registryOf: RegistryOf;
  /** Unix seconds. */
  readonly now: () => number;
  /** Images of a chunk that are fetched at a time. */
  readonly concurrency: number;
}

export interface TaskSignals {
  /** Ends at once: what was done is for nothing. */
  readonly signal: AbortSignal;
  /** Ends soon, with what is done: the images under way are finished. */
  readonly stop: AbortSignal;
}
