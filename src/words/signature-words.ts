import type { KeyNotKept } from "../crypto/openpgp/keys-not-kept.ts";
import type { MessageForm } from "../crypto/openpgp/message-form.ts";
import type { MistakenFile } from "../image/problem.ts";
import { assertNever } from "../result.ts";
import type { SignatureRejection, Signer } from "../verdict/signature-outcome.ts";
import type { SignatureOutcome } from "../verdict/verdict.ts";
import { differenceText } from "./back-end-words.ts";
import { because, groupedHex, listText, timeText } from "./format.ts";
import { mismatchText } from "./mismatch-words.ts";
import { mistakenText } from "./mistaken-words.ts";
import { line, plain, quote } from "./quote.ts";
import { say, type Words } from "./words.ts";

/** One signature of a verdict, without its name: `made by another key; it claims to be by 199E …`. */
export function signatureText(outcome: SignatureOutcome): string {
  if (outcome.accepted) return signerText(outcome.signer);
  return `${rejectionText(outcome.rejection, outcome)}${differenceText(outcome)}`;
}

/** Why a signature is not accepted. */
export function rejectionText(rejection: SignatureRejection, outcome: SignatureOutcome): string {
  return say(signatureWords, "code", rejection, outcome);
}

/** Who signs, the same for all that they signed: for lists of many images. */
export function signerName(signer: Signer): string {
  switch (signer.kind) {
    case "openpgp":
      return keyText(signer);
    case "key":
      return `the key in ${line(signer.source)} (SHA-256 ${signer.keySha256})`;
    case "certificate": {
      const subject = signer.subject === "" ? "nobody that is named" : `subject ${quote(signer.subject)}`;
      const whom = signer.emails.length > 0 ? listText(signer.emails.map(plain), "and") : subject;
      return `${whom}, identified by ${signer.oidcIssuer === undefined ? quote(signer.issuer) : plain(signer.oidcIssuer)}`;
    }
  }
}

/** Who made a signature whose cryptography checked out, and when. */
function signerText(signer: Signer): string {
  switch (signer.kind) {
    case "openpgp": {
      const subkey =
        signer.signingFingerprint === signer.fingerprint
          ? ""
          : `, with its subkey ${groupedHex(signer.signingFingerprint)}`;
      return `signed by ${keyText(signer)}${subkey}, on ${timeText(signer.signedAtSeconds)}`;
    }
    case "key":
      return `signed by the key in ${line(signer.source)} (SHA-256 ${signer.keySha256})${loggedText(signer.loggedAtSeconds)}`;
    case "certificate": {
      const subject = signer.subject === "" ? "" : ` (subject ${quote(signer.subject)})`;
      const whom =
        signer.emails.length > 0
          ? `for ${listText(signer.emails.map(plain), "and")}${subject}`
          : `for ${signer.subject === "" ? "no email address" : `subject ${quote(signer.subject)}`}`;
      const identified = signer.oidcIssuer === undefined ? "" : `, identified by ${plain(signer.oidcIssuer)}`;
      return (
        `signed with a certificate ${whom}${identified}, issued by ${quote(signer.issuer)}` +
        `${loggedText(signer.loggedAtSeconds)} (certificate SHA-256 ${signer.certificateSha256})`
      );
    }
  }
}

function loggedText(seconds: number | undefined): string {
  return seconds === undefined ? "" : `, logged by Rekor on ${timeText(seconds)}`;
}

function keyText(key: { readonly fingerprint: string; readonly userId: string | undefined }): string {
  const owner = key.userId === undefined ? "" : ` ${quote(key.userId)}`;
  return `key ${groupedHex(key.fingerprint)}${owner}`;
}

/** `valid`, with its maker where that is known: the cryptography checked out and something else did not. */
function validText(outcome: SignatureOutcome): string {
  const { signer } = outcome;
  if (signer === undefined) return "valid";
  switch (signer.kind) {
    case "openpgp":
      return `valid, by ${keyText(signer)}`;
    case "key":
      return `valid, by the key in ${line(signer.source)}`;
    case "certificate":
      return `valid, with a certificate for ${listText(signer.emails.map(plain), "and") || quote(signer.subject)}`;
  }
}

/** Where the reference looks for the parts of a sigstore signature, and what they are. */
const annotations: Readonly<Record<string, string>> = {
  "dev.cosignproject.cosign/signature": "signature",
  "dev.sigstore.cosign/bundle": "Rekor log entry",
  "dev.sigstore.cosign/certificate": "certificate",
  "dev.sigstore.cosign/chain": "certificate chain",
};

const formats = { "simple-signing": "an OpenPGP (simple signing)", sigstore: "a sigstore" } as const satisfies Readonly<
  Record<SignatureOutcome["format"], string>
>;

const signatureWords = {
  "signature.format.other": (_, { format }) => `${formats[format]} signature, which this requirement does not look at`,
  "signature.mime-type.other": ({ untrustedMimeType }) =>
    `an attachment of type ${quote(untrustedMimeType)}, not a signature`,
  "signature.key.unknown": ({ untrustedKeyId, inFile }) =>
    inFile === undefined
      ? `made by another key; it claims to be by ${groupedHex(untrustedKeyId)}`
      : `it claims to be by key ${groupedHex(untrustedKeyId)}, which is in ${line(inFile.source)}, but ${keyNotKeptText(inFile.key)}`,
  "signature.key.not-listed": (rejection) => `made by ${keyText(rejection)}, which is not among the given fingerprints`,
  "signature.key.expired": (rejection) => `made by ${keyText(rejection)}, which expired${onText(rejection.atSeconds)}`,
  "signature.expired": (rejection) => `made by ${keyText(rejection)}, but it expired${onText(rejection.atSeconds)}`,
  "signature.time.future": (rejection) =>
    `made by ${keyText(rejection)}, but dated in the future${onText(rejection.atSeconds)}`,
  "signature.time.before-key": (rejection) =>
    `made by ${keyText(rejection)}, but dated before that key was made${onText(rejection.atSeconds)}`,
  "signature.key.revoked": (rejection) =>
    `made by ${keyText(rejection)}, which has been revoked${because(rejection.detail)}`,
  "signature.key.unusable": (rejection) =>
    `made by ${keyText(rejection)}, which cannot make such signatures${because(rejection.detail)}`,
  "signature.key.weak": (rejection) =>
    `made by ${keyText(rejection)}, which is too weak or of a kind that is not accepted${because(rejection.detail)}`,
  "signature.hash.weak": (rejection) =>
    `made by ${keyText(rejection)}, with too weak a hash${because(rejection.detail)}`,
  "signature.openpgp.malformed": (rejection) =>
    formText(rejection) ?? `a broken OpenPGP message${because(rejection.detail)}`,
  "signature.openpgp.unsupported": ({ detail }) => `an OpenPGP message that is not supported${because(detail)}`,
  "signature.openpgp.not-signed": (rejection) =>
    formText(rejection) ?? `an OpenPGP message that is not signed${because(rejection.detail)}`,
  "signature.openpgp.several": ({ detail }) => `an OpenPGP message with more than one signature${because(detail)}`,
  "signature.openpgp.trailing-data": ({ detail }) => `an OpenPGP message with data after its end${because(detail)}`,
  "signature.too-costly": () =>
    "not judged: it, or the signatures before it, take more work than is done for one image",
  "signature.invalid": ({ detail }) => `not valid${because(detail)}`,
  "signature.payload.malformed": ({ detail }, outcome) =>
    `${validText(outcome)}, but what was signed is not a well-formed statement about an image${because(detail)}`,
  "signature.digest.algorithm": ({ signedDigest, algorithm }, outcome) =>
    `${validText(outcome)}, but for ${plain(signedDigest)}, and of the manifest only a digest by ${algorithm} was given`,
  "signature.digest.mismatch": ({ signedDigest }, outcome) =>
    `${validText(outcome)}, but for the manifest ${plain(signedDigest)}, not for this one`,
  "signature.identity.mismatch": (rejection, outcome) => `${validText(outcome)}, but ${mismatchText(rejection)}`,
  "signature.annotation.missing": ({ annotation }) => {
    const part = Object.hasOwn(annotations, annotation) ? `${annotations[annotation]} ` : "";
    return `incomplete: it has no ${part}(annotation ${plain(annotation)})`;
  },
  "signature.base64.malformed": () => "broken: the signature in it is not base64",
  "signature.rekor.malformed": ({ detail }) => `has a broken Rekor log entry${because(detail)}`,
  "signature.rekor.unsupported": ({ detail }) => `has a Rekor log entry of a kind not supported${because(detail)}`,
  "signature.rekor.untrusted": () => "has a Rekor log entry that no Rekor key of the policy signed",
  "signature.rekor.mismatch": ({ detail }) => `has a Rekor log entry that does not belong to it${because(detail)}`,
  "signature.certificate.malformed": ({ detail }) => `has a certificate that cannot be read${because(detail)}`,
  "signature.certificate.expired": (rejection) =>
    `its certificate${subjectText(rejection)} cannot be used${because(rejection.detail)}`,
  "signature.certificate.untrusted": (rejection) =>
    `its certificate${subjectText(rejection)} does not lead to a CA of the policy${because(rejection.detail)}`,
  "signature.certificate.constraint": (rejection) =>
    `its certificate${subjectText(rejection)} breaks a rule of its CAs${because(rejection.detail)}`,
  "signature.certificate.issuer": ({ found, required, detail, isForUri }) => {
    const certificate = isForUri ? "its certificate, for a URI and no email address," : "its certificate";
    return found === undefined
      ? `${certificate} does not say who identified the signer, and ${plain(required)} is required${because(detail)}`
      : `${certificate} says that ${plain(found)} identified the signer, and ${plain(required)} is required`;
  },
  "signature.certificate.email": ({ found, uris, required }) => {
    if (found.length > 0)
      return `its certificate is for ${listText(found.map(plain), "and")}, not for ${plain(required)}`;
    return uris.length === 0
      ? `its certificate has no email address, and ${plain(required)} is required`
      : `its certificate is for the URI ${listText(uris.map(plain), "and")} and has no email address, and ${plain(required)} is required as one`;
  },
  "signature.certificate.hostname": ({ required, detail }) =>
    `its certificate is not for the host ${plain(required)}${because(detail)}`,
} satisfies Words<SignatureRejection, "code", SignatureOutcome>;

/** What is said of a message whose form alone is the reason. */
function formText({
  form,
  mistaken,
}: {
  readonly form?: MessageForm;
  readonly mistaken?: MistakenFile;
}): string | undefined {
  switch (form) {
    case undefined:
      return mistaken === undefined ? undefined : `no OpenPGP message, but ${mistakenText(mistaken)}`;
    case "detached":
      return "a detached OpenPGP signature, without what was signed";
    case "signature-first":
      return "an OpenPGP message in the old form, with the signature before the content";
    default:
      return assertNever(form);
  }
}

/** Why a key that is in a file is of no use there, as a clause about it. */
function keyNotKeptText({ why, version }: KeyNotKept): string {
  switch (why) {
    case "version":
      return `GnuPG does not read it: it is of version ${version}`;
    case "stopped":
      return "GnuPG does not read it: it stops at another key in that file, of a version that it does not know";
    case "unbound":
      return "GnuPG does not import it: it has no valid self-signature or binding";
  }
}

function subjectText({ untrustedSubject }: { readonly untrustedSubject?: string }): string {
  return untrustedSubject === undefined || untrustedSubject === "" ? "" : ` ${quote(untrustedSubject)}`;
}

function onText(seconds: number): string {
  return ` on ${timeText(seconds)}`;
}
