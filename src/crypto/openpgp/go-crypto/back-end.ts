import { fail, ok, type Result, type Untrusted } from "../../../result.ts";
import type { BackEndKeys, LoadKeys, VerifiedMessage } from "../back-end.ts";
import { isSoundSecretKey } from "../library.ts";
import type { OpenPgpProblem } from "../problems.ts";
import type { SignatureChecker } from "../vouches.ts";
import { goDearmor } from "./armor.ts";
import { type GoEntity, readGoKeyRing } from "./key-ring.ts";
import { checkGoMessage, readGoMessage } from "./message.ts";
import { goSignersFor } from "./signer.ts";
import { isFault } from "./source.ts";

/** The keys in go-crypto's order, and its rules. */
export class GoKeys implements BackEndKeys {
  readonly backEnd = "go";
  readonly entities: readonly GoEntity[];

  constructor(entities: readonly GoEntity[]) {
    this.entities = entities;
  }

  async verify(
    message: Untrusted<Uint8Array>,
    nowSeconds: number,
    checker: SignatureChecker,
  ): Promise<Result<VerifiedMessage, OpenPgpProblem>> {
    const read = readGoMessage(message.untrusted, checker.budget);
    if (!read.ok) return read;
    const { keyId } = read.value.onePass;
    const signers = goSignersFor(this.entities, keyId);
    const [first] = signers ?? [];
    if (signers === undefined || first === undefined) {
      const isKnown = this.entities.some(
        ({ primary, subkeys }) => primary.keyId === keyId || subkeys.some(({ key }) => key.keyId === keyId),
      );
      if (!isKnown) return fail({ code: "signature.key.unknown", untrustedKeyId: keyId });
      const detail =
        signers === undefined
          ? "its self-signatures contradict each other"
          : "go-crypto finds no such signing key in the keyring";
      return fail({ code: "signature.key.unusable", fingerprint: keyId, userId: undefined, detail });
    }
    const facts = { fingerprint: first.key.fingerprint, userId: undefined };
    for (const signer of signers) {
      const problem = await checkGoMessage(read.value, signer, nowSeconds, checker, facts);
      if (problem !== undefined) return fail(problem);
    }
    const signature = read.value.signatures.find((candidate) => candidate.issuerKeyId === keyId);
    return ok({
      content: read.value.content,
      primaryFingerprint: first.entity.primary.fingerprint,
      signingFingerprint: first.key.fingerprint,
      userId: undefined,
      signedAtSeconds: signature?.createdAtSeconds ?? 0,
    });
  }
}

/** One file that go-crypto refuses is an error, and so is no key at all. containers/image: importKeysFromBytes. */
export const loadGoKeys: LoadKeys<GoKeys> = async (blobs, { checker, everyBlock }) => {
  const entities: GoEntity[] = [];
  for (const [blobIndex, blob] of blobs.entries()) {
    const invalid = (detail: string) =>
      fail({ code: "policy.trust.invalid", backEnd: "go", blobIndex, detail } as const);
    const read = await readEntities(blob, checker, everyBlock);
    if (read === undefined) return invalid("not an OpenPGP keyring, or with a broken key");
    for (const entity of read) {
      if (!(await areSecretsSound(entity))) return invalid("it has a broken private key");
      entities.push(entity);
    }
  }
  if (entities.length > 0) return ok(new GoKeys(entities));
  return fail({ code: "policy.trust.empty", backEnd: "go", blobIndex: 0, detail: "no key" });
};

/** The keys of one file; `undefined` if go-crypto refuses it. */
async function readEntities(
  blob: Uint8Array,
  checker: SignatureChecker,
  everyBlock: boolean,
): Promise<readonly GoEntity[] | undefined> {
  const binary = await readGoKeyRing(blob, checker);
  if (!isFault(binary)) return binary;
  const entities: GoEntity[] = [];
  let isFirst = true;
  let at = 0;
  for (;;) {
    const block = goDearmor(blob.subarray(at));
    if (block === undefined) return isFirst ? undefined : entities;
    const isKeyBlock = block.type === "PGP PUBLIC KEY BLOCK" || block.type === "PGP PRIVATE KEY BLOCK";
    const read = isKeyBlock && block.octets !== undefined ? await readGoKeyRing(block.octets, checker) : "fatal";
    // go-crypto reads the first block only, and fails if it is bad; of the others, what is good counts.
    if (!isFault(read)) for (const entity of read) entities.push(entity);
    else if (isFirst) return undefined;
    if (!everyBlock) return entities;
    isFirst = false;
    at += block.end;
  }
}

/**
 * Whether secret keys that somebody left in a keyring are the ones of their public halves: go-crypto refuses others
 * (packet/private_key.go parsePrivateKey). Encrypted ones cannot be told.
 */
async function areSecretsSound({ primary, subkeys }: GoEntity): Promise<boolean> {
  for (const { material, secretBody } of [primary, ...subkeys.map(({ key }) => key)]) {
    if (secretBody !== undefined && !(await isSoundSecretKey(material, secretBody))) return false;
  }
  return true;
}
