import { type RegistriesConfig, type SignatureStore, shownStoreOf } from "../config/registries.ts";
import { asksForSignature, type Policy, type Requirement } from "../policy/policy.ts";
import type { MaterialReader, RequirementMaterial } from "./material.ts";
import { sectionsOf } from "./walk.ts";

/** One requirement of one scope, with what it trusts. */
export interface TrustRow {
  /** Absent for the policy's default. */
  readonly transport: string | undefined;
  /** "" is the default of the transport. */
  readonly scope: string;
  readonly requirement: Requirement;
  readonly material: RequirementMaterial;
  /** For transport docker, if there is a registries.d. */
  readonly store: SignatureStore | undefined;
}

/** All that a policy trusts, the default first, then in the order of the file. */
export async function showPolicy(
  policy: Policy,
  { materials, registries }: { readonly materials: MaterialReader; readonly registries: RegistriesConfig | undefined },
): Promise<readonly TrustRow[]> {
  const rows: TrustRow[] = [];
  for (const { transport, scope, requirements } of sectionsOf(policy)) {
    const isStored = registries !== undefined && registries.files.length > 0 && transport === "docker";
    const store = isStored ? shownStoreOf(registries, scope) : undefined;
    for (const requirement of requirements) {
      const material = asksForSignature(requirement)
        ? await materials.describe(requirement)
        : { materials: [], problem: undefined };
      rows.push({ transport, scope, requirement, material, store });
    }
  }
  return rows;
}
