import type { ImageProblem } from "../../image/problem.ts";
import { isImageTag, readRepository } from "../../inventory/repository.ts";
import type { RegistryAccess } from "../../source/registry/registry-access.ts";

/** What a repository has: references to its images, or why they cannot be told. */
export type Expanded =
  | { readonly kind: "references"; readonly references: readonly string[] }
  | { readonly kind: "problem"; readonly problem: ImageProblem };

/** Lists the tags of a repository as references. */
export async function expandRepository(
  repository: string,
  registries: RegistryAccess,
  signal: AbortSignal,
): Promise<Expanded> {
  const named = readRepository(repository);
  if (!named.ok) throw new Error("what is no repository is found when it is added");
  const tags = await registries.tags(named.value, signal);
  if (!tags.ok) return { kind: "problem", problem: tags.problem };
  const references = tags.value.filter(isImageTag).map((tag) => `${named.value.name}:${tag}`);
  return { kind: "references", references };
}
