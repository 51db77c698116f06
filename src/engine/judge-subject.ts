import type { Identity } from "../identity/identity.ts";
import type { Subject } from "../judge/judge.ts";
import type { Verdict } from "../verdict/verdict.ts";
import type { BlobMemo } from "./check-blobs.ts";
import type { BlobsChoice, PlatformChoice } from "./choices.ts";
import type { PreparedPolicy } from "./prepared-policy.ts";
import type { Step } from "./step.ts";

export interface JudgingImage {
  readonly identity: Identity;
  readonly policy: PreparedPolicy;
  readonly requireSigned: boolean;
  readonly platform: PlatformChoice | undefined;
  /** Of an index only what it lists counts. */
  readonly isForCopy: boolean;
  readonly blobs: BlobsChoice;
  /** What is known of blobs that other images of this run have as well. */
  readonly blobMemo: BlobMemo | undefined;
  readonly trace: (step: Step) => void;
  readonly signal: AbortSignal | undefined;
}

/** Judges a manifest, or the digest of one, by the signatures that are given with it. */
export async function judgeSubject(
  manifest: Subject["manifest"],
  known: Omit<Subject, "manifest">,
  { identity, policy, requireSigned, trace, signal }: JudgingImage,
): Promise<Verdict> {
  signal?.throwIfAborted();
  const signatures = async () => {
    const read = await known.signatures();
    trace({ step: "signatures", signatures: read });
    return read;
  };
  const verdict = await policy.judge(identity, { ...known, manifest, signatures }, { requireSigned });
  signal?.throwIfAborted();
  return verdict;
}
