import { digestText } from "../encoding/digest.ts";
import type { Identity } from "../identity/identity.ts";
import type { ManifestFacts } from "../image/manifest.ts";
import type { SignatureRejection } from "../judge/signature-outcome.ts";
import type {
  ErrorProblem,
  ErrorVerdict,
  InvalidPolicy,
  RejectedVerdict,
  RejectionProblem,
  RequirementOutcome,
  SignatureOutcome,
} from "../judge/verdict.ts";
import { differenceHint, keyFileHint, strongerHash, strongerKey } from "./back-end-words.ts";
import { countText } from "./format.ts";
import { plain } from "./quote.ts";
import { trustText } from "./requirement-words.ts";
import { say, type Words } from "./words.ts";

/** What a hint may speak of. */
interface Situation {
  readonly policyPath: string | undefined;
  readonly identity: Identity | undefined;
  readonly manifest: ManifestFacts | undefined;
  /** The requirement that failed, if one did. */
  readonly failed: RequirementOutcome | undefined;
  /** Another requirement has its signature already; the failed one is a second check. */
  readonly isOneMet: boolean;
  /** The command line named the keys: a file, or the user's GnuPG keyring. */
  readonly isByArguments: boolean;
}

type Hints<P extends { readonly code: string }> = Words<P, "code", Situation, string | undefined>;

/** What to check or do next, as sentences; `undefined` where nothing is obvious. */
export function hintText(verdict: RejectedVerdict | ErrorVerdict): string | undefined {
  const situation: Situation = {
    policyPath: verdict.policy.path,
    identity: verdict.identity,
    manifest: verdict.manifest,
    failed: verdict.requirements.find((outcome) => outcome.problem !== undefined),
    isOneMet: verdict.requirements.some(
      ({ problem, signatures }) => problem === undefined && signatures.some(({ accepted }) => accepted),
    ),
    isByArguments: verdict.policy.scope?.kind === "arguments",
  };
  if (verdict.outcome === "rejected") return say(rejectionHints, "code", verdict.problem, situation);
  if ("problems" in verdict.problem) return "Correct the policy; containers-policy.json(5) describes it.";
  return say(errorHints, "code", verdict.problem, situation);
}

const fromElsewhere = "If it stays so, do not install it, and ask whoever published the image.";

const rejectionHints = {
  "requirement.identity.digest-mismatch": () =>
    "Download the image again by that digest, or give the digest of the image that you have.",
  "requirement.reject": (_, { policyPath }) =>
    `If this image is to be allowed, add a scope for it to ${policyText(policyPath)}, with a requirement that checks its signatures.`,
  "requirement.unsupported": (_, { policyPath }) =>
    `Replace the requirement in ${policyText(policyPath)} by signedBy or sigstoreSigned.`,
  "requirement.signature.missing": ({ others }, { failed, isOneMet }) => {
    if (isOneMet) return secondSignature(failed);
    return others > 0
      ? "Ask the publisher which kind of signature the image has, and have the policy ask for that one."
      : "If the image is signed, download it again with its signatures: they come along only from where registries.d says " +
          "that they are (lookaside, or use-sigstore-attachments; see containers-registries.d(5)). They are the files " +
          "signature-1, signature-2, … without a gap.";
  },
  "requirement.signature.not-accepted": (_, situation) => hintForSignatures(situation),
  "requirement.signed.missing": (_, { policyPath }) =>
    `Add a scope with signedBy or sigstoreSigned for this image to ${policyText(policyPath)}.`,
} satisfies Hints<RejectionProblem>;

/** The hint for the signature that came closest: one whose maker is known, then the last that has one. */
function hintForSignatures(situation: Situation): string | undefined {
  const rejected = (situation.failed?.signatures ?? []).filter(isRejected);
  const closest = rejected.findLast((outcome) => outcome.signer !== undefined) ?? rejected.findLast(hasHint);
  if (closest === undefined) return undefined;
  const hint: string | undefined = say(signatureHints, "code", closest.rejection, situation);
  return differenceHint(closest, hint ?? "") ?? hint;

  function hasHint(outcome: Extract<SignatureOutcome, { accepted: false }>): boolean {
    return say(signatureHints, "code", outcome.rejection, situation) !== undefined;
  }
}

function isRejected(outcome: SignatureOutcome): outcome is Extract<SignatureOutcome, { accepted: false }> {
  return !outcome.accepted;
}

const downloadAgain = (): string => `Download the image and its signatures again. ${fromElsewhere}`;
const newSignature = (): string => "Ask the publisher for a new signature.";
const logProblem = (): string =>
  "Check that the policy has the public key of the Rekor log that the publisher uses, and download the signatures again.";

const signatureHints = {
  "signature.format.other": () => undefined,
  "signature.mime-type.other": () => undefined,
  "signature.key.unknown": (_, { failed, isOneMet }) =>
    isOneMet
      ? secondSignature(failed)
      : "Ask the publisher for the fingerprint of the key that signs this image. Only if a key has that fingerprint, add it to " +
        `${keysText(failed)}; otherwise do not install the image.`,
  "signature.key.not-listed": ({ fingerprint, isSubkeyListed }) =>
    isSubkeyListed
      ? `Give the fingerprint of the primary key, ${plain(fingerprint)}: that of its subkey is not enough for every back end.`
      : `Check with the publisher which key signs this image. If it is this one, give its fingerprint, ${plain(fingerprint)}.`,
  "signature.key.expired": (_, { failed }) =>
    `Get the publisher's current key, on which the expiry may have been moved, and put it into ${keysText(failed)}.`,
  "signature.key.revoked": () => "Do not install the image. Ask the publisher for one signed by a key that is in use.",
  "signature.key.unusable": (_, { failed }) => `Get the publisher's current key, and put it into ${keysText(failed)}.`,
  "signature.hash.weak": () => strongerHash,
  "signature.key.weak": (_, { failed }) => strongerKey(keysText(failed)),
  "signature.expired": newSignature,
  "signature.time.future": () => "Check the clock of this machine.",
  "signature.time.before-key": newSignature,
  "signature.openpgp.malformed": downloadAgain,
  "signature.openpgp.unsupported": newSignature,
  "signature.openpgp.not-signed": newSignature,
  "signature.openpgp.several": newSignature,
  "signature.openpgp.trailing-data": downloadAgain,
  "signature.too-costly": () =>
    `Take away the signatures that are not needed, or download the image and its signatures again. ${fromElsewhere}`,
  "signature.invalid": () =>
    `Download the image and its signatures again, and check with the publisher which key or certificate signs them. ${fromElsewhere}`,
  "signature.payload.malformed": newSignature,
  "signature.digest.mismatch": (_, { manifest }) =>
    manifest?.mediaType === ""
      ? `Download the image again: this one${manifestText(manifest)} is not a manifest of a known kind.`
      : `Download the image again: this one${manifestText(manifest)} is not the manifest that was signed. For a ` +
        "multi-architecture image, check whether the list or the image for this architecture was signed.",
  "signature.identity.mismatch": (_, { identity, isByArguments }) => {
    if (identity !== undefined && identity.dockerReference === undefined) {
      return (
        `Give the name that you asked a registry for as the identity: ${plain(identity.text)} has none that a signature ` +
        "could be for, unless the policy names it with signedIdentity (containers-policy.json(5))."
      );
    }
    const suspicion =
      "You may have been given another image than you asked for. Check the name that you asked for, and download it again.";
    return isByArguments
      ? suspicion
      : `${suspicion} Only if you know that it comes from a mirror, let the policy allow that with signedIdentity (containers-policy.json(5)).`;
  },
  "signature.annotation.missing": () =>
    "Download the signatures again. If that part was never made, ask the publisher for a signature that has it.",
  "signature.base64.malformed": downloadAgain,
  "signature.rekor.malformed": downloadAgain,
  "signature.rekor.unsupported": newSignature,
  "signature.rekor.untrusted": logProblem,
  "signature.rekor.mismatch": downloadAgain,
  "signature.certificate.malformed": downloadAgain,
  "signature.certificate.expired": (_, { failed }) =>
    isFulcio(failed)
      ? "Ask the publisher for a new signature: the certificate must be valid at the time when Rekor logged it."
      : "Check the clock of this machine, or ask the publisher for a new signature: with pki, certificates must be valid now.",
  "signature.certificate.untrusted": () => "Check with the publisher which CA issues the certificates for this image.",
  "signature.certificate.constraint": newSignature,
  "signature.certificate.issuer": () => signerCheck,
  "signature.certificate.email": () => signerCheck,
  "signature.certificate.hostname": () => signerCheck,
} satisfies Hints<SignatureRejection>;

const signerCheck = "Check with the publisher who signs this image; do not install it if this signer is not the one.";

/** Not "add the key that made this one": that could be the key which met the other requirement, and the check would be gone. */
function secondSignature(failed: RequirementOutcome | undefined): string {
  return (
    "Another signature is required besides the one that was accepted: ask whoever should make it " +
    `(the policy's keys for it: ${keysText(failed)}).`
  );
}

function manifestText(manifest: ManifestFacts | undefined): string {
  if (manifest === undefined) return "";
  return `, ${digestText(manifest.digest)} (${countText(manifest.sizeBytes, "byte")}),`;
}

const checkTheImage = "Download the image again.";

const errorHints = {
  "policy.missing": () => "Write one, or name a policy with --policy FILE.",
  "policy.unreadable": () => "Check the path and its permissions, or name another policy with --policy FILE.",
  "policy.too-large": () => "Name the right file with --policy FILE.",
  "policy.trust.unreadable": ({ source }, { isByArguments }) => {
    if (isByArguments) return "Name a file that holds the publisher's OpenPGP public keys with --public-key-file.";
    if (source.startsWith("~")) return "Write an absolute path in the policy: ~ is not expanded there.";
    return source.startsWith("/")
      ? "Put the file where the policy says it is, readable, or correct the path in the policy."
      : "Write an absolute path in the policy: a relative one begins at the directory that the program was started in.";
  },
  "policy.trust.too-large": () => "Check that the policy names the right file.",
  "policy.trust.invalid": ({ builds }) =>
    keyFileHint(builds) ??
    "Put a key or certificate of the kind that the requirement needs there. A single bad one stops the requirement, even beside good ones.",
  "policy.trust.empty": ({ builds }, { isByArguments }) => {
    const hint = keyFileHint(builds);
    if (hint !== undefined) return hint;
    return isByArguments
      ? "Import the publisher's OpenPGP public keys with `gpg --import`, or name a file that holds them with --public-key-file."
      : "Put the publisher's OpenPGP public keys there, as `gpg --export` gives them.";
  },
  "policy.trust.too-costly": () =>
    "Check that the policy names the right file; if it does, export only the keys that are needed: `gpg --export FINGERPRINT`.",
  "policy.trust.unsupported": () => "Write GPGKeys as the keyType.",
  "image.source.unreadable": () =>
    "Check the path and its permissions. It is a directory such as `skopeo copy … dir:DIR` makes.",
  "image.version.unsupported": () => "Download the image again, into a new directory.",
  "image.manifest.missing": () =>
    "Name the directory that holds manifest.json, such as `skopeo copy … dir:DIR` makes it. An OCI layout has to be copied " +
    "into one first: `skopeo copy oci:PATH dir:DIR`.",
  "image.manifest.too-large": (problem) =>
    "maxValues" in problem
      ? "Check that this is the manifest of an image: none that is in use holds that many."
      : "Check that this is the manifest of an image, and download it again: containers/image takes none that large.",
  "image.manifest.malformed": () => checkTheImage,
  "image.manifest.ambiguous": () =>
    "Do not use this manifest: it may be made to deceive. Download the image again, from its publisher.",
  "image.file.unreadable": () => "Check the permissions of the file.",
  "image.file.symlink": () => "Put the file itself there.",
  "image.file.special": () => "Put the file itself there.",
  "image.signature.too-large": () => "Remove the file if it is no signature.",
  "image.signature.too-many": () => "Keep the signatures that matter, numbered from signature-1 without a gap.",
  "image.signature.empty": () => brokenSignature,
  "image.signature.format": ({ isArmoured }) =>
    isArmoured === true
      ? "Convert it with `gpg --dearmor`. Clear-signed texts and detached signatures are not supported."
      : brokenSignature,
  "image.signature.malformed": () => brokenSignature,
  "identity.empty": () =>
    "Give the name that the image was obtained as, such as --identity registry.example.com/repository:tag.",
  "identity.transport.unknown": ({ transport, text }) => {
    if (text.trim() !== text) return removeBlanks;
    return text.startsWith(`${transport}://`)
      ? `For an image from a registry, write docker:// instead of ${plain(`${transport}://`)}.`
      : "For an image from a registry, write docker:// in front of its name.";
  },
  "identity.reference.invalid": ({ transport, reference, flaw }) => {
    const name = reference.replace(/^\/\//, "");
    if (name.trim() !== name) return removeBlanks;
    if (transport === "docker" && flaw.flaw === "slashes-missing") return "Write docker:// in front of the name.";
    return flaw.flaw === "tag-and-digest" ? "Leave out the tag: the digest alone says which image it is." : undefined;
  },
  "identity.path.unresolvable": () => undefined,
  "usage.source.registry": ({ source }) =>
    `Download it with \`skopeo copy ${argument(source)} dir:DIR\`, verify DIR with --identity ${argument(source)}, and install from DIR.`,
  "usage.source.unsupported": ({ source }) =>
    `Copy it with \`skopeo copy ${argument(source)} dir:DIR\`, and verify DIR.`,
  "usage.request.malformed": ({ isInput }) =>
    isInput === true
      ? "Give a file or a pipe with one request a line."
      : 'Write a JSON object on one line, such as {"identity": "registry.example.com/repository:tag", "source": "DIR"}; ' +
        "sealcheck(1) lists the fields.",
  "internal.error": () => "Please report it, with the command and the files that lead to it.",
} satisfies Hints<Exclude<ErrorProblem, InvalidPolicy>>;

const removeBlanks = "Remove the blank or line end before or after it.";

const brokenSignature =
  "Download the signatures again. One broken signature stops the evaluation, even beside good ones, as in containers/image.";

/** Foreign text in a command that people may paste into a shell: only as it is, or not at all. */
function argument(source: string): string {
  return plain(source) === source ? source : "SOURCE";
}

function policyText(path: string | undefined): string {
  return path === undefined ? "the policy" : plain(path);
}

function isFulcio(outcome: RequirementOutcome | undefined): boolean {
  return outcome?.requirement.type === "sigstoreSigned" && outcome.requirement.trust.kind === "fulcio";
}

function keysText(outcome: RequirementOutcome | undefined): string {
  const requirement = outcome?.requirement;
  if (requirement?.type === "signedBy") return trustText(requirement.keys);
  if (requirement?.type === "sigstoreSigned" && requirement.trust.kind === "keys")
    return trustText(requirement.trust.keys);
  return "the policy's keys";
}
