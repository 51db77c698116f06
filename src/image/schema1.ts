import { type JsonObject, parseJson } from "../encoding/json.ts";
import { equalAsGoAny, fitsGoAny, goMap } from "../encoding/json-go.ts";
import { decodeUtf8AsGo } from "../encoding/utf8.ts";
import { maxManifestValues } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import { prettySignaturePayload } from "./libtrust.ts";
import type { ImageProblem } from "./problem.ts";
import { checkUnambiguous } from "./unambiguous.ts";

type Schema1Problem = Extract<
  ImageProblem,
  { readonly code: "image.manifest.malformed" | "image.manifest.ambiguous" | "image.manifest.too-large" }
>;

/**
 * What a signed schema 1 manifest is the digest of: the payload of its signatures (image/v5: internal/manifest/manifest.go
 * DigestWithAlgorithm, Schema1SignedManifestPayload).
 *
 * Whoever uses the manifest reads its body, and the payload is another text, put together from places that the manifest
 * itself names. So both must say the same, or a good signature of the payload would vouch for any body
 * (ensureSchema1BlobMatchesPayload, since v5.42.1).
 *
 * @param manifest the bytes; `root` is their JSON, an object.
 */
export function schema1Payload(manifest: Uint8Array, root: JsonObject): Result<Uint8Array, Schema1Problem> {
  const unambiguous = checkUnambiguous(root, ["fsLayers", "history", "signatures"]);
  if (!unambiguous.ok) return unambiguous;
  const payload = prettySignaturePayload(manifest, root);
  if (!payload.ok) return malformed(payload.problem);
  const signed = parseJson(decodeUtf8AsGo(payload.value), { maxValues: maxManifestValues });
  if (!signed.ok && signed.problem.kind === "count") {
    return fail({ code: "image.manifest.too-large", maxValues: maxManifestValues });
  }
  if (!signed.ok || signed.value.kind !== "object") return malformed("what its signatures cover is no JSON object");
  if (!fitsGoAny(root) || !fitsGoAny(signed.value)) return malformed("a number in it is too large");
  const different = firstDifference(root, signed.value);
  return different === undefined ? ok(payload.value) : notCovered(different);
}

function notCovered(untrustedKey: string): Result<never, Schema1Problem> {
  return fail({ code: "image.manifest.ambiguous", flaw: "not-covered", untrustedKey });
}

function malformed(detail: string): Result<never, Schema1Problem> {
  return fail({ code: "image.manifest.malformed", detail });
}

/** The first key whose value in the body is not that in the payload; `undefined` if they say the same. */
function firstDifference(body: JsonObject, payload: JsonObject): string | undefined {
  const used = goMap(body);
  used.delete("signatures");
  const signed = goMap(payload);
  return [...used.keys(), ...signed.keys()].find((key) => {
    const [left, right] = [used.get(key), signed.get(key)];
    return left === undefined || right === undefined || !equalAsGoAny(left, right);
  });
}
