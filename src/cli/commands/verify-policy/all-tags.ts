import { isImageTag, readRepository } from "../../../inventory/repository.ts";
import type { AskedImage, Check } from "./judge-reference.ts";

/** All tags of a repository, as images to be checked; or what is wrong with it, in the place of an image. */
export async function askedByTags(repository: string, check: Check): Promise<readonly AskedImage[]> {
  const named = readRepository(repository);
  if (!named.ok) return [{ reference: repository, image: { kind: "flawed", flaw: named.problem } }];
  const registries = await check.registries();
  const tags = registries.ok ? await registries.value.tags(named.value, check.signal) : registries;
  if (!tags.ok) return [{ reference: repository, image: { kind: "problem", problem: tags.problem } }];
  return tags.value.filter(isImageTag).map((tag): AskedImage => {
    const name = { ...named.value, tag };
    const text = `${name.name}:${tag}`;
    return { reference: text, image: { kind: "registry", name, identity: `docker://${text}` } };
  });
}
