import { publicKeyAlgorithms as algorithms, hashAlgorithm, isCertification, signatureTypes } from "../algorithms.ts";
import { concat, userHashInput } from "../octets.ts";
import type { SignatureChecker } from "../vouches.ts";
import { GoPacketReader } from "./packets.ts";
import type { GoKey } from "./public-key.ts";
import { type GoSignature, namesIssuer } from "./signature.ts";
import { type Fault, isFault } from "./source.ts";

export interface GoIdentity {
  /** The newest self-signature; absent if there is only a revocation. */
  selfSignature?: GoSignature;
  readonly revocations: GoSignature[];
}

interface GoSubkey {
  readonly key: GoKey;
  readonly binding: GoSignature;
  readonly revocations: readonly GoSignature[];
}

/** One primary key with what belongs to it. go-crypto: keys.go Entity. */
export interface GoEntity {
  readonly primary: GoKey;
  /** By user id. */
  readonly identities: ReadonlyMap<string, GoIdentity>;
  readonly revocations: readonly GoSignature[];
  readonly subkeys: readonly GoSubkey[];
}

/** Whether `signer` made this signature of `signed`. go-crypto: packet/public_key.go VerifySignature. */
export async function goVouches(
  checker: SignatureChecker,
  signer: GoKey,
  signature: GoSignature,
  signed: Uint8Array,
): Promise<boolean> {
  const hash = hashAlgorithm(signature.hash);
  if (hash === undefined || signer.algorithm !== signature.algorithm || !canSign(signer.algorithm)) return false;
  const values = signatureValues(signer, signature);
  return values !== undefined && checker.vouches(signer.material, hash, concat(signed, signature.trailer), values);
}

/** The numbers of the signature, `undefined` if they are longer than go-crypto takes, leading zeros included. */
function signatureValues({ material, algorithm }: GoKey, { values }: GoSignature): readonly Uint8Array[] | undefined {
  const [first] = values;
  if (algorithm === algorithms.ed25519)
    return first === undefined ? undefined : [first.subarray(0, 32), first.subarray(32)];
  const limit =
    material.kind === "rsa" ? material.n.length : material.kind === "ed25519" ? 32 : Number.POSITIVE_INFINITY;
  return values.every((value) => value.length <= limit) ? values : undefined;
}

const signingAlgorithms: readonly number[] = [1, 3, 17, 19, 22, 27, 28];

function canSign(algorithm: number): boolean {
  return signingAlgorithms.includes(algorithm);
}

/**
 * Reads the keys of a binary keyring. A malformed key is left out, if go-crypto can find the next one; the fault is why there
 * is no keyring at all. go-crypto: keys.go ReadKeyRing.
 */
export async function readGoKeyRing(
  octets: Uint8Array,
  checker: SignatureChecker,
): Promise<readonly GoEntity[] | Fault> {
  const reader = new GoPacketReader(octets, checker.budget);
  const entities: GoEntity[] = [];
  let last: Fault | undefined;
  for (;;) {
    const entity = await new EntityReader(reader, checker).read();
    if (!isFault(entity)) {
      entities.push(entity);
      continue;
    }
    let fault: Fault | undefined = entity;
    if (entity === "structural" || entity === "unsupported") {
      last = entity;
      fault = skipToPublicKey(reader);
    }
    if (fault === "end") return entities.length === 0 && last !== undefined ? last : entities;
    if (fault !== undefined) return fault;
  }
}

function skipToPublicKey(reader: GoPacketReader): Fault | undefined {
  for (;;) {
    const packet = reader.next();
    if (isFault(packet)) return packet;
    if (packet.packet === "key" && !packet.isSubkey) {
      reader.unread(packet);
      return undefined;
    }
  }
}

/** Reads one entity. go-crypto: keys.go ReadEntity, addUserID, addSubkey. */
class EntityReader {
  readonly #reader: GoPacketReader;
  readonly #checker: SignatureChecker;
  readonly #identities = new Map<string, GoIdentity>();
  readonly #subkeys: GoSubkey[] = [];
  readonly #revocations: GoSignature[] = [];

  constructor(reader: GoPacketReader, checker: SignatureChecker) {
    this.#reader = reader;
    this.#checker = checker;
  }

  async read(): Promise<GoEntity | Fault> {
    const primary = this.#reader.next();
    if (isFault(primary)) return primary;
    if (primary.packet !== "key") {
      this.#reader.unread(primary);
      return "structural";
    }
    if (!canSign(primary.algorithm)) return "structural";
    const fault = await this.#readParts(primary);
    if (fault !== undefined) return fault;
    // Version 6 keys are refused by GnuPG; what go-crypto makes of them changes nothing.
    if (this.#identities.size === 0 || primary.version === 6) return "structural";
    for (const revocation of this.#revocations) {
      if (!(await goVouches(this.#checker, primary, revocation, primary.hashInput))) return "structural";
    }
    return {
      primary,
      identities: this.#identities,
      revocations: this.#revocations,
      subkeys: this.#subkeys,
    };
  }

  async #readParts(primary: GoKey): Promise<Fault | undefined> {
    for (;;) {
      const packet = this.#reader.next();
      if (packet === "end") return undefined;
      if (isFault(packet)) return packet;
      if (packet.packet === "key" && !packet.isSubkey) {
        this.#reader.unread(packet);
        return undefined;
      }
      let fault: Fault | undefined;
      if (packet.packet === "user-id") fault = await this.#readUserId(primary, packet.octets);
      else if (packet.packet === "key") fault = await this.#readSubkey(primary, packet);
      else if (packet.packet === "signature" && packet.type === signatureTypes.keyRevocation)
        this.#revocations.push(packet);
      if (fault !== undefined) return fault;
    }
  }

  async #readUserId(primary: GoKey, userId: Uint8Array): Promise<Fault | undefined> {
    const identity: GoIdentity = { revocations: [] };
    const signed = concat(primary.hashInput, userHashInput(0xb4, userId));
    for (;;) {
      const signature = this.#nextSignature();
      if (signature === undefined || isFault(signature)) return signature;
      const isRevocation = signature.type === signatureTypes.certificationRevocation;
      if (!isRevocation && !isCertification(signature.type)) return "structural";
      if (!namesIssuer(signature, primary)) continue;
      if (!(await goVouches(this.#checker, primary, signature, signed))) return "structural";
      if (isRevocation) identity.revocations.push(signature);
      else if (isNewer(signature, identity.selfSignature)) identity.selfSignature = signature;
      this.#identities.set(Buffer.from(userId).toString("latin1"), identity);
    }
  }

  async #readSubkey(primary: GoKey, key: GoKey): Promise<Fault | undefined> {
    const signed = concat(primary.hashInput, key.hashInput);
    const revocations: GoSignature[] = [];
    let binding: GoSignature | undefined;
    for (;;) {
      const signature = this.#nextSignature();
      if (isFault(signature)) return "structural";
      if (signature === undefined) break;
      const isRevocation = signature.type === signatureTypes.subkeyRevocation;
      if (!isRevocation && signature.type !== signatureTypes.subkeyBinding) return "structural";
      if (!(await goVouches(this.#checker, primary, signature, signed))) return "structural";
      if (((signature.keyFlags ?? 0) & 2) !== 0 && !(await this.#crossSigned(key, signature, signed)))
        return "structural";
      if (isRevocation) revocations.push(signature);
      else if (isNewer(signature, binding)) binding = signature;
    }
    if (binding === undefined) return "structural";
    this.#subkeys.push({ key, binding, revocations });
    return undefined;
  }

  /** go-crypto: packet/public_key.go VerifyKeySignature: a subkey that may sign has signed the primary key in turn. */
  async #crossSigned(key: GoKey, binding: GoSignature, signed: Uint8Array): Promise<boolean> {
    return binding.embedded !== undefined && goVouches(this.#checker, key, binding.embedded, signed);
  }

  /** The next packet if it is a signature; `undefined` (and nothing read) if it is not, or at the end. */
  #nextSignature(): GoSignature | Fault | undefined {
    const packet = this.#reader.next();
    if (packet === "end") return undefined;
    if (isFault(packet) || packet.packet === "signature") return packet;
    this.#reader.unread(packet);
    return undefined;
  }
}

function isNewer(signature: GoSignature, than: GoSignature | undefined): boolean {
  return than === undefined || signature.createdAtSeconds > than.createdAtSeconds;
}
