import { canVerify } from "../crypto/openpgp/listing.ts";
import { usableForBlobs } from "../crypto/public-key.ts";
import type { DockerReference } from "../identity/docker-reference.ts";
import type { Identity } from "../identity/identity.ts";
import { candidateScopes } from "../identity/scopes.ts";
import { selectScope } from "../judge/select-scope.ts";
import { type SignedNames, signableNames } from "../judge/signed-names.ts";
import type { DecidingScope } from "../judge/verdict.ts";
import type { Policy, Requirement } from "../policy/policy.ts";
import { assertNever } from "../result.ts";
import type { Material, MaterialReader, RequirementMaterial } from "./material.ts";
import { type RegistriesConfig, type SignatureStore, signatureStoreOf } from "./registries.ts";

/** How a policy decides about the images of one identity. */
export interface Explanation {
  readonly identity: Identity;
  /** What is looked up in the transport's part of the policy, in order; "" is the transport's default. */
  readonly candidates: readonly Candidate[];
  readonly scope: DecidingScope;
  readonly requirements: readonly ExplainedRequirement[];
  /** For transport docker, if there is a registries.d. */
  readonly store: SignatureStore | undefined;
}

/** `skipped`: a more specific one was there. */
interface Candidate {
  readonly scope: string;
  readonly state: "missing" | "decides" | "skipped";
}

export interface ExplainedRequirement {
  readonly requirement: Requirement;
  readonly material: RequirementMaterial;
  /** Whether some image could meet it now. */
  readonly possible: Possibility;
  /** Which names a signature may be for; `undefined` where no signature counts. */
  readonly names: SignedNames | undefined;
}

type Possibility = "always" | "with-signature" | "never-rejects" | "never-unsupported" | "never-keys" | "never-name";

export async function explainIdentity(
  policy: Policy,
  identity: Identity,
  { materials, registries }: { readonly materials: MaterialReader; readonly registries: RegistriesConfig | undefined },
): Promise<Explanation> {
  const { scope, requirements } = selectScope(policy, identity);
  const explained: ExplainedRequirement[] = [];
  for (const requirement of requirements) {
    explained.push(await explainRequirement(requirement, identity.dockerReference, materials));
  }
  const hasStores = registries !== undefined && registries.files.length > 0 && identity.transport === "docker";
  return {
    identity,
    candidates: candidatesOf(policy, identity, scope),
    scope,
    requirements: explained,
    store: hasStores ? signatureStoreOf(registries, identity.policyIdentity) : undefined,
  };
}

function candidatesOf(policy: Policy, identity: Identity, deciding: DecidingScope): readonly Candidate[] {
  const scopes = policy.transports.get(identity.transport);
  let isDecided = false;
  return candidateScopes(identity).map((scope) => {
    if (isDecided) return { scope, state: "skipped" };
    isDecided = scopes?.has(scope) === true && deciding.kind === "transport";
    return { scope, state: isDecided ? "decides" : "missing" };
  });
}

async function explainRequirement(
  requirement: Requirement,
  reference: DockerReference | undefined,
  materials: MaterialReader,
): Promise<ExplainedRequirement> {
  const nothing: RequirementMaterial = { materials: [], problem: undefined };
  switch (requirement.type) {
    case "insecureAcceptAnything":
      return { requirement, material: nothing, possible: "always", names: undefined };
    case "reject":
      return { requirement, material: nothing, possible: "never-rejects", names: undefined };
    case "signedBaseLayer":
      return { requirement, material: nothing, possible: "never-unsupported", names: undefined };
    case "signedBy":
    case "sigstoreSigned": {
      const material = await materials.describe(requirement);
      const names = signableNames(requirement.signedIdentity, reference);
      const possible = !isUsable(material) ? "never-keys" : names.kind === "none" ? "never-name" : "with-signature";
      return { requirement, material, possible, names };
    }
    default:
      return assertNever(requirement);
  }
}

/** Whether signatures can be judged, and one accepted, as far as keys go. */
function isUsable({ materials, problem }: RequirementMaterial): boolean {
  if (problem !== undefined || materials.some(({ content }) => !content.ok)) return false;
  const keyrings = materials.filter(({ role }) => role === "openpgp");
  if (keyrings.length > 0) return keyrings.some(hasUsableKey);
  return materials.every(hasUsableKey);
}

function hasUsableKey({ content }: Material): boolean {
  if (!content.ok) return false;
  switch (content.value.kind) {
    case "keyring":
      return content.value.listing.keys.some((key) => key.parts.some(canVerify));
    case "public-key":
      return usableForBlobs(content.value.key);
    case "certificates":
      return true;
    default:
      return assertNever(content.value);
  }
}
