import { referenceText } from "../identity/docker-reference.ts";
import type { Identity } from "../identity/identity.ts";
import type { SignedBy, SignedIdentity, SigstoreSigned } from "../policy/policy.ts";
import { assertNever } from "../result.ts";
import type { IdentityMismatch, MismatchCause } from "../verdict/identity-mismatch.ts";
import type { SignatureRejection } from "../verdict/signature-outcome.ts";
import type { SignedNames } from "../verdict/signed-names.ts";
import { referenceFlawName } from "./identity-words.ts";
import { plain, quote } from "./quote.ts";
import { say, type Words } from "./words.ts";

/** A valid signature that names another image than the one asked for. */
type Mismatched = Extract<SignatureRejection, { code: "signature.identity.mismatch" }>;

/** What was signed, and what was wanted: `for registry.example.com/app, which has no tag, and not for …:1.0`. */
export function mismatchText({ signedReference, mismatch }: Mismatched): string {
  const { cause, wanted } = mismatch;
  return `for ${plain(signedReference)}${say(causeWords, "kind", cause, undefined)}, not for ${say(wantedWords, "kind", wanted, undefined)}`;
}

const causeWords = {
  "no-reference": ({ flaw }) => `, which is no docker reference (${referenceFlawName(flaw.flaw)})`,
  "nameless-image": () => "",
  "no-tag": () => ", which has no tag",
  "by-digest": () => ", which has a digest and no tag",
  "other-tag": () => "",
  "other-repository": () => "",
  "other-host": () => "",
} satisfies Words<MismatchCause, "kind">;

const wantedWords = {
  exact: ({ reference }) => plain(reference),
  repository: ({ name, bare }) => (bare ? `an image of ${plain(name)}` : `a tag or digest of ${plain(name)}`),
  none: () => "this image",
} satisfies Words<SignedNames, "kind">;

/** What a hint about names may speak of. */
export interface NameSituation {
  readonly identity: Identity | undefined;
  /** The requirement that was not met. */
  readonly requirement: SignedBy | SigstoreSigned | undefined;
  /** The command line says what is asked for, and no policy. */
  readonly isByArguments: boolean;
}

/** What to check or do, as sentences. */
export function mismatchHint({ signedReference, mismatch }: Mismatched, situation: NameSituation): string {
  const { cause } = mismatch;
  if (situation.isByArguments) return say(argumentHints, "kind", cause, signedReference);
  return say(policyHints, "kind", cause, { signedReference, mismatch, ...situation });
}

const otherImage =
  "You may have been given another image than you asked for. Check the name that you asked for, and download it again.";
const unusableName = "No policy can take a signature for that. Ask the publisher for one that names the image.";

/** standalone-verify compares with DOCKER-REFERENCE alone. */
const argumentHints = {
  "no-reference": () => "Nothing can be verified by it. Ask the publisher for a signature that names the image.",
  "nameless-image": () => otherImage,
  "no-tag": (_, signed) => asSigned(signed),
  "by-digest": (_, signed) => asSigned(signed),
  "other-tag": (_, signed) => `Check which version you have: the signature is good for ${plain(signed)} only.`,
  "other-repository": () => otherImage,
  "other-host": () => otherImage,
} satisfies Words<MismatchCause, "kind", string>;

function asSigned(signed: string): string {
  return (
    "DOCKER-REFERENCE has to be what was signed, to the letter. If any image of this repository will do, " +
    `give ${plain(signed)}.`
  );
}

interface Named extends NameSituation {
  readonly signedReference: string;
  readonly mismatch: IdentityMismatch;
}

const policyHints = {
  "no-reference": () => unusableName,
  "nameless-image": (_, { identity }) => {
    const name = identity === undefined ? "this identity" : plain(identity.text);
    return (
      `Give the name that you asked a registry for as the identity: ${name} has none that a signature could be for, ` +
      "unless the policy names it with signedIdentity (containers-policy.json(5))."
    );
  },
  "no-tag": (_, named) =>
    withoutTag(
      named.requirement?.type === "sigstoreSigned"
        ? "cosign signs so, unless it is told otherwise: the digest, and the repository without a tag."
        : "The signature names the repository without a tag, and the policy asks for one.",
      named,
    ),
  "by-digest": (_, named) => withoutTag("It was signed by digest, and the policy asks for the tag.", named),
  "other-tag": ({ signedTag }, named) => {
    const check = `You may have been given another version than you asked for: check whether you want ${quote(signedTag)}, and ask for that.`;
    const { remedy } = named.mismatch;
    if (remedy === undefined) return check;
    return remedy.type === "matchRepository"
      ? `${check} Only if every signed image of this repository will do, older ones too, write ${ruleText(remedy)} into the requirement.`
      : `The manifest is the one that was signed. ${inPlaceOf(named)}write ${ruleText(remedy)} into the requirement, which takes any tag for an identity with a digest.`;
  },
  "other-repository": (_, named) => elsewhere(named),
  "other-host": (_, named) => elsewhere(named),
} satisfies Words<MismatchCause, "kind", Named>;

/** The name matches, but for the tag. */
function withoutTag(how: string, named: Named): string {
  const { mismatch } = named;
  const { remedy } = mismatch;
  if (remedy === undefined) return `${how} Ask the publisher for a signature that names the tag.`;
  if (remedy.type === "exactRepository") {
    const why =
      named.requirement?.signedIdentity.type === "remapIdentity"
        ? "remapIdentity cannot help with that: it asks for a tag or digest, as the default does. Instead of it, "
        : "";
    return (
      `${how} ${why}${why === "" ? "Write" : "write"} ${ruleText(remedy)}, in a scope of its own for ${plain(ownName(named))}: ` +
      "it takes any signed image of that repository for whatever the scope is about."
    );
  }
  return `${how} Write ${ruleText(remedy)} into the requirement: it takes any signed image of this repository, older ones too.`;
}

function ownName({ identity }: Named): string {
  return identity?.dockerReference?.name ?? identity?.text ?? "this repository";
}

/** The signature is for a name elsewhere, or for our own where the policy wants one elsewhere. */
function elsewhere(named: Named): string {
  const remapped = remapText(named);
  const { remedy } = named.mismatch;
  const suspicion = remapped === "" ? otherImage : `${remapped} ${otherImage}`;
  if (remedy === undefined) return suspicion;
  switch (remedy.type) {
    case "remapIdentity":
      return (
        `${suspicion} Only if you know that ${plain(remedy.prefix)} is a mirror of ${plain(remedy.signedPrefix)}, ` +
        `write ${ruleText(remedy)} into the requirement.`
      );
    case "exactRepository":
      return (
        `${suspicion} Only if you know that it comes from a mirror, write ${ruleText(remedy)}, in a scope of its own ` +
        `for ${plain(ownName(named))}; remapIdentity cannot help, as the name that was signed has no tag.`
      );
    default:
      return (
        "The signature is for the name that you asked for, and the policy asks for another. " +
        `${inPlaceOf(named)}write ${ruleText(remedy)} into the requirement.`
      );
  }
}

/** Why remapIdentity did not lead to the name that was signed. */
function remapText({ requirement, identity, mismatch }: Named): string {
  const rule = requirement?.signedIdentity;
  if (rule?.type !== "remapIdentity") return "";
  const name = identity?.dockerReference?.name ?? "";
  switch (mismatch.remap) {
    case "not-applied":
      return (
        `remapIdentity changes nothing here: ${plain(name)} does not begin with its prefix ${plain(rule.prefix)} ` +
        "(whole parts between slashes count, and the full name, such as docker.io/library/busybox)."
      );
    case "impossible":
      return (
        `remapIdentity makes no reference of ${plain(name)}: with ${plain(rule.signedPrefix)} in place of ` +
        `${plain(rule.prefix)}, no signature can be for it.`
      );
    default:
      return "";
  }
}

function inPlaceOf({ requirement }: Named): string {
  const rule = requirement?.signedIdentity;
  return rule === undefined || rule.type === "matchRepoDigestOrExact" ? "To take it, " : `Instead of ${rule.type}, `;
}

/** As it stands in a policy. Names in it are references, which have neither blanks nor quotation marks. */
function ruleText(rule: SignedIdentity): string {
  const fields: readonly (readonly [string, string])[] = [["type", rule.type], ...ruleFields(rule)];
  return `"signedIdentity": {${fields.map(([key, value]) => `"${key}": "${value}"`).join(", ")}}`;
}

function ruleFields(rule: SignedIdentity): readonly (readonly [string, string])[] {
  switch (rule.type) {
    case "exactReference":
      return [["dockerReference", referenceText(rule.dockerReference)]];
    case "exactRepository":
      return [["dockerRepository", rule.dockerRepository.name]];
    case "remapIdentity":
      return [
        ["prefix", rule.prefix],
        ["signedPrefix", rule.signedPrefix],
      ];
    case "matchExact":
    case "matchRepoDigestOrExact":
    case "matchRepository":
      return [];
    default:
      return assertNever(rule);
  }
}
