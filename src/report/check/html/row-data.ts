import type { CheckedKind } from "../../../words/check-words.ts";
import { countText } from "../../../words/format.ts";
import { quote } from "../../../words/quote.ts";
import type { CheckedImage } from "../../checked-image.ts";
import type { ClaimedDocument, RequirementDocument, SignatureDocument, SignerDocument } from "../../document.ts";
import { causeKey, kindOf, registryOf } from "../causes.ts";
import { messageParts } from "../message-parts.ts";
import { shownText } from "../shown.ts";

/** Of one image: what an honest one never has that many of is a number then. */
const maxSignaturesShown = 50;
const maxInstancesShown = 200;
const maxBlobsShown = 200;

/**
 * What the page's script shows of an image (page-script.ts reads it). Texts that many images have in common are numbers, places in the table
 * that {@link SharedTexts} makes: that takes a third of the room. Everything has been made fit to be shown.
 */
export interface RowData {
  readonly reference: string;
  readonly kind: CheckedKind;
  readonly code: number;
  readonly registry: number;
  readonly reason: number;
  /** Which of the page's causes; absent for what was accepted. */
  readonly cause?: number;
  readonly explanation: readonly number[];
  readonly next?: number;
  readonly command?: string;
  readonly pinned?: string;
  /** Whether `pinned` can be copied: it is ordinary text. */
  readonly isCopyable?: boolean;
  /** How it was come by, and what was judged. */
  readonly origin: readonly Fact[];
  readonly manifest: readonly Fact[];
  readonly requirements: readonly RequirementData[];
  readonly instances?: { readonly shown: readonly InstanceData[]; readonly count: number };
  readonly blobs?: { readonly checked: number; readonly missing: ListData; readonly corrupt: ListData };
}

/** A name, and what is said under it. */
type Fact = readonly [name: number, said: number | string];

type InstanceData = readonly [platform: string, digest: string, kind: CheckedKind, code: number];

interface ListData {
  readonly shown: readonly string[];
  readonly count: number;
}

interface RequirementData {
  readonly type: number;
  readonly isMet: boolean;
  readonly code: number;
  readonly message: number;
  readonly signatures: readonly SignatureData[];
  /** How many there are in all. */
  readonly count: number;
}

interface SignatureData {
  readonly name: number;
  readonly format: number;
  readonly isAccepted: boolean;
  readonly code: number;
  readonly message: number;
  readonly signer?: readonly Fact[];
  readonly claimed: readonly Fact[];
  readonly backEnds: readonly (readonly [name: number, isAccepted: boolean, message: number])[];
}

/** Texts that occur more than once, each under a number. */
export class SharedTexts {
  readonly #places = new Map<string, number>();

  place(text: string): number {
    const place = this.#places.get(text) ?? this.#places.size;
    this.#places.set(text, place);
    return place;
  }

  /** In the order of their numbers. */
  all(): Iterable<string> {
    return this.#places.keys();
  }
}

/** @param causes where each cause is on the page, by its key. */
export function rowData(result: CheckedImage, causes: ReadonlyMap<string, number>, texts: SharedTexts): RowData {
  const share = (text: string) => texts.place(text);
  const { explanation, next, command } = messageParts(result);
  const cause = result.outcome === "accepted" ? undefined : causes.get(causeKey(result));
  const pinned = result.pinned === undefined ? undefined : shownText(result.pinned);
  return {
    reference: name(result.reference),
    kind: kindOf(result),
    code: share(result.code),
    registry: share(name(registryOf(result))),
    reason: share(shownText(result.reason)),
    ...(cause === undefined ? {} : { cause }),
    explanation: explanation.map(share),
    ...(next === undefined ? {} : { next: share(next) }),
    ...(command === undefined ? {} : { command }),
    ...(pinned === undefined ? {} : { pinned, isCopyable: /^[\x21-\x7e]{1,480}$/.test(result.pinned ?? "") }),
    origin: facts(share, originFacts(result)),
    manifest: facts(share, manifestFacts(result)),
    requirements: result.requirements.map((requirement) => requirementData(requirement, share)),
    ...(result.instances === undefined ? {} : { instances: instancesData(result.instances, share) }),
    ...(result.blobs === undefined ? {} : { blobs: blobsData(result.blobs) }),
  };
}

type Share = (text: string) => number;
type Said = readonly (readonly [name: string, said: string | undefined])[];

function facts(share: Share, said: Said): readonly Fact[] {
  return said.flatMap(([about, text]) => (text === undefined ? [] : [[share(about), share(text)] as const]));
}

/** Foreign text as it is where it is ordinary, quoted where it is not. */
function name(text: string): string {
  return /^[ -~]{1,480}$/.test(text) ? text : quote(text);
}

function maybe(text: string | undefined): string | undefined {
  return text === undefined ? undefined : name(text);
}

function originFacts({ reference, identity, served_by, policy, signaturesFrom }: CheckedImage): Said {
  const scope = policy.scope === "" ? policy.transport : `${policy.transport} ${name(policy.scope)}`;
  return [
    ["Judged as", identity === reference ? undefined : maybe(identity ?? undefined)],
    ["Served by", served_by === null ? "nobody: no location answered" : name(served_by)],
    ["Policy", maybe(policy.path ?? undefined)],
    ["Scope", scope === "" ? "none: the policy's default" : scope],
    ["Signatures", signaturesFrom === undefined ? undefined : name(signaturesFrom)],
  ];
}

function manifestFacts({ manifest, index, boundBy }: CheckedImage): Said {
  return [
    ["Digest", manifest?.digest],
    ["Type", maybe(manifest?.mediaType ?? undefined)],
    ["Size", typeof manifest?.size === "number" ? countText(manifest.size, "byte") : undefined],
    ["Index", index === undefined || index.digest === manifest?.digest ? undefined : index.digest],
    ["Accepted by", boundBy === undefined ? undefined : boundByWords[boundBy]],
  ];
}

const boundByWords = {
  index: "the index, for all that it lists",
  instance: "each image that the index lists",
} as const;

function requirementData(requirement: RequirementDocument, share: Share): RequirementData {
  const { type, satisfied, code, message, signatures } = requirement;
  return {
    type: share(type),
    isMet: satisfied,
    code: share(code),
    message: share(shownText(message)),
    signatures: signatures.slice(0, maxSignaturesShown).map((signature) => signatureData(signature, share)),
    count: signatures.length,
  };
}

function signatureData(signature: SignatureDocument, share: Share): SignatureData {
  const { signer, claimed, backEnds = [] } = signature;
  return {
    name: share(name(signature.name)),
    format: share(signature.format),
    isAccepted: signature.accepted,
    code: share(signature.code),
    message: share(shownText(signature.message)),
    ...(signer === undefined ? {} : { signer: facts(share, signerFacts(signer)) }),
    claimed: facts(share, claimedFacts(claimed)),
    backEnds: backEnds.map(
      ({ name: backEnd, accepted, message = "" }) => [share(backEnd), accepted, share(shownText(message))] as const,
    ),
  };
}

function signerFacts(signer: SignerDocument): Said {
  switch (signer.kind) {
    case "openpgp":
      return [
        ["User ID", maybe(signer.userId)],
        ["Key", name(signer.fingerprint)],
        ["By subkey", signer.signingFingerprint === signer.fingerprint ? undefined : name(signer.signingFingerprint)],
        ["Signed at", name(signer.signedAt)],
      ];
    case "key":
      return [
        ["Key", name(signer.source)],
        ["SHA-256", name(signer.keySha256)],
        ["Logged at", maybe(signer.loggedAt)],
      ];
    case "certificate":
      return [
        ["Email", signer.emails.length === 0 ? undefined : signer.emails.slice(0, 16).map(name).join(", ")],
        ["OIDC issuer", maybe(signer.oidcIssuer)],
        ["Subject", signer.subject === "" ? undefined : name(signer.subject)],
        ["Issuer", name(signer.issuer)],
        ["SHA-256", name(signer.certificateSha256)],
        ["Logged at", maybe(signer.loggedAt)],
      ];
  }
}

function claimedFacts({ dockerReference, manifestDigest, keyId }: ClaimedDocument): Said {
  return [
    ["Image", maybe(dockerReference)],
    ["Manifest", maybe(manifestDigest)],
    ["Key", maybe(keyId)],
  ];
}

function instancesData(
  instances: NonNullable<CheckedImage["instances"]>,
  share: Share,
): NonNullable<RowData["instances"]> {
  const shown = instances
    .slice(0, maxInstancesShown)
    .map(
      (instance) =>
        [name(instance.platform), name(instance.digest), kindOf(instance), share(instance.code)] satisfies InstanceData,
    );
  return { shown, count: instances.length };
}

function blobsData({ checked, missing, corrupt }: NonNullable<CheckedImage["blobs"]>): NonNullable<RowData["blobs"]> {
  const list = (digests: readonly string[]): ListData => ({
    shown: digests.slice(0, maxBlobsShown).map(name),
    count: digests.length,
  });
  return { checked, missing: list(missing), corrupt: list(corrupt) };
}
