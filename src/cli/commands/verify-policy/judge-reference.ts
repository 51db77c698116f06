import { exitCodeOf } from "../../../codes.ts";
import type { BlobMemo } from "../../../engine/check-blobs.ts";
import type { BlobsChoice, PlatformChoice } from "../../../engine/choices.ts";
import type { Engine } from "../../../engine/engine.ts";
import { errorVerdict } from "../../../engine/error-verdict.ts";
import type { PolicyChoice } from "../../../engine/read-policy.ts";
import type { ImageChoice, JudgeRequest } from "../../../engine/request.ts";
import type { DockerReference } from "../../../identity/docker-reference.ts";
import type { ConfigProblem } from "../../../image/access-problem.ts";
import { checkedImage } from "../../../report/checked-document.ts";
import type { CheckedImage } from "../../../report/checked-image.ts";
import { errorText, fail, ok, type Result } from "../../../result.ts";
import type { RegistryAccess } from "../../../source/registry/registry-access.ts";
import type { OpenRegistryImage } from "../../../source/registry/registry-image.ts";
import type { ErrorProblem } from "../../../verdict/verdict.ts";
import { type ReferenceFlaw, referenceFlawText } from "../../../words/check-words.ts";
import { plain } from "../../../words/quote.ts";

/** An image that is to be checked. */
export interface AskedImage {
  /** As given. */
  readonly reference: string;
  readonly image:
    | { readonly kind: "registry"; readonly name: DockerReference; readonly identity: string }
    | { readonly kind: "source"; readonly source: string }
    /** It does not say which image is meant. */
    | { readonly kind: "flawed"; readonly flaw: ReferenceFlaw }
    /** There is nothing to judge. */
    | { readonly kind: "problem"; readonly problem: Exclude<ErrorProblem, { readonly problems: unknown }> };
}

/** By what images are judged in a run. */
export interface Check {
  readonly engine: Engine;
  /** Opened once there is an image in a registry. */
  readonly registries: () => Promise<Result<RegistryAccess, ConfigProblem>>;
  readonly policy: PolicyChoice;
  readonly requireSigned: boolean;
  readonly platform: PlatformChoice;
  readonly blobs: BlobsChoice;
  readonly blobMemo: BlobMemo;
  readonly signal: AbortSignal;
}

/** Fetches and judges one image. Never throws but for the signal: a bug must not take the other images with it. */
export async function judgeReference({ reference, image }: AskedImage, check: Check): Promise<CheckedImage> {
  if (image.kind === "flawed") return flawed(reference, image.flaw);
  if (image.kind === "problem") return checkedImage(reference, errorVerdict(image.problem), undefined);
  let opened: OpenRegistryImage | undefined;
  try {
    const request: Pick<JudgeRequest, "identity" | "image"> =
      image.kind === "source"
        ? { identity: image.source, image }
        : { identity: image.identity, image: inRegistry(image.name, check, (found) => (opened = found)) };
    // What lies on disk is read as quickly as it is looked at.
    const blobs = image.kind === "source" && check.blobs === "head" ? "all" : check.blobs;
    const { engine, registries: _, signal, ...how } = check;
    const { verdict } = await engine.judge({ ...how, ...request, blobs, isForCopy: true }, { signal });
    return checkedImage(reference, verdict, opened);
  } catch (error) {
    check.signal.throwIfAborted();
    return checkedImage(reference, errorVerdict({ code: "internal.error", detail: errorText(error) }), opened);
  }
}

function inRegistry(
  name: DockerReference,
  { registries, signal }: Check,
  tell: (opened: OpenRegistryImage) => void,
): ImageChoice {
  return {
    kind: "open",
    transport: "docker",
    open: async () => {
      const access = await registries();
      if (!access.ok) return access;
      const opened = await access.value.open(name, signal);
      if (!opened.ok) return fail(opened.problem);
      tell(opened.value);
      return ok({ image: opened.value, source: opened.value, path: opened.value.servedBy });
    },
  };
}

function flawed(reference: string, flaw: ReferenceFlaw): CheckedImage {
  const code = "usage.reference.invalid";
  const reason = referenceFlawText(reference, flaw);
  const message = `Not verified: ${plain(reference)}\n${reason}.`;
  const nothing = {
    identity: null,
    manifest: null,
    policy: { path: null, transport: "", scope: "" },
    requirements: [],
  };
  return {
    version: 1,
    outcome: "error",
    code,
    exitCode: exitCodeOf(code),
    message,
    reason,
    ...nothing,
    reference,
    served_by: null,
  };
}
