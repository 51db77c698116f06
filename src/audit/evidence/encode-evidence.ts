import { digestText, parseDigest } from "../../encoding/digest.ts";
import type { BlobFinding } from "../../engine/check-blobs.ts";
import type { SignatureOrigin, UnreadSignature } from "../../image/image.ts";
import type { OpenedReference } from "../../image/opened-reference.ts";
import { maxEvidenceBytes, maxInstancesJudged, maxSignatures } from "../../limits.ts";
import {
  type BlobEvidence,
  type ContentKey,
  type Evidence,
  type EvidenceStore,
  type Finding,
  type ImageEvidence,
  type ManifestEvidence,
  type NoImageEvidence,
  StoreFailed,
} from "./evidence.ts";
import { digest, problem } from "./problem-shape.ts";
import {
  either,
  flag,
  list,
  Misshapen,
  membersOf,
  nullable,
  number,
  object,
  oneOf,
  optional,
  type Reader,
  text,
} from "./shape.ts";

/** Keeps it among the contents. @throws {@link StoreFailed} */
export function saveEvidence(store: EvidenceStore, evidence: Evidence): Promise<ContentKey> {
  return store.put(encodeEvidence(evidence));
}

/** @throws {@link StoreFailed}, also if it is not there, or is none. */
export async function loadEvidence(store: EvidenceStore, key: ContentKey): Promise<Evidence> {
  const bytes = await store.get(key);
  if (bytes === undefined) throw new StoreFailed(`the evidence ${key} is not there`, { isOfOne: true });
  return decodeEvidence(bytes);
}

/** The same evidence is always the same bytes. @throws {@link StoreFailed} if it is more than anybody will read. */
export function encodeEvidence(evidence: Evidence): Uint8Array {
  const bytes = Buffer.from(JSON.stringify(plainOf(evidence), plainValue));
  if (bytes.length > maxEvidenceBytes)
    throw new StoreFailed(`evidence of more than ${maxEvidenceBytes} bytes`, { isOfOne: true });
  return bytes;
}

/** @throws {@link StoreFailed} unless it is what {@link encodeEvidence} of this version made. */
export function decodeEvidence(untrustedBytes: Uint8Array): Evidence {
  try {
    return evidenceShape(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(untrustedBytes)));
  } catch (error) {
    // What JSON.parse and TextDecoder say of bytes that are none of theirs.
    if (!(error instanceof Misshapen || error instanceof SyntaxError || error instanceof TypeError)) throw error;
    throw new StoreFailed(`what is kept as evidence is none that this version knows (${error.message})`, {
      isOfOne: true,
    });
  }
}

/** Two fields of the types below are there without a value, and by that are told from others; JSON would leave them out. */
const withoutValue: ReadonlySet<string> = new Set(["found", "lookaside"]);

/** For JSON.stringify; fields are in the order of their names, whoever made the object. */
function plainValue(name: string, value: unknown): unknown {
  if (value === undefined && withoutValue.has(name)) return null;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function plainOf(evidence: Evidence): object {
  if (evidence.kind === "problem") return evidence;
  const { instances, blobs, ...rest } = evidence;
  const plainBlobs = blobs && { mode: blobs.mode, list: blobs.list.map(plainBlob) };
  return { ...rest, instances: [...instances], blobs: plainBlobs };
}

/** Most of a document is this list. */
function plainBlob({ digest, sizeBytes, untrustedUrls, finding }: BlobEvidence): readonly unknown[] {
  const found = "found" in finding ? finding.found : { problem: finding.problem };
  return [digestText(digest), sizeBytes ?? null, untrustedUrls, found];
}

const contentKey: Reader<ContentKey> = (value) => {
  const key = text(value);
  if (!/^[0-9a-f]{64}$/.test(key)) throw new Misshapen("no key of a content");
  return key;
};

const problemFinding = object<{ problem: ReturnType<typeof problem> }>({ problem });

function finding<T>(reader: Reader<T>): Reader<Finding<T>> {
  const found = object<{ found: T }>({ found: reader } as never);
  return (value) => (membersOf(value).has("found") ? found(value) : problemFinding(value));
}

const manifestFields = {
  manifest: finding(contentKey),
  untrustedMediaType: optional(text),
  signatures: optional(finding(list(contentKey, maxSignatures))),
};

type OriginOf<K> = Extract<SignatureOrigin, { readonly kind: K }>;

const origin: Reader<SignatureOrigin> = either<SignatureOrigin>(
  object<OriginOf<"registry">>({
    ...{ kind: oneOf("registry"), repository: text, useAttachments: flag },
    lookaside: nullable(text),
  }),
  object<OriginOf<"files">>({ kind: oneOf("files"), path: text, hasAttachments: optional(flag) }),
  object<OriginOf<"directory">>({ kind: oneOf("directory"), path: text }),
  object<OriginOf<"attachment">>({ kind: oneOf("attachment"), path: text, isEmpty: optional(flag) }),
  object<OriginOf<"storage">>({ kind: oneOf("storage"), path: text }),
  object<OriginOf<"none">>({ kind: oneOf("none") }),
);

const digestName: Reader<string> = (value) => {
  const name = text(value);
  if (parseDigest(name) === undefined) throw new Misshapen("no digest");
  return name;
};

const instance = object<ManifestEvidence>(manifestFields);

const instances: Reader<ReadonlyMap<string, ManifestEvidence>> = (value) => {
  const pairs = list(pair, maxInstancesJudged)(value);
  const named = new Map(pairs);
  if (named.size !== pairs.length) throw new Misshapen("an image twice");
  return named;
};

function pair(value: unknown): readonly [string, ManifestEvidence] {
  if (!Array.isArray(value) || value.length !== 2) throw new Misshapen("no pair");
  return [digestName(value[0]), instance(value[1])];
}

const foundOfBlob = oneOf("right", "missing", "corrupt");

function blob(value: unknown): BlobEvidence {
  if (!Array.isArray(value) || value.length !== 4) throw new Misshapen("no blob");
  const [name, sizeBytes, urls, found]: readonly unknown[] = value;
  const parsed = parseDigest(text(name));
  if (parsed === undefined) throw new Misshapen("no digest");
  const finding: Finding<BlobFinding> =
    typeof found === "string" ? { found: foundOfBlob(found) } : problemFinding(found);
  return { digest: parsed, sizeBytes: nullable(number)(sizeBytes), untrustedUrls: list(text)(urls), finding };
}

const evidenceShape: Reader<Evidence> = (value) =>
  membersOf(value).get("kind") === "problem" ? noImage(value) : image(value);

const noImage = object<NoImageEvidence>({ version: oneOf(1), kind: oneOf("problem"), transport: text, problem });

const image = object<ImageEvidence>({
  ...manifestFields,
  ...{ version: oneOf(1), kind: oneOf("image"), transport: text },
  opened: optional(object<OpenedReference>({ name: text, servedBy: text, digest })),
  signaturesFrom: origin,
  signaturesFoundIn: optional(origin),
  unreadSignature: optional(object<UnreadSignature>({ name: text, missing: text })),
  instances,
  blobs: optional(object<NonNullable<ImageEvidence["blobs"]>>({ mode: oneOf("head", "all"), list: list(blob) })),
});
