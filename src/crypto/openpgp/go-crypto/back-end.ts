import { fail, ok, type Result, type Untrusted } from "../../../result.ts";
import type { BackEndKeys, LoadKeys, VerifiedMessage } from "../back-end.ts";
import type { KeyFacts, OpenPgpProblem } from "../problems.ts";
import type { SignatureChecker } from "../vouches.ts";
import { goDearmor } from "./armor.ts";
import { type GoEntity, readGoKeyRing } from "./key-ring.ts";
import {
  checkGoMessage,
  countingSignatures,
  type GoMessage,
  type Recipients,
  readGoMessage,
  unsupportedType,
} from "./message.ts";
import type { GoKey } from "./public-key.ts";
import { type GoSigner, goSignersFor, signerUserId } from "./signer.ts";
import { isFault, OctetSource } from "./source.ts";

/** The keys in go-crypto's order, and its rules. */
export class GoKeys implements BackEndKeys {
  readonly backEnd = "go";
  readonly entities: readonly GoEntity[];
  readonly #recipients: Recipients;

  constructor(entities: readonly GoEntity[]) {
    this.entities = entities;
    const keyIds = new Set(entities.flatMap(keysOf).map(({ keyId }) => keyId));
    this.#recipients = { has: (keyId) => keyIds.has(keyId), hasSecretSubkeys: entities.some(hasSecretSubkey) };
  }

  async verify(
    message: Untrusted<Uint8Array>,
    nowSeconds: number,
    checker: SignatureChecker,
  ): Promise<Result<VerifiedMessage, OpenPgpProblem>> {
    const read = readGoMessage(message.untrusted, checker.budget, this.#recipients);
    if (!read.ok) return read;
    const unsupported = unsupportedType(read.value);
    if (unsupported !== undefined) return fail(unsupported);
    const signers = this.#signersOf(read.value);
    if (!signers.ok) return signers;
    const [first] = signers.value;
    const facts = { fingerprint: first.key.fingerprint, userId: signerUserId(first) };
    for (const signer of signers.value) {
      const problem = await checkGoMessage(read.value, signer, nowSeconds, checker, facts);
      if (problem !== undefined) return fail(problem);
    }
    return ok({
      content: read.value.content,
      primaryFingerprint: first.entity.primary.fingerprint,
      signingFingerprint: first.key.fingerprint,
      userId: facts.userId,
      signedAtSeconds: countingSignatures(read.value).at(-1)?.createdAtSeconds ?? 0,
    });
  }

  /** The signer, or each that may come out: that of the last one-pass packet that the ring has a signing key for. */
  #signersOf({ onePasses, lastOnePass }: GoMessage): Result<readonly [GoSigner, ...GoSigner[]], OpenPgpProblem> {
    for (const { keyId } of onePasses.toReversed()) {
      const signers = goSignersFor(this.entities, keyId);
      if (signers === undefined) return fail(this.#unusable(keyId, "its self-signatures contradict each other"));
      const [first, ...others] = signers;
      if (first !== undefined) return ok([first, ...others]);
    }
    const { keyId } = lastOnePass;
    return fail(
      this.#recipients.has(keyId)
        ? this.#unusable(keyId, "go-crypto finds no such signing key in the keyring")
        : { code: "signature.key.unknown", untrustedKeyId: keyId },
    );
  }

  #unusable(keyId: string, detail: string): OpenPgpProblem {
    return { code: "signature.key.unusable", ...this.#factsOf(keyId), detail };
  }

  #factsOf(keyId: string): KeyFacts {
    const entity = this.entities.find((candidate) => keysOf(candidate).some((key) => key.keyId === keyId));
    const key = entity && keysOf(entity).find((candidate) => candidate.keyId === keyId);
    const [identity] = entity?.identities.values() ?? [];
    return { fingerprint: key?.fingerprint ?? keyId, userId: identity?.userId };
  }
}

function keysOf({ primary, subkeys }: GoEntity): readonly GoKey[] {
  return [primary, ...subkeys.map(({ key }) => key)];
}

const encryptionFlags = 0x0c;

/** go-crypto: keys.go DecryptionKeys. */
function hasSecretSubkey({ subkeys }: GoEntity): boolean {
  return subkeys.some(({ key, binding }) => key.isSecret && ((binding.keyFlags ?? 0) & encryptionFlags) !== 0);
}

/** One file that go-crypto refuses is an error, and so is no key at all. containers/image: importKeysFromBytes. */
export const loadGoKeys: LoadKeys<GoKeys> = async (blobs, { checker, everyBlock }) => {
  const entities: GoEntity[] = [];
  for (const [blobIndex, blob] of blobs.entries()) {
    const read = await readEntities(blob, checker, everyBlock);
    if (read === undefined) {
      const detail = "not an OpenPGP keyring, or with a broken key";
      return fail({ code: "policy.trust.invalid", blobIndex, detail });
    }
    for (const entity of read) entities.push(entity);
  }
  if (entities.length > 0) return ok(new GoKeys(entities));
  return fail({ code: "policy.trust.empty", blobIndex: 0, detail: "no key" });
};

/** The keys of one file; `undefined` if go-crypto refuses it. */
async function readEntities(
  blob: Uint8Array,
  checker: SignatureChecker,
  everyBlock: boolean,
): Promise<readonly GoEntity[] | undefined> {
  const binary = await readGoKeyRing(new OctetSource(blob), checker);
  if (!isFault(binary)) return binary;
  const entities: GoEntity[] = [];
  let isFirst = true;
  let at = 0;
  for (;;) {
    const block = goDearmor(blob.subarray(at), checker.budget);
    if (block === undefined) return isFirst ? undefined : entities;
    const isKeyBlock = block.type === "PGP PUBLIC KEY BLOCK" || block.type === "PGP PRIVATE KEY BLOCK";
    const read = isKeyBlock ? await readGoKeyRing(block.body, checker) : "fatal";
    // go-crypto reads the first block only, and fails if it is bad; of the others, what is good counts.
    if (!isFault(read)) for (const entity of read) entities.push(entity);
    else if (isFirst) return undefined;
    if (!everyBlock) return entities;
    isFirst = false;
    at += block.position();
  }
}
