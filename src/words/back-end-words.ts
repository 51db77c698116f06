import type { BackEndOpinion, OpenPgpBackEnd } from "../crypto/openpgp/back-end.ts";
import type { SignatureRejection } from "../verdict/signature-outcome.ts";
import type { KeyFileOpinions } from "../verdict/trust-problem.ts";
import type { SignatureOutcome } from "../verdict/verdict.ts";
import { because, listText } from "./format.ts";

/**
 * What verifies OpenPGP in a build of podman, and where people meet it: podman.spec and skopeo.spec build with Sequoia on Fedora
 * 43 and newer, and with GnuPG on RHEL; Debian's skopeo depends on libgpgme.
 */
const builds = {
  gnupg: "GnuPG (as on Debian and RHEL)",
  go: "go-crypto (in pure Go)",
  sequoia: "Sequoia (as on Fedora 43 and newer)",
} as const satisfies Record<OpenPgpBackEnd, string>;

/** `GnuPG (as on Debian and RHEL)`. */
export function backEndText(backEnd: OpenPgpBackEnd): string {
  return builds[backEnd];
}

/** `podman built with Sequoia (as on Fedora 43 and newer)`, or with one of several. */
function podmanText(backEnds: readonly OpenPgpBackEnd[]): string {
  return `podman built with ${listText(backEnds.map(backEndText), "or")}`;
}

type Rejected = Extract<SignatureOutcome, { accepted: false }>;

/** Where the builds do not agree about a signature: which refuse it, and which accept it. Empty if they agree. */
export function differenceText({ opinions, rejection }: Rejected): string {
  const { accepting, refusing } = difference(opinions);
  if (accepting.length === 0 || refusing.length === 0) return "";
  const asTold = refusing.filter(({ problem }) => isSame(problem, rejection)).map(({ backEnd }) => backEnd);
  const otherwise = refusing.filter(({ problem }) => !isSame(problem, rejection));
  return [
    "",
    ...(asTold.length === 0 ? [] : [`${podmanText(asTold)} refuses this`]),
    ...otherwise.map(({ backEnd, problem }) => `${podmanText([backEnd])} refuses it too${because(detailOf(problem))}`),
    `${podmanText(accepting)} accepts it`,
  ].join("; ");
}

function difference(opinions: readonly BackEndOpinion[]): {
  readonly accepting: readonly OpenPgpBackEnd[];
  readonly refusing: readonly { readonly backEnd: OpenPgpBackEnd; readonly problem: SignatureRejection }[];
} {
  return {
    accepting: opinions.flatMap(({ backEnd, problem }) => (problem === undefined ? [backEnd] : [])),
    refusing: opinions.flatMap(({ backEnd, problem }) => (problem === undefined ? [] : [{ backEnd, problem }])),
  };
}

function isSame(a: SignatureRejection, b: SignatureRejection): boolean {
  return a.code === b.code && detailOf(a) === detailOf(b);
}

function detailOf(problem: SignatureRejection): string {
  return "detail" in problem ? problem.detail : "";
}

/**
 * What to do about a signature that some builds accept, given what there is to do about its rejection otherwise. Undefined
 * where they agree.
 */
export function differenceHint({ opinions, rejection }: Rejected, hint: string): string | undefined {
  const { accepting, refusing } = difference(opinions);
  if (accepting.length === 0 || refusing.length === 0) return undefined;
  // Nobody should be told how to pass over these.
  if (withoutExcuse.includes(rejection.code)) return hint;
  const hasKnownForm = "form" in rejection && rejection.form !== undefined;
  const toDo = ofForm.includes(rejection.code) && !hasKnownForm ? newMessageHint(accepting) : hint;
  return `${toDo} ${onlyFor({ accepting, refusing: refusing.map(({ backEnd }) => backEnd) })}`;
}

const withoutExcuse: readonly SignatureRejection["code"][] = [
  "signature.key.revoked",
  "signature.key.expired",
  "signature.expired",
  "signature.key.unknown",
  "signature.invalid",
];

const ofForm: readonly SignatureRejection["code"][] = [
  "signature.openpgp.malformed",
  "signature.openpgp.trailing-data",
  "signature.openpgp.unsupported",
  "signature.openpgp.not-signed",
  "signature.openpgp.several",
];

const newMessage =
  "Ask the publisher for a new signature: what `skopeo copy --sign-by` makes with an up-to-date key is accepted by every build.";

/** What one of them verifies was not damaged on its way; but go-crypto does not read a compressed message to its end. */
function newMessageHint(accepting: readonly OpenPgpBackEnd[]): string {
  const mayBeCut = accepting.every((backEnd) => backEnd === "go");
  return mayBeCut ? `Download the signature again, its end may be missing. If it is whole: ${newMessage}` : newMessage;
}

/** What `--openpgp` is for. It is no way to be less strict: who runs the image decides which question is the right one. */
function onlyFor({
  accepting,
  refusing,
}: { readonly [Part in "accepting" | "refusing"]: readonly OpenPgpBackEnd[] }): string {
  return (
    `If it is certain that every host that will run this image has podman built with ${briefText(accepting)}, ` +
    `--openpgp=${accepting.join()} gives exactly the verdict of those hosts; podman built with ${briefText(refusing)} goes on refusing it.`
  );
}

/** `GnuPG or Sequoia`, where more was said of them already. */
function briefText(backEnds: readonly OpenPgpBackEnd[]): string {
  return listText(
    backEnds.map((backEnd) => builds[backEnd].replace(/ \(.*/, "")),
    "or",
  );
}

export const strongerHash =
  "Ask the publisher for a new signature with SHA-512, or with SHA-256 by an RSA, Ed25519 or ECDSA P-256 key. The key's own " +
  "self-signatures need such a hash too.";

/** @param keys where the policy has its keys */
export function strongerKey(keys: string): string {
  return (
    "Ask the publisher to sign with a key that every build accepts (RSA of 3072 bits or more, Ed25519 or ECDSA P-256) and with " +
    `SHA-256 or SHA-512, and put that key into ${keys}.`
  );
}

/** Where the builds do not agree about a key file. Empty if they agree. */
export function keyFileText(said: KeyFileOpinions | undefined): string {
  if (said === undefined || said.acceptedBy.length === 0) return "";
  return `; ${podmanText(said.refusedBy)} stops at this, ${podmanText(said.acceptedBy)} does not`;
}

/** What to do about a key file that some builds can use: a clause. */
export function keyFileAdvice(said: KeyFileOpinions | undefined): string | undefined {
  if (said === undefined || said.acceptedBy.length === 0) return undefined;
  return "replace it by a file with the publisher's current keys, as `gpg --export FINGERPRINT` gives it, which every build can use";
}

/** For whoever judges an image by it: a sentence. */
export function keyFileChoice(said: KeyFileOpinions | undefined): string | undefined {
  if (said === undefined || said.acceptedBy.length === 0) return undefined;
  return onlyFor({ accepting: said.acceptedBy, refusing: said.refusedBy });
}
