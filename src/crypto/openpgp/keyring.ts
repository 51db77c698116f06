import { maxTrustWork } from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";
import { cost, WorkBudget } from "../budget.ts";
import { publicKeyAlgorithms } from "./algorithms.ts";
import { gpgDearmor } from "./gnupg/armor.ts";
import { keysOf } from "./gnupg/check.ts";
import { importKeyblocks } from "./gnupg/import.ts";
import type { Keyblock } from "./gnupg/keyblock.ts";
import { goDearmor } from "./go-crypto/armor.ts";
import { type GoEntity, readGoKeyRing } from "./go-crypto/key-ring.ts";
import type { GoKey } from "./go-crypto/public-key.ts";
import { isFault } from "./go-crypto/source.ts";
import { isSoundSecretKey } from "./library.ts";
import { bitLength } from "./octets.ts";
import type { KeyringProblem } from "./problems.ts";
import { SignatureChecker } from "./vouches.ts";

/** The keys of a policy's key files, as each back end of the reference would have them. */
export interface Keyring {
  /** In go-crypto's order. */
  readonly entities: readonly GoEntity[];
  /** GnuPG's key database. */
  readonly keyblocks: readonly Keyblock[];
  readonly checker: SignatureChecker;
}

/**
 * Loads key files, binary or armoured. It is an error where go-crypto says so of a file, or where a back end has no key at
 * all; several armoured blocks in a file all count, as GnuPG has it.
 *
 * @param blobs the files, in the order of the policy.
 * @param budget what all of it may cost
 */
export async function loadKeyring(
  blobs: readonly Uint8Array[],
  budget = new WorkBudget(maxTrustWork),
): Promise<Result<Keyring, KeyringProblem>> {
  const checker = new SignatureChecker(budget);
  const keyring = await loadWith(checker, blobs);
  // First of all: with a spent budget signatures seem to be invalid that are not, revocations among them.
  return budget.isSpent ? fail({ code: "policy.trust.too-costly", blobIndex: 0, detail: "" }) : keyring;
}

async function loadWith(
  checker: SignatureChecker,
  blobs: readonly Uint8Array[],
): Promise<Result<Keyring, KeyringProblem>> {
  const entities: GoEntity[] = [];
  for (const [blobIndex, blob] of blobs.entries()) {
    const read = await readEntities(blob, checker);
    if (read === undefined) {
      return fail({ code: "policy.trust.invalid", blobIndex, detail: "not an OpenPGP keyring, or with a broken key" });
    }
    for (const entity of read) {
      if (!(await areSecretsSound(entity, checker.budget))) {
        return fail({ code: "policy.trust.invalid", blobIndex, detail: "it has a broken private key" });
      }
      entities.push(entity);
    }
  }
  const dearmored = blobs.map((blob) => gpgDearmor(blob, checker.budget)).filter((blob) => blob !== undefined);
  const keyblocks = await importKeyblocks(dearmored, checker);
  if (entities.length === 0 || keyblocks.length === 0) {
    const detail = keyblocks.length === 0 ? "GnuPG would import no key" : "no key";
    return fail({ code: "policy.trust.empty", blobIndex: 0, detail });
  }
  return ok({ entities, keyblocks, checker });
}

/** The keys of one file by go-crypto's rules; `undefined` if it refuses the file. containers/image: importKeysFromBytes. */
async function readEntities(blob: Uint8Array, checker: SignatureChecker): Promise<readonly GoEntity[] | undefined> {
  const binary = await readGoKeyRing(blob, checker);
  if (!isFault(binary)) return binary;
  const entities: GoEntity[] = [];
  let isFirst = true;
  let at = 0;
  for (;;) {
    const block = goDearmor(blob.subarray(at), checker.budget);
    if (block === undefined) return isFirst ? undefined : entities;
    const isKeyBlock = block.type === "PGP PUBLIC KEY BLOCK" || block.type === "PGP PRIVATE KEY BLOCK";
    const read = isKeyBlock && block.octets !== undefined ? await readGoKeyRing(block.octets, checker) : "fatal";
    // go-crypto reads the first block only, and fails if it is bad; of the others, what is good counts.
    if (!isFault(read)) for (const entity of read) entities.push(entity);
    else if (isFirst) return undefined;
    isFirst = false;
    at += block.end;
  }
}

/**
 * Whether secret keys that somebody left in a keyring are the ones of their public halves: go-crypto refuses others
 * (packet/private_key.go parsePrivateKey). Encrypted ones cannot be told.
 */
async function areSecretsSound({ primary, subkeys }: GoEntity, budget: WorkBudget): Promise<boolean> {
  for (const key of [primary, ...subkeys.map((subkey) => subkey.key)]) {
    if (key.secretBody === undefined) continue;
    if (!budget.spend(costOfSecret(key, key.secretBody))) return false;
    if (!(await isSoundSecretKey(key.material, key.secretBody))) return false;
  }
  return true;
}

function costOfSecret({ algorithm, material }: GoKey, body: Uint8Array): number {
  if (algorithm === publicKeyAlgorithms.elgamal) return cost.elgamalSecret(body.length * 8);
  if (material.kind === "dsa") return cost.dsaSecret(bitLength(material.p), bitLength(material.q));
  return cost.rareCurve;
}

/** One key of a keyring, for messages. */
export interface ListedKey {
  /** Upper-case hex. */
  readonly fingerprint: string;
  /** Free text of whoever made the key. */
  readonly userIds: readonly string[];
  /** Fingerprints of its subkeys. */
  readonly subkeys: readonly string[];
}

/** The keys of the keyring, as GnuPG would list them. */
export function keyringKeys(keyring: Keyring): readonly ListedKey[] {
  return keyring.keyblocks.map((block) => ({
    fingerprint: block.primary.fingerprint,
    userIds: block.nodes.flatMap((node) =>
      node.node === "user-id" && !node.isAttribute ? [Buffer.from(node.octets).toString("utf8")] : [],
    ),
    subkeys: keysOf(block)
      .slice(1)
      .map((key) => key.fingerprint),
  }));
}
