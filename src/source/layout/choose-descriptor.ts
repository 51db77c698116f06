import type { ImageInLayout } from "../../identity/oci-reference.ts";
import { dockerList, dockerSchema2, ociIndex, ociManifest } from "../../image/manifest.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { assertNever, fail, ok, type Result } from "../../result.ts";
import type { UntrustedDescriptor } from "./layout-index.ts";

/** OCI image-spec, annotations.md. */
const refName = "org.opencontainers.image.ref.name";

const imageTypes: readonly string[] = [ociManifest, ociIndex, dockerSchema2, dockerList];

/** Names that are told in a message. */
const maxNames = 100;

/**
 * The entry of index.json for an image: the first of that name whose media type is that of an image, the one at that place, or the only
 * one. containers/image: oci/layout `getManifestDescriptor`.
 */
export function chooseDescriptor(
  descriptors: readonly UntrustedDescriptor[],
  image: ImageInLayout,
): Result<UntrustedDescriptor, ImageProblem> {
  const notFound = (wanted: string) =>
    fail({ code: "image.source.not-found", wanted, untrustedNames: namesIn(descriptors) } as const);
  switch (image.kind) {
    case "index": {
      const chosen = descriptors[Number(image.index)];
      return chosen === undefined ? notFound(`@${image.index}`) : ok(chosen);
    }
    case "name": {
      const named = descriptors.filter(({ annotations }) => annotations.get(refName) === image.name);
      const chosen = named.find(({ mediaType }) => imageTypes.includes(mediaType));
      if (chosen !== undefined) return ok(chosen);
      const [other] = named;
      if (other === undefined) return notFound(image.name);
      const detail = `${JSON.stringify(image.name)} is of media type ${JSON.stringify(other.mediaType.slice(0, 100))}, which is no image`;
      return fail({ code: "image.source.malformed", name: "index.json", detail });
    }
    case "only": {
      const [chosen, ...others] = descriptors;
      if (chosen !== undefined && others.length === 0) return ok(chosen);
      return fail({
        code: "image.source.ambiguous",
        count: descriptors.length,
        untrustedNames: namesIn(descriptors),
      });
    }
    default:
      return assertNever(image);
  }
}

export function nameOf({ annotations }: UntrustedDescriptor): string | undefined {
  return annotations.get(refName);
}

function namesIn(descriptors: readonly UntrustedDescriptor[]): readonly string[] {
  return descriptors.slice(0, maxNames).map((descriptor, at) => nameOf(descriptor) ?? `@${at}`);
}
