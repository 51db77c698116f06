import { WorkBudget } from "../crypto/budget.ts";
import { openPgpBackEnds } from "../crypto/openpgp/back-end.ts";
import { type KeyringListing, listKeyring } from "../crypto/openpgp/listing.ts";
import type { PublicKey } from "../crypto/public-key.ts";
import type { Certificate } from "../crypto/x509/certificate.ts";
import { decodePemBlock } from "../encoding/pem.ts";
import { maxTrustWork } from "../limits.ts";
import type { SignedBy, SigstoreSigned, TrustSource } from "../policy/policy.ts";
import type { JsonPath } from "../policy/problem.ts";
import { fail, ok, type Result } from "../result.ts";
import { sha256Hex } from "../runtime/sha256.ts";
import { readIntermediates, readRoots, readSigstoreKey, type TrustPiece } from "../trust/sigstore-files.ts";
import { type ReadTrustFile, readTrust } from "../trust/trust-content.ts";
import type { TrustProblem, TrustRole } from "../verdict/trust-problem.ts";
import { privateKeyKind } from "./private-key.ts";

/** One file, or one value of the policy, that a requirement takes keys or certificates from. */
export interface Material {
  readonly role: TrustRole;
  /** A path, or the field that holds the data. */
  readonly source: string;
  readonly isFile: boolean;
  /** Every user of the machine can change the file. */
  readonly isWritableByAll: boolean;
  /** Where the policy says so, from the requirement. */
  readonly path: JsonPath;
  /** As the verification would read it; its problem is then that of the requirement. */
  readonly content: Result<MaterialContent, TrustProblem>;
  /** What a private key in it calls itself. */
  readonly privateKey: string | undefined;
  /** SHA-256 of the bytes, in hex; absent if they cannot be read. */
  readonly sha256: string | undefined;
}

export type MaterialContent =
  | { readonly kind: "keyring"; readonly listing: KeyringListing }
  | {
      readonly kind: "public-key";
      readonly key: PublicKey;
      /** Of its canonical DER, in hex. */
      readonly keySha256: string;
      /** PEM blocks in the file, of which only the first is read. */
      readonly blockCount: number;
    }
  | {
      readonly kind: "certificates";
      readonly certificates: readonly Certificate[];
      /** PEM blocks that are passed over. */
      readonly skippedCount: number;
    };

export interface RequirementMaterial {
  readonly materials: readonly Material[];
  /** Why no signature is judged by the requirement, if that is not because of one of the materials. */
  readonly problem: { readonly problem: TrustProblem; readonly path: JsonPath } | undefined;
}

/** A file that was found by a path which begins wherever the program was started. */
export function isRelativeFile({ isFile, source, sha256 }: Material): boolean {
  return isFile && sha256 !== undefined && !source.startsWith("/");
}

interface Piece {
  readonly source: string;
  readonly isFile: boolean;
  readonly path: JsonPath;
  readonly bytes: Result<Uint8Array, TrustProblem>;
}

/** Reads and describes all that requirements name. Each file is read once. */
export class MaterialReader {
  readonly #readFile: ReadTrustFile;
  readonly #isWritableByAll: (path: string) => boolean;
  readonly #nowSeconds: number;
  readonly #files = new Map<string, Promise<Result<Uint8Array, TrustProblem>>>();
  readonly #keyrings = new Map<string, Promise<Result<KeyringListing, TrustProblem>>>();

  constructor(host: {
    readonly readFile: ReadTrustFile;
    readonly nowSeconds: number;
    readonly isWritableByAll?: (path: string) => boolean;
  }) {
    this.#readFile = host.readFile;
    this.#isWritableByAll = host.isWritableByAll ?? (() => false);
    this.#nowSeconds = host.nowSeconds;
  }

  async describe(requirement: SignedBy | SigstoreSigned): Promise<RequirementMaterial> {
    return requirement.type === "signedBy" ? this.#describeSignedBy(requirement) : this.#describeSigstore(requirement);
  }

  async #describeSignedBy({ keyType, keys }: SignedBy): Promise<RequirementMaterial> {
    if (keyType !== "GPGKeys") {
      const problem = { code: "policy.trust.unsupported", keyType } as const;
      return { materials: [], problem: { problem, path: ["keyType"] } };
    }
    const pieces = await this.#pieces(keys, []);
    const none = pieces.length === 0 ? emptyProblem(keys, []) : undefined;
    const materials = await Promise.all(
      pieces.map((piece) => this.#material("openpgp", piece, (bytes) => this.#keyring(piece, bytes))),
    );
    const usable = await withoutEmptyBesideOthers(materials, pieces);
    return { materials: await this.#together(usable, pieces), problem: none };
  }

  /** One file may revoke or extend a key of another: they make one keyring. */
  async #together(materials: readonly Material[], pieces: readonly Piece[]): Promise<readonly Material[]> {
    const blobs = pieces.flatMap(({ bytes }) => (bytes.ok ? [bytes.value] : []));
    if (materials.length < 2 || materials.some(({ content }) => !content.ok)) return materials;
    const { loadKeyring } = await import("../crypto/openpgp/keyring.ts");
    const keyring = await loadKeyring(blobs, openPgpBackEnds);
    if (!keyring.ok) return materials;
    const { keys } = await listKeyring(keyring.value, [], this.#nowSeconds);
    const merged = new Map(keys.map((key) => [key.fingerprint, key]));
    return materials.map((material) => {
      if (!material.content.ok || material.content.value.kind !== "keyring") return material;
      const { listing } = material.content.value;
      const own = listing.keys.map((key) => merged.get(key.fingerprint) ?? key);
      return { ...material, content: ok({ kind: "keyring", listing: { ...listing, keys: own } }) };
    });
  }

  async #describeSigstore({ trust, rekor }: SigstoreSigned): Promise<RequirementMaterial> {
    const materials: Material[] = [];
    let problem: RequirementMaterial["problem"];
    const add = async (role: TrustRole, from: TrustSource, path: JsonPath) => {
      const pieces = await this.#pieces(from, path);
      if (pieces.length === 0) problem ??= emptyProblem(from, path);
      const budget = new WorkBudget(maxTrustWork);
      for (const piece of pieces) {
        const read = (bytes: Uint8Array) => readSigstore(role, { source: piece.source, bytes }, budget);
        materials.push(await this.#material(role, piece, read));
      }
    };
    if (trust.kind === "keys") await add("sigstore", trust.keys, []);
    if (trust.kind === "fulcio") await add("roots", trust.ca, ["fulcio"]);
    if (trust.kind === "pki") {
      await add("roots", trust.roots, ["pki"]);
      if (trust.intermediates !== undefined) await add("intermediates", trust.intermediates, ["pki"]);
    }
    if (rekor !== undefined) await add("rekor", rekor, []);
    return { materials, problem };
  }

  async #material(
    role: TrustRole,
    { source, path, bytes, isFile }: Piece,
    read: (bytes: Uint8Array) => Promise<Result<MaterialContent, TrustProblem>>,
  ): Promise<Material> {
    const isWritableByAll = isFile && bytes.ok && this.#isWritableByAll(source);
    const about = { role, source, path, isFile, isWritableByAll };
    if (!bytes.ok) return { ...about, content: bytes, privateKey: undefined, sha256: undefined };
    return {
      ...about,
      content: await read(bytes.value),
      privateKey: privateKeyKind(bytes.value, role === "openpgp"),
      sha256: sha256Hex(bytes.value),
    };
  }

  async #keyring(piece: Piece, bytes: Uint8Array): Promise<Result<MaterialContent, TrustProblem>> {
    const name = `${piece.source} ${sha256Hex(bytes)}`;
    const known = this.#keyrings.get(name) ?? this.#loadKeyring(piece.source, bytes);
    this.#keyrings.set(name, known);
    const listing = await known;
    return listing.ok ? ok({ kind: "keyring", listing: listing.value }) : listing;
  }

  async #loadKeyring(source: string, bytes: Uint8Array): Promise<Result<KeyringListing, TrustProblem>> {
    const { loadKeyring } = await import("../crypto/openpgp/keyring.ts");
    const budget = new WorkBudget(maxTrustWork);
    const keyring = await loadKeyring([bytes], openPgpBackEnds, budget);
    if (keyring.ok) return ok(await listKeyring(keyring.value, [bytes], this.#nowSeconds));
    const { keyringProblem } = await import("../trust/keyring-problem.ts");
    const files = { pieces: [{ source, bytes }], field: source };
    return fail(await keyringProblem(keyring.problem, files, { asked: openPgpBackEnds, budget }));
  }

  async #pieces(from: TrustSource, within: JsonPath): Promise<readonly Piece[]> {
    const field = [...within, from.field];
    if (from.kind === "data") {
      const isOne = from.data.length === 1;
      return from.data.map((bytes, i) => ({
        source: isOne ? from.field : `${from.field}[${i}]`,
        isFile: false,
        path: isOne ? field : [...field, i],
        bytes: ok(bytes),
      }));
    }
    const isList = from.field.endsWith("s");
    return Promise.all(
      from.paths.map(async (path, i) => ({
        source: path,
        isFile: true,
        path: isList ? [...field, i] : field,
        bytes: await this.#file(path),
      })),
    );
  }

  #file(path: string): Promise<Result<Uint8Array, TrustProblem>> {
    const known = this.#files.get(path) ?? readTrust(this.#readFile, path);
    this.#files.set(path, known);
    return known;
  }
}

function emptyProblem(from: TrustSource, within: JsonPath): NonNullable<RequirementMaterial["problem"]> {
  return { problem: { code: "policy.trust.empty", source: from.field }, path: [...within, from.field] };
}

/** A keyring without keys is an error only if the others have none either: the reference takes all of them together. */
async function withoutEmptyBesideOthers(
  materials: readonly Material[],
  pieces: readonly Piece[],
): Promise<readonly Material[]> {
  if (!materials.some(({ content }) => content.ok)) return materials;
  const { keysNotKept } = await import("../crypto/openpgp/keys-not-kept.ts");
  return materials.map((material, i) => {
    const bytes = pieces[i]?.bytes;
    if (material.content.ok || material.content.problem.code !== "policy.trust.empty" || !bytes?.ok) return material;
    const unread = keysNotKept(bytes.value, new Set()).filter(({ isSubkey }) => !isSubkey);
    return { ...material, content: ok({ kind: "keyring", listing: { keys: [], leftOut: [], unread } }) };
  });
}

async function readSigstore(
  role: TrustRole,
  piece: TrustPiece,
  budget: WorkBudget,
): Promise<Result<MaterialContent, TrustProblem>> {
  switch (role) {
    case "roots": {
      const roots = await readRoots(piece, budget);
      return roots.ok ? ok({ kind: "certificates", ...(await rootsIn(piece.bytes)) }) : roots;
    }
    case "intermediates": {
      const certificates = await readIntermediates(piece, budget);
      return certificates.ok
        ? ok({ kind: "certificates", certificates: certificates.value, skippedCount: 0 })
        : certificates;
    }
    case "sigstore":
    case "rekor": {
      const key = await readSigstoreKey(role, piece, budget);
      if (!key.ok) return key;
      const { key: publicKey, keySha256 } = key.value;
      return ok({ kind: "public-key", key: publicKey, keySha256, blockCount: countBlocks(piece.bytes) });
    }
    default:
      throw new Error(`${role} is not of sigstore`);
  }
}

/** The certificates that x509/pool.ts takes, and how many blocks it does not. */
async function rootsIn(
  pem: Uint8Array,
): Promise<{ readonly certificates: readonly Certificate[]; readonly skippedCount: number }> {
  const { parseCertificate } = await import("../crypto/x509/parse-certificate.ts");
  const certificates: Certificate[] = [];
  let skippedCount = 0;
  for (let block = decodePemBlock(pem); block !== undefined; block = decodePemBlock(block.rest)) {
    const isTaken = block.type === "CERTIFICATE" && block.headers.size === 0;
    const certificate = isTaken ? parseCertificate(block.bytes) : undefined;
    if (certificate?.ok) certificates.push(certificate.value);
    else skippedCount++;
  }
  return { certificates, skippedCount };
}

function countBlocks(pem: Uint8Array): number {
  let count = 0;
  for (let block = decodePemBlock(pem); block !== undefined; block = decodePemBlock(block.rest)) count++;
  return count;
}
