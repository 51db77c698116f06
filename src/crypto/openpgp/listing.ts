import { maxTrustWork } from "../../limits.ts";
import { WorkBudget } from "../budget.ts";
import type { OpenPgpBackEnd } from "./back-end.ts";
import type { GpgKeys } from "./gnupg/back-end.ts";
import type { GpgKey } from "./gnupg/key.ts";
import { type Keyblock, keysOf, readKeyFile } from "./gnupg/keyblock.ts";
import { type KeyStatus, KeyStatusReader } from "./gnupg/status.ts";
import { checkGoSigner, goSignersFor } from "./go-crypto/signer.ts";
import type { KeyMaterial } from "./key-material.ts";
import type { Keyring } from "./keyring.ts";
import { type KeyNotKept, keysNotKept } from "./keys-not-kept.ts";
import { bitLength } from "./octets.ts";

/** The keys of a keyring, for people: what each is worth for verifying signatures at a given time. */
export interface KeyringListing {
  /** Those that GnuPG imports, in its order. */
  readonly keys: readonly DescribedKey[];
  /**
   * Fingerprints of keys and subkeys that are in the files and that GnuPG does not import: no user id with a valid
   * self-signature, or no valid binding.
   */
  readonly leftOut: readonly string[];
  /** Keys that are in the files, and that GnuPG does not read there, without their subkeys. */
  readonly unread: readonly KeyNotKept[];
}

export interface DescribedKey {
  /** Of the primary key, upper-case hex. */
  readonly fingerprint: string;
  /** Free text of whoever made the key. */
  readonly userIds: readonly string[];
  readonly createdAtSeconds: number;
  /** The primary key and its subkeys. */
  readonly parts: readonly [DescribedPart, ...DescribedPart[]];
}

/** A primary key or a subkey. */
export interface DescribedPart {
  readonly fingerprint: string;
  /** Such as `RSA 4096`. */
  readonly algorithm: string;
  /** RSA of less than 2048 bits, or DSA. */
  readonly isWeak: boolean;
  readonly state: PartState;
  /** Absent: never. */
  readonly expiresAtSeconds: number | undefined;
  /** What other back ends would refuse that GnuPG takes, and why; then no signature by it is accepted by all. */
  readonly refusals: readonly BackEndRefusal[];
}

/** `detail` is a short technical fact. */
export interface BackEndRefusal {
  readonly backEnd: Exclude<OpenPgpBackEnd, "gnupg">;
  readonly detail: string;
}

/** What GnuPG makes of it, worst first: `unusable` is a missing or broken self-signature, binding or cross-certification. */
type PartState = "revoked" | "expired" | "unusable" | "not-for-signing" | "future" | "ambiguous" | "good";

/** Whether a signature by it can be accepted. */
export function canVerify({ state, refusals }: DescribedPart): boolean {
  return state === "good" && refusals.length === 0;
}

/**
 * Lists the keys of a keyring as they are at a time.
 *
 * @param blobs the files that the keyring was loaded from.
 */
export async function listKeyring(
  keyring: Keyring,
  blobs: readonly Uint8Array[],
  nowSeconds: number,
): Promise<KeyringListing> {
  const { gnupg } = keyring;
  const keys: DescribedKey[] = [];
  if (gnupg !== undefined) {
    const lister = new Lister(keyring, gnupg, nowSeconds);
    for (const block of gnupg.keyblocks) keys.push(await lister.list(block));
  }
  const imported = new Set(keys.flatMap(({ parts }) => parts.map(({ fingerprint }) => fingerprint)));
  const missing = gnupg === undefined ? [] : blobs.flatMap((blob) => keysNotKept(blob, imported));
  const leftOut = new Set(missing.filter(({ why }) => why === "unbound").map(({ fingerprint }) => fingerprint));
  const unread = missing.filter(({ why, isSubkey }) => why !== "unbound" && !isSubkey);
  return { keys, leftOut: [...leftOut], unread };
}

/** Whether secret keys are among the packets of a key file; protected by a passphrase or not. */
export function holdsSecretKey(blob: Uint8Array): boolean {
  return readKeyFile(blob, new WorkBudget(maxTrustWork)).holdsSecretKey;
}

class Lister {
  readonly #keyring: Keyring;
  readonly #budget = new WorkBudget(maxTrustWork);
  readonly #reader: KeyStatusReader;
  readonly #nowSeconds: number;
  /** In how many keys of the keyring each fingerprint occurs. */
  readonly #owners = new Map<string, number>();
  readonly #primaries: ReadonlySet<string>;

  constructor(keyring: Keyring, { keyblocks, checker }: GpgKeys, nowSeconds: number) {
    this.#keyring = keyring;
    this.#reader = new KeyStatusReader(keyblocks, checker.paidFrom(this.#budget), nowSeconds);
    this.#nowSeconds = nowSeconds;
    this.#primaries = new Set(keyblocks.map((block) => block.primary.fingerprint));
    for (const block of keyblocks) {
      for (const fingerprint of new Set(keysOf(block).map((key) => key.fingerprint))) {
        this.#owners.set(fingerprint, (this.#owners.get(fingerprint) ?? 0) + 1);
      }
    }
  }

  async list(block: Keyblock): Promise<DescribedKey> {
    const [primary, ...subkeys] = await Promise.all(keysOf(block).map((key) => this.#part(block, key)));
    return {
      fingerprint: block.primary.fingerprint,
      userIds: block.nodes.flatMap((node) =>
        node.node === "user-id" && !node.isAttribute ? [Buffer.from(node.octets).toString("utf8")] : [],
      ),
      createdAtSeconds: block.primary.createdAtSeconds,
      parts: [primary ?? (await this.#part(block, block.primary)), ...subkeys],
    };
  }

  async #part(block: Keyblock, key: GpgKey): Promise<DescribedPart> {
    const status = await this.#reader.read(block, key);
    const state = this.#state(status);
    return {
      fingerprint: key.fingerprint,
      ...describeMaterial(key),
      state,
      expiresAtSeconds: status.expiresAtSeconds === 0 ? undefined : status.expiresAtSeconds,
      refusals: state === "good" ? await this.#refusals(key) : [],
    };
  }

  /** In the order of GnuPG's own listing: keylist.c list_keyblock_colon. */
  #state(status: KeyStatus): PartState {
    const { key, primary } = status;
    if (!status.isValid || this.#budget.isSpent) return "unusable";
    if (status.isRevoked) return "revoked";
    if (status.hasExpired) return "expired";
    if (!status.maySign) return "not-for-signing";
    if (!status.isCrossCertified || key.material.kind === "none") return "unusable";
    if (Math.max(key.createdAtSeconds, primary.createdAtSeconds) > this.#nowSeconds) return "future";
    const isAmbiguous = !this.#primaries.has(key.fingerprint) && (this.#owners.get(key.fingerprint) ?? 0) > 1;
    return isAmbiguous ? "ambiguous" : "good";
  }

  async #refusals(key: GpgKey): Promise<readonly BackEndRefusal[]> {
    const go = this.#goRefusal(key);
    const sequoia = await this.#keyring.sequoia?.refusal(key.fingerprint, this.#nowSeconds, this.#budget);
    return [
      ...(go === undefined ? [] : [{ backEnd: "go", detail: go } as const]),
      ...(sequoia === undefined ? [] : [{ backEnd: "sequoia", detail: sequoia } as const]),
    ];
  }

  #goRefusal(key: GpgKey): string | undefined {
    const { go } = this.#keyring;
    if (go === undefined) return undefined;
    const signers = goSignersFor(go.entities, key.keyId);
    if (signers === undefined) return "its self-signatures contradict each other";
    if (signers.length === 0) return "go-crypto finds no such signing key in the keyring";
    const facts = { fingerprint: key.fingerprint, userId: undefined };
    const signature = { createdAtSeconds: this.#nowSeconds };
    for (const signer of signers) {
      const problem = checkGoSigner(signer, signature, this.#nowSeconds, facts);
      if (problem !== undefined) return goDetail(problem);
    }
    return undefined;
  }
}

function goDetail(problem: { readonly code: string; readonly detail?: string }): string {
  if (problem.code === "signature.key.expired") return "it has expired by the rules of go-crypto";
  if (problem.code === "signature.key.revoked") return "it is revoked by the rules of go-crypto";
  return problem.detail ?? problem.code;
}

function describeMaterial({ algorithm, material }: GpgKey): { readonly algorithm: string; readonly isWeak: boolean } {
  const bits = materialBits(material);
  switch (material.kind) {
    case "rsa":
      return { algorithm: `RSA ${bits}`, isWeak: bits < 2048 };
    case "dsa":
      return { algorithm: `DSA ${bits}`, isWeak: true };
    case "ecdsa":
      return { algorithm: `ECDSA ${material.curve.name}`, isWeak: false };
    case "ed25519":
      return { algorithm: "Ed25519", isWeak: false };
    case "ed448":
      return { algorithm: "Ed448", isWeak: false };
    case "none":
      return { algorithm: algorithmNames.get(algorithm) ?? `algorithm ${algorithm}`, isWeak: false };
  }
}

/** Of keys that cannot verify anything: RFC 4880 section 9.1, RFC 6637, RFC 9580. */
const algorithmNames: ReadonlyMap<number, string> = new Map([
  [2, "RSA for encryption"],
  [16, "Elgamal"],
  [18, "ECDH"],
  [20, "Elgamal"],
  [25, "X25519"],
  [26, "X448"],
]);

function materialBits(material: KeyMaterial): number {
  if (material.kind === "rsa") return bitLength(material.n);
  return material.kind === "dsa" ? bitLength(material.p) : 0;
}
