import { fail, ok, type Result } from "../../../result.ts";
import { cost } from "../../budget.ts";
import { hashAlgorithm, signatureTypes } from "../algorithms.ts";
import type { KeyFacts, OpenPgpProblem } from "../problems.ts";
import type { SignatureChecker } from "../vouches.ts";
import { type GpgKey, gpgVouches } from "./key.ts";
import { type Keyblock, keysOf } from "./keyblock.ts";
import type { GpgMessage } from "./message.ts";
import type { GpgSignature } from "./signature.ts";
import { type KeyStatus, KeyStatusReader } from "./status.ts";

/** Who signed a message, as GnuPG says. */
interface GpgSigner {
  readonly key: GpgKey;
  readonly primaryFingerprint: string;
  readonly facts: KeyFacts;
}

/** GnuPG: sig-check.c check_signature2, mainproc.c check_sig_and_print; GPGME's reading of their status lines. */
export async function checkGpgMessage(
  message: GpgMessage,
  keys: { readonly keyblocks: readonly Keyblock[]; readonly checker: SignatureChecker },
  nowSeconds: number,
  checker: SignatureChecker,
): Promise<Result<GpgSigner, OpenPgpProblem>> {
  const blocks = keys.keyblocks;
  const { signature } = message;
  checker.budget.spend(2 * cost.step * blocks.length);
  const found = findSigner(blocks, signature);
  if (found === undefined) return fail({ code: "signature.key.unknown", untrustedKeyId: signature.keyId });
  const status = await new KeyStatusReader(blocks, keys.checker, nowSeconds).read(found.block, found.key);
  const facts = { fingerprint: found.key.fingerprint, userId: status.userId };
  const problem =
    (await checkSignature(message, status, facts, checker)) ??
    checkStatus(signature, status, facts, nowSeconds) ??
    checkUnique(blocks, found.key, facts);
  if (problem !== undefined) return fail(problem);
  return ok({ key: found.key, primaryFingerprint: primaryOf(blocks, found), facts });
}

/** By the fingerprint in the hashed area, else by key ID. GnuPG: getkey.c get_pubkey_for_sig. */
function findSigner(
  blocks: readonly Keyblock[],
  { issuerFingerprint, keyId }: GpgSignature,
): { block: Keyblock; key: GpgKey } | undefined {
  return (
    findKey(blocks, (key) => key.fingerprint === issuerFingerprint) ?? findKey(blocks, (key) => key.keyId === keyId)
  );
}

function findKey(
  blocks: readonly Keyblock[],
  matches: (key: GpgKey) => boolean,
): { block: Keyblock; key: GpgKey } | undefined {
  for (const block of blocks) {
    // The database counts only the keys it has entries for, but the one of that number in the block is taken.
    // GnuPG: kbx/keybox-openpgp.c, which leaves subkeys of unknown algorithms out.
    const keys = keysOf(block);
    let number = 0;
    for (const candidate of keys) {
      if (!candidate.isIndexed) continue;
      const key = matches(candidate) ? keys[number] : undefined;
      if (key !== undefined) return { block, key };
      number++;
    }
  }
  return undefined;
}

async function checkSignature(
  { signature, hashes, signed }: GpgMessage,
  status: KeyStatus,
  facts: KeyFacts,
  checker: SignatureChecker,
): Promise<OpenPgpProblem | undefined> {
  if (signature.type !== signatureTypes.binary && signature.type !== signatureTypes.text) {
    return { code: "signature.openpgp.unsupported", detail: `signature type ${signature.type}` };
  }
  if (!hashes.includes(signature.hash)) {
    return { code: "signature.invalid", detail: "the one-pass packet announces another hash" };
  }
  const vouched = await gpgVouches(checker, status.key, signature, signed);
  if (vouched === "weak-hash") {
    const hash = hashAlgorithm(signature.hash)?.name ?? String(signature.hash);
    return { code: "signature.hash.weak", ...facts, detail: `${hash} is shorter than the order of the key's group` };
  }
  if (vouched) return undefined;
  if (hashAlgorithm(signature.hash) === undefined) {
    return { code: "signature.openpgp.unsupported", detail: `hash algorithm ${signature.hash}` };
  }
  const detail = signature.unknownCritical
    ? "it has a critical part that is not understood"
    : "the content or the signature was changed";
  return { code: "signature.invalid", detail };
}

function checkStatus(
  signature: GpgSignature,
  status: KeyStatus,
  facts: KeyFacts,
  nowSeconds: number,
): OpenPgpProblem | undefined {
  const { key } = status;
  const unusable = (detail: string): OpenPgpProblem => ({ code: "signature.key.unusable", ...facts, detail });
  if (status.isRevoked) return { code: "signature.key.revoked", ...facts, detail: "" };
  if (status.hasExpired) return { code: "signature.key.expired", ...facts, atSeconds: status.expiresAtSeconds };
  if (!status.isValid) return unusable("no valid self-signature makes it a signing key");
  if (!status.maySign) return unusable("it is not meant for signing");
  if (!status.isCrossCertified) return unusable("the subkey has not signed its primary key");
  if (key.createdAtSeconds > signature.createdAtSeconds) {
    return { code: "signature.time.before-key", ...facts, atSeconds: signature.createdAtSeconds };
  }
  // A primary key from the future has no valid self-signatures either.
  if (Math.max(key.createdAtSeconds, status.primary.createdAtSeconds) > nowSeconds) {
    return unusable("the key is dated in the future");
  }
  const { expiresAtSeconds } = signature;
  if (expiresAtSeconds !== 0 && expiresAtSeconds <= nowSeconds) {
    return { code: "signature.expired", ...facts, atSeconds: expiresAtSeconds };
  }
  return undefined;
}

/** A subkey that is also a primary key goes by its own name. containers/image: keyIdentityForVerificationKeyIdentity. */
function primaryOf(blocks: readonly Keyblock[], { block, key }: { block: Keyblock; key: GpgKey }): string {
  const own = blocks.find((candidate) => candidate.primary.fingerprint === key.fingerprint);
  return (own ?? block).primary.fingerprint;
}

/**
 * A subkey under two primary keys: GPGME cannot tell whose it is. One that is also a primary key is asked for under that name.
 * containers/image: keyIdentityForVerificationKeyIdentity.
 */
function checkUnique(blocks: readonly Keyblock[], key: GpgKey, facts: KeyFacts): OpenPgpProblem | undefined {
  if (blocks.some((block) => block.primary.fingerprint === key.fingerprint)) return undefined;
  const owners = blocks.filter((block) => keysOf(block).some((other) => other.fingerprint === key.fingerprint));
  if (owners.length === 1) return undefined;
  return { code: "signature.key.unusable", ...facts, detail: "several keys of the keyring have this subkey" };
}
