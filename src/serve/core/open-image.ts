import { errorVerdict } from "../../engine/error-verdict.ts";
import type { OpenedImage } from "../../engine/request.ts";
import type { Identity } from "../../identity/identity.ts";
import type { OpenImage } from "../../image/image.ts";
import type { Platform } from "../../image/platform.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { type Eventually, ok, type Result } from "../../result.ts";
import type { AcceptedVerdict, ErrorVerdict, RejectedVerdict } from "../../verdict/verdict.ts";
import { AcceptedImage } from "./accepted-image.ts";
import { type ImageName, type NamedImage, nameImage } from "./image-name.ts";
import type { ImageService } from "./image-service.ts";

export interface OpenRequest {
  readonly name: ImageName;
  /** What the image was obtained as, if that is not its own name. */
  readonly identity: string | Identity | undefined;
  readonly requireSigned: boolean;
  /** Which image of an index. */
  readonly platform: Platform;
  /** Ends it, by throwing the signal's reason. */
  readonly signal: AbortSignal;
}

export type Opening =
  | { readonly kind: "opened"; readonly verdict: AcceptedVerdict; readonly image: AcceptedImage }
  | {
      readonly kind: "refused";
      readonly verdict: RejectedVerdict | ErrorVerdict;
      /** There is no such image, for certain; the policy was not asked. */
      readonly isAbsent: boolean;
    };

/**
 * Opens an image and judges it, and keeps it open if it is accepted: there is no way to content that was not. Of an index, either it or
 * the chosen image has to be accepted, as in the newest image proxy of the reference (container-libs: common/pkg/json-proxy/handler.go
 * openImageImpl). What is read for the verdict is what is handed out.
 *
 * @throws the signal's reason once it is aborted; nothing is left open then.
 */
export async function openImage(request: OpenRequest, service: ImageService): Promise<Opening> {
  const named = nameImage(request.name, service);
  if (!named.ok) return refused(errorVerdict(named.problem));
  const { transport, identity: own, open } = named.value;
  const identity = request.identity ?? own;
  if (identity === undefined) throw new Error("a directory has no identity of its own");

  const holder = new SourceHolder(request);
  try {
    const { verdict: judged, manifest } = await service.engine.judge(
      {
        identity,
        image: { kind: "open", transport, open: () => holder.open(open) },
        policy: service.policy,
        requireSigned: request.requireSigned,
        platform: { kind: "one", platform: request.platform },
      },
      { signal: request.signal },
    );
    // There always is a platform, whether or not anybody asked for one.
    const verdict = { ...judged, isPlatformUnused: false };
    if (verdict.outcome !== "accepted") {
      await holder.close();
      return refused(verdict, transport);
    }
    const { source } = holder;
    if (source === undefined || manifest === undefined) throw new Error("accepted without having been read");
    const image = new AcceptedImage({ source, manifest, facts: verdict.manifest });
    return { kind: "opened", verdict, image };
  } catch (error) {
    await holder.close();
    throw error;
  }
}

/** What is open on the way to a verdict, to be closed once if that is not an acceptance. */
class SourceHolder {
  source: OpenImage | undefined;
  readonly #request: OpenRequest;
  #isInUse = false;
  /** Also if there was nothing to close yet. */
  #isClosed = false;

  constructor(request: OpenRequest) {
    this.#request = request;
  }

  /** What fails to open closes what it was given. */
  async open(open: NamedImage["open"]): Promise<Result<OpenedImage, ImageProblem>> {
    this.#isInUse = true;
    const opened = await open(this.#request.signal);
    if (!opened.ok) return opened;
    const source = opened.value;
    this.source = source;
    return ok({ image: source, source, close: () => this.#unused() });
  }

  /** The judge has done with it. Who stopped waiting for the verdict has left it to this. */
  #unused(): Eventually<void> {
    this.#isInUse = false;
    return this.#isClosed ? this.source?.close() : undefined;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { name } = this.#request;
    if (this.#isInUse) return;
    if (this.source !== undefined) await this.source.close();
    else if (name.kind === "directory") name.directory.close();
  }
}

function refused(verdict: RejectedVerdict | ErrorVerdict, transport = ""): Opening {
  return { kind: "refused", verdict, isAbsent: isAbsent(verdict, transport) };
}

/** As the reference tells it from other failures (container-libs: common/pkg/json-proxy/utils.go isNotFoundImageError). */
function isAbsent(verdict: RejectedVerdict | ErrorVerdict, transport: string): boolean {
  if (verdict.outcome !== "error") return false;
  const { problem } = verdict;
  if (problem.code !== "image.blob.missing" && "registryCode" in problem)
    return problem.registryCode === "MANIFEST_UNKNOWN";
  return problem.code === "image.source.not-found" && ["oci", "oci-archive", "containers-storage"].includes(transport);
}
