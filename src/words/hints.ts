import { type Digest, digestText } from "../encoding/digest.ts";
import type { Identity } from "../identity/identity.ts";
import type { SignatureOrigin, UnreadSignature } from "../image/image.ts";
import { isIndexType } from "../image/index-instances.ts";
import type { ManifestFacts } from "../image/manifest.ts";
import type { Requirement, SignedBy, SigstoreSigned, TrustSource } from "../policy/policy.ts";
import type { KeyInFile, SignatureRejection } from "../verdict/signature-outcome.ts";
import type { TrustProblem } from "../verdict/trust-problem.ts";
import type {
  ErrorProblem,
  ErrorVerdict,
  InvalidPolicy,
  RejectedVerdict,
  RejectionProblem,
  RequirementOutcome,
  SignatureOutcome,
} from "../verdict/verdict.ts";
import { differenceHint, strongerHash, strongerKey } from "./back-end-words.ts";
import { countText } from "./format.ts";
import { isPath, schemeOf } from "./identity-words.ts";
import { checkCommand, explainCommand } from "./lookup-words.ts";
import { mismatchHint } from "./mismatch-words.ts";
import { mistakenHint, olderForm } from "./mistaken-words.ts";
import { plain } from "./quote.ts";
import { trustText } from "./requirement-words.ts";
import { splitKeyFile, trustAdvice, trustChoice } from "./trust-words.ts";
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
  /** Requirements of the same scope that come after it. */
  readonly unjudged: readonly Requirement[];
  /** The policy has scopes that were probably meant for the image. */
  readonly hasMissedScopes: boolean;
  /** The command line named the keys: a file, or the user's GnuPG keyring. */
  readonly isByArguments: boolean;
  /** Of the source, if there is one. */
  readonly transport: string | undefined;
  readonly signaturesFrom: SignatureOrigin | undefined;
  /** One of the images of an index. */
  readonly isInIndex: boolean;
}

type Hints<P extends { readonly code: string }> = Words<P, "code", Situation, string | undefined>;

/** What to check or do next, and a command that shows more; `undefined` where nothing is obvious. */
export interface Advice {
  /** Sentences. */
  readonly hint: string | undefined;
  readonly command: string | undefined;
}

export function adviceFor(verdict: RejectedVerdict | ErrorVerdict): Advice {
  const situation = situationOf(verdict);
  if (verdict.outcome === "rejected") {
    const { unreadSignature, problem } = verdict;
    return {
      hint: unreadSignature === undefined ? say(rejectionHints, "code", problem, situation) : renumber(unreadSignature),
      command: isMendedByPolicy(verdict, situation) ? explainCommand(verdict) : undefined,
    };
  }
  const { problem } = verdict;
  if ("problems" in problem) {
    return { hint: "Correct the policy; containers-policy.json(5) describes it.", command: checkCommand(verdict) };
  }
  const command = problem.code.startsWith("policy.trust.") ? explainCommand(verdict) : undefined;
  return { hint: say(errorHints, "code", problem, situation), command };
}

function situationOf(verdict: RejectedVerdict | ErrorVerdict): Situation {
  return {
    policyPath: verdict.policy.path,
    identity: verdict.identity,
    manifest: verdict.manifest,
    failed: verdict.requirements.find((outcome) => outcome.problem !== undefined),
    isOneMet: verdict.requirements.some(
      ({ problem, signatures }) => problem === undefined && signatures.some(({ accepted }) => accepted),
    ),
    unjudged: verdict.outcome === "rejected" ? verdict.unjudged : [],
    hasMissedScopes: verdict.outcome === "rejected" && verdict.missedScopes.length > 0,
    isByArguments: verdict.policy.scope?.kind === "arguments",
    isInIndex: verdict.selection !== undefined,
    transport: verdict.transport,
    signaturesFrom: verdict.signaturesFrom,
  };
}

/** Whether another policy could accept the image: not if the image, or what was made of it, is at fault. */
function isMendedByPolicy({ problem }: RejectedVerdict, situation: Situation): boolean {
  if (problem.code === "requirement.identity.digest-mismatch") return false;
  if (problem.code !== "requirement.signature.not-accepted") return true;
  const rejection = closestOf(situation)?.rejection;
  if (rejection === undefined) return true;
  if (rejection.code === "signature.identity.mismatch") return rejection.mismatch.cause.kind !== "no-reference";
  return mendable.has(rejection.code);
}

const mendable: ReadonlySet<SignatureRejection["code"]> = new Set([
  "signature.format.other",
  "signature.mime-type.other",
  "signature.key.unknown",
  "signature.key.expired",
  "signature.key.unusable",
  "signature.invalid",
  "signature.annotation.missing",
  "signature.rekor.untrusted",
  "signature.certificate.untrusted",
  "signature.certificate.issuer",
  "signature.certificate.email",
  "signature.certificate.hostname",
]);

function renumber({ name, missing }: UnreadSignature): string {
  return `Rename ${name} to ${missing}, and what comes after it likewise, or download the signatures again: one may be missing.`;
}

const fromElsewhere = "If it stays so, do not install it, and ask whoever published the image.";

const rejectionHints = {
  "requirement.identity.digest-mismatch": ({ expected, actual, isInstance }, { identity, manifest }) =>
    digestHint({ expected, actual, isInstance, name: identity?.dockerReference?.name, manifest }),
  "requirement.reject": (_, { policyPath, hasMissedScopes }) =>
    hasMissedScopes
      ? correctThat(policyPath)
      : `If this image is to be allowed, add a scope for it to ${policyText(policyPath)}, with a requirement that checks its signatures.`,
  "requirement.unsupported": (_, { policyPath }) =>
    `Replace the requirement in ${policyText(policyPath)} by signedBy or sigstoreSigned.`,
  "requirement.signature.missing": (
    { others, instances },
    { failed, isOneMet, isInIndex, transport, signaturesFrom },
  ) => {
    if (isOneMet) return secondSignature(failed);
    if (instances?.found !== undefined && instances.found.signed > 0) return oneArchitecture;
    if (others > 0) {
      return "Ask the publisher which kind of signature the image has, and have the policy ask for that one.";
    }
    const bundles = failed?.requirement.type === "sigstoreSigned" ? ` ${noBundles}` : "";
    const ofIndex = isInIndex && signaturesFrom?.kind === "registry" ? ` ${eachInIndex}` : "";
    return `${whereSignatures(transport, signaturesFrom)}${ofIndex}${bundles}`;
  },
  "requirement.signature.not-accepted": (_, situation) => hintForSignatures(situation),
  "requirement.signed.missing": (_, { policyPath, hasMissedScopes }) =>
    hasMissedScopes
      ? correctThat(policyPath)
      : `Add a scope with signedBy or sigstoreSigned for this image to ${policyText(policyPath)}.`,
} satisfies Hints<RejectionProblem>;

function correctThat(policyPath: string | undefined): string {
  return `If it was meant for this image, correct that in ${policyText(policyPath)}.`;
}

/** image/v5: copy/single.go copySingleImage asks the policy about the image that was chosen, and nothing about the index. */
const oneArchitecture =
  "What is judged is the index, while a pull by podman or skopeo judges the image of one architecture: --platform=host judges " +
  "the one for this machine too, and --platform=all every one that the index lists.";

/** The same for a registry, where both are at hand. */
const eachInIndex =
  "Each image of an index needs a signature of its own, as podman and skopeo do not look at that of the index when they copy " +
  "(`cosign sign --recursive` makes them all).";

function whereSignatures(transport: string | undefined, origin: SignatureOrigin | undefined): string {
  if (origin?.kind === "registry") {
    const { repository, useAttachments } = origin;
    return useAttachments
      ? `If the image is signed, check whether its signatures were copied to ${plain(repository)} as well: with the files of the lookaside, or the tag sha256-….sig that cosign makes.`
      : `If the image is signed, say in registries.d where: use-sigstore-attachments: true if they are beside the image, as cosign puts them; lookaside for files. It goes by ${plain(repository)}, which is what is asked, and not by what the policy calls it (containers-registries.d(5)).`;
  }
  if (origin?.kind === "files" && origin.hasAttachments === true) {
    return "The layout has signatures that cosign attached to this image: --layout-signatures takes them.";
  }
  if (origin?.kind === "attachment") {
    return "Nothing in this layout is attached to this manifest: copy the image again with what cosign attached to it (`cosign save`).";
  }
  if (origin?.kind === "directory" && transport !== undefined) {
    return `There is no signature-1 in ${plain(origin.path)}: name the directory that has the files signature-1, signature-2, ….`;
  }
  if (transport === "oci" || transport === "oci-archive" || transport === "docker-archive") return withoutSignatures;
  if (transport === "containers-storage") {
    return (
      "podman keeps the signatures that it finds when it pulls: pull the image again once registries.d says where they are " +
      "(lookaside, or use-sigstore-attachments; see containers-registries.d(5))."
    );
  }
  return withSignatures;
}

const withSignatures =
  "If the image is signed, download it again with its signatures: they come along only from where registries.d says " +
  "that they are (lookaside, or use-sigstore-attachments; see containers-registries.d(5)). They are the files " +
  "signature-1, signature-2, … without a gap.";

const noBundles =
  "The bundles that cosign 3 makes never come along, as containers/image does not read them: the publisher has to sign in the " +
  `older form, with ${olderForm}.`;

/** The identity has a digest that is not the manifest's. Which of several mistakes it was, only the index could tell. */
function digestHint({
  expected,
  actual,
  isInstance,
  name,
  manifest,
}: {
  readonly expected: Digest;
  readonly actual: Digest;
  readonly isInstance: boolean;
  readonly name: string | undefined;
  readonly manifest: ManifestFacts | undefined;
}): string {
  if (isInstance) {
    return (
      "The source has all architectures, and what is judged is the index. Have that image judged with --platform, or give the " +
      `digest of the index, ${digestText(actual)}.`
    );
  }
  const again = "Otherwise you have been given another image: download it again by that digest.";
  if (manifest !== undefined && isIndexType(manifest.mediaType)) {
    return `This is the index of a multi-architecture image, and does not list that digest. ${again}`;
  }
  return (
    "The digest may be that of a multi-architecture index (list), of which skopeo took the image for one architecture, which has a " +
    `digest of its own. If \`skopeo inspect --raw docker://${name === undefined ? "NAME" : plain(name)}@${digestText(expected)}\` ` +
    `lists ${digestText(actual)}, give that one with --identity. ${again}`
  );
}

/** The hint for the signature that came closest: one whose maker is known, then the last that has one. */
function hintForSignatures(situation: Situation): string | undefined {
  const closest = closestOf(situation);
  if (closest === undefined) return undefined;
  const hint: string | undefined = say(signatureHints, "code", closest.rejection, situation);
  return differenceHint(closest, hint ?? "") ?? hint;
}

/** The signature that the advice is about; `undefined` if it is about none. */
export function closestRejection(verdict: RejectedVerdict): RejectedSignature | undefined {
  const situation = situationOf(verdict);
  return closestOf(situation) ?? situation.failed?.signatures.filter(isRejected).at(-1);
}

type RejectedSignature = Extract<SignatureOutcome, { accepted: false }>;

function closestOf(situation: Situation): RejectedSignature | undefined {
  const rejected = (situation.failed?.signatures ?? []).filter(isRejected);
  return rejected.findLast((outcome) => outcome.signer !== undefined) ?? rejected.findLast(hasHint);

  function hasHint(outcome: RejectedSignature): boolean {
    return say(signatureHints, "code", outcome.rejection, situation) !== undefined;
  }
}

function isRejected(outcome: SignatureOutcome): outcome is RejectedSignature {
  return !outcome.accepted;
}

const downloadAgain = (): string => `Download the image and its signatures again. ${fromElsewhere}`;
const newSignature = (): string => "Ask the publisher for a new signature.";
const wholeMessage =
  "Ask the publisher for a signed message as `skopeo standalone-sign` or `gpg --sign` makes it today: " +
  "signature and content in one, which every build takes.";
const logProblem = (): string =>
  "Check that the policy has the public key of the Rekor log that the publisher uses, and download the signatures again.";

const signatureHints = {
  "signature.format.other": () => undefined,
  "signature.mime-type.other": ({ untrustedMimeType }) =>
    untrustedMimeType.startsWith("application/vnd.dev.sigstore.bundle") ? noBundles : undefined,
  "signature.key.unknown": ({ inFile }, situation) => {
    const { failed, isOneMet } = situation;
    if (isOneMet) return secondSignature(failed);
    if (inFile !== undefined) return keyInFileHint(inFile);
    return (
      "Ask the publisher for the fingerprint of the key that signs this image. Only if a key has that fingerprint, add it to " +
      `${keysText(failed)}; otherwise do not install the image.${allMustBeMet(situation)}`
    );
  },
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
  "signature.openpgp.malformed": ({ form, mistaken }) => {
    if (mistaken !== undefined) return mistakenHint(mistaken);
    return form === undefined ? downloadAgain() : wholeMessage;
  },
  "signature.openpgp.unsupported": newSignature,
  "signature.openpgp.not-signed": ({ form }) => (form === undefined ? newSignature() : wholeMessage),
  "signature.openpgp.several": newSignature,
  "signature.openpgp.trailing-data": downloadAgain,
  "signature.too-costly": () =>
    `Take away the signatures that are not needed, or download the image and its signatures again. ${fromElsewhere}`,
  "signature.invalid": (_, situation) =>
    `Download the image and its signatures again, and check with the publisher which key or certificate signs them. ${fromElsewhere}${allMustBeMet(situation)}`,
  "signature.payload.malformed": newSignature,
  "signature.digest.algorithm": () =>
    "Ask the publisher for a signature of the manifest's SHA-256 digest: containers/image compares no other.",
  "signature.digest.mismatch": (_, { manifest, transport }) => {
    if (transport === "docker-archive") {
      return "A Docker archive has no manifest; the one that is made of it is hardly ever the one that was signed. Verify a copy that has that: `skopeo copy docker://NAME dir:DIR`.";
    }
    return manifest?.mediaType === ""
      ? `Download the image again: this one${manifestText(manifest)} is not a manifest of a known kind.`
      : `Download the image again: this one${manifestText(manifest)} is not the manifest that was signed. For a ` +
          "multi-architecture image, check whether the list or the image for this architecture was signed.";
  },
  "signature.identity.mismatch": (rejection, { identity, failed, isByArguments }) =>
    mismatchHint(rejection, { identity, requirement: verifying(failed), isByArguments }),
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
  "signature.certificate.issuer": ({ isForUri }) => (isForUri ? uriSubject : signerCheck),
  "signature.certificate.email": ({ found, uris, requiresUri }) =>
    requiresUri || (found.length === 0 && uris.length > 0) ? uriSubject : signerCheck,
  "signature.certificate.hostname": () => signerCheck,
} satisfies Hints<SignatureRejection>;

const signerCheck = "Check with the publisher who signs this image; do not install it if this signer is not the one.";

/** Two keys in two requirements look like a choice, and are none. */
function allMustBeMet({ failed, unjudged }: Situation): string {
  const isAlike = failed !== undefined && unjudged.some(({ type }) => type === failed.requirement.type);
  return isAlike
    ? " Mind that each of the requirements must be met: if a signature by one of several keys is to be enough, the keys belong " +
        "into one requirement, with keyPaths."
    : "";
}

const uriSubject =
  "containers/image compares subjectEmail with the email addresses of a certificate only. One for a URI, such as that of a " +
  "CI workflow, never matches. Ask the publisher to sign with a key as well, and have the policy ask for that, with keyPath.";

/** Not "add the key that made this one": that could be the key which met the other requirement, and the check would be gone. */
function secondSignature(failed: RequirementOutcome | undefined): string {
  return (
    "Another signature is required besides the one that was accepted: ask whoever should make it " +
    `(the policy's keys for it: ${keysText(failed)}).`
  );
}

function manifestText(manifest: ManifestFacts | undefined): string {
  if (manifest === undefined) return "";
  const { digest, sizeBytes } = manifest;
  return sizeBytes === undefined
    ? `, ${digestText(digest)},`
    : `, ${digestText(digest)} (${countText(sizeBytes, "byte")}),`;
}

const checkTheImage = "Download the image again.";

const errorHints = {
  "policy.missing": () => "Write one, or name a policy with --policy FILE.",
  "policy.unreadable": () => "Check the path and its permissions, or name another policy with --policy FILE.",
  "policy.too-large": () => "Name the right file with --policy FILE.",
  "policy.trust.unreadable": (problem, situation) =>
    situation.isByArguments
      ? "Name a file that holds the publisher's OpenPGP public keys with --public-key-file."
      : trustHint(problem, situation),
  "policy.trust.too-large": trustHint,
  "policy.trust.invalid": trustHint,
  "policy.trust.empty": (problem, situation) =>
    situation.isByArguments && trustChoice(problem) === undefined
      ? "Import the publisher's OpenPGP public keys with `gpg --import`, or name a file that holds them with --public-key-file."
      : trustHint(problem, situation),
  "policy.trust.too-costly": trustHint,
  "policy.trust.unsupported": trustHint,
  "image.source.unreadable": ({ path, isForSignatures }, { transport }) =>
    isForSignatures === true ? "Name the directory with --load-signatures-from." : sourceHint(path, transport),
  "image.source.malformed": (problem, { transport }) => {
    if ("found" in problem) {
      if (problem.found !== undefined) return `Write ${problem.found}: in front of its path.`;
      return transport === "oci"
        ? "Name the directory that has index.json and oci-layout."
        : "Check that it is whole, and an archive of this kind: compare its size with the publisher's.";
    }
    return transport === "containers-storage" ? `Correct that file. ${otherStorage}` : checkTheImage;
  },
  "image.source.not-found": () => "Name one of those that are there, or download the image again.",
  "image.source.ambiguous": ({ count, hasAttachments }, { transport }) => {
    if (count === 0) return checkTheImage;
    if (hasAttachments === true)
      return "Some of these are no images, but signatures of one: --layout-signatures tells them apart.";
    if (transport === "containers-storage")
      return "Put the name, or the ID behind @, at the end of SOURCE; or have all judged with --all-images.";
    return transport === "oci-archive"
      ? "Put the name of one behind the path, after a colon."
      : "Put the name of one behind the path, after a colon, or its place, such as :@0.";
  },
  "image.source.changed": ({ missing }) =>
    missing === undefined
      ? "Try again once nothing pulls or removes images."
      : "Try again once nothing pulls or removes images. If it stays so, the storage is damaged: pull the image again, or see `podman system check`.",
  "image.archive.malformed": (problem) =>
    "compression" in problem
      ? `Unpack it first, with \`${problem.compression === "xz" ? "xz" : "bzip2"} -d\`, and verify what comes of it.`
      : "Check that it is an archive of this kind, and whole: compare its size with the publisher's, and download it again.",
  "image.archive.member": ({ flaw }, { transport }) =>
    flaw === "link" && transport === "oci-archive"
      ? "If `docker save` or podman made it, it is a Docker archive: write docker-archive: in front of its path. Otherwise do not use it: it may be made to deceive."
      : "Do not use this archive: it may be made to deceive. Get it again, from its publisher.",
  "image.archive.too-large": () =>
    "Check that this is the archive of an image. If it is, unpack it (`gunzip`, `zstd -d`), and verify the tar archive.",
  "image.manifest.digest-mismatch": () => checkTheImage,
  "image.instance.missing": () =>
    "Download the image again, for all its platforms (`skopeo copy --all`), or name the platform that is there with --platform.",
  "image.platform.missing": () => "Name one of these with --platform, or ask the publisher for an image for this one.",
  "image.blob.missing": (_, { transport }) =>
    transport === "containers-storage"
      ? "podman keeps layers unpacked, which cannot be compared: --blobs=present compares what can be."
      : "Download the image again: parts of it are not there.",
  "image.blob.corrupt": () => "Do not install it. Download the image again: parts of it are damaged, or were changed.",
  "image.version.unsupported": () => "Download the image again, into a new directory.",
  "image.manifest.missing": ({ layout }) =>
    layout === undefined
      ? "Name the directory that holds manifest.json, such as `skopeo copy docker://… dir:DIR` makes it."
      : "This is an OCI layout: write oci: in front of its path.",
  "image.manifest.too-large": (problem) =>
    "maxValues" in problem || "maxImages" in problem
      ? "Check that this is the manifest of an image: none that is in use holds that many."
      : "Check that this is the manifest of an image, and download it again: containers/image takes none that large.",
  "image.manifest.malformed": () => checkTheImage,
  "image.manifest.ambiguous": () =>
    "Do not use this manifest: it may be made to deceive. Download the image again, from its publisher.",
  "image.file.unreadable": ({ name }) =>
    /^sha256:[0-9a-f]{64}$/.test(name)
      ? "A digest in place of MANIFEST is taken with --system-signature-policy only."
      : "Check the path of the file, and its permissions.",
  "image.file.symlink": () => "Put the file itself there.",
  "image.file.special": () => "Put the file itself there.",
  "image.signature.too-large": () => "If it is no signature, remove the file, and number those behind it anew.",
  "image.signature.too-many": () => "Keep the signatures that matter, numbered from signature-1 without a gap.",
  "image.signature.empty": () => brokenSignature,
  "image.signature.format": ({ mistaken }) =>
    mistaken === undefined
      ? "Put the image's signatures there, or remove the file and number those behind it anew: reading ends at the first number that is missing. One file that is no signature stops the evaluation, even beside good ones, as in containers/image."
      : mistakenHint(mistaken),
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
    if (transport === "docker" && isPath(name)) return nameNotPath;
    const scheme = schemeOf(name);
    if (transport === "docker" && scheme !== undefined) return `Leave out ${plain(scheme)}: only the name is wanted.`;
    if (transport === "docker" && flaw.flaw === "slashes-missing") return "Write docker:// in front of the name.";
    return flaw.flaw === "tag-and-digest" ? "Leave out the tag: the digest alone says which image it is." : undefined;
  },
  "identity.path.unresolvable": ({ transport }) =>
    `The identity is what the image was obtained as. If that was a registry, give its name, without ${plain(transport)}:; if it was this path, the directory that it is in has to be there.`,
  "usage.source.registry": ({ source }) =>
    `Download it with \`skopeo copy ${argument(source)} dir:DIR\`, verify DIR with --identity ${argument(source)}, and install from DIR.`,
  "usage.source.unsupported": ({ transport }) =>
    transport === "atomic" ? fromRegistry : `${noPlaceForSignatures} ${fromRegistry}`,
  "usage.source.invalid": () => undefined,
  "usage.request.malformed": ({ form }) => {
    if (form === "call") return undefined;
    return form === "input"
      ? "Give a file or a pipe with one request a line."
      : 'Write a JSON object on one line, such as {"identity": "registry.example.com/repository:tag", "source": "DIR"}; ' +
          "sealcheck(1) lists the fields.";
  },
  "config.registries.invalid": () => "Correct the file; containers-registries.conf(5) describes it.",
  "config.location.invalid": () =>
    "Correct prefix and location, or the mirror, in registries.conf: what stands behind the prefix is put behind the location as it is.",
  "config.registries-d.invalid": () => "Correct the file; containers-registries.d(5) describes it.",
  "config.credentials.invalid": () =>
    "Correct the file, or log in again with `skopeo login`; containers-auth.json(5) describes it.",
  "config.certificates.invalid": () =>
    "For each client certificate NAME.cert there has to be its key NAME.key; CA certificates end in .crt. containers-certs.d(5) describes it.",
  "source.unreachable": ({ from }) => `Check the address, and whether ${plain(from)} can be reached from this machine.`,
  "source.timeout": () => "Try again; if it goes on, ask those who run it.",
  "source.tls": ({ from, reason }) =>
    reason === withoutTls
      ? "If it has no TLS on purpose, say insecure = true of it in registries.conf, or --tls-verify=false for all."
      : `Put the certificate of its authority into certs.d/${plain(from)}, as a file that ends in .crt (containers-certs.d(5)).`,
  "source.unauthorized": ({ hasCredentials, from }) =>
    hasCredentials
      ? `Log in again with \`skopeo login ${plain(from)}\`, or check what this user may read.`
      : `Log in with \`skopeo login ${plain(from)}\`, or name a file of credentials with --authfile.`,
  "source.not-found": () => "Check the name and the tag; in a mirror, whether the image was copied at all.",
  "source.throttled": () => "Log in, which often allows more requests, or ask for less at a time with --jobs.",
  "source.refused": () => "Try again; if it goes on, ask those who run it.",
  "source.malformed": ({ from }) =>
    `Check whether ${plain(from)} is a registry, or a lookaside, at all, and not a proxy in front of it.`,
  "source.blocked": () =>
    "Whoever keeps registries.conf does not want images from there: take another registry, or a mirror.",
  "internal.error": () => "Please report it, with the command and the files that lead to it.",
} satisfies Hints<Exclude<ErrorProblem, InvalidPolicy>>;

const fromRegistry =
  "Copy the image from its registry, `skopeo copy docker://NAME dir:DIR`, carry DIR as it is, and verify that.";

const noPlaceForSignatures = "This format has no place for signatures, so that a copy in it has none.";

/** containers/image: GetSignatures of oci, oci-archive, docker-archive, docker-daemon, sif and tarball gives none. */
const withoutSignatures =
  `${noPlaceForSignatures} ${fromRegistry} If they were kept elsewhere, name the ` +
  "directory that has them with --load-signatures-from=DIR.";

const otherStorage =
  "Or name the storage with its driver: containers-storage:[DRIVER@ROOT]NAME; podman info shows both.";

/** What cannot be opened may be of another kind, or no path at all. */
function sourceHint(path: string, transport: string | undefined): string {
  const check = "Check the path and its permissions";
  switch (transport) {
    case "containers-storage":
      if (path.includes("/storage."))
        return `${check}, and HOME: it is that of the user who runs this. ${otherStorage}`;
      return `${check}: ROOT is the graphRoot that podman info shows, DRIVER its graphDriverName. Those of root are not those of other users.`;
    case "oci":
      return `${check}: oci: takes a directory. A tar file of a layout is oci-archive:.`;
    case "oci-archive":
    case "docker-archive":
      return `${check}: ${transport}: takes a file.`;
    default:
      break;
  }
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(path)) {
    return "Before the colon is no kind of source, so that this is a path. Kinds are dir:, oci:, oci-archive:, docker-archive: and containers-storage:.";
  }
  return isPath(path) || !/^[a-z0-9.-]+\.[a-z]+\//.test(path)
    ? `${check}: it has to be a directory, if no kind of source is in front of it (oci:, oci-archive:, docker-archive:, containers-storage:).`
    : "If that is the name of an image that podman pulled, write containers-storage: in front of it. SOURCE is where the image is; the name in a registry is given with --identity.";
}

const nameNotPath =
  "Give the name that the image has in its registry, such as registry.example.com/repository:tag; the directory it is in is another argument.";

const removeBlanks = "Remove the blank or line end before or after it.";

const brokenSignature =
  "Download the signatures again. One broken signature stops the evaluation, even beside good ones, as in containers/image.";

/** The key need not be added, and the file need not be doubted: only the part of it that GnuPG reads is too small. */
function keyInFileHint({ key }: KeyInFile): string {
  switch (key.why) {
    case "version":
      return "Ask the publisher for a signature by a key of version 4: those of later versions are not verified by every build.";
    case "stopped":
      return sentence(splitKeyFile);
    case "unbound":
      return "Get the key again from its publisher, whole: `gpg --show-keys FILE` must list it with its owner.";
  }
}

/** What a policy names and cannot be used stops its requirement, whatever else that names. */
function trustHint(problem: TrustProblem, { failed }: Situation): string {
  const advice = trustAdvice(problem);
  const stops = isOneOfSeveral(failed) ? " One that cannot be used stops the requirement, even beside good ones." : "";
  const choice = trustChoice(problem);
  return `${sentence(advice)}${stops}${choice === undefined ? "" : ` ${choice}`}`;
}

function sentence(clause: string): string {
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;
}

/** Of the keys of the requirement, or of the log's. */
function isOneOfSeveral(outcome: RequirementOutcome | undefined): boolean {
  const requirement = outcome?.requirement;
  if (requirement?.type === "signedBy") return countOf(requirement.keys) > 1;
  if (requirement?.type !== "sigstoreSigned") return false;
  const { trust, rekor } = requirement;
  return (trust.kind === "keys" && countOf(trust.keys) > 1) || (rekor !== undefined && countOf(rekor) > 1);
}

function countOf(source: TrustSource): number {
  return source.kind === "data" ? source.data.length : source.paths.length;
}

/** Foreign text in a command that people may paste into a shell: only as it is, or not at all. */
function argument(source: string): string {
  return plain(source) === source ? source : "SOURCE";
}

function policyText(path: string | undefined): string {
  return path === undefined ? "the policy" : plain(path);
}

/** The requirement, if it is one that looks at signatures. */
function verifying(outcome: RequirementOutcome | undefined): SignedBy | SigstoreSigned | undefined {
  const requirement = outcome?.requirement;
  return requirement?.type === "signedBy" || requirement?.type === "sigstoreSigned" ? requirement : undefined;
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

/** As host/http says it of a server that answers in plain text. */
const withoutTls = "it does not speak TLS";
