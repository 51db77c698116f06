import { type Digest, parseDigest } from "../../encoding/digest.ts";
import { parseJson } from "../../encoding/json.ts";
import { decodeUtf8AsGo } from "../../encoding/utf8.ts";
import { ociManifest } from "../../image/manifest.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { checkUnambiguous } from "../../image/unambiguous.ts";
import { maxManifestValues, maxSignatureBytes, maxSignatures } from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";
import { streamHash } from "../../runtime/stream-hash.ts";
import { sigstoreBlob } from "../../signature/blob.ts";
import { readDescriptors, type UntrustedDescriptor } from "../layout/layout-index.ts";
import { contentOf } from "./blob-content.ts";
import type { Endpoint } from "./endpoint.ts";
import { readBody } from "./read-body.ts";
import { isManifestUnknown } from "./registry-error.ts";

/**
 * The signatures that cosign attached to a manifest: the layers of the image that the tag `sha256-HEX.sig` of the repository names. All
 * kinds of attachments are read; one that cannot be read fails them all (docker/docker_image_src.go
 * `appendSignaturesFromSigstoreAttachments`, docker_client.go `getSigstoreAttachmentManifest`).
 */
export async function readAttachedSignatures(
  endpoint: Endpoint,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<Result<readonly Uint8Array[], ImageProblem>> {
  const tag = `${digest.algorithm}-${digest.hex}.sig`;
  const manifest = await endpoint.manifest(tag, signal);
  if (!manifest.ok) {
    const { error, failure } = manifest.problem;
    return error !== undefined && isManifestUnknown(error) ? ok([]) : fail(failure);
  }
  const from = endpoint.client.requester.host;
  const malformed = (detail: string) => fail({ code: "source.malformed", from, detail } as const);
  const { bytes, untrustedMediaType } = manifest.value;
  if (untrustedMediaType !== ociManifest) return malformed(`what has the tag ${tag} is said to be no OCI manifest`);
  if (!isUnambiguous(bytes))
    return malformed(`the manifest of the tag ${tag} is not an OCI manifest, or may be taken for another`);
  const layers = readDescriptors(bytes, "layers");
  if (!layers.ok) return malformed(`the manifest of the tag ${tag}: ${layers.problem}`);
  if (layers.value.length > maxSignatures) return fail({ code: "image.signature.too-many", maxCount: maxSignatures });
  return readLayers(endpoint, layers.value, signal);
}

function isUnambiguous(manifest: Uint8Array): boolean {
  const parsed = parseJson(decodeUtf8AsGo(manifest), { maxValues: maxManifestValues });
  return parsed.ok && checkUnambiguous(parsed.value, ["config", "layers"]).ok;
}

/** Payloads that are fetched at a time. */
const concurrentPayloads = 8;

async function readLayers(
  endpoint: Endpoint,
  layers: readonly UntrustedDescriptor[],
  signal: AbortSignal | undefined,
): Promise<Result<readonly Uint8Array[], ImageProblem>> {
  const signatures: Uint8Array[] = [];
  for (let at = 0; at < layers.length; at += concurrentPayloads) {
    const some = layers.slice(at, at + concurrentPayloads);
    for (const signature of await Promise.all(some.map((layer) => readLayer(endpoint, layer, signal)))) {
      if (!signature.ok) return signature;
      signatures.push(signature.value);
    }
  }
  return ok(signatures);
}

async function readLayer(
  endpoint: Endpoint,
  { digest: untrustedDigest, mediaType, annotations }: UntrustedDescriptor,
  signal: AbortSignal | undefined,
): Promise<Result<Uint8Array, ImageProblem>> {
  const digest = parseDigest(untrustedDigest);
  const from = endpoint.client.requester.host;
  if (digest === undefined)
    return fail({ code: "source.malformed", from, detail: "the digest of a signature is not one" });
  const answer = await endpoint.blob(digest, signal);
  if (!answer.ok) return fail(answer.problem.failure);
  const payload = await readBody(
    { body: contentOf(endpoint, answer.value, digest, signal), bodySeconds: answer.value.response.bodySeconds },
    maxSignatureBytes,
  );
  if (!payload.ok) return fail(endpoint.client.requester.broken(payload.problem, answer.value.from));
  const hash = streamHash(digest.algorithm);
  hash.update(payload.value);
  if (hash.hex() !== digest.hex) {
    return fail({
      code: "source.malformed",
      from,
      detail: "the content of a signature has another digest than the registry says",
    });
  }
  return ok(sigstoreBlob(mediaType, payload.value, annotations));
}
