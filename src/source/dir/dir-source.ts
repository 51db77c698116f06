import type { Digest } from "../../encoding/digest.ts";
import type { FileProblem } from "../../host/bounded-file.ts";
import { type OpenDirectory, openDirectory } from "../../host/open-directory.ts";
import { errnoOf, reasonOf } from "../../host/system-error.ts";
import type { FindInstances } from "../../image/find-instances.ts";
import type { ImageProblem } from "../../image/problem.ts";
import {
  maxManifestBytes,
  maxSignatureBytes,
  maxSignatures,
  maxSignaturesBytes,
  maxVersionFileBytes,
} from "../../limits.ts";
import { assertNever, fail, ok, type Result } from "../../result.ts";
import type { SourceProblem } from "../../verdict/verdict.ts";
import { parseSource } from "../source-name.ts";
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

/**
 * Reads an image from a SOURCE as `verify-installable` takes it: `PATH` or `dir:PATH`, a directory in `dir:` layout. What
 * begins with the name of another transport is refused (`usage.source.…`); `dir:` before a path with colons always works.
 *
 * Each file is opened and read once, links and special files in the directory are refused, and sizes are bounded.
 */
export function readDirSource(source: string): Result<DirSource, ImageProblem | SourceProblem> {
  const path = parseSource(source);
  return path.ok ? readDirectory(path.value) : path;
}

/**
 * Reads an image in `dir:` layout (containers-transports(5)): `version`, `manifest.json`, `signature-1`, `signature-2`, …
 *
 * `path` may be or contain symbolic links; it is resolved once. Inside, nothing but regular files is read, each once:
 * root must not read what a user's link points at, and nobody can exchange a file between two looks. The reference
 * follows links (image/v5: directory/directory_src.go), this is stricter on purpose; so a dangling link named like a
 * signature, which ends the list there, is an error here.
 */
export function readDirectory(path: string): Result<DirSource, ImageProblem> {
  return inDirectory(path, (directory) => {
    const manifest = readManifest(directory, path);
    if (!manifest.ok) return manifest;
    const findInstances: FindInstances = (digests) => instancesIn(path, digests);
    return ok({ manifest: manifest.value, signatures: readSignatures(directory), findInstances });
  });
}

/** Reads only the signatures of such a directory, in the same way. It need not have a manifest. */
export function readDirSignatures(path: string): Result<DirSource["signatures"], ImageProblem> {
  return inDirectory(path, (directory) => ok(readSignatures(directory)));
}

function inDirectory<T>(
  path: string,
  read: (directory: OpenDirectory) => Result<T, ImageProblem>,
): Result<T, ImageProblem> {
  let directory: OpenDirectory;
  try {
    directory = openDirectory(path);
  } catch (error) {
    return fail({ code: "image.source.unreadable", path, reason: reasonOf(errnoOf(error)) });
  }
  try {
    const version = checkVersion(directory);
    return version.ok ? read(directory) : version;
  } finally {
    directory.close();
  }
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

function readManifest(directory: OpenDirectory, path: string): Result<Uint8Array, ImageProblem> {
  const name = "manifest.json";
  const content = directory.readFile(name, maxManifestBytes);
  if (content.ok) return content;
  if (content.problem.kind === "missing") return fail({ code: "image.manifest.missing", path, ...layoutOf(directory) });
  if (content.problem.kind === "too-large")
    return fail({ code: "image.manifest.too-large", maxBytes: maxManifestBytes });
  return fail(fileProblem(name, content.problem));
}

/** An OCI layout has these in place of manifest.json (OCI image-spec, image-layout.md). */
function layoutOf(directory: OpenDirectory): { readonly layout?: "oci" } {
  return directory.hasFile("oci-layout") || directory.hasFile("index.json") ? { layout: "oci" } : {};
}

/** image/v5: directory/directory_transport.go manifestPath, signaturePath. */
function instancesIn(path: string, digests: readonly Digest[]): ReturnType<FindInstances> {
  const directory = openDirectory(path);
  try {
    const prefixes = digests.map(({ algorithm, hex }) => (algorithm === "sha256" ? hex : `${algorithm}-${hex}`));
    const present = prefixes.filter((prefix) => directory.hasFile(`${prefix}.manifest.json`));
    return {
      present: present.length,
      signed: present.filter((prefix) => directory.hasFile(`${prefix}.signature-1`)).length,
    };
  } finally {
    directory.close();
  }
}

function readSignatures(directory: OpenDirectory): Result<readonly Uint8Array[], ImageProblem> {
  const signatures: Uint8Array[] = [];
  let bytesLeft = maxSignaturesBytes;
  for (;;) {
    const name = `signature-${signatures.length + 1}`;
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

function fileProblem(name: string, problem: Exclude<FileProblem, { kind: "too-large" }>): ImageProblem {
  switch (problem.kind) {
    case "symlink":
      return { code: "image.file.symlink", name };
    case "special":
      return { code: "image.file.special", name };
    case "missing":
      return { code: "image.file.unreadable", name, reason: reasonOf("ENOENT") };
    case "system":
      return { code: "image.file.unreadable", name, reason: reasonOf(problem.errno) };
    default:
      return assertNever(problem);
  }
}
