import { type ImageInLayout, splitOciReference } from "../identity/oci-reference.ts";
import { parseStoreSpec, type WrittenStore } from "../identity/store-spec.ts";
import { type ImageInDockerArchive, splitDockerArchive } from "../identity/transport/docker-archive.ts";
import type { ReferenceFlaw } from "../identity/transport.ts";
import { transportNamed } from "../identity/transports.ts";
import { fail, ok, type Result } from "../result.ts";
import type { SourceProblem } from "../verdict/verdict.ts";

/** Where an image is to be read from: a SOURCE of the command line or of a request, taken apart. */
export type Place =
  | { readonly transport: "dir"; readonly path: string }
  | { readonly transport: "oci"; readonly path: string; readonly image: ImageInLayout }
  | { readonly transport: "oci-archive"; readonly path: string; readonly image: ImageInLayout }
  | { readonly transport: "docker-archive"; readonly path: string; readonly image: ImageInDockerArchive }
  /** `image` is `NAME[:TAG][@DIGEST][@ID]`, or an ID or its beginning. */
  | { readonly transport: "containers-storage"; readonly store: WrittenStore; readonly image: string };

/**
 * Reads SOURCE: `transport:reference` in the grammar of the reference's transports, or a path, which is one in `dir:` layout. What
 * precedes the first colon counts as a transport only if it is the name of one, so that a path may have colons; `dir:` before a path
 * always works.
 */
export function parsePlace(source: string): Result<Place, SourceProblem> {
  const colon = source.indexOf(":");
  const transport = colon === -1 ? undefined : transportNamed(source.slice(0, colon))?.name;
  if (transport === undefined) return ok({ transport: "dir", path: source });
  const reference = source.slice(colon + 1);
  const invalid = (flaw: ReferenceFlaw) => fail({ code: "usage.source.invalid", source, transport, flaw } as const);
  switch (transport) {
    case "dir":
      return ok({ transport, path: reference });
    case "oci":
    case "oci-archive": {
      const split = splitOciReference(reference, { allowIndex: transport === "oci" });
      if (!split.ok) return invalid(split.problem);
      return split.value.path === "" ? invalid({ flaw: "empty" }) : ok({ transport, ...split.value });
    }
    case "docker-archive": {
      const split = splitDockerArchive(reference);
      return split.ok ? ok({ transport, ...split.value }) : invalid(split.problem);
    }
    case "containers-storage": {
      const spec = parseStoreSpec(reference);
      if (spec.ok) return ok({ transport, store: spec.value.written, image: spec.value.rest });
      return invalid(spec.problem.code === "identity.reference.invalid" ? spec.problem.flaw : { flaw: "empty" });
    }
    case "docker":
      return fail({ code: "usage.source.registry", source });
    default:
      return fail({ code: "usage.source.unsupported", source, transport });
  }
}
