import { type RegistriesConfig, type SignatureStore, shownStoreOf } from "../config/registries.ts";
import { canVerify } from "../crypto/openpgp/listing.ts";
import { usableForBlobs } from "../crypto/public-key.ts";
import type { DockerReference } from "../identity/docker-reference.ts";
import type { Identity } from "../identity/identity.ts";
import { candidateScopes, namedScopes } from "../identity/scopes.ts";
import { transportNamed } from "../identity/transports.ts";
import { selectScope } from "../judge/select-scope.ts";
import { signableNames } from "../judge/signed-names.ts";
import type { Policy, Requirement, SignedBy, SigstoreSigned } from "../policy/policy.ts";
import { assertNever } from "../result.ts";
import type { SignedNames } from "../verdict/signed-names.ts";
import type { DecidingScope } from "../verdict/verdict.ts";
import { officialName } from "./lint-scope.ts";
import { isNoEmail } from "./lint-subject.ts";
import type { Material, MaterialReader, RequirementMaterial } from "./material.ts";

/** How a policy decides about the images of one identity. */
export interface Explanation {
  readonly identity: Identity;
  /** What is looked up in the transport's part of the policy, in order; "" is the transport's default. */
  readonly candidates: readonly Candidate[];
  readonly scope: DecidingScope;
  /** Scopes that read as if they were for this image, and are not looked up. */
  readonly passedBy: readonly PassedBy[];
  readonly requirements: readonly ExplainedRequirement[];
  /** For transport docker, if there is a registries.d. */
  readonly store: SignatureStore | undefined;
}

/** A scope of another transport, or `docker.io/NAME` where the image is `docker.io/library/NAME`. */
export interface PassedBy {
  readonly transport: string;
  readonly scope: string;
  readonly why: "transport" | "transport-unknown" | "official";
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

type Possibility =
  | "always"
  | "with-signature"
  | "never-rejects"
  | "never-unsupported"
  | "never-keys"
  | "never-name"
  | "never-subject";

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
    passedBy: passedByOf(policy, identity),
    requirements: explained,
    store: hasStores ? shownStoreOf(registries, identity.policyIdentity) : undefined,
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

/** Only names of images: a path may be looked up for several transports with reason. */
function passedByOf(policy: Policy, identity: Identity): readonly PassedBy[] {
  if (identity.dockerReference === undefined) return [];
  const candidates = namedScopes(identity);
  const passedBy: PassedBy[] = [];
  for (const [transport, scopes] of policy.transports) {
    const isOwn = transport === identity.transport;
    const why = transportNamed(transport) === undefined ? "transport-unknown" : "transport";
    if (!isOwn) for (const scope of candidates) if (scopes.has(scope)) passedBy.push({ transport, scope, why });
    if (!isOwn || transport !== "docker") continue;
    for (const scope of scopes.keys()) {
      const official = officialName(scope.replace(/[:@].*/, ""));
      if (official === identity.dockerReference.name) passedBy.push({ transport, scope, why: "official" });
    }
  }
  return passedBy;
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
      return { requirement, material, possible: possibilityOf(requirement, material, names), names };
    }
    default:
      return assertNever(requirement);
  }
}

function possibilityOf(
  requirement: SignedBy | SigstoreSigned,
  material: RequirementMaterial,
  names: SignedNames,
): Possibility {
  if (!isUsable(material)) return "never-keys";
  if (requirement.type === "sigstoreSigned" && isNoEmail(requirement.trust)) return "never-subject";
  return names.kind === "none" ? "never-name" : "with-signature";
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
