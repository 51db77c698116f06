import { type Digest, parseDigest } from "../encoding/digest.ts";
import { type JsonNode, type JsonObject, parseJson } from "../encoding/json.ts";
import { GoJsonDecoder } from "../encoding/json-go.ts";
import { decodeUtf8AsGo } from "../encoding/utf8.ts";
import { maxManifestValues } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import { sha256Hex } from "../runtime/sha256.ts";
import type { ImageProblem } from "./problem.ts";
import { schema1Payload } from "./schema1.ts";

/** What is known of the manifest that was judged. */
export interface ManifestFacts {
  /** sha256, of the bytes without their signatures for a signed schema 1 manifest. */
  readonly digest: Digest;
  /** Guessed from the content as the reference guesses it; "" where it cannot tell, `undefined` where only the digest was given. */
  readonly mediaType: string | undefined;
  /** `undefined` where only the digest was given, and nobody saw the manifest. */
  readonly sizeBytes: number | undefined;
}

/**
 * Digest and media type of a manifest, which may be anything: the reference does not parse what it compares
 * (manifest.Digest, manifest.GuessMIMEType). Only a signed schema 1 manifest may have no digest to compare: where its
 * signatures cannot be taken off, or where the digest would not be of what the manifest says; and one that holds too much to
 * be looked at. `facts` then has that of the plain bytes.
 */
export interface ManifestReading {
  readonly facts: ManifestFacts;
  /** The digest that signatures and identities are compared with. */
  readonly comparableDigest: Result<Digest, ImageProblem>;
  /** It holds too much: nothing of it is known, and no policy may accept it. */
  readonly excess: ImageProblem | undefined;
}

/**
 * A digest that a manifest may be judged by in its place: SHA-256, since containers/image compares no other
 * (internal/manifest/manifest.go MatchesDigest).
 *
 * @returns `undefined` if `text` is not one.
 */
export function parseManifestDigest(text: string): Digest | undefined {
  const digest = parseDigest(text);
  return digest?.algorithm === "sha256" ? digest : undefined;
}

/** What is known where a caller who compared the manifest with its digest gives only that. */
export function unseenManifest(digest: Digest): ManifestReading {
  return {
    facts: { digest, mediaType: undefined, sizeBytes: undefined },
    comparableDigest: ok(digest),
    excess: undefined,
  };
}

export function readManifest(manifest: Uint8Array): ManifestReading {
  const parsed = parseJson(decodeUtf8AsGo(manifest), { maxValues: maxManifestValues });
  if (!parsed.ok && parsed.problem.kind === "count") return tooLarge(manifest);
  const root = parsed.ok && parsed.value.kind === "object" ? parsed.value : undefined;
  const mediaType = root === undefined ? "" : guessMediaType(root);
  let comparableDigest: Result<Digest, ImageProblem> = ok(sha256(manifest));
  if (mediaType === signedSchema1 && root !== undefined) {
    const payload = schema1Payload(manifest, root);
    comparableDigest = payload.ok ? ok(sha256(payload.value)) : payload;
  }
  const digest = comparableDigest.ok ? comparableDigest.value : sha256(manifest);
  return { facts: { digest, mediaType, sizeBytes: manifest.length }, comparableDigest, excess: undefined };
}

function tooLarge(manifest: Uint8Array): ManifestReading {
  const facts = { digest: sha256(manifest), mediaType: "", sizeBytes: manifest.length };
  const excess = { code: "image.manifest.too-large", maxValues: maxManifestValues } as const;
  return { facts, comparableDigest: fail(excess), excess };
}

function sha256(bytes: Uint8Array): Digest {
  return { algorithm: "sha256", hex: sha256Hex(bytes) };
}

export const signedSchema1 = "application/vnd.docker.distribution.manifest.v1+prettyjws";
export const plainSchema1 = "application/vnd.docker.distribution.manifest.v1+json";
export const dockerSchema2 = "application/vnd.docker.distribution.manifest.v2+json";
export const dockerList = "application/vnd.docker.distribution.manifest.list.v2+json";
export const dockerConfig = "application/vnd.docker.container.image.v1+json";
export const ociManifest = "application/vnd.oci.image.manifest.v1+json";
export const ociIndex = "application/vnd.oci.image.index.v1+json";
export const ociConfig = "application/vnd.oci.image.config.v1+json";

/**
 * Whether a manifest can be used as what it is said to be (containers/image: manifest/manifest.go `NormalizedMIMEType`: any other type than
 * those of images counts as schema 1; docker_schema2.go `Schema2FromManifest`: the type stands in it too).
 *
 * @param mediaType what it is; "" if it is nothing known.
 */
export function canBeUsedAs(said: string, mediaType: string): boolean {
  if (said === dockerSchema2) return mediaType === dockerSchema2;
  return mediaType !== "" && kindOf(said) === kindOf(mediaType);
}

function kindOf(mediaType: string): "index" | "image" | "schema1" {
  switch (mediaType) {
    case ociIndex:
    case dockerList:
      return "index";
    case ociManifest:
    case dockerSchema2:
      return "image";
    default:
      return "schema1";
  }
}

/** containers/image: internal/manifest/manifest.go GuessMIMEType. */
export function guessMediaType(root: JsonObject): string {
  const meta = readMeta(root);
  if (meta === undefined) return "";
  if ([dockerSchema2, dockerList, ociManifest, ociIndex].includes(meta.mediaType)) return meta.mediaType;
  if (meta.schemaVersion === 1n) return meta.hasSignatures ? signedSchema1 : plainSchema1;
  return meta.schemaVersion === 2n ? guessSchema2(root) : "";
}

function readMeta(root: JsonObject) {
  const meta = { mediaType: "", schemaVersion: 0n, hasSignatures: false };
  const decoder = new GoJsonDecoder();
  decoder.struct(
    root,
    new Map<string, (value: JsonNode) => void>([
      ["mediatype", (value) => (meta.mediaType = decoder.string(value, meta.mediaType))],
      ["schemaversion", (value) => (meta.schemaVersion = decoder.integer(value, meta.schemaVersion))],
      [
        "signatures",
        (value) => {
          decoder.any(value);
          meta.hasSignatures = value.kind !== "null";
        },
      ],
    ]),
  );
  return decoder.mismatch ? undefined : meta;
}

/** schemaVersion 2 without a known media type: an OCI manifest or index from before mediaType was required. */
function guessSchema2(root: JsonObject): string {
  let configType = "";
  let manifests = 0;
  const decoder = new GoJsonDecoder();
  const config = new Map([["mediatype", (value: JsonNode) => (configType = decoder.string(value, configType))]]);
  decoder.struct(
    root,
    new Map<string, (value: JsonNode) => void>([
      ["config", (value) => decoder.struct(value, config)],
      ["manifests", (value) => (manifests = decoder.list(value).length)],
    ]),
  );
  if (decoder.mismatch) return "";
  if (configType === ociConfig) return ociManifest;
  if (configType === dockerConfig) return dockerSchema2;
  if (manifests > 0) return configType === "" ? ociIndex : configType;
  return ociManifest;
}
