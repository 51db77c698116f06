import { WorkBudget } from "../crypto/budget.ts";
import { type OpenPgpBackEnd, openPgpBackEnds } from "../crypto/openpgp/back-end.ts";
import type { Keyring } from "../crypto/openpgp/keyring.ts";
import type { EcdsaPublicKey, PublicKey } from "../crypto/public-key.ts";
import type { Certificate } from "../crypto/x509/certificate.ts";
import type { CertPool } from "../crypto/x509/pool.ts";
import { maxTrustWork } from "../limits.ts";
import type { SignedBy, SigstoreSigned, SigstoreTrust, TrustSource } from "../policy/policy.ts";
import { fail, ok, type Result } from "../result.ts";
import type { KeyInFile } from "../verdict/signature-outcome.ts";
import type { TrustProblem } from "../verdict/trust-problem.ts";
import { readIntermediates, readRoots, readSigstoreKey, type TrustedKey, type TrustPiece } from "./sigstore-files.ts";
import { type ReadTrustFile, readTrust } from "./trust-content.ts";

/** Fulcio's roots, and whom it must have certified. */
export interface FulcioMaterial {
  readonly kind: "fulcio";
  readonly roots: CertPool;
  readonly oidcIssuer: string;
  readonly subjectEmail: string;
}

/** The roots and intermediates of another authority, and whom or what it must have certified. */
export interface PkiMaterial {
  readonly kind: "pki";
  readonly roots: CertPool;
  readonly intermediates: readonly Certificate[];
  readonly subjectEmail: string | undefined;
  readonly subjectHostname: string | undefined;
}

/** What a sigstoreSigned requirement checks against, read and parsed. */
export interface SigstoreMaterial {
  readonly trust: { readonly kind: "keys"; readonly keys: readonly TrustedKey[] } | FulcioMaterial | PkiMaterial;
  /** Absent if no log entry is asked for. */
  readonly rekorKeys: readonly EcdsaPublicKey[] | undefined;
}

/**
 * Reads and parses the trust material of requirements, each once, when a signature is first judged by it: a policy may
 * name files that are missing for scopes that are not used. A failure is kept too, so that all signatures of a run are
 * judged by the same material.
 */
export class TrustStore {
  readonly #readFile: ReadTrustFile;
  readonly #openPgp: readonly OpenPgpBackEnd[];
  readonly #keyrings = new WeakMap<SignedBy, Promise<Result<Keyring, TrustProblem>>>();
  readonly #keysNotKept = new WeakMap<SignedBy, Promise<readonly KeyInFile[]>>();
  readonly #keyFiles = new WeakMap<SignedBy, readonly TrustPiece[]>();
  readonly #sigstore = new WeakMap<SigstoreSigned, Promise<Result<SigstoreMaterial, TrustProblem>>>();

  /** @param openPgp the back ends that have to accept an OpenPGP signature, each of them */
  constructor(readFile: ReadTrustFile, openPgp: readonly OpenPgpBackEnd[] = openPgpBackEnds) {
    this.#readFile = readFile;
    this.#openPgp = openPgp;
  }

  keyring(requirement: SignedBy): Promise<Result<Keyring, TrustProblem>> {
    return once(this.#keyrings, requirement, () => this.#loadKeyring(requirement));
  }

  /** A key that is in a file of the requirement, and that GnuPG does not have from there. Only asked for the message. */
  async keyInFile(requirement: SignedBy, keyId: string): Promise<KeyInFile | undefined> {
    const keys = await once(this.#keysNotKept, requirement, () => this.#findKeysNotKept(requirement));
    return keys.find(({ key }) => key.keyId === keyId);
  }

  async #findKeysNotKept(requirement: SignedBy): Promise<readonly KeyInFile[]> {
    const keyring = await this.keyring(requirement);
    if (!keyring.ok || keyring.value.gnupg === undefined) return [];
    const { keysNotKept } = await import("../crypto/openpgp/keys-not-kept.ts");
    const { keyringKeys } = await import("../crypto/openpgp/keyring.ts");
    const imported = new Set(
      keyringKeys(keyring.value).flatMap(({ fingerprint, subkeys }) => [fingerprint, ...subkeys]),
    );
    const pieces = this.#keyFiles.get(requirement) ?? [];
    return pieces.flatMap(({ source, bytes }) => keysNotKept(bytes, imported).map((key) => ({ source, key })));
  }

  sigstore(requirement: SigstoreSigned): Promise<Result<SigstoreMaterial, TrustProblem>> {
    return once(this.#sigstore, requirement, () => this.#loadSigstore(requirement));
  }

  async #loadKeyring(requirement: SignedBy): Promise<Result<Keyring, TrustProblem>> {
    if (requirement.keyType !== "GPGKeys") {
      return fail({ code: "policy.trust.unsupported", keyType: requirement.keyType });
    }
    const pieces = await this.#read(requirement.keys);
    if (!pieces.ok) return pieces;
    const { loadKeyring } = await import("../crypto/openpgp/keyring.ts");
    const blobs = pieces.value.map((piece) => piece.bytes);
    const [asked, budget] = [this.#openPgp, new WorkBudget(maxTrustWork)];
    const keyring = await loadKeyring(blobs, asked, budget);
    if (keyring.ok) {
      this.#keyFiles.set(requirement, pieces.value);
      return keyring;
    }
    const { keyringProblem } = await import("./keyring-problem.ts");
    const files = { pieces: pieces.value, field: requirement.keys.field };
    return fail(await keyringProblem(keyring.problem, files, { asked, budget }));
  }

  async #loadSigstore(requirement: SigstoreSigned): Promise<Result<SigstoreMaterial, TrustProblem>> {
    const trust = await this.#loadSigstoreTrust(requirement.trust);
    if (!trust.ok) return trust;
    if (requirement.rekor === undefined) return ok({ trust: trust.value, rekorKeys: undefined });
    const rekor = await this.#loadKeys("rekor", requirement.rekor);
    if (!rekor.ok) return rekor;
    return ok({ trust: trust.value, rekorKeys: rekor.value.map(({ key }) => key).filter(isEcdsa) });
  }

  async #loadSigstoreTrust(trust: SigstoreTrust): Promise<Result<SigstoreMaterial["trust"], TrustProblem>> {
    switch (trust.kind) {
      case "keys": {
        const keys = await this.#loadKeys("sigstore", trust.keys);
        return keys.ok ? ok({ kind: "keys", keys: keys.value }) : keys;
      }
      case "fulcio": {
        const roots = await this.#loadRoots(trust.ca);
        if (!roots.ok) return roots;
        const { kind, oidcIssuer, subjectEmail } = trust;
        return ok({ kind, roots: roots.value, oidcIssuer, subjectEmail });
      }
      case "pki": {
        const roots = await this.#loadRoots(trust.roots);
        if (!roots.ok) return roots;
        const intermediates = trust.intermediates ? await this.#loadCertificates(trust.intermediates) : ok([]);
        if (!intermediates.ok) return intermediates;
        const { kind, subjectEmail, subjectHostname } = trust;
        return ok({ kind, roots: roots.value, intermediates: intermediates.value, subjectEmail, subjectHostname });
      }
    }
  }

  /** One bad key among several fails them all, as in the reference, so that it is mended before it is needed. */
  async #loadKeys(role: "sigstore" | "rekor", from: TrustSource): Promise<Result<readonly TrustedKey[], TrustProblem>> {
    const pieces = await this.#read(from);
    if (!pieces.ok) return pieces;
    const keys: TrustedKey[] = [];
    const budget = new WorkBudget(maxTrustWork);
    for (const piece of pieces.value) {
      const key = await readSigstoreKey(role, piece, budget);
      if (!key.ok) return key;
      keys.push(key.value);
    }
    return keys.length > 0 ? ok(keys) : fail({ code: "policy.trust.empty", source: from.field });
  }

  async #loadRoots(from: TrustSource): Promise<Result<CertPool, TrustProblem>> {
    const piece = await this.#readOne(from);
    return piece.ok ? readRoots(piece.value, new WorkBudget(maxTrustWork)) : piece;
  }

  async #loadCertificates(from: TrustSource): Promise<Result<readonly Certificate[], TrustProblem>> {
    const piece = await this.#readOne(from);
    return piece.ok ? readIntermediates(piece.value, new WorkBudget(maxTrustWork)) : piece;
  }

  async #readOne(from: TrustSource): Promise<Result<TrustPiece, TrustProblem>> {
    const pieces = await this.#read(from);
    if (!pieces.ok) return pieces;
    const [piece] = pieces.value;
    return piece === undefined ? fail({ code: "policy.trust.empty", source: from.field }) : ok(piece);
  }

  async #read(from: TrustSource): Promise<Result<readonly TrustPiece[], TrustProblem>> {
    if (from.kind === "data") {
      const one = from.data.length === 1;
      return ok(from.data.map((bytes, i) => ({ source: one ? from.field : `${from.field}[${i}]`, bytes })));
    }
    const pieces: TrustPiece[] = [];
    for (const path of from.paths) {
      const bytes = await readTrust(this.#readFile, path);
      if (!bytes.ok) return bytes;
      pieces.push({ source: path, bytes: bytes.value });
    }
    return ok(pieces);
  }
}

function isEcdsa(key: PublicKey): key is EcdsaPublicKey {
  return key.kind === "ecdsa";
}

function once<K extends object, V>(cache: WeakMap<K, V>, key: K, make: () => V): V {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = make();
  cache.set(key, made);
  return made;
}
