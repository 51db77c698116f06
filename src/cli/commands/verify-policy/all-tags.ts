import { isNameOnly, parseNormalizedNamed } from "../../../identity/docker-reference.ts";
import { readReference } from "../../../inventory/read-reference.ts";
import type { AskedImage, Check } from "./judge-reference.ts";

/** All tags of a repository, as images to be checked; or what is wrong with it, in the place of an image. */
export async function askedByTags(repository: string, check: Check): Promise<readonly AskedImage[]> {
  const read = readReference(repository);
  if (!read.ok) return [{ reference: repository, image: { kind: "flawed", flaw: read.problem } }];
  const named = parseNormalizedNamed(repository.replace(/^docker:\/\//, ""));
  if (read.value.kind !== "registry" || !named.ok || !isNameOnly(named.value)) {
    return [{ reference: repository, image: { kind: "flawed", flaw: { flaw: "not-a-repository" } } }];
  }
  const registries = await check.registries();
  const tags = registries.ok ? await registries.value.tags(named.value, check.signal) : registries;
  if (!tags.ok) return [{ reference: repository, image: { kind: "problem", problem: tags.problem } }];
  return tags.value.filter(isImage).map((tag): AskedImage => {
    const name = { ...named.value, tag };
    const text = `${name.name}:${tag}`;
    return { reference: text, image: { kind: "registry", name, identity: `docker://${text}` } };
  });
}

/** What cosign attached to an image has a tag as well, and is none. */
function isImage(tag: string): boolean {
  return !/^sha256-[0-9a-f]{64}\.(?:sig|att|sbom)$/.test(tag);
}
