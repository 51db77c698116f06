import type { Digest } from "../encoding/digest.ts";
import type { AccessProblem, ConfigProblem } from "./access-problem.ts";

/**
 * What may lie where a signature file of containers/image belongs: OpenPGP in another form, other files of sigstore (a bundle, what
 * `cosign download signature` prints, the signed payload, the signature alone, an attestation, our envelope without its first line),
 * a manifest, a key, or no file of this field at all.
 */
export type MistakenFile =
  | "armour"
  | "detached-armour"
  | "clear-text"
  | "bundle"
  | "cosign-download"
  | "payload"
  | "base64-signature"
  | "attestation"
  | "bare-envelope"
  | "manifest"
  | "key-or-certificate"
  | "web-page"
  | "json";

/** What is wrong with a member of an archive. */
export type ArchiveFlaw = "path" | "encoding" | "link" | "special" | "sparse" | "duplicate" | "too-large";

/** A kind of source, told by what is in it. */
export type FoundSource = "dir" | "oci" | "oci-archive" | "docker-archive";

/** Why an image cannot be judged. `name` is a file of the source (`manifest.json`, `signature-1`), or which signature it is. */
export type ImageProblem = LocalProblem | AccessProblem | ConfigProblem;

/** Of what lies on this machine, and of every manifest and signature. */
export type LocalProblem =
  | {
      readonly code: "image.source.unreadable";
      readonly path: string;
      readonly reason: string;
      /** It is the directory that the signatures were to be taken from. */
      readonly isForSignatures?: boolean;
    }
  /** A file that says what is in a layout, an archive or a storage (`name`) is not what it should be. */
  | { readonly code: "image.source.malformed"; readonly name: string; readonly detail: string }
  /** It is not there at all; `found` is what the source probably is instead. */
  | { readonly code: "image.source.malformed"; readonly name: string; readonly found: FoundSource | undefined }
  /** No image of this name in a layout, archive or storage; `names` are those that there are, up to a hundred. */
  | { readonly code: "image.source.not-found"; readonly wanted: string; readonly untrustedNames: readonly string[] }
  /** Several images: none was named, or what was `wanted` names them all. */
  | {
      readonly code: "image.source.ambiguous";
      readonly count: number;
      readonly untrustedNames: readonly string[];
      readonly wanted?: string;
      /** Some of them are no images, but what cosign attached to one. */
      readonly hasAttachments?: boolean;
    }
  /** A storage was written to while it was read, each time; or what it lists, `missing`, is not there. */
  | { readonly code: "image.source.changed"; readonly path: string; readonly missing?: string }
  | { readonly code: "image.archive.malformed"; readonly detail: string }
  /** It is compressed in a way that is not read. */
  | { readonly code: "image.archive.malformed"; readonly compression: "bzip2" | "xz" }
  /** A member of an archive that honest ones do not have: `name` is what it is called. */
  | { readonly code: "image.archive.member"; readonly untrustedName: string; readonly flaw: ArchiveFlaw }
  | { readonly code: "image.archive.too-large"; readonly maxBytes: number }
  | { readonly code: "image.version.unsupported"; readonly untrustedVersion: string }
  /** `layout`: what the directory is instead. */
  | { readonly code: "image.manifest.missing"; readonly path: string; readonly layout?: "oci" }
  | { readonly code: "image.manifest.too-large"; readonly maxBytes: number }
  | { readonly code: "image.manifest.too-large"; readonly maxValues: number }
  /** More images in an index than are judged one by one. */
  | { readonly code: "image.manifest.too-large"; readonly maxImages: number }
  | { readonly code: "image.manifest.malformed"; readonly detail: string }
  | {
      readonly code: "image.manifest.ambiguous";
      /** It is a field of other kinds of manifest, or not what the digest covers. */
      readonly flaw: "other-kind" | "not-covered";
      /** The first such key of the manifest. */
      readonly untrustedKey: string;
    }
  /** What lies under the name of a digest is something else. */
  | { readonly code: "image.manifest.digest-mismatch"; readonly expected: Digest; readonly actual: Digest }
  /** An index lists an image that is not there. */
  | { readonly code: "image.instance.missing"; readonly digest: Digest; readonly platform: string }
  /** An index lists no image for the platform that was asked for. */
  | {
      readonly code: "image.platform.missing";
      readonly wanted: string;
      readonly untrustedPlatforms: readonly string[];
    }
  | {
      readonly code: "image.blob.missing";
      readonly missing: readonly string[];
      /** What a registry calls that, in a code of the distribution API. */
      readonly registryCode?: string | undefined;
    }
  /** Contents that differ from their digest or size; others may be missing as well. */
  | {
      readonly code: "image.blob.corrupt";
      readonly corrupt: readonly string[];
      readonly missing: readonly string[];
    }
  | { readonly code: "image.file.unreadable"; readonly name: string; readonly reason: string }
  | { readonly code: "image.file.symlink"; readonly name: string }
  | { readonly code: "image.file.special"; readonly name: string }
  | {
      readonly code: "image.signature.too-large";
      readonly name: string;
      /** Which of the two bounds it exceeds. */
      readonly maxBytes?: number;
      readonly maxValues?: number;
    }
  | { readonly code: "image.signature.too-many"; readonly maxCount: number }
  | { readonly code: "image.signature.empty"; readonly name: string }
  | {
      readonly code: "image.signature.format";
      readonly name: string;
      readonly detail: string;
      /** What it is instead, where that is known. */
      readonly mistaken?: MistakenFile;
    }
  | { readonly code: "image.signature.malformed"; readonly name: string; readonly detail: string };
