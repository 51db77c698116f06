import { type Digest, digestText } from "../encoding/digest.ts";
import { chooseInstance } from "../image/choose-instance.ts";
import type { OpenImage } from "../image/image.ts";
import { isIndexType } from "../image/index-instances.ts";
import { type ListedImage, parseIndex } from "../image/index-list.ts";
import { type ManifestFacts, readManifest } from "../image/manifest.ts";
import { hasOneReading } from "../image/one-reading.ts";
import { platformText } from "../image/platform.ts";
import type { ImageProblem } from "../image/problem.ts";
import { maxInstancesJudged } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import type { InstanceVerdict, Selection } from "../verdict/selection.ts";
import type { Verdict } from "../verdict/verdict.ts";
import type { PlatformChoice } from "./choices.ts";
import { errorVerdict } from "./error-verdict.ts";
import { type JudgingImage, judgeSubject } from "./judge-subject.ts";
import type { Judgement } from "./judgement.ts";
import { oncePerDigest } from "./once-per-digest.ts";
import { saidTypeProblem } from "./said-type.ts";

/** An index that has been read. */
interface JudgedIndex {
  /** On the index itself; not there if only what it lists counts. */
  readonly verdict: Verdict | undefined;
  readonly facts: ManifestFacts;
  readonly manifest: Uint8Array;
  readonly mediaType: string;
  /** Where the images that it lists may lie; `undefined` if only bytes were given. */
  readonly image: OpenImage | undefined;
}

/**
 * Judges what an index lists: the image for a platform, or all of them. Accepted is what the index vouches for, if that was accepted,
 * or what was accepted itself, as in the newest image proxy of the reference (container-libs: common/pkg/json-proxy/handler.go
 * openImageImpl). An index that was not accepted and lists nothing accepts nothing.
 */
export async function judgeInstances(
  index: JudgedIndex,
  choice: PlatformChoice,
  how: JudgingImage,
): Promise<Judgement> {
  const listed = parseIndex(index.manifest, index.mediaType);
  if (!listed.ok) return failed(index, listed.problem, how);
  return choice.kind === "one"
    ? judgeOne(index, chooseInstance(listed.value, choice.platform), how)
    : judgeAll(index, listed.value, how);
}

async function judgeOne(
  index: JudgedIndex,
  chosen: Result<ListedImage & { readonly digest: Digest }, ImageProblem>,
  how: JudgingImage,
): Promise<Judgement> {
  if (!chosen.ok) return failed(index, chosen.problem, how);
  // Somebody else may read another image for this platform in what is copied.
  if (how.isForCopy && !hasOneReading(index.manifest)) return failed(index, severalReadings, how);
  const instance = await readInstance(index, chosen.value, how);
  if (!instance.ok) return failed(index, instance.problem, how);
  const { manifest, facts } = instance.value;
  const isBoundByIndex = index.verdict?.outcome === "accepted";
  const verdict = await judgeInstance(index, chosen.value, instance.value, how);
  const selection = selectionOf(index, isBoundByIndex ? "index" : "instance", [told(chosen.value, verdict)]);
  return { verdict: { ...verdict, manifest: facts, selection }, manifest };
}

/**
 * All have to be accepted, each by the index or itself; a missing one only if it is not for the index to vouch for it. Where it does not, it
 * is handed out all the same, and so must list nothing else to anybody, and be what the identity asks for.
 */
async function judgeAll(index: JudgedIndex, listed: readonly ListedImage[], how: JudgingImage): Promise<Judgement> {
  const isBoundByIndex = index.verdict?.outcome === "accepted";
  const { verdict: onIndex } = index;
  if (onIndex?.code === "requirement.identity.digest-mismatch") return { verdict: onIndex, manifest: index.manifest };
  if (!isBoundByIndex && !hasOneReading(index.manifest)) {
    return failed(index, severalReadings, how);
  }
  const images = oncePerDigest(listed);
  if (!isBoundByIndex && images.size > maxInstancesJudged) {
    return failed(index, { code: "image.manifest.too-large", maxImages: maxInstancesJudged }, how);
  }
  const verdicts = new Map<string, Verdict>();
  let unmet: Verdict | undefined;
  let lastAccepted: Verdict | undefined;
  for (const [name, image] of images) {
    const { digest } = image;
    if (digest === undefined) {
      const detail = "an image is listed without a valid digest";
      return failed(index, { code: "image.manifest.malformed", detail }, how);
    }
    const verdict = await verdictOn(index, { ...image, digest }, how);
    verdicts.set(name, verdict);
    if (verdict.outcome === "accepted") lastAccepted = verdict;
    else if (!(isBoundByIndex && verdict.code === "image.instance.missing")) unmet = worse(unmet, verdict);
  }
  const instances = listed.flatMap((image) => {
    const verdict = image.digest && verdicts.get(digestText(image.digest));
    return verdict === undefined || image.digest === undefined
      ? []
      : [told({ ...image, digest: image.digest }, verdict)];
  });
  const selection = selectionOf(index, isBoundByIndex ? "index" : "instance", instances);
  const decides = unmet ?? (isBoundByIndex ? onIndex : (lastAccepted ?? onIndex));
  if (decides === undefined)
    return failed(index, { code: "image.manifest.malformed", detail: "the index lists no image" }, how);
  return { verdict: { ...withIndex(decides, index), selection }, manifest: index.manifest };
}

const severalReadings = {
  code: "image.manifest.malformed",
  detail: "an index that is not accepted itself has a key twice, or in other letters than usual",
} as const;

/** Accepted is the index, through all that it lists; what was not accepted is told with its own manifest. */
function withIndex(decides: Verdict, { facts }: JudgedIndex): Verdict {
  return decides.outcome === "accepted" ? { ...decides, manifest: facts } : decides;
}

async function verdictOn(
  index: JudgedIndex,
  image: ListedImage & { readonly digest: Digest },
  how: JudgingImage,
): Promise<Verdict> {
  const instance = await readInstance(index, image, how);
  if (!instance.ok) return failed(index, instance.problem, how).verdict;
  if (index.verdict?.outcome !== "accepted" && image.sizeBytes !== instance.value.manifest.length) {
    const detail = `the index says another size of ${digestText(image.digest)} than it has`;
    return failed(index, { code: "image.manifest.malformed", detail }, how).verdict;
  }
  return judgeInstance(index, image, instance.value, how);
}

/** The one that is told: an error before a rejection, and of each the first. */
function worse(known: Verdict | undefined, verdict: Verdict): Verdict {
  return known === undefined || (known.outcome === "rejected" && verdict.outcome === "error") ? verdict : known;
}

/** By the verdict on the index, if that vouches for it. */
async function judgeInstance(
  index: JudgedIndex,
  { digest }: { readonly digest: Digest },
  { manifest, facts, saidType }: ReadInstance,
  how: JudgingImage,
): Promise<Verdict> {
  const { image } = index;
  if (image === undefined) throw new Error("there is no manifest without a source");
  const signatures = () => image.instance(digest).signatures();
  const verdict =
    index.verdict?.outcome === "accepted"
      ? { ...index.verdict, manifest: facts }
      : await judgeSubject(manifest, { signatures, indexDigest: index.facts.digest }, how);
  const problem = saidTypeProblem(saidType, facts.mediaType ?? "", verdict);
  return problem === undefined ? verdict : { ...failed(index, problem, how).verdict, manifest: facts };
}

interface ReadInstance {
  /** What the source says that it is, if it says so. */
  readonly saidType: string | undefined;
  readonly manifest: Uint8Array;
  readonly facts: ManifestFacts;
}

/** Reads the manifest that lies under a digest, and compares it with that. */
async function readInstance(
  { image }: JudgedIndex,
  listed: ListedImage & { readonly digest: Digest },
  { trace }: JudgingImage,
): Promise<Result<ReadInstance, ImageProblem>> {
  const { digest } = listed;
  const platform = platformOf(listed);
  const instance = image?.instance(digest);
  const manifest = await instance?.manifest();
  if (instance === undefined || manifest === undefined)
    return fail({ code: "image.instance.missing", digest, platform });
  if (!manifest.ok) {
    const isMissing = manifest.problem.code === "image.instance.missing";
    return isMissing ? fail({ code: "image.instance.missing", digest, platform }) : manifest;
  }
  trace({ step: "image", path: `${platform} ${digestText(digest)}`.trim(), manifest: manifest.value });
  const { facts, comparableDigest } = readManifest(manifest.value);
  if (!comparableDigest.ok) return comparableDigest;
  if (digestText(comparableDigest.value) !== digestText(digest)) {
    return fail({ code: "image.manifest.digest-mismatch", expected: digest, actual: comparableDigest.value });
  }
  // The reference would choose again in it, and nobody has said what that is to be judged by.
  if (isIndexType(facts.mediaType)) {
    return fail({ code: "image.manifest.malformed", detail: "the index lists another index" });
  }
  return ok({ manifest: manifest.value, facts, saidType: instance.untrustedMediaType });
}

function platformOf({ platform }: ListedImage): string {
  return platform === undefined ? "" : platformText(platform);
}

function told(listed: ListedImage & { readonly digest: Digest }, { outcome, code }: Verdict): InstanceVerdict {
  return { untrustedPlatform: platformOf(listed), digest: listed.digest, outcome, code };
}

function selectionOf(
  { facts }: JudgedIndex,
  boundBy: Selection["boundBy"],
  instances: readonly InstanceVerdict[],
): Selection {
  return { index: facts, boundBy, instances };
}

function failed(
  { facts, manifest }: JudgedIndex,
  problem: ImageProblem,
  { identity, policy }: JudgingImage,
): Judgement {
  const error = errorVerdict(problem, { identity, policyPath: policy.path });
  return { verdict: { ...error, manifest: facts }, manifest };
}
