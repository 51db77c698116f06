import { digestText } from "../encoding/digest.ts";
import { referenceText } from "../identity/docker-reference.ts";
import type { Requirement, SignedIdentity, SigstoreSigned, TrustSource } from "../policy/policy.ts";
import type { DecidingScope, InstanceSignatures, RejectionProblem } from "../verdict/verdict.ts";
import { countText, listText } from "./format.ts";
import { plain, quote } from "./quote.ts";
import { say, type Words } from "./words.ts";

/** Which part of the policy decided: `Policy /etc/containers/policy.json, scope docker "registry.example.com",`. */
export function scopeText(path: string | undefined, scope: DecidingScope | undefined): string {
  if (scope?.kind === "arguments") return "The command line";
  const policy = path === undefined ? "The given policy" : `Policy ${plain(path)}`;
  if (scope === undefined) return policy;
  if (scope.kind === "default") return `${policy}, its default,`;
  if (scope.scope === "") return `${policy}, the default of transport ${plain(scope.transport)},`;
  return `${policy}, scope ${plain(scope.transport)} ${quote(scope.scope)},`;
}

const requirementWords = {
  insecureAcceptAnything: () => "accepts any image, signed or not",
  reject: () => "rejects every image",
  signedBy: ({ keys, signedIdentity }) =>
    `asks for a signature by a key in ${trustText(keys)}${forIdentity(signedIdentity)}`,
  signedBaseLayer: () => "asks for a signed base layer",
  sigstoreSigned: (requirement) => `asks for a sigstore signature ${signedWith(requirement)}`,
} satisfies Words<Requirement, "type">;

/** What a requirement asks for, as what its scope does: `asks for a signature by a key in …`. */
export function requirementText(requirement: Requirement): string {
  return say(requirementWords, "type", requirement, undefined);
}

function signedWith({ trust, rekor, signedIdentity }: SigstoreSigned): string {
  const logged = rekor === undefined ? "" : `, logged by Rekor (public key in ${trustText(rekor)})`;
  const image = forIdentity(signedIdentity);
  switch (trust.kind) {
    case "keys":
      return `by the key in ${trustText(trust.keys)}${image}${logged}`;
    case "fulcio":
      return (
        `with a certificate for ${plain(trust.subjectEmail)}, identified by ${plain(trust.oidcIssuer)}, ` +
        `under the Fulcio CA in ${trustText(trust.ca)}${image}${logged}`
      );
    case "pki": {
      const email = trust.subjectEmail === undefined ? [] : [`email ${plain(trust.subjectEmail)}`];
      const host = trust.subjectHostname === undefined ? [] : [`host ${plain(trust.subjectHostname)}`];
      return `with a certificate for ${listText([...email, ...host], "and")}, under the CA in ${trustText(trust.roots)}${image}`;
    }
  }
}

/** Where keys come from, as a person finds them: paths, or the field of the policy that holds them. */
export function trustText(source: TrustSource): string {
  if (source.kind === "data") return `the policy's ${source.field}`;
  return source.paths.length === 0 ? `${source.field}, which is empty` : listText(source.paths.map(plain), "or");
}

const signedIdentityWords = {
  // The default: nothing needs to be said.
  matchRepoDigestOrExact: () => "",
  matchExact: () => ", for exactly this reference",
  matchRepository: () => ", for any image of this repository",
  exactReference: ({ dockerReference }) => `, for ${plain(referenceText(dockerReference))}`,
  exactRepository: ({ dockerRepository }) => `, for any image of ${plain(dockerRepository.name)}`,
  remapIdentity: ({ prefix, signedPrefix }) =>
    `, for this reference with ${plain(signedPrefix)} in place of ${plain(prefix)}`,
} satisfies Words<SignedIdentity, "type">;

function forIdentity(identity: SignedIdentity): string {
  return say(signedIdentityWords, "type", identity, undefined);
}

/** What else there is where an index has no signature. */
function instancesText({ listed, found }: InstanceSignatures): string {
  if (found === undefined || listed === 0) return "";
  if (found.present === 0)
    return `; the ${countText(listed, "image")} that it lists ${listed === 1 ? "is" : "are"} not in this directory`;
  return `; of the ${countText(found.present, "image")} in it (instances) that are here, ${found.signed === 0 ? "none" : found.signed} ${found.signed > 1 ? "have" : "has"} one`;
}

/** Why a requirement, or the whole policy, refuses: a sentence without its full stop. */
export const rejectionWords = {
  "requirement.identity.digest-mismatch": ({ expected, actual, isInstance }) =>
    `The identity asks for the manifest ${digestText(expected)}, and this one is ${digestText(actual)}` +
    (isInstance ? ", an index of several images, of which that is one" : ""),
  "requirement.reject": () => "The policy rejects every image of this scope",
  "requirement.unsupported": ({ type }) => `${type} was never implemented by containers/image, and always refuses`,
  "requirement.signature.missing": ({ others, instances }) => {
    const what = instances === undefined ? "The image" : "The index of this multi-architecture image";
    const none =
      others === 0
        ? `${what} has no signature`
        : `${what} has no signature of the kind asked for, only ${others} of another kind`;
    return instances === undefined ? none : `${none}${instancesText(instances)}`;
  },
  "requirement.signature.not-accepted": ({ count }) =>
    count === 1 ? "Its only signature is not acceptable" : `None of its ${count} signatures is acceptable`,
  "requirement.signed.missing": () =>
    "A signature is required (--require-signed), and nothing in the policy checks one of this image",
} satisfies Words<RejectionProblem, "code">;
