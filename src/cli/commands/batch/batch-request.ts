import { decodeBase64AsGo } from "../../../encoding/base64.ts";
import type { Digest } from "../../../encoding/digest.ts";
import { type JsonNode, parseJson } from "../../../encoding/json.ts";
import type { PolicyChoice } from "../../../engine/read-policy.ts";
import { type ImageChoice, type JudgeRequest, unmetChoice } from "../../../engine/request.ts";
import { parseManifestDigest } from "../../../image/manifest.ts";
import type { ImageProblem } from "../../../image/problem.ts";
import { decodeSignatures } from "../../../image/sent-signatures.ts";
import { maxManifestBytes, maxRequestLineBytes, maxRequestValues } from "../../../limits.ts";
import { nearest } from "../../../policy/nearest.ts";
import { fail, ok, type Result } from "../../../result.ts";
import type { ImageOptions } from "../../arguments/image-options.ts";

/** A line of `batch`, read; `id` is what it calls itself, where that much could be read. */
export interface BatchRequest {
  readonly id: string | undefined;
  readonly request: Result<JudgeRequest, BatchRequestProblem>;
}

type BatchRequestProblem =
  | { readonly code: "usage.request.malformed"; readonly detail: string }
  | Extract<ImageProblem, { readonly code: "image.manifest.too-large" }>;

/** The options of `batch` that its lines are read by. */
export interface BatchDefaults {
  /** For lines without a policy of their own. */
  readonly policy: PolicyChoice;
  /** A line may ask for signatures where this does not; it cannot waive them where this does. */
  readonly requireSigned: boolean;
  /** What is judged and compared of images in a source. */
  readonly image: ImageOptions;
}

const fields = {
  id: "string",
  identity: "string",
  source: "string",
  policy: "string",
  policyText: "string",
  requireSigned: "boolean",
  manifest: "string",
  manifestDigest: "string",
  signatures: "array",
} as const;
type Field = keyof typeof fields;
const fieldNames = Object.keys(fields) as readonly Field[];

/** Reads one line, strictly: unknown and repeated fields, other types and fields that exclude each other are refused. */
export function parseBatchRequest(line: Uint8Array, defaults: BatchDefaults): BatchRequest {
  if (line.length > maxRequestLineBytes) return malformed(`longer than ${maxRequestLineBytes} bytes`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line);
  } catch {
    return malformed(line[0] === 0xff || line[0] === 0xfe ? "not UTF-8, but probably UTF-16" : "not UTF-8");
  }
  if (text.startsWith("\ufeff")) return malformed("it begins with a byte order mark (BOM); write the file without one");
  // A request is an object with at most one list in it.
  const json = parseJson(text, { maxDepth: 8, maxValues: maxRequestValues });
  if (!json.ok) {
    const { problem } = json;
    if (problem.kind === "depth") return malformed("nested too deeply");
    if (problem.kind === "count") return malformed(`more than ${problem.maxValues} values`);
    return malformed(`not JSON: ${problem.expected} expected at column ${problem.at + 1}`);
  }
  if (json.value.kind !== "object") return malformed("not an object");

  const members = new Map<Field, JsonNode>();
  const problems: string[] = [];
  for (const { key, value } of json.value.members) {
    const name = fieldNames.find((known) => known === key);
    if (name === undefined) {
      const meant = nearest(key, fieldNames);
      problems.push(
        `unknown field ${JSON.stringify(key)}${meant === undefined ? "" : ` (did you mean ${JSON.stringify(meant)}?)`}`,
      );
    } else if (members.has(name)) problems.push(`"${name}" is there twice`);
    else if (value.kind !== fields[name]) problems.push(`"${name}" is of another type than ${fields[name]}`);
    if (name !== undefined) members.set(name, value);
  }
  const id = stringOf(members.get("id"));
  const [problem] = problems;
  return { id, request: problem === undefined ? requestOf(members, defaults) : refuse(problem) };
}

function requestOf(members: ReadonlyMap<Field, JsonNode>, defaults: BatchDefaults): BatchRequest["request"] {
  const identity = stringOf(members.get("identity"));
  if (identity === undefined) return refuse('"identity" is missing');
  if (members.has("policy") && members.has("policyText")) return refuse('"policy" and "policyText" exclude each other');
  const image = imageOf(members, defaults.image);
  if (!image.ok) return image;
  const { platform, blobs } = defaults.image;
  const unmet = unmetChoice({ image: image.value, platform, blobs });
  if (unmet !== undefined) {
    const { choice, why } = unmet;
    return refuse(`--${choice} needs ${why === "no-source" ? 'a "source"' : 'a manifest, not "manifestDigest" alone'}`);
  }
  const requireSigned = members.get("requireSigned");
  return ok({
    identity,
    image: image.value,
    policy: policyOf(members) ?? defaults.policy,
    platform,
    blobs,
    requireSigned: defaults.requireSigned || (requireSigned?.kind === "boolean" && requireSigned.value),
  });
}

function policyOf(members: ReadonlyMap<Field, JsonNode>): PolicyChoice | undefined {
  const path = stringOf(members.get("policy"));
  if (path !== undefined) return { kind: "file", path };
  const text = stringOf(members.get("policyText"));
  return text === undefined ? undefined : { kind: "text", text };
}

function imageOf(
  members: ReadonlyMap<Field, JsonNode>,
  { useAttachments }: ImageOptions,
): Result<ImageChoice, BatchRequestProblem> {
  const source = stringOf(members.get("source"));
  const manifestDigest = digestOf(stringOf(members.get("manifestDigest")));
  if (!manifestDigest.ok) return manifestDigest;
  if (manifestDigest.value !== undefined && members.has("manifest")) {
    return refuse('"manifestDigest" and "manifest" exclude each other');
  }
  if (source !== undefined) {
    if (members.has("manifest") || members.has("signatures")) {
      return refuse('"source" excludes "manifest" and "signatures"');
    }
    return ok({ kind: "source", source, manifestDigest: manifestDigest.value, useAttachments });
  }
  if (manifestDigest.value !== undefined) return withSignatures(members, { digest: manifestDigest.value });
  const manifest = stringOf(members.get("manifest"));
  if (manifest === undefined) return refuse('"source" is missing, or "manifest" with "signatures" in its place');
  const bytes = decodeBase64AsGo(manifest);
  if (bytes === undefined) return refuse('"manifest" is not base64');
  if (bytes.length > maxManifestBytes) return fail({ code: "image.manifest.too-large", maxBytes: maxManifestBytes });
  return withSignatures(members, bytes);
}

function withSignatures(
  members: ReadonlyMap<Field, JsonNode>,
  manifest: Uint8Array | { readonly digest: Digest },
): Result<ImageChoice, BatchRequestProblem> {
  const signatures = signaturesOf(members.get("signatures"));
  return signatures.ok ? ok({ kind: "bytes", manifest, signatures: signatures.value }) : signatures;
}

function digestOf(text: string | undefined): Result<Digest | undefined, BatchRequestProblem> {
  if (text === undefined) return ok(undefined);
  const digest = parseManifestDigest(text);
  return digest === undefined
    ? refuse('"manifestDigest" is not sha256: and 64 lower-case hexadecimal digits')
    : ok(digest);
}

function signaturesOf(
  node: JsonNode | undefined,
): Result<Result<readonly Uint8Array[], ImageProblem>, BatchRequestProblem> {
  const decoded = decodeSignatures(node?.kind === "array" ? node.items : [], (item) => {
    const text = stringOf(item);
    return text === undefined ? undefined : decodeBase64AsGo(text);
  });
  return decoded.ok ? decoded : refuse(`"signatures"[${decoded.problem}] is not base64`);
}

function stringOf(node: JsonNode | undefined): string | undefined {
  return node?.kind === "string" ? node.value : undefined;
}

function malformed(detail: string): BatchRequest {
  return { id: undefined, request: refuse(detail) };
}

function refuse(detail: string): { readonly ok: false; readonly problem: BatchRequestProblem } {
  return fail({ code: "usage.request.malformed", detail });
}
