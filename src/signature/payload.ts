import { type Digest, digestText, parseDigest } from "../encoding/digest.ts";
import { type JsonNode, parseJson } from "../encoding/json.ts";
import { fitsGoAny } from "../encoding/json-go.ts";
import { exactMembers } from "../encoding/json-strict.ts";
import { decodeUtf8AsGo } from "../encoding/utf8.ts";
import { maxSignatureValues } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";

/** What a signature says was signed: which manifest, and as what. Untrusted until the cryptography has checked out. */
export interface SignedPayload {
  readonly dockerManifestDigest: Digest;
  /** As written; not even known to be a reference. */
  readonly dockerReference: string;
  /** What program made it, and when in Unix seconds, if it says so. */
  readonly creator: string | undefined;
  readonly timestampSeconds: number | undefined;
}

/**
 * Reads the JSON of containers-signature(5), of either kind: strict about every key of `critical`, lenient about
 * `optional`, as signature/simple.go and signature/internal/sigstore_payload.go are. The problem is a technical detail.
 */
export function parseSignedPayload(bytes: Uint8Array, kind: keyof typeof payloadTypes): Result<SignedPayload, string> {
  const parsed = parseJson(decodeUtf8AsGo(bytes), { maxValues: maxSignatureValues });
  if (!parsed.ok) return fail(parsed.problem.kind === "count" ? "it has too many values" : "it is not JSON");
  const payload = exactMembers(parsed.value, ["critical", "optional"]);
  if (!payload.ok) return payload;
  const { critical, optional } = payload.value;

  // cosign writes null where there is nothing optional; simple signing never does.
  const remarks: Result<Remarks, string> =
    kind === "sigstore" && optional.kind === "null" ? ok(noRemarks) : readOptional(optional);
  if (!remarks.ok) return remarks;

  const parts = exactMembers(critical, ["type", "image", "identity"]);
  if (!parts.ok) return parts;
  const type = stringOf(parts.value.type);
  if (type !== payloadTypes[kind]) return fail(`its type is ${JSON.stringify(type?.slice(0, 80) ?? null)}`);
  const image = exactMembers(parts.value.image, ["docker-manifest-digest"]);
  if (!image.ok) return image;
  const digest = parseDigest(stringOf(image.value["docker-manifest-digest"]) ?? "");
  if (digest === undefined) return fail("docker-manifest-digest is not a digest");
  const identity = exactMembers(parts.value.identity, ["docker-reference"]);
  if (!identity.ok) return identity;
  const dockerReference = stringOf(identity.value["docker-reference"]);
  if (dockerReference === undefined) return fail("docker-reference is not a string");
  return ok({ dockerManifestDigest: digest, dockerReference, ...remarks.value });
}

/** The JSON that simple signing signs, with the keys in the order in which the reference writes them. */
export function simpleSigningPayload(statement: {
  readonly dockerManifestDigest: Digest;
  readonly dockerReference: string;
  readonly creator: string;
  readonly timestampSeconds: number;
}): string {
  return JSON.stringify({
    critical: {
      identity: { "docker-reference": statement.dockerReference },
      image: { "docker-manifest-digest": digestText(statement.dockerManifestDigest) },
      type: payloadTypes["simple-signing"],
    },
    optional: { creator: statement.creator, timestamp: statement.timestampSeconds },
  });
}

const payloadTypes = {
  "simple-signing": "atomic container signature",
  sigstore: "cosign container image signature",
} as const;

/** Go leaves a string as it was, empty, for null. */
function stringOf(node: JsonNode): string | undefined {
  if (node.kind === "null") return "";
  return node.kind === "string" ? node.value : undefined;
}

type Remarks = Pick<SignedPayload, "creator" | "timestampSeconds">;

const noRemarks: Remarks = { creator: undefined, timestampSeconds: undefined };

function readOptional(node: JsonNode): Result<Remarks, string> {
  if (node.kind !== "object") return fail("optional is not an object");
  let { creator, timestampSeconds } = noRemarks;
  const seen = new Set<string>();
  for (const { key, value } of node.members) {
    if (seen.has(key)) return fail(`duplicate key ${JSON.stringify(key)} in optional`);
    seen.add(key);
    if (key === "creator") {
      creator = stringOf(value);
      if (creator === undefined) return fail("optional.creator is not a string");
    } else if (key === "timestamp") {
      timestampSeconds = goTimestamp(value);
      if (timestampSeconds === undefined) return fail("optional.timestamp is not an integer");
    } else if (!fitsGoAny(value)) {
      return fail("a number in optional is out of range");
    }
  }
  return ok({ creator, timestampSeconds });
}

/** The reference reads a float64 and wants it unchanged by a conversion to int64: -2^63 survives that, 2^63 does not. */
function goTimestamp(node: JsonNode): number | undefined {
  if (node.kind === "null") return 0;
  if (node.kind !== "number") return undefined;
  const value = Number(node.text);
  return Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63 ? value : undefined;
}
