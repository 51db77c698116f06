import type { Judgement } from "../../engine/judgement.ts";
import type { JudgeRequest } from "../../engine/request.ts";
import type { Peer } from "../../host/descriptors/channel.ts";
import type { Descriptors } from "../../host/descriptors/descriptors.ts";
import type { Platform } from "../../image/platform.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import type { ImageService } from "../core/image-service.ts";
import type { ServiceLog } from "../log/service-log.ts";
import type { Connection } from "../varlink/interface.ts";
import type { Meter } from "./metrics.ts";

/** What all connections of the service share. */
export interface ServiceCore extends ImageService {
  readonly requireSigned: boolean;
  /** Of this machine: which image of an index. */
  readonly platform: Platform;
  readonly descriptors: Pick<Descriptors, "openPipe" | "sealedFile" | "directoryAt">;
  readonly meter: Meter;
  readonly log: ServiceLog;
  readonly version: string;
  /** Unix seconds. */
  readonly now: () => number;
  /** Milliseconds of a clock that only goes forward. */
  readonly elapsed: () => number;
  /** Open connections. */
  readonly connections: () => number;
}

/** Judges for a caller: by the policy of the service, and counted and logged. */
export async function judgeFor(
  { peer }: Connection,
  core: ServiceCore,
  request: Pick<JudgeRequest, "identity" | "image"> & { readonly requireSigned: boolean },
  signal: AbortSignal,
): Promise<Judgement> {
  const start = core.elapsed();
  const judgement = await core.engine.judge(
    { ...request, policy: core.policy, requireSigned: core.requireSigned || request.requireSigned },
    { signal },
  );
  noteVerdict(core, judgement.verdict, { peer, start });
  return judgement;
}

/** Counts and logs it. */
export function noteVerdict(
  { meter, log, elapsed }: ServiceCore,
  verdict: Verdict,
  { peer, start }: { readonly peer: Peer | undefined; readonly start: number },
): void {
  if (verdict.outcome !== "error") meter.verdict(verdict.outcome, elapsed() - start);
  log.verdict(verdict, peer);
}
