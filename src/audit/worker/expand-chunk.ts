import type { ImageProblem } from "../../image/problem.ts";
import { isImageTag, readRepository } from "../../inventory/repository.ts";
import { ok, type Result } from "../../result.ts";
import type { RegistryAccess } from "../../source/registry/registry-access.ts";

/** References to all that a repository has, by its tags. */
export async function expandRepository(
  repository: string,
  registries: RegistryAccess,
  signal: AbortSignal,
): Promise<Result<readonly string[], ImageProblem>> {
  const named = readRepository(repository);
  if (!named.ok) throw new Error("what is no repository is found when it is added");
  const tags = await registries.tags(named.value, signal);
  if (!tags.ok) return tags;
  return ok(tags.value.filter(isImageTag).map((tag) => `${named.value.name}:${tag}`));
}
