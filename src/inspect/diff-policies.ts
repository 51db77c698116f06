import type { Identity } from "../identity/identity.ts";
import { selectScope } from "../judge/select-scope.ts";
import { asksForSignature, type Policy, type Requirement, type TrustSource } from "../policy/policy.ts";
import type { DecidingScope } from "../verdict/verdict.ts";
import type { MaterialReader } from "./material.ts";

/** What two policies say of the images of one identity. */
export interface IdentityDifference {
  readonly identity: Identity;
  readonly older: Decision;
  readonly newer: Decision;
  /** A different scope that asks for the same is a difference too: it may be changed on its own. */
  readonly isScopeDifferent: boolean;
  readonly areRequirementsDifferent: boolean;
}

export interface Decision {
  readonly scope: DecidingScope;
  readonly requirements: readonly Requirement[];
}

/** A policy, and a reader of what it names. */
export interface ComparedPolicy {
  readonly policy: Policy;
  readonly materials: MaterialReader;
}

/**
 * Compares two policies for some identities. Requirements are equal if they say the same, in the same order; keys and
 * certificates by their bytes, whatever the file is called, or, where these cannot be read, by their path.
 */
export async function diffPolicies(
  older: ComparedPolicy,
  newer: ComparedPolicy,
  identities: readonly Identity[],
): Promise<readonly IdentityDifference[]> {
  const differences: IdentityDifference[] = [];
  const outlines = new Map<readonly Requirement[], Promise<string>>();
  const outlineOf = (side: ComparedPolicy, requirements: readonly Requirement[]) => {
    const known = outlines.get(requirements) ?? outline(side, requirements);
    outlines.set(requirements, known);
    return known;
  };
  for (const identity of identities) {
    const [before, after] = [selectScope(older.policy, identity), selectScope(newer.policy, identity)];
    differences.push({
      identity,
      older: before,
      newer: after,
      isScopeDifferent: JSON.stringify(before.scope) !== JSON.stringify(after.scope),
      areRequirementsDifferent:
        (await outlineOf(older, before.requirements)) !== (await outlineOf(newer, after.requirements)),
    });
  }
  return differences;
}

export function isDifferent({ isScopeDifferent, areRequirementsDifferent }: IdentityDifference): boolean {
  return isScopeDifferent || areRequirementsDifferent;
}

/** The same text for requirements that are equal. */
async function outline({ materials }: ComparedPolicy, requirements: readonly Requirement[]): Promise<string> {
  const outlines = await Promise.all(requirements.map((requirement) => outlineOne(requirement, materials)));
  return JSON.stringify(outlines);
}

async function outlineOne(requirement: Requirement, materials: MaterialReader): Promise<unknown> {
  if (!asksForSignature(requirement)) return requirement;
  const described = await materials.describe(requirement);
  // In which order the keys are named makes no difference.
  const keys = described.materials.map(({ role, sha256, source }) => `${role} ${sha256 ?? source}`).sort();
  if (requirement.type === "signedBy") return { ...requirement, keys };
  const { trust } = requirement;
  // What the sources hold is in `keys`; what else there is of the trust stays.
  return { ...requirement, rekor: requirement.rekor !== undefined, trust: withoutSources(trust), keys };
}

function withoutSources(trust: object): object {
  return Object.fromEntries(Object.entries(trust).filter(([, value]) => !isSource(value)));
}

function isSource(value: unknown): value is TrustSource {
  return typeof value === "object" && value !== null && "field" in value;
}
