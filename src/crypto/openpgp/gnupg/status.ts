import { cost } from "../../budget.ts";
import { publicKeyAlgorithms as algorithms, isCertification, signatureTypes } from "../algorithms.ts";
import { concat, uint } from "../octets.ts";
import type { SignatureChecker } from "../vouches.ts";
import { isValidOver } from "./import.ts";
import { type GpgKey, gpgVouches } from "./key.ts";
import type { Keyblock, KeyblockNode } from "./keyblock.ts";
import { type GpgSignature, readEmbeddedSignature } from "./signature.ts";
import { subpacket, subpackets, subpacketTypes } from "./subpackets.ts";

/** What GnuPG makes of a key at a time, from its self-signatures. Seconds of expiry: 0 is never. */
export interface KeyStatus {
  readonly key: GpgKey;
  readonly primary: GpgKey;
  /** Without it, nothing the key signs is good: no valid self-signature, or no valid binding. */
  readonly isValid: boolean;
  readonly maySign: boolean;
  readonly isRevoked: boolean;
  readonly expiresAtSeconds: number;
  readonly hasExpired: boolean;
  /** For a subkey: whether it has signed its primary key in turn. A primary key needs not. */
  readonly isCrossCertified: boolean;
  /** The primary user id. */
  readonly userId: string | undefined;
}

interface UserStatus {
  readonly octets: Uint8Array;
  readonly isAttribute: boolean;
  readonly createdAtSeconds: number;
  readonly keyFlags: number | undefined;
  readonly keyExpiresAtSeconds: number;
  readonly isMarkedPrimary: boolean;
}

/** Self-signatures without the key flags leave what the algorithm can do; with them, 0 is none of it. */
const signFlag = 2;
const signingAlgorithms: readonly number[] = [
  algorithms.rsa,
  algorithms.rsaSignOnly,
  algorithms.dsa,
  algorithms.ecdsa,
  algorithms.eddsa,
];

/** Reads the status of keys out of stored keyblocks, as GnuPG does at each look-up. GnuPG: getkey.c merge_selfsigs. */
export class KeyStatusReader {
  readonly #blocks: readonly Keyblock[];
  readonly #checker: SignatureChecker;
  readonly #nowSeconds: number;

  constructor(blocks: readonly Keyblock[], checker: SignatureChecker, nowSeconds: number) {
    this.#blocks = blocks;
    this.#checker = checker;
    this.#nowSeconds = nowSeconds;
  }

  /** The status of the block's primary key or of one of its subkeys. */
  async read(block: Keyblock, key: GpgKey): Promise<KeyStatus> {
    const main = await this.#readPrimary(block);
    if (key === block.primary) return { ...main, key, primary: key, isCrossCertified: true };
    const sub = await this.#readSubkey(block, key);
    return {
      key,
      primary: block.primary,
      userId: main.userId,
      isValid: main.isValid && sub.isValid,
      maySign: sub.maySign,
      isRevoked: main.isRevoked || sub.isRevoked,
      expiresAtSeconds: main.hasExpired ? main.expiresAtSeconds : sub.expiresAtSeconds,
      hasExpired: main.hasExpired || sub.hasExpired,
      isCrossCertified: sub.isCrossCertified,
    };
  }

  /** GnuPG: getkey.c merge_selfsigs_main. */
  async #readPrimary(block: Keyblock): Promise<Omit<KeyStatus, "key" | "primary" | "isCrossCertified">> {
    const { primary } = block;
    const { direct, revoked, revokers } = await this.#readDirect(block);
    const isRevoked = revoked || (await this.#isRevokedByOther(block, revokers));
    const users = await this.#readUsers(block);
    const latest = (value: (user: UserStatus) => number | undefined) => latestOf(users, value);
    const keyFlags = (direct && readKeyFlags(direct)) ?? latest((user) => user.keyFlags);
    const expiresAtSeconds =
      (direct && readKeyExpiry(direct, primary)) || (latest((user) => user.keyExpiresAtSeconds || undefined) ?? 0);
    return {
      isValid: direct !== undefined || users.length > 0,
      maySign: canSign(primary, keyFlags),
      isRevoked,
      expiresAtSeconds,
      hasExpired: expiresAtSeconds !== 0 && expiresAtSeconds < this.#nowSeconds,
      userId: primaryUserId(users),
    };
  }

  /** The first pass: signatures over the primary key itself. */
  async #readDirect(
    block: Keyblock,
  ): Promise<{ direct: GpgSignature | undefined; revoked: boolean; revokers: string[] }> {
    const { primary } = block;
    let direct: GpgSignature | undefined;
    let revoked = false;
    const revokers: string[] = [];
    for (const node of block.nodes) {
      if (node.node !== "signature") break;
      const { signature } = node;
      if (signature.keyId !== primary.keyId) continue;
      if (!(await isValidOver(this.#checker, primary, signature, "primary"))) continue;
      if (signature.type === signatureTypes.keyRevocation) revoked = true;
      else {
        revokers.push(...signature.revocationKeys);
        const isLatest = signature.createdAtSeconds >= (direct?.createdAtSeconds ?? 0);
        if (isLatest && !this.isExpired(signature)) direct = signature;
      }
    }
    return { direct, revoked, revokers };
  }

  /** GnuPG: sig-check.c check_revocation_keys. Where the revoker is unknown, GnuPG only warns. */
  async #isRevokedByOther(block: Keyblock, revokers: readonly string[]): Promise<boolean> {
    for (const node of block.nodes) {
      if (node.node === "user-id") return false;
      if (node.node !== "signature" || node.signature.type !== signatureTypes.keyRevocation) continue;
      const { signature } = node;
      const fingerprint = revokers.find((revoker) => revoker.slice(-16) === signature.keyId);
      const revoker = this.#blocks.find((other) => other.primary.fingerprint === fingerprint)?.primary;
      if (revoker === undefined || revoker === block.primary) continue;
      if (signature.createdAtSeconds < revoker.createdAtSeconds) continue;
      if ((await gpgVouches(this.#checker, revoker, signature, block.primary.hashInput)) === true) return true;
    }
    return false;
  }

  /** The second pass: the latest self-signature of each user id that is neither revoked nor expired by it. */
  async #readUsers(block: Keyblock): Promise<readonly UserStatus[]> {
    const users: UserStatus[] = [];
    let user: Extract<KeyblockNode, { node: "user-id" }> | undefined;
    let chosen: GpgSignature | undefined;
    const finish = () => {
      if (user !== undefined && chosen !== undefined) users.push(this.#userStatus(block, user, chosen));
      chosen = undefined;
    };
    for (const node of block.nodes) {
      if (node.node === "subkey") break;
      if (node.node === "user-id") {
        finish();
        user = node;
      } else if (user !== undefined) {
        const { signature } = node;
        const isUserSignature =
          isCertification(signature.type) || signature.type === signatureTypes.certificationRevocation;
        if (!isUserSignature || signature.keyId !== block.primary.keyId) continue;
        if (signature.createdAtSeconds < (chosen?.createdAtSeconds ?? 0)) continue;
        if (await isValidOver(this.#checker, block.primary, signature, user)) chosen = signature;
      }
    }
    finish();
    return users;
  }

  /** GnuPG: getkey.c fixup_uidnode. A user id that is revoked or has expired still makes the key valid, and says nothing else. */
  #userStatus(block: Keyblock, user: Extract<KeyblockNode, { node: "user-id" }>, signature: GpgSignature): UserStatus {
    const { octets, isAttribute } = user;
    const isDead = signature.type === signatureTypes.certificationRevocation || this.isExpired(signature);
    if (isDead) {
      return {
        octets,
        isAttribute,
        createdAtSeconds: 0,
        keyFlags: undefined,
        keyExpiresAtSeconds: 0,
        isMarkedPrimary: false,
      };
    }
    const mark = subpacket(signature.hashedArea, subpacketTypes.primaryUserId);
    return {
      octets,
      isAttribute,
      createdAtSeconds: signature.createdAtSeconds,
      keyFlags: readKeyFlags(signature),
      keyExpiresAtSeconds: readKeyExpiry(signature, block.primary),
      isMarkedPrimary: mark !== undefined && mark[0] !== 0,
    };
  }

  /** GnuPG: getkey.c merge_selfsigs_subkey. */
  async #readSubkey(block: Keyblock, key: GpgKey): Promise<Omit<KeyStatus, "key" | "primary" | "userId">> {
    const { primary } = block;
    let binding: GpgSignature | undefined;
    let isRevoked = false;
    const start = block.nodes.findIndex((node) => node.node === "subkey" && node.key === key);
    for (const node of block.nodes.slice(start + 1)) {
      if (node.node === "subkey") break;
      if (node.node !== "signature" || node.signature.keyId !== primary.keyId) continue;
      const { signature } = node;
      if (!(await isValidOver(this.#checker, primary, signature, { node: "subkey", key, isSecret: false }))) continue;
      if (signature.type === signatureTypes.subkeyRevocation) isRevoked = true;
      else if (signature.createdAtSeconds >= (binding?.createdAtSeconds ?? 0) && !this.isExpired(signature))
        binding = signature;
    }
    if (binding === undefined) {
      return {
        isValid: false,
        maySign: false,
        isRevoked,
        expiresAtSeconds: 0,
        hasExpired: false,
        isCrossCertified: false,
      };
    }
    const expiresAtSeconds = readKeyExpiry(binding, key);
    return {
      isValid: true,
      maySign: canSign(key, readKeyFlags(binding)),
      isRevoked,
      expiresAtSeconds,
      hasExpired: expiresAtSeconds !== 0 && expiresAtSeconds < this.#nowSeconds,
      isCrossCertified: await this.#isCrossCertified(primary, key, binding),
    };
  }

  /** The newest back-signature counts, from either area. */
  async #isCrossCertified(primary: GpgKey, key: GpgKey, binding: GpgSignature): Promise<boolean> {
    let newest: GpgSignature | undefined;
    for (const area of [binding.hashedArea, binding.unhashedArea]) {
      for (const body of subpackets(area, subpacketTypes.signature)) {
        const type = body[0] === 3 ? body[2] : body[0] === 4 ? body[1] : undefined;
        if (body.length <= 3 || type !== signatureTypes.primaryKeyBinding) continue;
        this.#checker.budget.spend(cost.subpackets(body.length));
        const signature = readEmbeddedSignature(body);
        if (signature !== undefined && signature.createdAtSeconds > (newest?.createdAtSeconds ?? 0)) newest = signature;
      }
    }
    if (newest === undefined || newest.createdAtSeconds < key.createdAtSeconds) return false;
    if (key.createdAtSeconds > this.#nowSeconds) return false;
    return (await gpgVouches(this.#checker, key, newest, concat(primary.hashInput, key.hashInput))) === true;
  }

  /** GnuPG: parse-packet.c parse_signature, sig->flags.expired. */
  isExpired(signature: GpgSignature): boolean {
    return signature.expiresAtSeconds !== 0 && signature.expiresAtSeconds <= this.#nowSeconds;
  }
}

/** The value of the newest user id that has one; of the first, if it has no date. */
function latestOf(users: readonly UserStatus[], value: (user: UserStatus) => number | undefined): number | undefined {
  let found: number | undefined;
  let date = 0;
  for (const user of users) {
    const candidate = value(user);
    if (candidate === undefined) continue;
    if (user.createdAtSeconds > date || (user.createdAtSeconds === 0 && date === 0)) {
      found = candidate;
      date = user.createdAtSeconds;
    }
  }
  return found;
}

/** The first octet of the key flags, 0 if they are empty; `undefined` without the subpacket. GnuPG: getkey.c parse_key_usage. */
function readKeyFlags(signature: GpgSignature): number | undefined {
  const flags = subpacket(signature.hashedArea, subpacketTypes.keyFlags);
  return flags === undefined ? undefined : (flags[0] ?? 0);
}

/** When the key expires by this self-signature, in 32 bits as GnuPG adds; 0 for never. */
function readKeyExpiry(signature: GpgSignature, key: GpgKey): number {
  const lifetime = subpacket(signature.hashedArea, subpacketTypes.keyExpires);
  const seconds = lifetime === undefined ? 0 : uint(lifetime, 0, 4);
  return seconds === 0 ? 0 : (key.createdAtSeconds + seconds) >>> 0;
}

function canSign(key: GpgKey, keyFlags: number | undefined): boolean {
  return signingAlgorithms.includes(key.algorithm) && (keyFlags === undefined || (keyFlags & signFlag) !== 0);
}

/** GnuPG: the end of getkey.c merge_selfsigs_main: the newest of those marked as primary, or of all. */
function primaryUserId(users: readonly UserStatus[]): string | undefined {
  const texts = users.filter((user) => !user.isAttribute);
  const marked = texts.filter((user) => user.isMarkedPrimary);
  const [first, ...rest] = marked.length > 0 ? marked : texts;
  const newest = rest.reduce(
    (best, user) => (best !== undefined && user.createdAtSeconds > best.createdAtSeconds ? user : best),
    first,
  );
  return newest === undefined ? undefined : Buffer.from(newest.octets).toString("utf8");
}
