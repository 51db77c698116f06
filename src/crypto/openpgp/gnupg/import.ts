import { fail, ok, type Result } from "../../../result.ts";
import { cost } from "../../budget.ts";
import { isCertification, signatureTypes } from "../algorithms.ts";
import { concat, userHashInput } from "../octets.ts";
import type { SignatureChecker } from "../vouches.ts";
import { type GpgKey, gpgVouches } from "./key.ts";
import { isKeyRevocation, type Keyblock, type KeyblockNode, type KeyFile, keysOf } from "./keyblock.ts";
import { mergeKeyblock } from "./merge.ts";
import { type GpgSignature, isKeySignature } from "./signature.ts";

/** Which packet a key signature is over: the primary key, or one of the block's nodes. */
type Component = "primary" | Exclude<KeyblockNode, { node: "signature" }>;

/**
 * What GnuPG's key database holds after the import of these keyrings, in order: only user ids and subkeys with a valid
 * self-signature, misplaced self-signatures put right, keys that occur twice merged. GnuPG: import.c import.
 */
export async function importKeyblocks(
  files: readonly KeyFile[],
  checker: SignatureChecker,
): Promise<Result<readonly Keyblock[], { readonly blobIndex: number; readonly detail: string }>> {
  const known = new Map<string, Keyblock>();
  for (const [blobIndex, { blocks }] of files.entries()) {
    for (const block of blocks) {
      if (!("primary" in block)) await importRevocation(block, known, checker);
      else if ((await importKeyblock(block, known, checker)) === "stop") break;
    }
    const isTooLarge = [...known.values()].some((block) => octetsOf(block) > maxStoredOctets);
    if (isTooLarge) return fail({ blobIndex, detail: "a key of more than 5 MiB" });
  }
  return ok([...known.values()]);
}

/**
 * GnuPG tries to do with less of a key that is larger (kbx/keybox-file.c IMAGELEN_LIMIT). What would be left is not worth
 * knowing: such a key is refused.
 */
const maxStoredOctets = 5 * 1024 * 1024;

/** About what it takes in the key database. */
function octetsOf({ primary, nodes }: Keyblock): number {
  let count = primary.hashInput.length;
  for (const node of nodes) {
    count += 40;
    if (node.node === "subkey") count += node.key.hashInput.length;
    else if (node.node === "user-id") count += node.octets.length;
    else {
      const { hashedArea, unhashedArea, values } = node.signature;
      count += hashedArea.length + unhashedArea.length + values.reduce((sum, { length }) => sum + length, 0);
    }
  }
  return count;
}

/** `stop`: what follows in the file is not read. GnuPG: import.c import_one_real, import_secret_one. */
async function importKeyblock(
  block: Keyblock,
  known: Map<string, Keyblock>,
  checker: SignatureChecker,
): Promise<"stop" | undefined> {
  if (block.isSecret && !isImportableSecret(block)) return undefined;
  const cleaned = await new KeyblockCleaner(block, checker).clean();
  if (cleaned === undefined) return undefined;
  const { fingerprint } = cleaned.primary;
  const existing = known.get(fingerprint);
  // Debian's patch: a block without user ids is good enough for a key that is known already.
  if (existing === undefined && !cleaned.nodes.some(({ node }) => node === "user-id")) {
    // A secret key is then looked for in vain, and that is an error, unless a part of it is put aside for later.
    return block.isSecret && countSecrets(cleaned) === countSecrets(block) ? "stop" : undefined;
  }
  // Each part of the one is compared with those of the other.
  if (existing !== undefined && !checker.budget.spend((existing.nodes.length * cleaned.nodes.length) / 50))
    return "stop";
  const merged = existing === undefined ? cleaned : mergeKeyblock(existing, cleaned);
  if (merged.nodes.length !== existing?.nodes.length) {
    if (!isStorable(merged)) return "stop";
    known.set(fingerprint, merged);
  }
  return block.isSecret && isSecretRefused(cleaned) ? "stop" : undefined;
}

/** Whether the agent refuses the last of the secret keys that it is given. GnuPG: import.c transfer_secret_keys. */
function isSecretRefused(block: Keyblock): boolean {
  const given = keysOf(block).filter(({ secret }) => secret !== undefined && secret.fate !== "stub");
  return given.at(-1)?.secret?.fate === "refused";
}

/** GnuPG: build-packet.c do_user_id: ten octets less than what it reads. */
const maxStoredUserId = 2048 - 10;
const maxStoredAttribute = 16 * 1024 * 1024 - 10;

/** Whether the key database takes it. GnuPG: build-packet.c do_user_id, kbx/keybox-openpgp.c parse_key. */
function isStorable({ primary, nodes }: Keyblock): boolean {
  const isStorableNode = (node: KeyblockNode): boolean => {
    if (node.node === "subkey") return node.key.isStorable;
    if (node.node === "signature") return true;
    const { length } = node.octets;
    // Of an attribute without octets GnuPG dies.
    return node.isAttribute ? length > 0 && length <= maxStoredAttribute : length <= maxStoredUserId;
  };
  return primary.isStorable && nodes.every(isStorableNode);
}

function countSecrets({ nodes }: Keyblock): number {
  return nodes.filter((node) => node.node === "subkey" && node.isSecret).length;
}

/** The number of a cipher that there may be. GnuPG: import.c import_secret_one. */
const maxCipher = 110;

/** Whether GnuPG looks at a secret key at all, and with it at its public half. GnuPG: import.c import_secret_one. */
function isImportableSecret({ primary, nodes }: Keyblock): boolean {
  const hasUserId = nodes.some(({ node }) => node === "user-id");
  return hasUserId && primary.secret !== undefined && primary.secret.cipher <= maxCipher;
}

/** GnuPG: import.c import_revoke_cert. */
async function importRevocation(
  signature: GpgSignature,
  known: Map<string, Keyblock>,
  checker: SignatureChecker,
): Promise<void> {
  if (!checker.budget.spend(cost.step * known.size)) return;
  for (const [fingerprint, block] of known) {
    if (block.primary.keyId !== signature.keyId) continue;
    if (!(await isValidOver(checker, block.primary, signature, "primary"))) return;
    known.set(fingerprint, { ...block, nodes: [{ node: "signature", signature }, ...block.nodes] });
    return;
  }
}

/**
 * Whether `signature`, which names the primary key as its maker, is its valid signature over `component`. Says nothing about
 * time or expiry. GnuPG: sig-check.c check_key_signature, check_signature_over_key_or_uid.
 */
export async function isValidOver(
  checker: SignatureChecker,
  primary: GpgKey,
  signature: GpgSignature,
  component: Component,
): Promise<boolean> {
  return signature.createdAtSeconds >= primary.createdAtSeconds && isMadeOver(checker, primary, signature, component);
}

/** The same without a look at dates. */
async function isMadeOver(
  checker: SignatureChecker,
  primary: GpgKey,
  signature: GpgSignature,
  component: Component,
): Promise<boolean> {
  if (kindOf(signature.type) !== (component === "primary" ? "primary" : component.node)) return false;
  return (await gpgVouches(checker, primary, signature, hashedFor(primary, signature, component))) === true;
}

function hashedFor(primary: GpgKey, signature: GpgSignature, component: Component): Uint8Array {
  if (component === "primary") return primary.hashInput;
  if (component.node === "subkey") return concat(primary.hashInput, component.key.hashInput);
  const { octets, isAttribute } = component;
  // Version 3 signatures hash a user id without header.
  const user = signature.version < 4 ? octets : userHashInput(isAttribute ? 0xd1 : 0xb4, octets);
  return concat(primary.hashInput, user);
}

/** Over what a signature of this type is made. */
function kindOf(type: number): "primary" | "user-id" | "subkey" | undefined {
  if (isCertification(type) || type === signatureTypes.certificationRevocation) return "user-id";
  if (type === signatureTypes.subkeyBinding || type === signatureTypes.subkeyRevocation) return "subkey";
  return type === signatureTypes.directKey || type === signatureTypes.keyRevocation ? "primary" : undefined;
}

interface Entry {
  readonly node: KeyblockNode;
  good: boolean;
  deleted: boolean;
}

/** Does to one keyblock what GnuPG does before it stores it. */
class KeyblockCleaner {
  readonly #primary: GpgKey;
  readonly #isSecret: boolean;
  readonly #checker: SignatureChecker;
  #nodes: KeyblockNode[];

  constructor(block: Keyblock, checker: SignatureChecker) {
    this.#primary = block.primary;
    this.#isSecret = block.isSecret;
    this.#nodes = [...block.nodes];
    this.#checker = checker;
  }

  /** The block as it is stored, or `undefined` if GnuPG refuses it. */
  async clean(): Promise<Keyblock | undefined> {
    this.#collapseUserIds();
    await this.#reorderSignatures();
    const entries = await this.#checkSelfSignatures();
    if (entries === undefined) return undefined;
    await this.#deleteInvalid(entries);
    const nodes = entries.filter((entry) => !entry.deleted).map((entry) => entry.node);
    return { primary: this.#primary, nodes, isSecret: this.#isSecret };
  }

  /**
   * Whether signatures can be over it. A secret key stands for its public half, and so do its subkeys, but under a public key a
   * subkey with its secret half is no part of it.
   */
  #isComponent(node: KeyblockNode): node is Exclude<KeyblockNode, { node: "signature" }> {
    return node.node === "user-id" || (node.node === "subkey" && (this.#isSecret || !node.isSecret));
  }

  /** User ids that occur twice become one, with the signatures of both. GnuPG: import.c collapse_uids. */
  #collapseUserIds(): void {
    const nodes: KeyblockNode[] = [];
    const groups = new Map<string, { user: KeyblockNode; followers: KeyblockNode[] }>();
    let group: { user: KeyblockNode; followers: KeyblockNode[] } | undefined;
    for (const node of this.#nodes) {
      if (node.node === "subkey") group = undefined;
      if (node.node === "user-id") {
        const name = `${node.isAttribute} ${Buffer.from(node.octets).toString("latin1")}`;
        group = groups.get(name);
        if (group === undefined) {
          group = { user: node, followers: [] };
          groups.set(name, group);
          nodes.push(node);
        }
      } else if (group === undefined) nodes.push(node);
      else group.followers.push(node);
    }
    const followers = new Map([...groups.values()].map((each) => [each.user, each.followers]));
    this.#nodes = nodes.flatMap((node) => [node, ...(followers.get(node) ?? [])]);
  }

  /** A self-signature that is no good where it stands is moved to the packet it is over, if any. GnuPG: key-check.c key_check_all_keysigs. */
  async #reorderSignatures(): Promise<void> {
    const misplaced = new Map<KeyblockNode, Component>();
    const components: Component[] = ["primary"];
    for (const node of this.#nodes) if (this.#isComponent(node)) components.push(node);
    let current: Component = "primary";
    for (const node of this.#nodes) {
      if (node.node !== "signature") {
        if (this.#isComponent(node)) current = node;
        continue;
      }
      const { signature } = node;
      if (signature.keyId !== this.#primary.keyId || (await this.#fits(signature, current))) continue;
      for (const component of components) {
        if (!this.#checker.budget.spend(cost.step)) return;
        if (component === current) continue;
        if (kindOf(signature.type) !== (component === "primary" ? "primary" : component.node)) continue;
        if (await this.#fits(signature, component)) {
          misplaced.set(node, component);
          break;
        }
      }
    }
    if (misplaced.size === 0) return;
    const movedTo = (component: Component) =>
      [...misplaced]
        .filter(([, target]) => target === component)
        .map(([node]) => node)
        .reverse();
    const staying = this.#nodes.filter((node) => !misplaced.has(node));
    this.#nodes = [
      ...movedTo("primary"),
      ...staying.flatMap((node) => (node.node === "signature" ? [node] : [node, ...movedTo(node)])),
    ];
  }

  /** No look at dates: key_check_all_keysigs calls check_signature_over_key_or_uid directly. */
  #fits(signature: GpgSignature, component: Component): Promise<boolean> {
    return isMadeOver(this.#checker, this.#primary, signature, component);
  }

  /** Marks what has a valid self-signature, and which signatures go. GnuPG: import.c chk_self_sigs. */
  async #checkSelfSignatures(): Promise<Entry[] | undefined> {
    const entries: Entry[] = this.#nodes.map((node) => ({ node, good: false, deleted: false }));
    let userId: Entry | undefined;
    let subkey: Entry | undefined;
    let newest: { binding?: Entry; revocation?: Entry } = {};
    for (const entry of entries) {
      const { node } = entry;
      if (node.node === "user-id") userId = entry;
      if (node.node === "subkey" && this.#isComponent(node)) {
        subkey = entry;
        newest = {};
      }
      if (node.node !== "signature" || node.signature.keyId !== this.#primary.keyId) continue;
      const { signature } = node;
      const kind = kindOf(signature.type);
      if (kind === "user-id") {
        if (userId === undefined) return undefined;
        userId.good ||= await this.#isValid(signature, userId);
      } else if (signature.type === signatureTypes.directKey) {
        entry.deleted = !(await isValidOver(this.#checker, this.#primary, signature, "primary"));
      } else if (kind === "subkey") {
        const which = signature.type === signatureTypes.subkeyBinding ? "binding" : "revocation";
        if (subkey === undefined || !(await this.#isValid(signature, subkey))) entry.deleted = true;
        else if (createdAt(newest[which]) > signature.createdAtSeconds) entry.deleted = true;
        else {
          subkey.good = true;
          const older = newest[which];
          if (older !== undefined) older.deleted = true;
          newest[which] = entry;
        }
      }
    }
    return entries;
  }

  #isValid(signature: GpgSignature, over: Entry): Promise<boolean> {
    if (over.node.node === "signature") return Promise.resolve(false);
    return isValidOver(this.#checker, this.#primary, signature, over.node);
  }

  /** Marks the rest of what is not stored. GnuPG: import.c delete_inv_parts. */
  async #deleteInvalid(entries: readonly Entry[]): Promise<void> {
    let userIdSeen = false;
    let subkeySeen = false;
    let dropping: "nothing" | "user-id" | "subkey" = "nothing";
    for (const entry of entries) {
      const { node } = entry;
      const ends =
        node.node === "subkey" || node.node === "user-id" || (dropping === "subkey" && node.node !== "signature");
      if (ends) dropping = "nothing";
      if (dropping !== "nothing") {
        entry.deleted = true;
      } else if (node.node === "user-id") {
        userIdSeen = true;
        if (!entry.good) dropping = "user-id";
        entry.deleted = !entry.good;
      } else if (node.node === "subkey") {
        if (entry.good) subkeySeen = true;
        else dropping = "subkey";
        entry.deleted = !entry.good;
      } else if (!(await this.#keepsSignature(node.signature, userIdSeen, subkeySeen))) entry.deleted = true;
    }
  }

  async #keepsSignature(signature: GpgSignature, userIdSeen: boolean, subkeySeen: boolean): Promise<boolean> {
    if (!knownSignatureAlgorithms.includes(signature.algorithm) || !signature.exportable) return false;
    if (isKeyRevocation(signature)) {
      if (userIdSeen) return false;
      // One by another key may be by a designated revoker, who need not be known yet.
      if (signature.keyId !== this.#primary.keyId) return true;
      return isValidOver(this.#checker, this.#primary, signature, "primary");
    }
    if (kindOf(signature.type) === "subkey" && !subkeySeen) return false;
    return isKeySignature(signature.type);
  }
}

/** GnuPG: misc.c openpgp_pk_test_algo. */
const knownSignatureAlgorithms: readonly number[] = [1, 2, 3, 16, 17, 18, 19, 22];

function createdAt(entry: Entry | undefined): number {
  return entry?.node.node === "signature" ? entry.node.signature.createdAtSeconds : 0;
}
