import { type Digest, digestText, parseDigest } from "../../encoding/digest.ts";
import { ociManifest } from "../../image/manifest.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { maxManifestBytes, maxSignatureBytes, maxSignatures, maxSignaturesBytes } from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";
import { sigstoreBlob } from "../../signature/blob.ts";
import { nameOf } from "./choose-descriptor.ts";
import { readDescriptors, type UntrustedDescriptor } from "./layout-index.ts";

/** `cosign save` marks what it writes: cosign pkg/oci/layout `kindAnnotation`, `SigsAnnotation`. */
const kind = "kind";
const cosignSignatures = "dev.cosignproject.cosign/sigs";
const cosignAttachments = [cosignSignatures, "dev.cosignproject.cosign/atts", "dev.cosignproject.cosign/sboms"];

/** Whether an entry of index.json is no image but what cosign attached to one: `sha256-HEX.sig`, `.att`, `.sbom`, or marked by `cosign save`. */
export function isAttachment(descriptor: UntrustedDescriptor): boolean {
  return (
    cosignAttachments.includes(descriptor.annotations.get(kind) ?? "") ||
    /^sha256-[0-9a-f]{64}\.(?:sig|att|sbom)$/.test(nameOf(descriptor) ?? "")
  );
}

/**
 * The entries that hold signatures of a manifest: the one of the tag that cosign gives them in a registry, `sha256-HEX.sig`; otherwise
 * those that `cosign save` wrote, which do not say of which manifest they are. What was signed tells.
 */
export function attachmentsOf(
  descriptors: readonly UntrustedDescriptor[],
  digest: Digest,
): readonly UntrustedDescriptor[] {
  const tag = `${digest.algorithm}-${digest.hex}.sig`;
  const tagged = descriptors.find((descriptor) => nameOf(descriptor) === tag);
  if (tagged !== undefined) return [tagged];
  return descriptors.filter(({ annotations }) => annotations.get(kind) === cosignSignatures);
}

/** Reads the content of a digest, compared with it; `name` is what to call it. */
export type ReadContent = (
  digest: Digest,
  bounds: { readonly name: string; readonly maxBytes: number },
) => Promise<Result<Uint8Array, ImageProblem>>;

/**
 * The signatures in attachments: each layer is the payload of one, and the layer's annotations belong to it. All of them are read before
 * any is judged, and one that is missing fails them all, as in the reference (containers/image: docker `getSigstoreSignatures`).
 */
export async function readAttachments(
  attachments: readonly UntrustedDescriptor[],
  read: ReadContent,
): Promise<Result<readonly Uint8Array[], ImageProblem>> {
  const signatures: Uint8Array[] = [];
  let bytesLeft = maxSignaturesBytes;
  for (const attachment of attachments) {
    if (attachment.mediaType !== ociManifest) return malformed("the attachment", "it is no OCI manifest");
    const manifest = await readChecked(attachment, read, { name: "the attachment", maxBytes: maxManifestBytes });
    if (!manifest.ok) return manifest;
    const layers = readDescriptors(manifest.value, "layers");
    if (!layers.ok) return malformed("the attachment", layers.problem);
    for (const layer of layers.value) {
      const name = `signature-${signatures.length + 1}`;
      if (signatures.length === maxSignatures)
        return fail({ code: "image.signature.too-many", maxCount: maxSignatures });
      const maxBytes = Math.min(maxSignatureBytes, bytesLeft);
      const payload = await readChecked(layer, read, { name, maxBytes });
      if (!payload.ok) return payload;
      const signature = sigstoreBlob(layer.mediaType, payload.value, layer.annotations);
      if (signature.length > maxBytes) return fail({ code: "image.signature.too-large", name, maxBytes });
      bytesLeft -= signature.length;
      signatures.push(signature);
    }
  }
  return ok(signatures);
}

async function readChecked(
  { digest: untrustedDigest, sizeBytes }: UntrustedDescriptor,
  read: ReadContent,
  bounds: { readonly name: string; readonly maxBytes: number },
): Promise<Result<Uint8Array, ImageProblem>> {
  const digest = parseDigest(untrustedDigest);
  if (digest === undefined) return malformed(bounds.name, "its digest is not one");
  const content = await read(digest, bounds);
  if (!content.ok || BigInt(content.value.length) === sizeBytes) return content;
  return malformed(
    bounds.name,
    `${digestText(digest)} has ${content.value.length} bytes, and should have ${sizeBytes}`,
  );
}

function malformed(name: string, detail: string): { readonly ok: false; readonly problem: ImageProblem } {
  return fail({ code: "image.source.malformed", name, detail });
}
