import { cost, type WorkBudget } from "../../budget.ts";
import { isCertification, signatureTypes } from "../algorithms.ts";
import { concat, userHashInput } from "../octets.ts";
import type { SignatureChecker } from "../vouches.ts";
import type { RawCert } from "./cert-file.ts";
import { keyOctets, type SequoiaKey } from "./key.ts";
import { type HashSecurity, keyFlaw, revocationTypes, signatureFlaw, userIdSecurity } from "./policy.ts";
import { canSign, embeddedIn, hasPrefix, isAlive, type SequoiaSignature, signedOctets } from "./signature.ts";
import { sequoiaVouches } from "./vouching.ts";

/** Why a key does not count at some time. */
export interface KeyFlaw {
  readonly flaw: "weak-key" | "weak-hash" | "unbound" | "expired" | "not-yet-valid" | "revoked" | "not-for-signing";
  readonly detail: string;
  /** When it expired. */
  readonly atSeconds?: number;
}

/** The primary key, a user id or a subkey, with the signatures that the primary key made of it. */
interface Component {
  readonly kind: "primary" | "user-id" | "subkey";
  /** What its signatures are made of, by the version of the signature. */
  readonly octets: (signatureVersion: number) => Uint8Array;
  readonly key: SequoiaKey | undefined;
  readonly userId: Uint8Array | undefined;
  readonly security: HashSecurity;
  /** Newest first. */
  bindings: SequoiaSignature[];
  revocations: SequoiaSignature[];
}

const signFlag = 2;

/** A certificate with its signatures where they belong. sequoia-openpgp: cert.rs Cert, canonicalize. */
export class SequoiaCert {
  readonly primary: SequoiaKey;
  /** The primary key and the subkeys. */
  readonly keys: readonly SequoiaKey[];
  readonly #components: readonly Component[];

  /** @param raws all that the files say of this certificate: at least one, of the same primary key */
  constructor(raws: readonly [RawCert, ...RawCert[]], budget: WorkBudget) {
    this.primary = raws[0].primary;
    const components = new Map<string, Component>();
    const homes: { readonly home: Component | undefined; readonly signatures: readonly SequoiaSignature[] }[] = [];
    for (const part of raws.flatMap(({ parts }) => parts)) {
      const made = part.part === "other" ? undefined : this.#component(part);
      const name = made && `${made.kind} ${nameOf(part)}`;
      if (made !== undefined && name !== undefined && !components.has(name)) components.set(name, made);
      homes.push({ home: name === undefined ? undefined : components.get(name), signatures: part.signatures });
    }
    this.#components = [...components.values()];
    this.keys = this.#components.flatMap(({ key }) => key ?? []);
    for (const { home, signatures } of homes) for (const signature of signatures) this.#place(signature, home, budget);
    for (const component of this.#components) {
      component.bindings = sorted(component.bindings);
      component.revocations = sorted(component.revocations);
    }
  }

  #component(part: RawCert["parts"][number]): Component | undefined {
    const primary = (version: number) => keyOctets(this.primary.body, version);
    const empty = { bindings: [], revocations: [] };
    switch (part.part) {
      case "primary":
        return {
          kind: "primary",
          octets: primary,
          key: this.primary,
          userId: undefined,
          security: "second-preimage",
          ...empty,
        };
      case "user-id": {
        const user = userHashInput(0xb4, part.octets);
        return {
          kind: "user-id",
          octets: (version) => concat(primary(version), user),
          key: undefined,
          userId: part.octets,
          security: userIdSecurity(part.octets),
          ...empty,
        };
      }
      case "subkey":
        return {
          kind: "subkey",
          octets: (version) => concat(primary(version), keyOctets(part.key.body, version)),
          key: part.key,
          userId: undefined,
          security: "second-preimage",
          ...empty,
        };
      case "other":
        return undefined;
    }
  }

  /**
   * A signature of the primary key belongs to the part it stands behind, if its digest begins as it claims; else to all parts of
   * its kind for which that is so.
   */
  #place(signature: SequoiaSignature, home: Component | undefined, budget: WorkBudget): void {
    const kind = kindOf(signature.type);
    if (kind === undefined) return;
    if (home?.kind === kind && this.#fits(signature, home, budget)) {
      add(home, signature);
      return;
    }
    for (const component of this.#components) {
      if (component !== home && component.kind === kind && this.#fits(signature, component, budget))
        add(component, signature);
    }
  }

  #fits(signature: SequoiaSignature, component: Component, budget: WorkBudget): boolean {
    const signed = signedOctets(signature, [component.octets(signature.version)]);
    return budget.spend(cost.check + cost.octets(signed.length)) && hasPrefix(signature, signed);
  }

  /**
   * Why a signature of this time by a key of this certificate does not count; `undefined` if it does. sequoia-openpgp:
   * parse/stream.rs verify_signatures.
   */
  async flawOf(key: SequoiaKey, when: When): Promise<KeyFlaw | undefined> {
    const main = this.#components.find(({ kind }) => kind === "primary");
    const component = this.#components.find((candidate) => candidate.key === key);
    if (main === undefined || component === undefined)
      return { flaw: "unbound", detail: "it is not in the certificate" };
    const mainBinding = await this.#mainBinding(main, when);
    if ("flaw" in mainBinding) return mainBinding;
    const direct = await this.#binding(main, when);
    const directKey = "flaw" in direct ? undefined : direct;
    const binding = component === main ? mainBinding : await this.#keyBinding(component, when);
    if ("flaw" in binding) return binding;

    const newest =
      directKey !== undefined && (directKey.hashed.createdAtSeconds ?? 0) > (mainBinding.hashed.createdAtSeconds ?? 0)
        ? directKey
        : mainBinding;
    const flaw =
      lifetimeFlaw(this.primary, mainBinding, directKey, when) ??
      (component === main ? undefined : lifetimeFlaw(key, binding, directKey, when)) ??
      ((await this.#isRevoked(main, when, newest, true)) ||
      (component !== main && (await this.#isRevoked(component, when, binding, true)))
        ? ({ flaw: "revoked", detail: "" } as const)
        : undefined);
    if (flaw !== undefined) return flaw;
    const flags = binding.hashed.keyFlags ?? directKey?.hashed.keyFlags ?? 0;
    return (flags & signFlag) === 0
      ? { flaw: "not-for-signing", detail: "it is not marked as a signing key" }
      : undefined;
  }

  /** The user id that names the certificate at a time, free text of whoever made it. */
  async userIdAt(when: When): Promise<string | undefined> {
    const user = await this.#primaryUserId(when);
    const octets = user?.component.userId;
    return octets && Buffer.from(octets).toString("utf8");
  }

  /** sequoia-openpgp: cert/amalgamation/key.rs ErasedKeyAmalgamation::binding_signature, with_policy. */
  async #mainBinding(main: Component, when: When): Promise<SequoiaSignature | KeyFlaw> {
    const user = await this.#primaryUserId(when);
    const binding = user?.binding ?? (await this.#binding(main, when));
    if ("flaw" in binding) return (await this.#userIdFlaw(when)) ?? binding;
    const flaw = keyFlaw(this.primary, when.nowSeconds);
    return flaw === undefined ? binding : { flaw: "weak-key", detail: flaw };
  }

  async #userIdFlaw(when: When): Promise<KeyFlaw | undefined> {
    for (const component of this.#components.filter(({ kind }) => kind === "user-id")) {
      const binding = await this.#binding(component, when);
      if ("flaw" in binding && binding.flaw === "weak-hash") return binding;
    }
    return undefined;
  }

  async #keyBinding(component: Component, when: When): Promise<SequoiaSignature | KeyFlaw> {
    const binding = await this.#binding(component, when);
    if ("flaw" in binding || component.key === undefined) return binding;
    const flaw = keyFlaw(component.key, when.nowSeconds);
    return flaw === undefined ? binding : { flaw: "weak-key", detail: flaw };
  }

  /** sequoia-openpgp: cert/amalgamation.rs ValidComponentAmalgamation::primary. */
  async #primaryUserId(
    when: When,
  ): Promise<{ readonly component: Component; readonly binding: SequoiaSignature } | undefined> {
    let best: UserIdChoice | undefined;
    for (const component of this.#components.filter(({ kind }) => kind === "user-id")) {
      const binding = await this.#binding(component, when);
      if ("flaw" in binding) continue;
      const isRevoked = await this.#isRevoked(component, when, binding, false);
      const candidate = { component, binding, isRevoked };
      if (best === undefined || isPreferred(candidate, best)) best = candidate;
    }
    return best;
  }

  /**
   * The newest signature over a component that is in force at a time, that the policy accepts and that is good. sequoia-openpgp:
   * cert/bundle.rs find_binding_signature.
   */
  async #binding(component: Component, { atSeconds, nowSeconds, checker }: When): Promise<SequoiaSignature | KeyFlaw> {
    let flaw: KeyFlaw = {
      flaw: "unbound",
      detail: "no valid self-signature makes it a signing key at the time of the signature",
    };
    for (const signature of component.bindings) {
      if (!isAlive(signature, atSeconds)) continue;
      const refusal = signatureFlaw(signature, component.security, nowSeconds);
      if (refusal !== undefined) {
        if (refusal.isWeakHash) flaw = { flaw: "weak-hash", detail: `its self-signature uses ${refusal.detail}` };
        continue;
      }
      if (!(await this.#isGood(component, signature, checker))) continue;
      const needsBack = component.kind === "subkey" && ((signature.hashed.keyFlags ?? 0) & signFlag) !== 0;
      // Not the same question as in `isGood`: that one of them is in force, whichever is the good one.
      const hasBack = embeddedIn(signature).some(
        (back) => isAlive(back, atSeconds) && signatureFlaw(back, component.security, nowSeconds) === undefined,
      );
      if (!needsBack || hasBack) return signature;
    }
    return flaw;
  }

  /** sequoia-openpgp: cert/lazysigs.rs verify_sig. */
  async #isGood(component: Component, signature: SequoiaSignature, checker: SignatureChecker): Promise<boolean> {
    const content = [component.octets(signature.version)];
    if (!(await sequoiaVouches(checker, this.primary, signature, content))) return false;
    const { key } = component;
    if (component.kind !== "subkey" || key === undefined || !canSign(key.algorithm)) return true;
    if (((signature.hashed.keyFlags ?? 0) & signFlag) === 0) return true;
    for (const back of embeddedIn(signature)) {
      if (back.type !== signatureTypes.primaryKeyBinding) continue;
      if (await sequoiaVouches(checker, key, back, [component.octets(back.version)])) return true;
    }
    return false;
  }

  /** sequoia-openpgp: cert/bundle.rs revocation_status_intern. */
  async #isRevoked(
    component: Component,
    { atSeconds, nowSeconds, checker }: When,
    binding: SequoiaSignature,
    isHardFinal: boolean,
  ): Promise<boolean> {
    for (const revocation of component.revocations) {
      if (signatureFlaw(revocation, component.security, nowSeconds) !== undefined) continue;
      const { revocationReason, createdAtSeconds = 0 } = revocation.hashed;
      const isSoft = revocationReason !== undefined && softReasons.includes(revocationReason);
      const counts =
        (isHardFinal && !isSoft) ||
        ((binding.hashed.createdAtSeconds ?? 0) <= createdAtSeconds && isAlive(revocation, atSeconds));
      if (counts && (await this.#isGood(component, revocation, checker))) return true;
    }
    return false;
  }
}

export interface When {
  /** When the message was signed. */
  readonly atSeconds: number;
  readonly nowSeconds: number;
  readonly checker: SignatureChecker;
}

/** Superseded, retired, and that the user id is no longer valid. sequoia-openpgp: types/mod.rs revocation_type. */
const softReasons: readonly number[] = [1, 3, 32];

/** Parts of one kind and name are the same part: there is one primary key. */
function nameOf(part: RawCert["parts"][number]): string {
  const octets = part.part === "user-id" ? part.octets : part.part === "subkey" ? part.key.body : new Uint8Array(0);
  return Buffer.from(octets).toString("latin1");
}

function kindOf(type: number): Component["kind"] | undefined {
  if (type === signatureTypes.directKey || type === signatureTypes.keyRevocation) return "primary";
  if (type === signatureTypes.subkeyBinding || type === signatureTypes.subkeyRevocation) return "subkey";
  return isCertification(type) || type === signatureTypes.certificationRevocation ? "user-id" : undefined;
}

function add(component: Component, signature: SequoiaSignature): void {
  (revocationTypes.includes(signature.type) ? component.revocations : component.bindings).push(signature);
}

/**
 * The same signatures count once, with what their unsigned parts say together; newest first. sequoia-openpgp: cert/bundle.rs
 * sort_and_dedup.
 */
function sorted(signatures: readonly SequoiaSignature[]): SequoiaSignature[] {
  const distinct = new Map<string, SequoiaSignature>();
  for (const signature of signatures) {
    const { version, type, algorithm, hash, hashed, prefix, values } = signature;
    const octets = concat(Uint8Array.of(version, type, algorithm, hash), hashed.octets, prefix, ...values);
    const name = Buffer.from(octets).toString("latin1");
    const same = distinct.get(name);
    distinct.set(
      name,
      same === undefined ? signature : { ...same, unhashed: merged(same.unhashed, signature.unhashed) },
    );
  }
  return [...distinct.values()].toSorted(
    (a, b) =>
      (b.hashed.createdAtSeconds ?? -1) - (a.hashed.createdAtSeconds ?? -1) || compareValues(a.values, b.values),
  );
}

function merged(a: SequoiaSignature["unhashed"], b: SequoiaSignature["unhashed"]): SequoiaSignature["unhashed"] {
  return { ...a, issuers: [...a.issuers, ...b.issuers], embedded: [...a.embedded, ...b.embedded] };
}

function compareValues(a: readonly Uint8Array[], b: readonly Uint8Array[]): number {
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? new Uint8Array(0);
    const order = value.length - other.length || Buffer.compare(value, other);
    if (order !== 0) return order;
  }
  return 0;
}

interface UserIdChoice {
  readonly component: Component;
  readonly binding: SequoiaSignature;
  readonly isRevoked: boolean;
}

/** Not revoked, then marked as primary, then the newest, then the first by its octets. */
function isPreferred(a: UserIdChoice, b: UserIdChoice): boolean {
  if (a.isRevoked !== b.isRevoked) return b.isRevoked;
  const [first, second] = [a.binding.hashed, b.binding.hashed];
  const isMarked = first.isPrimaryUserId ?? false;
  if (isMarked !== (second.isPrimaryUserId ?? false)) return isMarked;
  const newer = (first.createdAtSeconds ?? 0) - (second.createdAtSeconds ?? 0);
  if (newer !== 0) return newer > 0;
  const none = new Uint8Array(0);
  return Buffer.compare(a.component.userId ?? none, b.component.userId ?? none) < 0;
}

/** sequoia-openpgp: cert/amalgamation/key.rs ValidKeyAmalgamation::alive, packet/signature/subpacket.rs key_alive. */
function lifetimeFlaw(
  { createdAtSeconds }: SequoiaKey,
  binding: SequoiaSignature,
  direct: SequoiaSignature | undefined,
  { atSeconds }: When,
): KeyFlaw | undefined {
  const source = binding.hashed.keyLifetimeSeconds === undefined ? direct : binding;
  if (source === undefined) return undefined;
  const lifetime = source.hashed.keyLifetimeSeconds ?? 0;
  const expiresAt = createdAtSeconds + lifetime;
  if (lifetime > 0 && expiresAt <= atSeconds) return { flaw: "expired", detail: "", atSeconds: expiresAt };
  if (createdAtSeconds > atSeconds) return { flaw: "not-yet-valid", detail: "the key is younger than the signature" };
  return undefined;
}
