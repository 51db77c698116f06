import { isCertification, signatureTypes } from "../algorithms.ts";
import { userHashInput } from "../octets.ts";
import type { SignatureChecker } from "../vouches.ts";
import { GoPacketReader } from "./packets.ts";
import type { GoKey } from "./public-key.ts";
import { canSign, namesIssuer } from "./signature.ts";
import type { GoSignature } from "./signature-fields.ts";
import { type Fault, isFault, type Source } from "./source.ts";
import { goVouchesFor } from "./vouching.ts";

export interface GoIdentity {
  /** Free text of whoever made the key. */
  readonly userId: string;
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
  /** The newest direct-key signature, of version 6 keys only: for others go-crypto does not look at them. */
  readonly selfSignature: GoSignature | undefined;
  readonly revocations: readonly GoSignature[];
  readonly subkeys: readonly GoSubkey[];
}

/**
 * Reads the keys of a keyring. A malformed key is left out, if go-crypto can find the next one; the fault is why there is no
 * keyring at all. go-crypto: keys.go ReadKeyRing.
 */
export async function readGoKeyRing(source: Source, checker: SignatureChecker): Promise<readonly GoEntity[] | Fault> {
  const reader = new GoPacketReader(source, checker.budget);
  const entities: GoEntity[] = [];
  let last: Fault | undefined;
  for (;;) {
    const entity = await new EntityReader(reader, checker).read();
    if (!isFault(entity)) {
      entities.push(entity);
      continue;
    }
    let fault: Fault | undefined = entity;
    if (entity === "structural" || entity === "refused") {
      last = entity;
      fault = skipToPublicKey(reader);
    }
    if (fault === "end") return entities.length === 0 && last !== undefined ? last : entities;
    if (fault !== undefined) return fault;
  }
}

/** It does not stop at a secret key. go-crypto: keys.go readToNextPublicKey. */
function skipToPublicKey(reader: GoPacketReader): Fault | undefined {
  for (;;) {
    const packet = reader.next();
    if (packet === "refused") continue;
    if (isFault(packet)) return packet;
    if (packet.packet === "key" && !packet.isSubkey && !packet.isSecret) {
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
  readonly #directSignatures: GoSignature[] = [];

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
    const selfSignature = primary.version === 6 ? await this.#directSelfSignature(primary) : undefined;
    const lacks = primary.version === 6 ? selfSignature === undefined : this.#identities.size === 0;
    if (lacks) return "structural";
    for (const revocation of this.#revocations) {
      if (!(await goVouchesFor(this.#checker, primary, revocation, primary.hashInput))) return "structural";
    }
    return {
      primary,
      identities: this.#identities,
      selfSignature,
      revocations: this.#revocations,
      subkeys: this.#subkeys,
    };
  }

  /** The newest that names the key, if that is valid: an older one does not do instead. */
  async #directSelfSignature(primary: GoKey): Promise<GoSignature | undefined> {
    let newest: GoSignature | undefined;
    for (const signature of this.#directSignatures) {
      if (namesIssuer(signature, primary) && isNewer(signature, newest)) newest = signature;
    }
    const isValid = newest !== undefined && (await goVouchesFor(this.#checker, primary, newest, primary.hashInput));
    return isValid ? newest : undefined;
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
      else if (packet.packet === "signature" && packet.type === signatureTypes.directKey)
        this.#directSignatures.push(packet);
      if (fault !== undefined) return fault;
    }
  }

  async #readUserId(primary: GoKey, userId: Uint8Array): Promise<Fault | undefined> {
    const identity: GoIdentity = { userId: Buffer.from(userId).toString("utf8"), revocations: [] };
    const signed = userHashInput(0xb4, userId);
    for (;;) {
      const signature = this.#nextSignature();
      if (signature === undefined || isFault(signature)) return signature;
      const isRevocation = signature.type === signatureTypes.certificationRevocation;
      if (!isRevocation && !isCertification(signature.type)) return "structural";
      if (!namesIssuer(signature, primary)) continue;
      if (!(await goVouchesFor(this.#checker, primary, signature, primary.hashInput, signed))) return "structural";
      if (isRevocation) identity.revocations.push(signature);
      else if (isNewer(signature, identity.selfSignature)) identity.selfSignature = signature;
      this.#identities.set(Buffer.from(userId).toString("latin1"), identity);
    }
  }

  async #readSubkey(primary: GoKey, key: GoKey): Promise<Fault | undefined> {
    const signed = [primary.hashInput, key.hashInput];
    const revocations: GoSignature[] = [];
    let binding: GoSignature | undefined;
    for (;;) {
      const signature = this.#nextSignature();
      if (isFault(signature)) return "structural";
      if (signature === undefined) break;
      const isRevocation = signature.type === signatureTypes.subkeyRevocation;
      if (!isRevocation && signature.type !== signatureTypes.subkeyBinding) return "structural";
      if (!(await goVouchesFor(this.#checker, primary, signature, ...signed))) return "structural";
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
  async #crossSigned(key: GoKey, { embedded }: GoSignature, signed: readonly Uint8Array[]): Promise<boolean> {
    return embedded !== undefined && goVouchesFor(this.#checker, key, embedded, ...signed);
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
