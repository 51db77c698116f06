import { type Digest, digestText, parseDigest } from "../../encoding/digest.ts";
import type { ImageInLayout } from "../../identity/oci-reference.ts";
import type { Blob, Image, OpenImage, Presence, SignatureOrigin } from "../../image/image.ts";
import type { FoundSource, ImageProblem } from "../../image/problem.ts";
import {
  maxLayoutIndexBytes,
  maxManifestBytes,
  maxSignatureBytes,
  maxSignatures,
  maxSignaturesBytes,
} from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";
import { sha256Hex } from "../../runtime/sha256.ts";
import { fileProblem } from "../file-problem.ts";
import { unreadSignature } from "../unread-signature.ts";
import { attachmentsOf, isAttachment, readAttachments } from "./attachments.ts";
import { chooseDescriptor } from "./choose-descriptor.ts";
import type { LayoutFileProblem, LayoutFiles } from "./layout-files.ts";
import { readDescriptors, type UntrustedDescriptor } from "./layout-index.ts";

type Maybe<T> = Promise<Result<T, ImageProblem>>;

/**
 * An image in an OCI layout (OCI image-spec, image-layout.md), as containers/image finds it there: oci/layout `oci_src.go`. Stricter
 * than it in one thing: what lies under a digest must have that digest.
 *
 * The reference finds no signatures in a layout. Here they are the files `signature-1`, `signature-2`, … in its root, which belong to
 * the manifest that they are made for, or what cosign attached to it.
 */
export class OciLayout implements OpenImage {
  readonly #files: LayoutFiles;
  readonly #path: string;
  readonly #image: ImageInLayout;
  readonly #usesAttachments: boolean;
  #mediaType: string | undefined;
  /** Known once the signatures were looked for. */
  #hasAttachments: boolean | undefined;
  #index: Maybe<readonly UntrustedDescriptor[]> | undefined;

  /** @param options.useAttachments the signatures are the attachments, not the files */
  constructor(
    files: LayoutFiles,
    {
      path,
      image,
      useAttachments,
    }: { readonly path: string; readonly image: ImageInLayout; readonly useAttachments: boolean },
  ) {
    this.#files = files;
    this.#image = image;
    this.#path = path;
    this.#usesAttachments = useAttachments;
  }

  get untrustedMediaType(): string | undefined {
    return this.#mediaType;
  }

  get signaturesFrom(): SignatureOrigin {
    const path = this.#path;
    return this.#usesAttachments
      ? { kind: "attachment", path, isEmpty: this.#hasAttachments === false }
      : { kind: "files", path, hasAttachments: this.#hasAttachments === true };
  }

  async manifest(): Maybe<Uint8Array> {
    const digest = await this.#digest();
    if (!digest.ok) return digest;
    const index = await this.#readIndex();
    if (index.ok) this.#hasAttachments = attachmentsOf(index.value, digest.value).length > 0;
    return this.#manifestOf(digest.value);
  }

  async signatures(): Maybe<readonly Uint8Array[]> {
    if (!this.#usesAttachments) return this.#signatureFiles();
    const digest = await this.#digest();
    return digest.ok ? this.signaturesOf(digest.value) : digest;
  }

  async signaturesOf(digest: Digest): Maybe<readonly Uint8Array[]> {
    if (!this.#usesAttachments) return this.#signatureFiles();
    const index = await this.#readIndex();
    if (!index.ok) return index;
    const attachments = attachmentsOf(index.value, digest);
    this.#hasAttachments = attachments.length > 0;
    return readAttachments(attachments, (wanted, { name, maxBytes }) => this.#content(wanted, name, maxBytes));
  }

  async checkNamed(digest: Digest): Maybe<undefined> {
    if (this.#image.kind === "only") return ok(undefined);
    const named = await this.#digest();
    if (!named.ok) return named;
    if (digestText(named.value) === digestText(digest)) return ok(undefined);
    return fail({ code: "image.manifest.digest-mismatch", expected: digest, actual: named.value });
  }

  instance(digest: Digest): Image {
    return {
      manifest: async () => {
        const manifest = await this.#manifestOf(digest);
        const isMissing = !manifest.ok && manifest.problem.code === "image.blob.missing";
        return isMissing ? fail({ code: "image.instance.missing", digest, platform: "" }) : manifest;
      },
      signatures: () => this.signaturesOf(digest),
    };
  }

  async present(digests: readonly Digest[]): Promise<readonly Presence[]> {
    const index = this.#usesAttachments ? await this.#readIndex() : undefined;
    const hasFiles = index === undefined && (await this.#files.has("signature-1"));
    const found: Presence[] = [];
    for (const digest of digests) {
      if (!(await this.#files.has(blobName(digest)))) continue;
      const hasSignature = hasFiles || (index?.ok === true && attachmentsOf(index.value, digest).length > 0);
      found.push({ digest, hasSignature });
    }
    return found;
  }

  async unreadSignature(): ReturnType<typeof unreadSignature> {
    return this.#usesAttachments ? undefined : unreadSignature((name) => this.#files.has(name));
  }

  async blob(digest: Digest): Maybe<Blob> {
    const name = blobName(digest);
    const blob = await this.#files.blob(name);
    return blob.ok ? blob : fail(problemOf(name, blob.problem, digest));
  }

  close(): ReturnType<LayoutFiles["close"]> {
    return this.#files.close();
  }

  /** The digest that index.json names for the image. */
  async #digest(): Maybe<Digest> {
    const index = await this.#readIndex();
    if (!index.ok) return index;
    const images = this.#usesAttachments ? withoutAttachments(index.value, this.#image) : index.value;
    const chosen = chooseDescriptor(images, this.#image);
    if (!chosen.ok) {
      const { problem } = chosen;
      const hasAttachments = !this.#usesAttachments && index.value.some(isAttachment);
      return fail(problem.code === "image.source.ambiguous" ? { ...problem, hasAttachments } : problem);
    }
    this.#mediaType = chosen.value.mediaType;
    const digest = parseDigest(chosen.value.digest);
    if (digest !== undefined) return ok(digest);
    return fail({ code: "image.source.malformed", name: "index.json", detail: "the digest of the image is not one" });
  }

  #readIndex(): Maybe<readonly UntrustedDescriptor[]> {
    this.#index ??= readIndex(this.#files);
    return this.#index;
  }

  #manifestOf(digest: Digest): Maybe<Uint8Array> {
    return this.#content(digest, undefined, maxManifestBytes);
  }

  /** What lies under a digest, if it has that digest; `name` is what to call it in a problem, if it is no manifest. */
  async #content(digest: Digest, name: string | undefined, maxBytes: number): Maybe<Uint8Array> {
    const file = blobName(digest);
    const content = await this.#files.readSmall(file, maxBytes);
    if (!content.ok) {
      if (content.problem.kind !== "too-large") return fail(problemOf(file, content.problem, digest));
      return fail(
        name === undefined
          ? { code: "image.manifest.too-large", maxBytes }
          : { code: "image.signature.too-large", name, maxBytes },
      );
    }
    // The reference computes no other: of such a digest nothing could be compared.
    if (digest.algorithm !== "sha256") {
      const detail = `the digest is by ${digest.algorithm}, and only SHA-256 is compared`;
      return fail({ code: "image.source.malformed", name: file, detail });
    }
    const actual = { algorithm: "sha256", hex: sha256Hex(content.value) } as const;
    if (actual.hex === digest.hex) return ok(content.value);
    return fail({ code: "image.manifest.digest-mismatch", expected: digest, actual });
  }

  async #signatureFiles(): Maybe<readonly Uint8Array[]> {
    const signatures: Uint8Array[] = [];
    let bytesLeft = maxSignaturesBytes;
    for (;;) {
      const name = `signature-${signatures.length + 1}`;
      const maxBytes = Math.min(maxSignatureBytes, bytesLeft);
      const content = await this.#files.readSmall(name, maxBytes);
      if (!content.ok) {
        const { problem } = content;
        if (problem.kind === "missing") return ok(signatures);
        if (problem.kind === "too-large") return fail({ code: "image.signature.too-large", name, maxBytes });
        return fail(problem.kind === "archive" ? problem.problem : fileProblem(name, problem));
      }
      if (signatures.length === maxSignatures)
        return fail({ code: "image.signature.too-many", maxCount: maxSignatures });
      signatures.push(content.value);
      bytesLeft -= content.value.length;
    }
  }
}

/** `@N` counts all entries. */
function withoutAttachments(
  descriptors: readonly UntrustedDescriptor[],
  { kind }: ImageInLayout,
): readonly UntrustedDescriptor[] {
  return kind === "only" ? descriptors.filter((descriptor) => !isAttachment(descriptor)) : descriptors;
}

/** OCI image-spec, image-layout.md "Blobs". */
function blobName({ algorithm, hex }: Digest): string {
  return `blobs/${algorithm}/${hex}`;
}

function problemOf(name: string, problem: LayoutFileProblem, digest: Digest): ImageProblem {
  if (problem.kind === "missing") return { code: "image.blob.missing", missing: [digestText(digest)] };
  if (problem.kind === "archive") return problem.problem;
  if (problem.kind === "too-large") return { code: "image.file.unreadable", name, reason: "it is too large" };
  return fileProblem(name, problem);
}

/** Both `skopeo copy … dir:` and `docker save` write a manifest.json. */
async function foundIn(files: LayoutFiles): Promise<FoundSource | undefined> {
  if (!(await files.has("manifest.json"))) return undefined;
  return (await files.has("version")) ? "dir" : "docker-archive";
}

async function readIndex(files: LayoutFiles): Maybe<readonly UntrustedDescriptor[]> {
  const name = "index.json";
  const malformed = (detail: string) => fail({ code: "image.source.malformed", name, detail } as const);
  const content = await files.readSmall(name, maxLayoutIndexBytes);
  if (!content.ok) {
    const { problem } = content;
    switch (problem.kind) {
      case "too-large":
        return malformed(`it is larger than ${maxLayoutIndexBytes} bytes`);
      case "archive":
        return fail(problem.problem);
      case "missing":
        return fail({ code: "image.source.malformed", name, found: await foundIn(files) });
      default:
        return fail(fileProblem(name, problem));
    }
  }
  const descriptors = readDescriptors(content.value, "manifests");
  return descriptors.ok ? descriptors : malformed(descriptors.problem);
}
