import { digestText } from "../../encoding/digest.ts";
import { type BlobMemo, checkBlobs } from "../../engine/check-blobs.ts";
import type { PlatformChoice } from "../../engine/choices.ts";
import { inOrder } from "../../engine/in-order.ts";
import { oncePerDigest } from "../../engine/once-per-digest.ts";
import { saidTypeProblem } from "../../engine/said-type.ts";
import { blobsIn } from "../../engine/with-blobs.ts";
import { type ChosenImage, chooseInstance } from "../../image/choose-instance.ts";
import type { Image, OpenImage, SignatureOrigin } from "../../image/image.ts";
import { isIndexType } from "../../image/index-instances.ts";
import { parseIndex } from "../../image/index-list.ts";
import { readManifest } from "../../image/manifest.ts";
import { hasOneReading } from "../../image/one-reading.ts";
import type { OpenedReference } from "../../image/opened-reference.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { maxInstancesJudged } from "../../limits.ts";
import type { Result } from "../../result.ts";
import type {
  BlobEvidence,
  ContentKey,
  EvidenceStore,
  Finding,
  ImageEvidence,
  ManifestEvidence,
  NoImageEvidence,
} from "./evidence.ts";
import { withMemory } from "./memory-store.ts";
import { ReplayedImage } from "./replay.ts";

export interface Collecting {
  readonly store: EvidenceStore;
  /** As the image will be judged. */
  readonly platform: PlatformChoice;
  /** What lies on this machine is read, as by `verify-policy`: `all`. */
  readonly blobs: "none" | "head" | "all";
  /** What is known of blobs that other images have as well. */
  readonly blobMemo: BlobMemo;
  readonly signal: AbortSignal | undefined;
}

/** What there is of an image besides what it is asked for. */
export interface OpenedFrom {
  readonly transport: string;
  /** Of an image in a registry. */
  readonly opened?: OpenedReference;
}

/** Images of an index that are asked for at a time: the signatures of each may take much memory. */
const concurrentInstances = 4;

/** There was no image to collect anything of. */
export function noEvidence(transport: string, problem: ImageProblem): NoImageEvidence {
  return { version: 1, kind: "problem", transport, problem };
}

/**
 * Asks an image for all that `verify-policy` may ask of it, whatever the policy, and for nothing else. Of an index that is what it lists: its
 * own signatures vouch for nothing there.
 *
 * @throws StoreFailed, and the signal's reason
 */
export async function collect(source: OpenImage, from: OpenedFrom, how: Collecting): Promise<ImageEvidence> {
  const store = withMemory(how.store);
  const { signaturesFrom } = source;
  const read = await readImage(source, how, store);
  const instances = read.manifest === undefined ? new Map() : await instancesOf(source, read.manifest, how, store);
  const unreadSignature = await source.unreadSignature?.();
  const evidence: ImageEvidence = {
    ...{ version: 1, kind: "image" },
    ...originOf(from),
    ...read.evidence,
    signaturesFrom,
    ...foundElsewhere(signaturesFrom, source.signaturesFrom),
    ...(unreadSignature === undefined ? {} : { unreadSignature }),
    instances,
  };
  if (how.blobs === "none") return evidence;
  const blobs = { mode: how.blobs, list: await blobsOf(source, evidence, read.manifest, how, store) };
  return { ...evidence, blobs };
}

/** An image that was opened is more than what is to be kept of it. */
function originOf({ transport, opened }: OpenedFrom): OpenedFrom {
  if (opened === undefined) return { transport };
  const { name, servedBy, digest } = opened;
  return { transport, opened: { name, servedBy, digest } };
}

function foundElsewhere(before: SignatureOrigin, after: SignatureOrigin): Pick<ImageEvidence, "signaturesFoundIn"> {
  return JSON.stringify(before) === JSON.stringify(after) ? {} : { signaturesFoundIn: after };
}

interface ReadImage {
  readonly evidence: ManifestEvidence;
  /** `undefined` if there is none. */
  readonly manifest: Uint8Array | undefined;
}

/** The manifest, and its signatures, if there may be a policy that looks at them. */
async function readImage(
  image: Image,
  { signal }: Collecting,
  store: EvidenceStore,
  isAsked: (manifest: Uint8Array) => boolean = () => true,
): Promise<ReadImage> {
  signal?.throwIfAborted();
  const manifest = await image.manifest();
  const kept = await keep(manifest, (bytes) => store.put(bytes));
  const { untrustedMediaType } = image;
  const evidence = { manifest: kept, ...(untrustedMediaType === undefined ? {} : { untrustedMediaType }) };
  if (!manifest.ok) return { evidence, manifest: undefined };
  const isJudged = !isIndexType(readManifest(manifest.value).facts.mediaType) && isAsked(manifest.value);
  if (!isJudged) return { evidence, manifest: manifest.value };
  signal?.throwIfAborted();
  const signatures = await keep(await image.signatures(), (list) => putAll(store, list));
  return { evidence: { ...evidence, signatures }, manifest: manifest.value };
}

async function keep<T, K>(result: Result<T, ImageProblem>, put: (value: T) => Promise<K>): Promise<Finding<K>> {
  return result.ok ? { found: await put(result.value) } : { problem: result.problem };
}

async function putAll(store: EvidenceStore, contents: readonly Uint8Array[]): Promise<readonly ContentKey[]> {
  const keys: ContentKey[] = [];
  for (const content of contents) keys.push(await store.put(content));
  return keys;
}

async function instancesOf(
  source: OpenImage,
  manifest: Uint8Array,
  how: Collecting,
  store: EvidenceStore,
): Promise<ReadonlyMap<string, ManifestEvidence>> {
  const chosen = judgedOf(source, manifest, how.platform);
  const { signal } = how;
  const found = new Map<string, ManifestEvidence>();
  const read = async ({ digest }: ChosenImage) => {
    const name = digestText(digest);
    const { evidence } = await readImage(source.instance(digest), how, store, (bytes) => hasDigest(bytes, name));
    return { name, evidence };
  };
  for await (const { name, evidence } of inOrder(chosen, { concurrency: concurrentInstances, signal }, read)) {
    found.set(name, evidence);
  }
  return found;
}

function hasDigest(manifest: Uint8Array, name: string): boolean {
  const { comparableDigest } = readManifest(manifest);
  return comparableDigest.ok && digestText(comparableDigest.value) === name;
}

/** The images of an index that are looked at, in the order in which they are: as the engine chooses them (judge-instances.ts). */
function judgedOf(source: OpenImage, manifest: Uint8Array, platform: PlatformChoice): readonly ChosenImage[] {
  const { mediaType = "" } = readManifest(manifest).facts;
  if (!isIndexType(mediaType) || saidTypeProblem(source.untrustedMediaType, mediaType, undefined) !== undefined)
    return [];
  const listed = parseIndex(manifest, mediaType);
  if (!listed.ok || !hasOneReading(manifest)) return [];
  if (platform.kind === "one") {
    const chosen = chooseInstance(listed.value, platform.platform);
    return chosen.ok ? [chosen.value] : [];
  }
  const images = oncePerDigest(listed.value);
  if (images.size > maxInstancesJudged) return [];
  const judged: ChosenImage[] = [];
  for (const image of images.values()) {
    const { digest } = image;
    if (digest === undefined) break;
    judged.push({ ...image, digest });
  }
  return judged;
}

/** Looked at only where a policy may accept the image. */
async function blobsOf(
  source: OpenImage,
  evidence: ImageEvidence,
  manifest: Uint8Array | undefined,
  { platform, blobs: mode, blobMemo: memo, signal }: Collecting,
  store: EvidenceStore,
): Promise<readonly BlobEvidence[]> {
  const instances = [...evidence.instances.values()];
  const lacksInstance = instances.some((instance) => "problem" in instance.manifest);
  if (manifest === undefined || lacksInstance) return [];
  const kept = new ReplayedImage(evidence, store, () => undefined);
  const isOne = platform.kind === "one" && isIndexType(readManifest(manifest).facts.mediaType);
  const accepted = isOne ? await onlyInstance(instances, store) : manifest;
  if (accepted === undefined || isUnread(accepted, evidence)) return [];
  const listed = await blobsIn(kept, accepted);
  if (!listed.ok) return [];
  const list: BlobEvidence[] = [];
  const onFound: NonNullable<Parameters<typeof checkBlobs>[2]>["onFound"] = (
    { digest, sizeBytes, untrustedUrls },
    found,
  ) => {
    const finding = found.ok ? { found: found.value } : { problem: found.problem };
    list.push({ digest, sizeBytes, untrustedUrls, finding });
  };
  await checkBlobs(source, listed.value.blobs, { isHead: mode === "head", memo, signal, onFound });
  return list;
}

async function onlyInstance(
  [instance]: readonly ManifestEvidence[],
  store: EvidenceStore,
): Promise<Uint8Array | undefined> {
  return instance !== undefined && "found" in instance.manifest ? store.get(instance.manifest.found) : undefined;
}

/** An index of which not all images were looked at is accepted by nobody. */
function isUnread(manifest: Uint8Array, { instances }: ImageEvidence): boolean {
  const { mediaType = "" } = readManifest(manifest).facts;
  if (!isIndexType(mediaType)) return false;
  const listed = parseIndex(manifest, mediaType);
  return (
    !listed.ok ||
    instances.size === 0 ||
    listed.value.some(({ digest }) => digest === undefined || !instances.has(digestText(digest)))
  );
}
