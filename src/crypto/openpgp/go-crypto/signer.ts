import type { KeyFacts, OpenPgpProblem } from "../problems.ts";
import type { GoEntity, GoIdentity } from "./key-ring.ts";
import type { GoKey } from "./public-key.ts";
import { signatureExpired } from "./signature.ts";
import type { GoSignature } from "./signature-fields.ts";

/** The key that go-crypto would check a signature with, and the self-signatures that say what it may do. */
export interface GoSigner {
  readonly entity: GoEntity;
  readonly key: GoKey;
  /** Absent for keys of version 6. */
  readonly primaryIdentity: GoIdentity | undefined;
  readonly primarySelfSignature: GoSignature;
  /** For a subkey: its binding, and what revokes it. */
  readonly subkey?: { readonly binding: GoSignature; readonly revocations: readonly GoSignature[] };
}

const signFlag = 2;

/**
 * The signer that go-crypto takes for this key ID: the first key of that ID with the sign flag (keys.go KeysByIdUsage). There
 * are several answers where it picks the primary user id by the order of a Go map, and then all of them must do; none if no
 * key of the ring will do; `undefined` if for some order it finds no key, or panics.
 */
export function goSignersFor(entities: readonly GoEntity[], keyId: string): readonly GoSigner[] | undefined {
  const signers: GoSigner[] = [];
  for (const entity of entities) {
    const isPrimary = entity.primary.keyId === keyId;
    if (!isPrimary && !entity.subkeys.some((subkey) => subkey.key.keyId === keyId)) continue;
    const identities = entity.primary.version === 6 ? [undefined] : primaryIdentities(entity);
    let missing = 0;
    for (const identity of identities) {
      const signer = signerWith(entity, identity, keyId);
      if (signer === "panic") return undefined;
      if (signer === undefined) missing++;
      else signers.push(signer);
    }
    if (missing === 0) return signers;
  }
  return signers.length === 0 ? [] : undefined;
}

function signerWith(
  entity: GoEntity,
  primaryIdentity: GoIdentity | undefined,
  keyId: string,
): GoSigner | "panic" | undefined {
  const primarySelfSignature = primaryIdentity === undefined ? entity.selfSignature : primaryIdentity.selfSignature;
  const isPrimary = entity.primary.keyId === keyId;
  if (isPrimary && primarySelfSignature !== undefined && maySign(primarySelfSignature)) {
    return { entity, key: entity.primary, primaryIdentity, primarySelfSignature };
  }
  const subkey = entity.subkeys.find((candidate) => candidate.key.keyId === keyId && maySign(candidate.binding));
  if (subkey === undefined) return undefined;
  if (primarySelfSignature === undefined) return "panic"; // read.go checkMessageSignatureDetails: nil dereference
  return { entity, key: subkey.key, primaryIdentity, primarySelfSignature, subkey };
}

function maySign(signature: GoSignature): boolean {
  return ((signature.keyFlags ?? 0) & signFlag) !== 0;
}

/**
 * Every user id that may come out as the primary one, over all orders of go-crypto's map: fewest revocations, then one with a
 * self-signature, then marked as primary, then the newest self-signature. go-crypto: keys.go shouldPreferIdentity.
 */
function primaryIdentities(entity: GoEntity): readonly GoIdentity[] {
  let best: GoIdentity[] = [];
  for (const identity of entity.identities.values()) {
    const [leader] = best;
    const order = leader === undefined ? -1 : compareIdentities(identity, leader);
    if (order < 0) best = [identity];
    else if (order === 0) best.push(identity);
  }
  return best;
}

/** Below 0 if `a` is preferred to `b`. */
function compareIdentities(a: GoIdentity, b: GoIdentity): number {
  const fewer = a.revocations.length - b.revocations.length;
  if (fewer !== 0) return fewer;
  const signed = Number(b.selfSignature !== undefined) - Number(a.selfSignature !== undefined);
  if (signed !== 0) return signed;
  const marked = Number(b.selfSignature?.isPrimaryUserId ?? false) - Number(a.selfSignature?.isPrimaryUserId ?? false);
  if (marked !== 0) return marked;
  return (b.selfSignature?.createdAtSeconds ?? 0) - (a.selfSignature?.createdAtSeconds ?? 0);
}

/** What go-crypto checks after the signature itself. read.go checkMessageSignatureDetails. */
export function checkGoSigner(
  signer: GoSigner,
  signature: Pick<GoSignature, "createdAtSeconds" | "lifetimeSeconds" | "hasCriticalNotation">,
  nowSeconds: number,
  facts: KeyFacts,
): OpenPgpProblem | undefined {
  const { entity, primaryIdentity, primarySelfSignature, subkey } = signer;
  const selfSignatures = [primarySelfSignature];
  if (subkey !== undefined) selfSignatures.push(subkey.binding);
  if (subkey?.binding.embedded !== undefined) selfSignatures.push(subkey.binding.embedded);
  const unusable = (detail: string): OpenPgpProblem => ({ code: "signature.key.unusable", ...facts, detail });

  if (signature.hasCriticalNotation === true) {
    return { code: "signature.openpgp.unsupported", detail: "the signature has a critical notation" };
  }
  if (selfSignatures.some((self) => self.hasCriticalNotation === true)) {
    return unusable("a signature of the key has a critical notation");
  }
  const revocations = [...entity.revocations, ...(subkey?.revocations ?? [])];
  if (revocations.some((revocation) => counts(revocation, nowSeconds))) {
    return { code: "signature.key.revoked", ...facts, detail: "" };
  }
  if (primaryIdentity?.revocations.some((revocation) => counts(revocation, nowSeconds))) {
    return unusable("the primary user id is revoked");
  }
  const expired =
    keyExpiry(entity.primary, primarySelfSignature, nowSeconds) ??
    (subkey === undefined ? undefined : keyExpiry(signer.key, subkey.binding, nowSeconds));
  if (expired === "not-yet-valid") return unusable("the key is dated in the future");
  if (expired !== undefined) return { code: "signature.key.expired", ...facts, atSeconds: expired };
  if (signatureExpired(signature, nowSeconds)) {
    const { createdAtSeconds, lifetimeSeconds = 0 } = signature;
    return createdAtSeconds > nowSeconds
      ? { code: "signature.time.future", ...facts, atSeconds: createdAtSeconds }
      : { code: "signature.expired", ...facts, atSeconds: createdAtSeconds + lifetimeSeconds };
  }
  if (selfSignatures.some((self) => signatureExpired(self, nowSeconds))) {
    return unusable("a self-signature of the key has expired, or is dated in the future");
  }
  return undefined;
}

const keyCompromised = 2;

/** go-crypto: keys.go revoked. */
function counts(revocation: GoSignature, nowSeconds: number): boolean {
  return revocation.revocationReason === keyCompromised || !signatureExpired(revocation, nowSeconds);
}

/** go-crypto: packet/public_key.go KeyExpired. */
function keyExpiry(key: GoKey, signature: GoSignature, nowSeconds: number): number | "not-yet-valid" | undefined {
  if (key.createdAtSeconds > nowSeconds) return "not-yet-valid";
  const lifetime = signature.keyLifetimeSeconds ?? 0;
  const expiresAt = key.createdAtSeconds + lifetime;
  return lifetime !== 0 && nowSeconds > expiresAt ? expiresAt : undefined;
}

/** Free text of whoever made the key. Of version 6 keys go-crypto has no primary user id; the first one serves. */
export function signerUserId({ entity, primaryIdentity }: GoSigner): string | undefined {
  const [first] = entity.identities.values();
  return (primaryIdentity ?? first)?.userId;
}
