import { isIndexType } from "../image/index-instances.ts";
import { canBeUsedAs } from "../image/manifest.ts";
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
  const detail = `the source says that it is of type ${JSON.stringify(said)}, and by that nobody can use it`;
  return { code: "image.manifest.malformed", detail };
}
