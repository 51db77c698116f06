/**
 * What cosign, oras and skopeo left in a docker-registry: test/fixtures/registry/tool-images.json, which conformance/attachments
 * writes.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fixtures } from "../images.ts";
import type { ImageContent } from "./content.ts";

export interface ToolImages {
  /** Which version of each tool. */
  readonly tools: Readonly<Record<string, string>>;
  /** The registry that the tools knew: "127.0.0.1:PORT". It is in what they signed. */
  readonly signedAt: string;
  /** Files that policies name as `@DIR@/keys/NAME`. */
  readonly keys: Readonly<Record<string, string>>;
  /** By a digest of the text. */
  readonly manifests: Readonly<Record<string, { readonly mediaType: string; readonly text: string }>>;
  /** By digest, in base64. */
  readonly blobs: Readonly<Record<string, string>>;
  readonly repositories: Readonly<Record<string, StoredRepository>>;
  /** By path below the lookaside, in base64. */
  readonly lookaside: Readonly<Record<string, string>>;
}

export interface StoredRepository {
  /** By tag and by digest: where in `manifests` it is. */
  readonly manifests: Readonly<Record<string, string>>;
  readonly blobs: readonly string[];
}

export const toolImagesPath: string = join(fixtures, "registry", "tool-images.json");

export function readToolImages(): ToolImages {
  return JSON.parse(readFileSync(toolImagesPath, "utf8"));
}

/** A repository as it was recorded; its signature files are `lookaside` of the record. */
export function repositoryContent(images: ToolImages, repository: string): ImageContent {
  const stored = images.repositories[repository];
  if (stored === undefined) throw new Error(`${repository} was not recorded`);
  const manifests = Object.entries(stored.manifests).map(([name, id]) => {
    const { mediaType, text } = images.manifests[id] ?? { mediaType: "", text: "" };
    return [name, { mediaType, bytes: Buffer.from(text) }] as const;
  });
  const blobs = stored.blobs.map((digest) => [digest, Buffer.from(images.blobs[digest] ?? "", "base64")] as const);
  return { manifests: new Map(manifests), blobs: new Map(blobs), lookaside: new Map() };
}
