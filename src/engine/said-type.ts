import { isIndexType } from "../image/index-instances.ts";
import { canBeUsedAs, dockerSchema2, ociManifest, plainSchema1, signedSchema1 } from "../image/manifest.ts";
import type { ImageProblem } from "../image/problem.ts";
import type { Verdict } from "../verdict/verdict.ts";

/**
 * Why a manifest is no use by what the source says that it is. The reference chooses, parses and copies by that, for an instance of an index
 * too (copy/single.go `copySingleImage`: `isMultiImage`; internal/image/manifest.go `manifestInstanceFromBlob`), and here that is done by
 * what it is.
 *
 * @param verdict on the manifest, as far as there is one
 */
export function saidTypeProblem(
  said: string | undefined,
  mediaType: string,
  verdict: Verdict | undefined,
): ImageProblem | undefined {
  if (said === undefined) return undefined;
  // Which of the two it is decides what is judged. Anything else only makes it useless.
  if (isIndexType(said) !== isIndexType(mediaType)) {
    const detail = "the source says that it is an index and it is none, or the other way round";
    return { code: "image.manifest.malformed", detail };
  }
  if (verdict?.outcome !== "accepted" || canBeUsedAs(said, mediaType)) return undefined;
  const type = usualTypes.has(said) ? `of type ${JSON.stringify(said)}` : "of no type that is known";
  const detail = `the source says that it is ${type}, and by that nobody can use it`;
  return { code: "image.manifest.malformed", detail };
}

/** Those that are told: whatever else a server says may be anything, also what it was sent. */
const usualTypes: ReadonlySet<string> = new Set([
  dockerSchema2,
  ociManifest,
  plainSchema1,
  signedSchema1,
  "application/json",
  "application/octet-stream",
  "text/html",
  "text/plain",
]);
