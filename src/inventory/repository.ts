import { type DockerReference, isNameOnly, parseNormalizedNamed } from "../identity/docker-reference.ts";
import { fail, ok, type Result } from "../result.ts";
import { type ReferenceProblem, readReference } from "./read-reference.ts";

/** Which repository is meant by `docker://host/repository`, or the same without `docker://`. */
export function readRepository(
  untrustedText: string,
): Result<DockerReference, ReferenceProblem | { readonly flaw: "not-a-repository" }> {
  const read = readReference(untrustedText);
  if (!read.ok) return read;
  const named = parseNormalizedNamed(untrustedText.replace(/^docker:\/\//, ""));
  if (read.value.kind !== "registry" || !named.ok || !isNameOnly(named.value))
    return fail({ flaw: "not-a-repository" });
  return ok(named.value);
}

/** What cosign attached to an image has a tag as well, and is none. */
export function isImageTag(tag: string): boolean {
  return !/^sha256-[0-9a-f]{64}\.(?:sig|att|sbom)$/.test(tag);
}
