import type { VerdictDocument } from "./document.ts";

/**
 * What `verify-policy` found of one image that it was asked about: the verdict, and how it was come by. References are as the user gave
 * them, and nearly everything else was said by a registry.
 */
export interface CheckedImage extends VerdictDocument {
  /** As given. */
  readonly reference: string;
  /** `host/repo@sha256:…`, the manifest that the reference led to (of an index: the index); absent if it was never read. */
  readonly pinned?: string;
  /** The location that answered, without credentials. */
  readonly served_by: string | null;
}

/** A run of `verify-policy`, to be shown. */
export interface CheckRun {
  /** In the order asked for. Gone through more than once: a list, or something that begins anew each time, and no generator. */
  readonly results: Iterable<CheckedImage>;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  /** Not if it was interrupted: then there are fewer results than images. */
  readonly isComplete: boolean;
  /** Images that were asked about. */
  readonly total: number;
  /** The file that named the images, if one did, and the line of each result in it, from 1. */
  readonly list?: { readonly path: string; lineOf(index: number): number | undefined };
}
