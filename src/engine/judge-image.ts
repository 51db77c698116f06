import type { FindInstances } from "../image/find-instances.ts";
import type { Image, OpenImage } from "../image/image.ts";
import { isIndexType } from "../image/index-instances.ts";
import { kindSaid } from "../image/manifest.ts";
import { maxManifestBytes } from "../limits.ts";
import type { RejectedVerdict } from "../verdict/verdict.ts";
import { errorVerdict } from "./error-verdict.ts";
import { type JudgingImage, judgeSubject } from "./judge-subject.ts";
import type { Judgement } from "./judgement.ts";
import type { OpenedImage } from "./request.ts";

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
  const top = await judgeTop(opened, how);
  const { verdict, manifest } = top;
  const mediaType = verdict.manifest?.mediaType;
  const said = opened.source?.untrustedMediaType;
  // The reference chooses, and copies, by what the layout says of it, and here that is done by what it is.
  if ((how.platform !== undefined || how.blobs !== "none") && said !== undefined && manifest !== undefined) {
    const isIndexToOne = isIndexType(said) !== isIndexType(mediaType);
    // Which of the two it is decides what is judged. Anything else only makes it useless.
    if (isIndexToOne || (verdict.outcome === "accepted" && kindSaid(said) !== kindSaid(mediaType ?? ""))) {
      const detail = isIndexToOne
        ? "the source says that it is an index and it is none, or the other way round"
        : `the source says that it is of type ${JSON.stringify(said)}, and by that nobody can use it`;
      const problem = { code: "image.manifest.malformed", detail } as const;
      return { verdict: errorVerdict(problem, { identity: how.identity, policyPath: how.policy.path }), manifest };
    }
  }
  if (how.platform === undefined || manifest === undefined) return top;
  if (!isIndexType(mediaType)) return { verdict: { ...verdict, isPlatformUnused: true }, manifest };
  const { judgeInstances } = await import("./judge-instances.ts");
  return judgeInstances({ verdict, manifest, mediaType: mediaType ?? "", image: opened.source }, how.platform, how);
}

async function judgeTop(
  { image, source, path, manifestDigest, findInstances }: OpenedImage,
  how: JudgingImage,
): Promise<Judgement> {
  if (manifestDigest !== undefined) {
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
  return judgeManifest(image, { path, findInstances: findInstances ?? (source && finderOf(source)) }, how);
}

/** Reads the manifest, and judges the image by it. */
async function judgeManifest(
  image: Image,
  { path, findInstances }: { readonly path: string | undefined; readonly findInstances: FindInstances | undefined },
  how: JudgingImage,
): Promise<Judgement> {
  const manifest = await image.manifest();
  const { identity } = how;
  if (!manifest.ok) return { verdict: errorVerdict(manifest.problem, { identity }), manifest: undefined };
  if (manifest.value.length > maxManifestBytes) {
    const problem = { code: "image.manifest.too-large", maxBytes: maxManifestBytes } as const;
    return { verdict: errorVerdict(problem, { policyPath: how.policy.path, identity }), manifest: undefined };
  }
  how.trace({ step: "image", path, manifest: manifest.value });
  const signatures = () => image.signatures();
  return { verdict: await judgeSubject(manifest.value, { signatures, findInstances }, how), manifest: manifest.value };
}

function finderOf(source: OpenImage): FindInstances | undefined {
  if (source.present === undefined) return undefined;
  return async (digests) => {
    const present = (await source.present?.(digests)) ?? [];
    return { present: present.length, signed: present.filter(({ hasSignature }) => hasSignature).length };
  };
}
