import { type JsonNode, parseJson } from "../../encoding/json.ts";
import { GoJsonDecoder } from "../../encoding/json-go.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { maxImageListValues, maxSignatureBytes, maxSignatures } from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";
import { imageListName } from "./image-record.ts";

/** How long each signature is, in the order in which they lie in one file. */
export interface SignatureSizes {
  /** Of the image's last manifest. */
  readonly own: readonly bigint[];
  /** Of each manifest, by its digest. */
  readonly byDigest: ReadonlyMap<string, readonly bigint[]>;
}

/** The metadata that containers/image keeps of an image (storage_image.go `storageImageMetadata`); "" is none. */
export function parseSignatureSizes(untrustedMetadata: string): Result<SignatureSizes, ImageProblem> {
  if (untrustedMetadata === "") return ok({ own: [], byDigest: new Map() });
  const root = parseJson(untrustedMetadata, { maxValues: maxImageListValues });
  if (!root.ok) return malformed("not JSON");
  let own: readonly bigint[] = [];
  const byDigest = new Map<string, readonly bigint[]>();
  const decoder = new GoJsonDecoder();
  const integers = (value: JsonNode) => decoder.list(value).map((item) => decoder.integer(item));
  const perDigest = (value: JsonNode) => {
    if (value.kind === "null") byDigest.clear();
    else if (value.kind !== "object") decoder.mismatch = true;
    else for (const member of value.members) byDigest.set(member.key, integers(member.value));
  };
  decoder.struct(
    root.value,
    new Map<string, (value: JsonNode) => void>([
      ["signature-sizes", (value) => (own = integers(value))],
      ["signatures-sizes", perDigest],
    ]),
  );
  return decoder.mismatch ? malformed("a value of the wrong type") : ok({ own, byDigest });
}

function malformed(detail: string): { readonly ok: false; readonly problem: ImageProblem } {
  return fail({
    code: "image.source.malformed",
    name: imageListName,
    detail: `the metadata of the image: ${detail}`,
  });
}

/**
 * The signatures that lie in one file, one behind the other: all of it, and nothing more. (The reference panics at a negative size.)
 *
 * @param name what to call the file in a problem.
 */
export function cutSignatures(
  untrustedBytes: Uint8Array,
  sizes: readonly bigint[],
  name: string,
): Result<readonly Uint8Array[], ImageProblem> {
  if (sizes.length > maxSignatures) return fail({ code: "image.signature.too-many", maxCount: maxSignatures });
  const signatures: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    if (size > maxSignatureBytes) return fail({ code: "image.signature.too-large", name, maxBytes: maxSignatureBytes });
    const end = at + Number(size);
    if (end < at || end > untrustedBytes.length) {
      return broken(name, `it has ${untrustedBytes.length} bytes, and a signature from ${at} to ${end}`);
    }
    signatures.push(untrustedBytes.subarray(at, end));
    at = end;
  }
  if (at < untrustedBytes.length)
    return broken(name, `${untrustedBytes.length - at} bytes are behind the last signature`);
  return ok(signatures);
}

function broken(name: string, detail: string): { readonly ok: false; readonly problem: ImageProblem } {
  return fail({ code: "image.signature.malformed", name, detail });
}
