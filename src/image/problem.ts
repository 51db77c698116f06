/** Why an image cannot be judged. `name` is a file of the source (`manifest.json`, `signature-1`), or which signature it is. */
export type ImageProblem =
  | { readonly code: "image.source.unreadable"; readonly path: string; readonly reason: string }
  | { readonly code: "image.version.unsupported"; readonly untrustedVersion: string }
  | { readonly code: "image.manifest.missing"; readonly path: string }
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
      /** It begins as ASCII armour does (RFC 4880, 6.2). */
      readonly isArmoured?: boolean;
    }
  | { readonly code: "image.signature.malformed"; readonly name: string; readonly detail: string };
