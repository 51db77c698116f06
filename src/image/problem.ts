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

/** Why an image cannot be judged. `name` is a file of the source (`manifest.json`, `signature-1`), or which signature it is. */
export type ImageProblem =
  | { readonly code: "image.source.unreadable"; readonly path: string; readonly reason: string }
  | { readonly code: "image.version.unsupported"; readonly untrustedVersion: string }
  /** `layout`: what the directory is instead. */
  | { readonly code: "image.manifest.missing"; readonly path: string; readonly layout?: "oci" }
  | { readonly code: "image.manifest.too-large"; readonly maxBytes: number }
  | { readonly code: "image.manifest.too-large"; readonly maxValues: number }
  | { readonly code: "image.manifest.malformed"; readonly detail: string }
  | {
      readonly code: "image.manifest.ambiguous";
      /** It is a field of other kinds of manifest, or not what the digest covers. */
      readonly flaw: "other-kind" | "not-covered";
      /** The first such key of the manifest. */
      readonly untrustedKey: string;
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
