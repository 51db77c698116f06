import { assertNever, fail, ok, type Result } from "../../result.ts";
import { type DockerReference, parseNormalizedNamed, referenceText, withDefaultTag } from "../docker-reference.ts";
import { invalidReference } from "../invalid-reference.ts";
import { parseSourceIndex } from "../source-index.ts";
import type { ReferenceFlaw, Transport } from "../transport.ts";

/** Which image of a docker archive: the only one, that of a name (with its tag), or that of a place in manifest.json, from 0 on. */
export type ImageInDockerArchive =
  | { readonly kind: "only" }
  | { readonly kind: "name"; readonly reference: DockerReference }
  | { readonly kind: "index"; readonly index: string };

/** Splits `path[:name[:tag]|:@index]` (containers/image: docker/archive `ParseReference`). */
export function splitDockerArchive(
  reference: string,
): Result<{ readonly path: string; readonly image: ImageInDockerArchive }, ReferenceFlaw> {
  if (reference === "") return fail({ flaw: "empty" });
  const colon = reference.indexOf(":");
  if (colon === -1) return ok({ path: reference, image: { kind: "only" } });
  const path = reference.slice(0, colon);
  const name = reference.slice(colon + 1);
  if (name.startsWith("@")) {
    const index = parseSourceIndex(name.slice(1));
    return index === undefined
      ? fail({ flaw: "source-index", index: name.slice(1) })
      : ok({ path, image: { kind: "index", index } });
  }
  const tagged = parseTagged(name);
  return tagged.ok ? ok({ path, image: { kind: "name", reference: tagged.value } }) : tagged;
}

/**
 * `path[:name[:tag]|:@index]`, a file written by `docker save` (containers/image: docker/archive `transport.go`). It has no scopes but
 * "". The file is not looked at.
 */
export const dockerArchive: Transport = {
  name: "docker-archive",
  scopes: "other",
  hasDockerReferences: true,

  parseReference(reference) {
    const split = splitDockerArchive(reference);
    if (!split.ok) return invalidReference(split.problem);
    const { path, image } = split.value;
    const unscoped = { policyIdentity: "", policyNamespaces: [], dockerReference: undefined };
    switch (image.kind) {
      case "only":
        return ok({ ...unscoped, text: path });
      case "index":
        return ok({ ...unscoped, text: `${path}:@${image.index}` });
      case "name":
        return ok({
          ...unscoped,
          text: `${path}:${referenceText(image.reference)}`,
          dockerReference: image.reference,
        });
      default:
        return assertNever(image);
    }
  },

  validateScope() {
    return { flaw: "scopes-unsupported" };
  },
};

function parseTagged(image: string): Result<DockerReference, ReferenceFlaw> {
  const parsed = parseNormalizedNamed(image);
  if (!parsed.ok) return parsed;
  return parsed.value.digest === undefined ? ok(withDefaultTag(parsed.value)) : fail({ flaw: "digest-unsupported" });
}
