import { type Digest, digestText } from "../../encoding/digest.ts";
import { type OpenDirectory, openDirectory } from "../../host/open-directory.ts";
import { reasonOf } from "../../host/system-error.ts";
import type { FindInstances } from "../../image/find-instances.ts";
import type { Blob, Image, OpenImage, Presence, SignatureOrigin } from "../../image/image.ts";
import type { ImageProblem } from "../../image/problem.ts";
import {
  maxManifestBytes,
  maxSignatureBytes,
  maxSignatures,
  maxSignaturesBytes,
  maxVersionFileBytes,
} from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";
import { fileProblem } from "../file-problem.ts";
import { unreadSignature } from "../unread-signature.ts";
import { isSupportedDirVersion } from "./dir-version.ts";

/** What a directory holds of an image, read once: the bytes that will be judged. */
export interface DirSource {
  readonly manifest: Uint8Array;
  /**
   * `signature-1`, … up to the first number that does not exist. A failure is about one of these files; it matters only to
   * a requirement that reads signatures.
   */
  readonly signatures: Result<readonly Uint8Array[], ImageProblem>;
  /**
   * How many images of these digests lie beside an index, as `skopeo copy --all` leaves them, and how many of those have a
   * signature. It looks at the directory again: what it says helps people, and decides nothing.
   */
  readonly findInstances: FindInstances;
}

/** Reads an image in `dir:` layout whole, as {@link openDir} does piece by piece. */
export function readDirectory(path: string): Result<DirSource, ImageProblem> {
  const opened = openDirLayout(path);
  if (!opened.ok) return opened;
  const layout = opened.value;
  try {
    const manifest = layout.manifest();
    if (!manifest.ok) return manifest;
    return ok({
      manifest: manifest.value,
      signatures: layout.signatures(),
      findInstances: (digests) => instancesIn(path, digests),
    });
  } finally {
    layout.close();
  }
}

/**
 * Opens an image in `dir:` layout (containers-transports(5)): `version`, `manifest.json`, `signature-1`, `signature-2`, …, and of the
 * images that an index lists `HEX.manifest.json` and `HEX.signature-1`, ….
 *
 * `path` may be or contain symbolic links; it is resolved once. Inside, nothing but regular files is read, each once:
 * root must not read what a user's link points at, and nobody can exchange a file between two looks. The reference
 * follows links (image/v5: directory/directory_src.go), this is stricter on purpose; so a dangling link named like a
 * signature, which ends the list there, is an error here.
 */
export function openDir(path: string): Result<OpenImage, ImageProblem> {
  return openDirLayout(path);
}

function openDirLayout(path: string): Result<DirLayout, ImageProblem> {
  const directory = openDirectory(path);
  if (!directory.ok) {
    return fail({ code: "image.source.unreadable", path, reason: reasonOf(directory.problem.errno) });
  }
  return openDirIn(directory.value, path);
}

/**
 * The same of a directory that is open already, and is closed with the image, or here if this fails.
 *
 * @param path what it is called in messages.
 */
export function openDirIn(directory: OpenDirectory, path: string): Result<DirLayout, ImageProblem> {
  const version = checkVersion(directory);
  if (version.ok) return ok(new DirLayout(directory, path));
  directory.close();
  return version;
}

/** image/v5: directory/directory_transport.go manifestPath, layerPath, signaturePath. */
class DirLayout implements OpenImage {
  readonly signaturesFrom: SignatureOrigin;
  readonly #directory: OpenDirectory;
  readonly #path: string;

  constructor(directory: OpenDirectory, path: string) {
    this.#directory = directory;
    this.#path = path;
    this.signaturesFrom = { kind: "files", path };
  }

  manifest(): Result<Uint8Array, ImageProblem> {
    return readManifest(this.#directory, "manifest.json", () => ({
      code: "image.manifest.missing",
      path: this.#path,
      ...layoutOf(this.#directory),
    }));
  }

  signatures(): Result<readonly Uint8Array[], ImageProblem> {
    return readSignatures(this.#directory, "");
  }

  /** Those of the top manifest, whatever its digest: what was signed is compared with the digest. */
  signaturesOf(_digest: Digest): Result<readonly Uint8Array[], ImageProblem> {
    return this.signatures();
  }

  instance(digest: Digest): Image {
    const prefix = prefixOf(digest);
    const missing = () => ({ code: "image.instance.missing", digest, platform: "" }) as const;
    return {
      manifest: () => readManifest(this.#directory, `${prefix}.manifest.json`, missing),
      signatures: () => readSignatures(this.#directory, `${prefix}.`),
    };
  }

  present(digests: readonly Digest[]): readonly Presence[] {
    return presentIn(this.#directory, digests);
  }

  unreadSignature(): ReturnType<typeof unreadSignature> {
    return unreadSignature((name) => this.#directory.hasFile(name));
  }

  blob(digest: Digest): Result<Blob, ImageProblem> {
    const name = prefixOf(digest);
    const file = this.#directory.openFile(name);
    if (file.ok) return file;
    const { problem } = file;
    return fail(
      problem.kind === "missing"
        ? { code: "image.blob.missing", missing: [digestText(digest)] }
        : fileProblem(name, problem),
    );
  }

  close(): void {
    this.#directory.close();
  }
}

/** What the files of a digest are called: its hex alone for sha256. */
function prefixOf({ algorithm, hex }: Digest): string {
  return algorithm === "sha256" ? hex : `${algorithm}-${hex}`;
}

/** The file is optional; one that is there must be understood. */
function checkVersion(directory: OpenDirectory): Result<undefined, ImageProblem> {
  const name = "version";
  const content = directory.readFile(name, maxVersionFileBytes);
  if (!content.ok) {
    if (content.problem.kind === "missing") return ok(undefined);
    if (content.problem.kind === "too-large") return fail({ code: "image.version.unsupported", untrustedVersion: "" });
    return fail(fileProblem(name, content.problem));
  }
  const untrustedVersion = Buffer.from(content.value).toString("utf8");
  if (!isSupportedDirVersion(untrustedVersion)) return fail({ code: "image.version.unsupported", untrustedVersion });
  return ok(undefined);
}

function readManifest(
  directory: OpenDirectory,
  name: string,
  missing: () => ImageProblem,
): Result<Uint8Array, ImageProblem> {
  const content = directory.readFile(name, maxManifestBytes);
  if (content.ok) return content;
  const { problem } = content;
  if (problem.kind === "missing") return fail(missing());
  if (problem.kind === "too-large") return fail({ code: "image.manifest.too-large", maxBytes: maxManifestBytes });
  return fail(fileProblem(name, problem));
}

/** An OCI layout has these in place of manifest.json (OCI image-spec, image-layout.md). */
function layoutOf(directory: OpenDirectory): { readonly layout?: "oci" } {
  return directory.hasFile("oci-layout") || directory.hasFile("index.json") ? { layout: "oci" } : {};
}

function presentIn(directory: OpenDirectory, digests: readonly Digest[]): readonly Presence[] {
  return digests
    .filter((digest) => directory.hasFile(`${prefixOf(digest)}.manifest.json`))
    .map((digest) => ({ digest, hasSignature: directory.hasFile(`${prefixOf(digest)}.signature-1`) }));
}

function instancesIn(path: string, digests: readonly Digest[]): Awaited<ReturnType<FindInstances>> {
  const directory = openDirectory(path);
  // Nobody knows then, and whoever asks says nothing of it.
  if (!directory.ok) throw new Error(reasonOf(directory.problem.errno));
  try {
    const present = presentIn(directory.value, digests);
    return { present: present.length, signed: present.filter(({ hasSignature }) => hasSignature).length };
  } finally {
    directory.value.close();
  }
}

/** Up to the first number that there is not; `prefix` goes before the name of each. */
function readSignatures(directory: OpenDirectory, prefix: string): Result<readonly Uint8Array[], ImageProblem> {
  const signatures: Uint8Array[] = [];
  let bytesLeft = maxSignaturesBytes;
  for (;;) {
    const name = `${prefix}signature-${signatures.length + 1}`;
    // Most images have one signature.
    if (signatures.length > 0 && directory.lacks(name)) return ok(signatures);
    const maxBytes = Math.min(maxSignatureBytes, bytesLeft);
    const content = directory.readFile(name, maxBytes);
    if (!content.ok) {
      if (content.problem.kind === "missing") return ok(signatures);
      if (content.problem.kind === "too-large") return fail({ code: "image.signature.too-large", name, maxBytes });
      return fail(fileProblem(name, content.problem));
    }
    if (signatures.length === maxSignatures) return fail({ code: "image.signature.too-many", maxCount: maxSignatures });
    signatures.push(content.value);
    bytesLeft -= content.value.length;
  }
}
