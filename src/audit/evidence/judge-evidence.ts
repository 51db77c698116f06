import type { BlobsChoice } from "../../engine/choices.ts";
import type { Engine } from "../../engine/engine.ts";
import { errorVerdict } from "../../engine/error-verdict.ts";
import type { JudgeRequest } from "../../engine/request.ts";
import type { OpenedReference } from "../../image/opened-reference.ts";
import { errorText } from "../../result.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { type Evidence, type EvidenceStore, StoreFailed } from "./evidence.ts";
import { replay } from "./replay.ts";

/** By what evidence is judged; the platform is the one that it was collected for. */
export interface JudgingEvidence extends Pick<JudgeRequest, "policy" | "requireSigned" | "platform"> {
  readonly engine: Engine;
  readonly store: EvidenceStore;
  readonly signal: AbortSignal | undefined;
}

/**
 * What `verify-policy` finds of the image with this identity: the verdict, and what there is of the image besides it, if it came to that. A bug
 * is a verdict of its own, too.
 *
 * @throws {@link StoreFailed} if the evidence cannot be read, or does not answer what is asked: then there is no verdict. And the signal's
 *   reason.
 */
export async function verdictOnEvidence(
  identity: string,
  evidence: Evidence,
  { engine, store, signal, ...how }: JudgingEvidence,
): Promise<{ readonly verdict: Verdict; readonly opened: OpenedReference | undefined }> {
  const blobs: BlobsChoice = evidence.kind === "image" ? (evidence.blobs?.mode ?? "none") : "none";
  const { image, blobMemo, wasOpened, failure } = replay(evidence, store);
  const found = (verdict: Verdict) => {
    return { verdict, opened: evidence.kind === "image" && wasOpened() ? evidence.opened : undefined };
  };
  try {
    const request = { ...how, identity, image, blobs, blobMemo, isForCopy: true };
    const { verdict } = await engine.judge(request, signal === undefined ? {} : { signal });
    const failed = failure();
    if (failed !== undefined) throw failed;
    return found(verdict);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof StoreFailed) throw error;
    const failed = failure();
    if (failed !== undefined) throw failed;
    return found(errorVerdict({ code: "internal.error", detail: errorText(error) }));
  }
}
