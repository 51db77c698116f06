import type { Digest } from "../encoding/digest.ts";
import { fail, ok, type Result } from "../result.ts";
import type { ListedImage } from "./index-list.ts";
import { isSamePlatform, type Platform, platformText, wantedPlatforms } from "./platform.ts";
import type { ImageProblem } from "./problem.ts";

/** More platforms are not told of an index that lacks the one wanted. */
const maxToldPlatforms = 100;

export type ChosenImage = ListedImage & { readonly digest: Digest };

/**
 * The image of an index that the reference takes for a platform (image/v5: internal/manifest/oci_index.go chooseInstance,
 * docker_schema2_list.go ChooseInstance, nothing said of compression): the one for the best of the platforms that will do, of these one
 * compressed with zstd, of these the first. One that does not say its platform will do for any, after all others.
 *
 * What decides is in an index that nobody has vouched for; who judges the image judges what was chosen.
 */
export function chooseInstance(listed: readonly ListedImage[], wanted: Platform): Result<ChosenImage, ImageProblem> {
  const platforms = wantedPlatforms(wanted);
  let best: { readonly image: ListedImage; readonly rank: number } | undefined;
  for (const image of listed) {
    const rank = rankOf(image, platforms);
    if (rank !== undefined && (best === undefined || rank < best.rank)) best = { image, rank };
  }
  if (best === undefined) return fail(platformMissing(listed, wanted));
  const { digest } = best.image;
  if (digest === undefined) {
    const detail = `the image for ${platformText(wanted)} is listed without a valid digest`;
    return fail({ code: "image.manifest.malformed", detail });
  }
  return ok({ ...best.image, digest });
}

/** The lower the better, `undefined` if it will not do. Images of one rank are taken in their order. */
function rankOf({ platform, annotations }: ListedImage, platforms: readonly Platform[]): number | undefined {
  const at = platform === undefined ? platforms.length : platforms.findIndex((one) => isSamePlatform(platform, one));
  if (at === -1) return undefined;
  return 2 * at + (annotations.get("io.github.containers.compression.zstd") === "true" ? 0 : 1);
}

function platformMissing(listed: readonly ListedImage[], wanted: Platform): ImageProblem {
  const untrustedPlatforms = new Set<string>();
  for (const { platform } of listed) {
    if (platform !== undefined && untrustedPlatforms.size < maxToldPlatforms) {
      untrustedPlatforms.add(platformText(platform));
    }
  }
  return {
    code: "image.platform.missing",
    wanted: platformText(wanted),
    untrustedPlatforms: [...untrustedPlatforms],
  };
}
