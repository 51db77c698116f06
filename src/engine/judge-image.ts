import type { Digest } from "../encoding/digest.ts";
import type { FindInstances } from "../image/find-instances.ts";
import type { OpenImage } from "../image/image.ts";
import { isIndexType } from "../image/index-instances.ts";
import { type ManifestFacts, readManifest } from "../image/manifest.ts";
import { maxManifestBytes } from "../limits.ts";
import { fail, type Result } from "../result.ts";
import type { ErrorVerdict, RejectedVerdict, Verdict } from "../verdict/verdict.ts";
import type { PlatformChoice } from "./choices.ts";
import { errorVerdict } from "./error-verdict.ts";
import { type JudgingImage, judgeSubject } from "./judge-subject.ts";
import type { Judgement } from "./judgement.ts";
import type { OpenedImage } from "./request.ts";
import { saidTypeProblem } from "./said-type.ts";

/** Judges an image that has been opened: reads its manifest once, and its signatures once they are asked for. */
export async function judgeImage(opened: OpenedImage, how: JudgingImage): Promise<Judgement> {
  const judged = await judgeChosen(opened, how);
  const { source } = opened;
  if (source === undefined && how.blobs !== "none") throw new Error("there are no blobs without a source");
  const signaturesFrom = source?.signaturesFrom ?? opened.signaturesFrom;
  const verdict = signaturesFrom === undefined ? judged.verdict : { ...judged.verdict, signaturesFrom };
  if (source === undefined) return { ...judged, verdict };
  if (verdict.outcome === "rejected" && isAboutSignatures(verdict.code)) {
    return { ...judged, verdict: { ...verdict, unreadSignature: await source.unreadSignature?.() } };
  }
  if (how.blobs === "none" || verdict.outcome !== "accepted" || judged.manifest === undefined) {
    return { ...judged, verdict };
  }
  const { withBlobs } = await import("./with-blobs.ts");
  const { manifest } = judged;
  const { blobs: mode, signal, blobMemo: memo } = how;
  return { manifest, verdict: await withBlobs(verdict, { source, manifest, mode, signal, memo }) };
}

function isAboutSignatures(code: RejectedVerdict["code"]): boolean {
  return code === "requirement.signature.missing" || code === "requirement.signature.not-accepted";
}

async function judgeChosen(opened: OpenedImage, how: JudgingImage): Promise<Judgement> {
  if (opened.manifestDigest !== undefined) return judgeDigest(opened, opened.manifestDigest, how);
  const read = await readTop(opened, how);
  if (!read.ok) return { verdict: read.problem, manifest: undefined };
  const manifest = read.value;
  if (how.platform !== undefined && how.isForCopy) {
    const { facts } = readManifest(manifest);
    if (isIndexType(facts.mediaType)) {
      return withUsableType({ manifest, facts, opened, verdict: undefined }, how, how.platform);
    }
  }
  const { image, source, findInstances = source && finderOf(source) } = opened;
  const verdict = await judgeSubject(manifest, { signatures: () => image.signatures(), findInstances }, how);
  return withUsableType({ manifest, facts: verdict.manifest, opened, verdict }, how, how.platform);
}

/** A manifest that was read; the verdict on it is not there for an index of which only what it lists counts. */
interface Read {
  readonly opened: OpenedImage;
  readonly manifest: Uint8Array;
  readonly facts: ManifestFacts | undefined;
  readonly verdict: Verdict | undefined;
}

/** Goes on with it, unless the source says something else of it than it is. */
async function withUsableType(read: Read, how: JudgingImage, platform: PlatformChoice | undefined): Promise<Judgement> {
  const { manifest, opened, verdict, facts } = read;
  const mediaType = facts?.mediaType ?? "";
  if (platform !== undefined || how.blobs !== "none") {
    const problem = saidTypeProblem(opened.source?.untrustedMediaType, mediaType, verdict);
    if (problem !== undefined) {
      return { verdict: errorVerdict(problem, { identity: how.identity, policyPath: how.policy.path }), manifest };
    }
  }
  if (facts !== undefined && platform !== undefined && isIndexType(mediaType)) {
    const { judgeInstances } = await import("./judge-instances.ts");
    return judgeInstances({ verdict, facts, manifest, mediaType, image: opened.source }, platform, how);
  }
  if (verdict === undefined) throw new Error("only an index is left unjudged");
  return { verdict: platform === undefined ? verdict : { ...verdict, isPlatformUnused: true }, manifest };
}

async function judgeDigest(
  { image, source, path }: OpenedImage,
  manifestDigest: Digest,
  how: JudgingImage,
): Promise<Judgement> {
  const named = await source?.checkNamed?.(manifestDigest);
  if (named?.ok === false) {
    const known = { identity: how.identity, policyPath: how.policy.path };
    return { verdict: errorVerdict(named.problem, known), manifest: undefined };
  }
  const signatures = () => (source === undefined ? image.signatures() : source.signaturesOf(manifestDigest));
  how.trace({ step: "image", path, manifest: undefined });
  const verdict = await judgeSubject({ digest: manifestDigest }, { signatures }, how);
  return { verdict, manifest: undefined };
}

/** Reads the manifest, or says why there is nothing to judge. */
async function readTop(
  { image, path }: OpenedImage,
  { identity, policy, trace }: JudgingImage,
): Promise<Result<Uint8Array, ErrorVerdict>> {
  const manifest = await image.manifest();
  if (!manifest.ok) return fail(errorVerdict(manifest.problem, { identity }));
  if (manifest.value.length > maxManifestBytes) {
    const problem = { code: "image.manifest.too-large", maxBytes: maxManifestBytes } as const;
    return fail(errorVerdict(problem, { policyPath: policy.path, identity }));
  }
  trace({ step: "image", path, manifest: manifest.value });
  return manifest;
}

function finderOf(source: OpenImage): FindInstances | undefined {
  if (source.present === undefined) return undefined;
  return async (digests) => {
    const present = (await source.present?.(digests)) ?? [];
    return { present: present.length, signed: present.filter(({ hasSignature }) => hasSignature).length };
  };
}
