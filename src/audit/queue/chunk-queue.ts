import type { SqlSession } from "../database/database.ts";

/**
 * What is done with images, one stage after the other: a tag list or a whole repository becomes references; what there is of an image is
 * fetched and kept; it is judged, without any network.
 */
export type Stage = "expand" | "fetch" | "judge";

/** A unit of work: images of one registry, at most {@link maxChunkImages}. */
export interface ChunkJob {
  readonly stage: Stage;
  /** Of the table `chunks`. */
  readonly chunk: number;
  /** Whose work it is, for the bounds of registries: `host[:port]`; "" for what asks none. */
  readonly registry: string;
}

export interface TakenJob extends ChunkJob {
  /** How often it was taken before, by workers that ended without saying so. */
  readonly earlierAttempts: number;
  /** Names this taking: with it, and the rest, the job may be told to another thread. */
  readonly lease: string;
}

export interface TakeBounds {
  /** Of the first of these that has any that may be taken. */
  readonly stages: readonly Stage[];
  /** Chunks of one registry that all workers together may have; those that ask none are not counted. */
  readonly perRegistry: number;
  /** Registries that nothing is to be taken of now. */
  readonly except: readonly string[];
}

/** Chunks that wait, each given to one worker at a time. @throws DatabaseFailed, everywhere */
export interface ChunkQueue {
  /** Waits from the end of the transaction on. */
  put(session: SqlSession, jobs: readonly ChunkJob[]): Promise<void>;
  /** Takes one that is due, if there is one, so that registries with many chunks do not hold up those with few: it belongs to this worker until `leaseSeconds` have passed without {@link keep}. */
  take(bounds: TakeBounds): Promise<TakenJob | undefined>;
  /** Longer. @returns `false` if it does not belong to this worker any more. */
  keep(job: TakenJob): Promise<boolean>;
  /** Ends it with the transaction. @throws {@link NotOurs}, so that nothing takes effect, if it does not belong to this worker any more. */
  done(session: SqlSession, job: TakenJob): Promise<void>;
  /** Gives it back with the transaction, to be taken by anybody after a while; that is no attempt. @throws {@link NotOurs} */
  putBack(session: SqlSession, job: TakenJob, afterSeconds: number): Promise<void>;
  close(): Promise<void>;
}

/** Another worker has the chunk by now, as this one took too long: what it did is for nothing. */
export class NotOurs extends Error {
  override readonly name = "NotOurs";

  constructor() {
    super("the chunk was given to another worker");
  }
}
