import { type ContentDirectory, fileReason, openContentDirectory } from "../../host/content-directory.ts";
import { maxEvidenceBytes } from "../../limits.ts";
import { sha256Hex } from "../../runtime/sha256.ts";
import { type ContentKey, type EvidenceStore, StoreFailed, spoiled } from "./evidence.ts";
import { KnownKeys } from "./known-keys.ts";

/**
 * Keeps contents in a directory, which several processes may share: `DIR/sha256/ab/cdef…`.
 *
 * @param options.mayMake it is made if it is not there: not for those who come later, whose share may not be mounted
 * @throws {@link StoreFailed}
 */
export async function openDirectoryStore(path: string, { mayMake = true } = {}): Promise<EvidenceStore> {
  const opened = await openContentDirectory(path, "sha256", { mayMake });
  if (!opened.ok) throw new StoreFailed(`${path} cannot be used: ${opened.problem.reason}`);
  return new DirectoryStore(path, opened.value);
}

class DirectoryStore implements EvidenceStore {
  readonly #path: string;
  readonly #directory: ContentDirectory;
  readonly #known = new KnownKeys();
  /** Being written by this process. */
  readonly #underWay = new Map<ContentKey, Promise<void>>();

  constructor(path: string, directory: ContentDirectory) {
    this.#path = path;
    this.#directory = directory;
  }

  async put(bytes: Uint8Array): Promise<ContentKey> {
    const key = sha256Hex(bytes);
    if (this.#known.has(key)) return key;
    const writing = this.#underWay.get(key) ?? this.#write(key, bytes);
    this.#underWay.set(key, writing);
    try {
      await writing;
    } finally {
      this.#underWay.delete(key);
    }
    return key;
  }

  async get(key: ContentKey): Promise<Uint8Array | undefined> {
    const content = this.#read(key);
    if (content === undefined || sha256Hex(content) === key) return content;
    this.#known.delete(key);
    throw spoiled(this.#path, key);
  }

  close(): void {
    this.#directory.close();
  }

  async #write(key: ContentKey, bytes: Uint8Array): Promise<void> {
    if (!this.#has(key)) {
      const written = await this.#directory.write(...placeOf(key), bytes);
      if (!written.ok) throw new StoreFailed(`${this.#path} cannot be written to: ${written.problem.reason}`);
    }
    this.#known.add(key);
  }

  /** What was changed is written anew, and so is what cannot be read: a link goes, and what it leads to stays as it is. */
  #has(key: ContentKey): boolean {
    const found = this.#directory.read(...placeOf(key), maxEvidenceBytes);
    return found.ok && sha256Hex(found.value) === key;
  }

  #read(key: ContentKey): Uint8Array | undefined {
    const found = this.#directory.read(...placeOf(key), maxEvidenceBytes);
    if (found.ok) return found.value;
    this.#known.delete(key);
    if (found.problem.kind === "missing") return undefined;
    throw new StoreFailed(`${this.#path}: ${key} cannot be read: ${fileReason(found.problem)}`, {
      // A link, a directory, more than is ever written: the directory itself is as it should be.
      isOfOne: found.problem.kind !== "system",
    });
  }
}

function placeOf(key: ContentKey): readonly [folder: string, name: string] {
  if (!/^[0-9a-f]{64}$/.test(key)) throw new StoreFailed("this is no key of a content");
  return [key.slice(0, 2), key.slice(2)];
}
