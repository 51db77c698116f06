import type { KeyKind } from "../crypto/key-kind.ts";
import type { TrustContent, TrustProblem, TrustRole } from "../verdict/trust-problem.ts";
import { keyFileAdvice, keyFileChoice, keyFileText } from "./back-end-words.ts";
import { because, sizeText } from "./format.ts";
import { line, quote } from "./quote.ts";
import { say, type Words } from "./words.ts";

/** What is wrong with a key or certificate that the policy names: a sentence without its full stop. */
export const trustWords = {
  "policy.trust.unreadable": ({ source, reason }) => `${line(source)} cannot be read${because(reason)}`,
  "policy.trust.too-large": ({ source, maxBytes }) => `${line(source)} is larger than ${sizeText(maxBytes)}`,
  "policy.trust.invalid": ({ source, detail, builds, content }) =>
    content === undefined || isAsWanted(content)
      ? `${line(source)} cannot be used${because(detail)}${keyFileText(builds)}`
      : `${line(source)} ${mixUpText(content)}${keyFileText(builds)}`,
  "policy.trust.empty": ({ source, builds, content }) =>
    content === undefined || isAsWanted(content)
      ? `${line(source)} holds no key that can be used${keyFileText(builds)}`
      : `${line(source)} ${mixUpText(content)}${keyFileText(builds)}`,
  "policy.trust.too-costly": ({ source }) => `${line(source)} takes too much work to read`,
  "policy.trust.unsupported": ({ keyType }) =>
    `keyType ${quote(keyType)} was never implemented by containers/image; GPGKeys is the only one that works`,
} satisfies Words<TrustProblem, "code">;

/** The same as {@link trustWords} have it, for one problem. */
export function trustMessage(problem: TrustProblem): string {
  return say(trustWords, "code", problem, undefined);
}

/** What to do about it, as clauses without a capital and without the full stop. */
export function trustAdvice(problem: TrustProblem): string {
  return say(trustAdviceWords, "code", problem, undefined);
}

const trustAdviceWords = {
  "policy.trust.unreadable": (problem) => unreadableAdvice(problem),
  "policy.trust.too-large": () => "name the right file",
  "policy.trust.invalid": ({ content, builds }) =>
    (content && mixUpAdvice(content)) ??
    keyFileAdvice(builds) ??
    (content === undefined
      ? "put a key or certificate of the kind that the requirement needs there"
      : putText(content.wanted)),
  "policy.trust.empty": ({ content, builds }) =>
    (content && mixUpAdvice(content)) ?? keyFileAdvice(builds) ?? putText(content?.wanted ?? "openpgp"),
  "policy.trust.too-costly": () =>
    "check that the policy names the right file; if it does, export only the keys that are needed: `gpg --export FINGERPRINT`",
  "policy.trust.unsupported": () => "write GPGKeys as the keyType",
} satisfies Words<TrustProblem, "code">;

/** What there is to say of the builds that can use a key file which others cannot: a sentence, of OpenPGP keys only. */
export function trustChoice(problem: TrustProblem): string | undefined {
  if (problem.code !== "policy.trust.invalid" && problem.code !== "policy.trust.empty") return undefined;
  const { content, builds } = problem;
  return content === undefined || isAsWanted(content) || content.found === "openpgp-newer-key"
    ? keyFileChoice(builds)
    : undefined;
}

/** By what the path looks like: paths are taken as they are written, from the directory that the program was started in. */
function unreadableAdvice({ source, isDirectory }: Extract<TrustProblem, { code: "policy.trust.unreadable" }>): string {
  if (isDirectory === true) return "name each file in it, in keyPaths: directories are not searched for keys";
  if (source.startsWith("~")) return "write an absolute path in the policy: ~ is not expanded there";
  if (/^\$|\$\{|\$[A-Z_]+\//.test(source)) {
    return "write an absolute path in the policy: environment variables such as $HOME are not expanded there";
  }
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(source)?.[1]?.toLowerCase();
  if (scheme === "file") return "write the path alone, without file://";
  if (scheme === "kbs") {
    return (
      "put the key into a file, and write its absolute path: a key broker (kbs://) is asked by image-rs of Confidential " +
      "Containers only, and containers/image takes no addresses"
    );
  }
  if (scheme !== undefined) {
    return "download the key, check it with its publisher, and write the absolute path of the file: no addresses are taken";
  }
  return source.startsWith("/")
    ? "put the file where the policy says it is, readable for whoever verifies, or correct the path in the policy"
    : "write an absolute path in the policy: a relative one begins at the directory that the program was started in";
}

/** What was found is of the right kind, and something else is wrong with it. */
function isAsWanted({ wanted, found }: TrustContent): boolean {
  if (found === "unknown") return true;
  switch (wanted) {
    case "openpgp":
      return found === "openpgp-key" || found === "openpgp-private-key";
    case "sigstore":
    case "rekor":
      return found === "pem-public-key";
    case "roots":
    case "intermediates":
      return found === "pem-certificate";
  }
}

function mixUpText({ wanted, found }: TrustContent): string {
  if (found === "empty") return "is empty";
  const isOpenPgpKey = found === "openpgp-newer-key" || found === "openpgp-older-key";
  return `is ${foundNames[found]}${wanted === "openpgp" && isOpenPgpKey ? "" : `, not ${wantedNames[wanted]}`}`;
}

const wantedNames: Readonly<Record<TrustRole, string>> = {
  openpgp: "an OpenPGP keyring",
  sigstore: "a public key in PEM",
  rekor: "the public key of a Rekor log in PEM",
  roots: "certificates of a CA in PEM",
  intermediates: "certificates in PEM",
};

const foundNames: Readonly<Record<Exclude<KeyKind, "empty">, string>> = {
  "pem-public-key": "a public key in PEM, such as cosign.pub",
  "pem-private-key": "a PRIVATE KEY in PEM, such as cosign.key",
  "pem-certificate": "a certificate in PEM",
  "pem-other": "something else in PEM",
  "der-public-key": "a public key in DER (binary)",
  "der-private-key": "a PRIVATE KEY in DER (binary)",
  "der-certificate": "a certificate in DER (binary)",
  "ssh-public-key": "an SSH public key",
  "ssh-private-key": "an SSH PRIVATE KEY",
  keybox: "a keybox, the file in which GnuPG keeps its keys",
  "openpgp-key": "an OpenPGP (GPG) public key",
  "openpgp-private-key": "an OpenPGP (GPG) PRIVATE KEY",
  "openpgp-newer-key":
    "an OpenPGP key of version 5 or 6 (post-quantum keys are of version 6), which not every build reads",
  "openpgp-older-key": "an OpenPGP key of version 2 or 3, which nothing takes any more",
  "openpgp-message": "an OpenPGP signature or message",
  html: "a web page",
  json: "JSON",
  "utf-16": "text in UTF-16, as some programs of Windows save it",
  base64: "base64 of something",
  unknown: "something else",
};

/** For a file that holds keys which GnuPG does not get to read: a clause without a capital and without the full stop. */
export const splitKeyFile =
  "split the file (armoured blocks by hand, anything else with `sq keyring split`), and name the parts that hold keys of " +
  "version 4, each in keyPaths; or ask the publisher for a file with these keys only";

const openPgpKeyring = "the publisher's OpenPGP public key, as `gpg --export` gives it";

function putText(wanted: TrustRole): string {
  switch (wanted) {
    case "openpgp":
      return `put there ${openPgpKeyring}`;
    case "sigstore":
      return "put the publisher's public key there, in PEM (for cosign that is cosign.pub)";
    case "rekor":
      return "put the log's public key there, in PEM; it is an ECDSA key";
    case "roots":
    case "intermediates":
      return "put the CA's certificates there, in PEM";
  }
}

const again = "download it again, by the address of the file itself";
const versionFour = "ask the publisher for a key of version 4, or for a file without the others: GnuPG reads no others";

/** What to do about it, whatever was wanted; the rest is in `adviceFor`. */
const anywhere: Partial<Readonly<Record<KeyKind, string>>> = {
  empty: again,
  html: again,
  "utf-16": "save it as plain text (ASCII or UTF-8)",
  base64: "encode it once only if it is in keyData; a file holds the key itself, not encoded",
};

const adviceFor: Readonly<Record<"openpgp" | "key" | "certificate", Partial<Readonly<Record<KeyKind, string>>>>> = {
  openpgp: {
    "pem-public-key": `if the images are signed by cosign, write a sigstoreSigned requirement with this key; signedBy needs ${openPgpKeyring}`,
    "der-public-key": `if the images are signed by cosign, write a sigstoreSigned requirement with this key in PEM; signedBy needs ${openPgpKeyring}`,
    "pem-certificate": `for signatures with certificates, write a sigstoreSigned requirement with fulcio or pki; signedBy needs ${openPgpKeyring}`,
    "der-certificate": `for signatures with certificates, write a sigstoreSigned requirement with fulcio or pki; signedBy needs ${openPgpKeyring}`,
    "pem-private-key": `take it away from here: whoever signs keeps it secret; the public key beside it goes into a sigstoreSigned requirement, and signedBy needs ${openPgpKeyring}`,
    "der-private-key": `take it away from here: whoever signs keeps it secret; signedBy needs ${openPgpKeyring}`,
    "ssh-public-key": `no image is signed by SSH keys: put there ${openPgpKeyring}`,
    "ssh-private-key": `take it away from here: no image is signed by SSH keys; signedBy needs ${openPgpKeyring}`,
    keybox: "export the keys from it: `gpg --no-default-keyring --keyring FILE --export > keys.gpg`, and name keys.gpg",
    "openpgp-newer-key": versionFour,
    "openpgp-older-key": "ask the publisher for a key of version 4",
    "openpgp-message": `put there ${openPgpKeyring}, and not something that it signed`,
  },
  key: {
    "openpgp-key":
      "for simple signing, write a signedBy requirement with keyType GPGKeys and this file; sigstoreSigned needs a public key in PEM, for cosign that is cosign.pub",
    "openpgp-private-key":
      "take it away from here: whoever signs keeps it secret; for simple signing, write a signedBy requirement with the public key",
    "openpgp-newer-key": "sigstoreSigned needs a public key in PEM, for cosign that is cosign.pub",
    "pem-private-key": "name the public key instead: for cosign.key that is cosign.pub",
    "der-private-key": "name the public key instead, in PEM",
    "pem-certificate":
      "get the key out of it (`openssl x509 -in FILE -noout -pubkey > key.pem`); for a CA, write fulcio or pki instead of a key",
    "der-certificate":
      "get the key out of it (`openssl x509 -inform DER -in FILE -noout -pubkey > key.pem`); for a CA, write fulcio or pki instead of a key",
    "der-public-key": "convert it: `openssl pkey -pubin -inform DER -in FILE -out key.pem`",
    "ssh-public-key": "no image is signed by SSH keys: put the publisher's public key there, in PEM",
    "ssh-private-key": "take it away from here: no image is signed by SSH keys; a public key in PEM is needed",
    keybox: "for simple signing, write a signedBy requirement with keys that `gpg --export` gives",
    json: "put the public key itself there, in PEM: trust roots of sigstore and JSON Web Keys are not read",
  },
  certificate: {
    "pem-public-key":
      "if this key signs the images itself, write keyPath or keyData instead of fulcio or pki; otherwise put the CA's certificate there, in PEM",
    "pem-private-key": "take it away from here: the CA keeps it secret; put the CA's certificate there, in PEM",
    "der-private-key": "take it away from here: the CA keeps it secret; put the CA's certificate there, in PEM",
    "der-certificate": "convert it: `openssl x509 -inform DER -in FILE -out ca.pem`",
    json: "put the certificates themselves there, in PEM: trust roots of sigstore are not read",
  },
};

function mixUpAdvice({ wanted, found }: TrustContent): string | undefined {
  const table = wanted === "openpgp" ? "openpgp" : wanted === "sigstore" || wanted === "rekor" ? "key" : "certificate";
  return adviceFor[table][found] ?? anywhere[found];
}
