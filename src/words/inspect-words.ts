import type { KeyNotKept } from "../crypto/openpgp/keys-not-kept.ts";
import type { Finding, Lint, NamedKey, ScopeTrap } from "../inspect/findings.ts";
import type { TrustProblem } from "../verdict/trust-problem.ts";
import { backEndText } from "./back-end-words.ts";
import { because, countText, groupedHex, listText, timeText } from "./format.ts";
import { flawText } from "./policy-words.ts";
import { line, plain, quote } from "./quote.ts";
import { splitKeyFile, trustAdvice, trustMessage } from "./trust-words.ts";
import { say, type Words } from "./words.ts";

/** What a finding says, and what to do about it; the second is absent where the first says that too. */
export interface Said {
  readonly message: string;
  readonly advice: string | undefined;
}

/** A finding in words, both parts without their full stop. */
export function findingWords(finding: Finding): Said {
  if (isLint(finding)) return say(lintWords, "code", finding, undefined);
  if (isTrust(finding)) {
    return { message: trustMessage(finding), advice: trustAdvice(finding) };
  }
  return { message: flawText(finding), advice: undefined };
}

function isLint(finding: Finding): finding is Finding & Lint {
  return finding.code.startsWith("lint.");
}

function isTrust(finding: Finding): finding is Finding & TrustProblem {
  return finding.code.startsWith("policy.trust.");
}

const scopeTraps: Readonly<Record<ScopeTrap, string>> = {
  blank: "it has a blank",
  scheme: "a scope has no transport or protocol in front",
  "trailing-slash": "it ends in a slash",
  wildcard: "a wildcard stands at the very beginning only, for a part of the host: *.example.com",
  "upper-case": "the names of repositories are lower-case",
  alias: "images of index.docker.io are looked up as docker.io",
  "short-name": "scopes begin with the host, and a host has a dot, a port, or is localhost",
  "tag-and-digest": "no image is looked up by tag and digest",
  path: "it is a path, and images of transport docker are looked up by their names: a directory has transport dir",
  symlink: "it is a symbolic link, or leads through one, and images are looked up by the real path",
  other: "it is not the name of an image, nor the beginning of one",
};

const lintWords = {
  "lint.default.accepts-anything": ({ transport }) => ({
    message: `accepts every image that no ${transport === undefined ? "" : "other "}scope names, without any signature`,
    advice: 'write [{"type": "reject"}] here, and a scope for each source that you trust',
  }),
  "lint.transport.unknown": ({ transport, nearest }) => ({
    message: `there is no transport ${quote(transport)}, so nothing in here is ever looked up`,
    advice: nearest === undefined ? "see containers-transports(5)" : `did you mean ${quote(nearest)}?`,
  }),
  "lint.scope.never-matches": ({ scope, trap, nearest }) => ({
    message: `no image has the scope ${quote(scope)}: ${scopeTraps[trap]}`,
    advice:
      nearest === undefined
        ? "write it as images are looked up: see `sealcheck policy explain IDENTITY`"
        : `write ${quote(nearest)}`,
  }),
  "lint.scope.host-case": ({ scope, nearest }) => ({
    message: `hosts are compared letter by letter, so ${quote(scope)} holds only for images that are named in the same way`,
    advice: `write ${quote(nearest)}`,
  }),
  "lint.scope.redundant": ({ wider }) => ({
    message: `asks for the same as ${scopeName(wider)}, which would hold here anyway`,
    advice: "remove it, unless it is to stay when the other changes",
  }),
  "lint.scope.weaker": ({ wider }) => ({
    message: `accepts anything, and replaces ${scopeName(wider)}, which asks for signatures`,
    advice: "repeat the requirements here if they are to hold for this scope too: only the most specific scope counts",
  }),
  "lint.scope.official": ({ scope, official }) => ({
    message: `holds for the images below ${quote(scope)}, not for the image that Docker calls ${quote(scope.slice("docker.io/".length))}: that is looked up as ${quote(official)}`,
    advice: `write ${quote(official)} if that image is meant`,
  }),
  "lint.scope.docker-daemon": ({ scope }) => ({
    message: `holds for ${plain(scope)} as a Docker daemon of this machine has it; images from the registry are of transport docker`,
    advice: "put the scope into docker if images from the registry are meant",
  }),
  "lint.requirement.all-needed": ({ why, type }) => ({
    message:
      why === "keys"
        ? `all requirements of a scope must be met, so an image needs a signature for each ${plain(type)} here; one of them is not enough`
        : "all requirements of a scope must be met, so an image needs a simple signing signature and a sigstore signature; one of them is not enough",
    advice:
      why === "keys"
        ? "if one signature is to do, as while a key is replaced by the next, write one requirement with all keys in keyPaths"
        : "if one signature is to do, keep the requirement for the kind that the publisher makes",
  }),
  "lint.requirement.pointless": ({ type }) => ({
    message:
      type === "reject"
        ? "rejects every image of this scope, whatever the other requirements say"
        : "adds nothing to the other requirements: all of them must be met",
    advice: type === "reject" ? "remove this, or the others" : "remove it",
  }),
  "lint.requirement.unsupported": ({ type }) => ({
    message: `${plain(type)} was never implemented by containers/image, and rejects every image`,
    advice: "use signedBy or sigstoreSigned",
  }),
  "lint.identity.exact": () => ({
    message: "matchExact refuses an image that is pulled by digest if the signature names a tag",
    advice: "use matchRepoDigestOrExact, the default, unless that is meant",
  }),
  "lint.identity.exact-digest": () => ({
    message:
      "this scope is for images pulled by digest, and matchExact then takes only signatures that name that digest",
    advice: "use matchRepoDigestOrExact or matchRepository: the digest is checked anyway",
  }),
  "lint.identity.by-digest": () => ({
    message:
      "without signedIdentity, signatures that name only the repository are refused, and cosign makes them so (it signs by digest)",
    advice:
      'add "signedIdentity": {"type": "matchRepository"} for signatures by cosign; write matchRepoDigestOrExact if all of them name a tag',
  }),
  "lint.identity.remaps-nothing": ({ prefix, why, scope }) => ({
    message: {
      same: "prefix and signedPrefix are the same, so nothing is renamed",
      outside: `no image of the scope ${quote(scope)} is named ${quote(prefix)} or below it, so nothing is renamed`,
      "short-name": `no image is named ${quote(prefix)} or below it: names begin with the host, so nothing is renamed`,
    }[why],
    advice:
      why === "same"
        ? "write where the signed name begins otherwise, or use another type"
        : "write the prefix as these images are named",
  }),
  "lint.identity.remap-by-digest": () => ({
    message:
      "remapIdentity compares the tag too, so signatures that name only the repository are refused, and cosign makes them so (it signs by digest)",
    advice:
      "for signatures by cosign, use exactRepository with the repository as it was signed, one scope for each; keep remapIdentity if all of them name a tag",
  }),
  "lint.identity.tag-ignored": ({ repository }) => ({
    message: `exactRepository takes signatures for every image of the repository; the tag or digest in ${quote(repository)} is ignored`,
    advice: "remove it, or use exactReference",
  }),
  "lint.identity.none": ({ transport }) => ({
    message: `images of transport ${plain(transport)} have no docker reference to compare with what was signed, so this refuses them all`,
    advice: "use exactRepository or exactReference",
  }),
  "lint.subject.email": ({ value, why }) => ({
    message: {
      uri: `${quote(value)} is a URI, and only email addresses of a certificate are compared: it matches none`,
      pattern: `${quote(value)} is a pattern, and email addresses are compared as they are: it matches none`,
      other: `${quote(value)} is not an email address: it matches none`,
    }[why],
    advice:
      why === "uri"
        ? "certificates for workflows cannot be checked by this format; use a key, or a certificate with an email address"
        : "write the full address of who signs",
  }),
  "lint.subject.hostname": ({ value }) => ({
    message: `${quote(value)} is not the name of a host: it matches no certificate`,
    advice: "write the name alone; a wildcard is for the certificate to have",
  }),
  "lint.subject.issuer": ({ value }) => ({
    message: `${quote(value)} is not the address of an OIDC issuer, which is compared as it is`,
    advice: "write it as it is in the certificates, such as https://accounts.google.com",
  }),
  "lint.rekor.off": ({ field }) => ({
    message: `${plain(field)} without a value counts as absent: no log entry is asked for`,
    advice: "give the key of the log, or remove the field",
  }),
  "lint.keyring.no-usable-key": ({ source, count }) => ({
    message:
      count === 0
        ? `GnuPG finds no key in ${line(source)}`
        : `of ${countText(count, "key")} in ${line(source)} none can verify a signature now`,
    advice: "get the publisher's current keys",
  }),
  "lint.key.expired": ({ source, keys }) => ({
    message: `${line(source)}: ${keysText(keys)} expired; signatures by ${them(keys)} are refused, those made before too`,
    advice: "get the publisher's current key, on which the expiry may have been moved",
  }),
  "lint.key.expires-soon": ({ source, keys }) => ({
    message: `${line(source)}: ${keysText(keys)} expiring within 90 days`,
    advice: "ask the publisher for the key with a later expiry, or for the next one",
  }),
  "lint.key.revoked": ({ source, keys }) => ({
    message: `${line(source)}: ${keysText(keys)} revoked; signatures by ${them(keys)} are refused`,
    advice: "remove it from the keyring, and get the publisher's current key",
  }),
  "lint.key.unusable": ({ source, keys }) => ({
    message: `${line(source)}: ${keysText(keys)} unable to verify signatures, or not meant for signing`,
    advice: "remove it from the keyring, or ask the publisher for a sound one",
  }),
  "lint.key.refused-by-build": ({ source, keys }) => ({
    message: `${line(source)}: ${keysText(keys)} refused by some builds of podman, and so are signatures by ${them(keys)}`,
    advice:
      "ask the publisher for a key that every build accepts: RSA of 3072 bits or more, Ed25519 or ECDSA P-256, with SHA-256 or SHA-512 in its self-signatures",
  }),
  "lint.key.left-out": ({ source, fingerprints }) => ({
    message: `${line(source)}: ${keysText(fingerprints.map((fingerprint) => ({ fingerprint, userId: undefined })))} not imported: no valid self-signature or binding`,
    advice: "get the key again from its owner",
  }),
  "lint.key.not-read": ({ source, keys }) => ({
    message: `${line(source)}: ${keysText(keys.map((key) => ({ ...key, detail: unreadText(key) })))} in the file, but not read by GnuPG, and of no use${notReadReason(keys)}`,
    advice: splitKeyFile,
  }),
  "lint.key.relative-path": ({ source }) => ({
    message: `${plain(source)} is a relative path, which begins at the directory where podman or skopeo happens to be started, not at the policy`,
    advice: "write an absolute path",
  }),
  "lint.file.writable": ({ source }) => ({
    message: `${line(source)} can be changed by every user of this machine, and with it what is trusted`,
    advice: "remove that: `chmod o-w`, on the file itself",
  }),
  "lint.key.weak": ({ source, keys }) => ({
    message: `${line(source)}: ${keysText(keys)} too weak today, and accepted all the same`,
    advice: "ask the publisher for a stronger key: RSA 3072, Ed25519 or ECDSA P-256",
  }),
  "lint.key.private": ({ source, kind }) => ({
    message: `${line(source)} holds a private key (${line(kind)}), readable by whoever verifies`,
    advice:
      "put the public key there (for cosign.key that is cosign.pub), and replace the key if others could read this one",
  }),
  "lint.key.unsupported": ({ source, algorithm }) => ({
    message: `${line(source)} is a key for ${line(algorithm)}, with which no signature can be verified: all are refused`,
    advice: "use an ECDSA, RSA or Ed25519 key",
  }),
  "lint.key.second-ignored": ({ source, count }) => ({
    message: `${line(source)} holds ${count} PEM blocks, and only the first is read`,
    advice: "put each key into a file of its own, and name them in keyPaths",
  }),
  "lint.certificate.expired": ({ source, subject, atSeconds }) => ({
    message: `${line(source)}: the certificate ${quote(subject)} expired on ${dayText(atSeconds)}`,
    advice: "get the current one; with fulcio, signatures that were logged before still count",
  }),
  "lint.certificate.expires-soon": ({ source, subject, atSeconds }) => ({
    message: `${line(source)}: the certificate ${quote(subject)} expires on ${dayText(atSeconds)}`,
    advice: "get its successor, and put both there",
  }),
  "lint.certificate.not-yet-valid": ({ source, subject, atSeconds }) => ({
    message: `${line(source)}: the certificate ${quote(subject)} is valid from ${dayText(atSeconds)} only`,
    advice: "check the clock of this machine",
  }),
  "lint.certificate.weak": ({ source, subject, detail }) => ({
    message: `${line(source)}: the certificate ${quote(subject)} has a key that is too weak today${because(detail)}`,
    advice: "ask the CA for a stronger one",
  }),
  "lint.certificate.not-ca": ({ source, subject }) => ({
    message: `${line(source)}: the certificate ${quote(subject)} is not one of a CA, and vouches for itself only`,
    advice: "put the certificate of the CA there",
  }),
  "lint.certificate.skipped": ({ source, count }) => ({
    message: `${line(source)}: ${countText(count, "PEM block")} passed over: no certificate, or one with headers`,
    advice: "keep nothing but the certificates of the CA in it",
  }),
  "lint.registries.no-attachments": ({ scope, files }) => ({
    message: `sigstore signatures of ${scope === "" ? "these images" : plain(scope)} are not downloaded: nothing in registries.d says use-sigstore-attachments for them (${countText(files.length, "file")} read)`,
    advice: `write a file in registries.d: docker: ${scope === "" ? "HOST" : plain(scope)}: use-sigstore-attachments: true`,
  }),
  "lint.registries.no-lookaside": ({ scope }) => ({
    message: `registries.d names no lookaside for ${scope === "" ? "these images" : plain(scope)}: signatures come from the registry itself, if it has that extension, or a directory of this machine`,
    advice: "add the publisher's lookaside to registries.d if signatures are not found",
  }),
  "lint.registries.missing": ({ source }) => ({
    message: `there is no directory ${plain(source)}, so registries.d is taken as empty`,
    advice: "correct the path after --registries.d",
  }),
  "lint.registries.passed-over": ({ files, isOnly }) => ({
    message: `${listText(files.map(plain), "and")} ${files.length === 1 ? "is" : "are"} not read: in registries.d only files count whose names end in .yaml${isOnly ? ", and there is none" : ""}`,
    advice: "rename to .yaml what is meant to be read",
  }),
  "lint.registries.unusable": ({ source, reason }) => ({
    message: `registries.d cannot be used, so tools that download signatures fail: ${line(source)}${because(reason)}`,
    advice: "correct that file",
  }),
} satisfies Words<Lint, "code", undefined, Said>;

function scopeName(scope: string): string {
  return scope === "" ? "the default of its transport" : `the scope ${quote(scope)}`;
}

/** What a key that is not read has against it, beside its fingerprint. */
function unreadText({ why, version }: KeyNotKept): string | undefined {
  return why === "version" ? `version ${version}` : undefined;
}

function notReadReason(keys: readonly KeyNotKept[]): string {
  const version = keys.find(({ why }) => why === "version")?.version;
  const isStopped = keys.some(({ why }) => why === "stopped");
  if (version === undefined) return ": it stops within the file";
  return isStopped
    ? `: it knows no version ${version}, stops there, and loses keys before and behind it`
    : `: it knows no version ${version}`;
}

const maxNamed = 5;

/** `1 key (fingerprint, owner) has`-like beginnings: how many, and which. */
function keysText(keys: readonly NamedKey[]): string {
  const shown = keys.slice(0, maxNamed).map(keyText);
  const more = keys.length > maxNamed ? [`and ${keys.length - maxNamed} more`] : [];
  return `${countText(keys.length, "key")} (${[...shown, ...more].join("; ")})`;
}

function keyText({ fingerprint, userId, atSeconds, detail, refusals = [] }: NamedKey): string {
  const parts = [
    groupedHex(fingerprint),
    ...(userId === undefined ? [] : [quote(userId)]),
    ...(atSeconds === undefined ? [] : [dayText(atSeconds)]),
    ...(detail === undefined ? [] : [line(detail)]),
    ...refusals.map((refusal) => `${backEndText(refusal.backEnd)}: ${line(refusal.detail)}`),
  ];
  return parts.join(", ");
}

function them(keys: readonly NamedKey[]): string {
  return keys.length === 1 ? "it" : "them";
}

/** The day of a moment, in UTC. */
export function dayText(seconds: number): string {
  return timeText(seconds).replace(/T.*/, "");
}
