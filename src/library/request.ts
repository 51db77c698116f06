import type { Digest } from "../encoding/digest.ts";
import type { DockerReference } from "../identity/docker-reference.ts";
import type { Identity } from "../identity/identity.ts";
import type { FindInstances } from "../image/find-instances.ts";
import { parseManifestDigest } from "../image/manifest.ts";
import type { ImageProblem } from "../image/problem.ts";
import { maxManifestBytes, maxSignatureBytes, maxSignatures, maxSignaturesBytes } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import { isFailureCode, isObject, isText, ownBytes, ownData } from "./own.ts";

/** One image to judge: all bytes as they were downloaded. */
export interface VerifyRequest {
  /**
   * What the image was obtained as: `docker://registry.example.com/repo:tag`, the same without `docker://`, or any other
   * `transport:reference`; or such a text already parsed by {@link parseIdentity}.
   */
  readonly identity: string | Identity;
  /** The manifest; or {@link manifestDigest} in its place. */
  readonly manifest?: Uint8Array;
  /** `sha256:…`, from a caller who has compared the manifest with it. */
  readonly manifestDigest?: string;
  /** The signature files in order, or why they could not be read. */
  readonly signatures: readonly Uint8Array[] | Result<readonly Uint8Array[], ImageProblem>;
  /** Looks for the images that an index lists, to say more of a rejection; a {@link DirSource} has it. Never decides. */
  readonly findInstances?: FindInstances;
  /** Refuse an image for which the policy verifies no signature (skopeo's `--require-signed`). */
  readonly requireSigned: boolean;
}

/** A request whose bytes and fields nobody else can change, its signatures bounded as those of a directory are. */
export interface OwnRequest extends OwnImage {
  readonly identity: string | Identity;
  readonly requireSigned: boolean;
}

export interface OwnImage {
  readonly manifest: Uint8Array | { readonly digest: Digest };
  readonly signatures: Result<readonly Uint8Array[], ImageProblem>;
  readonly findInstances: FindInstances | undefined;
}

/**
 * Takes a request over. What is too large is not copied.
 *
 * @throws TypeError if it is no request; nothing may be taken for absent or false that was not said to be.
 */
export function ownRequest(given: unknown): Result<OwnRequest, ImageProblem> {
  if (!isObject(given)) throw new TypeError("the request is no object");
  const { identity, manifest, manifestDigest, signatures, findInstances, requireSigned } = given;
  if (typeof requireSigned !== "boolean") throw new TypeError("requireSigned is neither true nor false");
  const image = ownImage({ manifest, manifestDigest, signatures, findInstances });
  return image.ok ? ok({ identity: ownIdentity(identity), ...image.value, requireSigned }) : image;
}

/** @throws TypeError if it is no image. */
export function ownImage(given: {
  readonly manifest: unknown;
  readonly manifestDigest: unknown;
  readonly signatures: unknown;
  readonly findInstances: unknown;
}): Result<OwnImage, ImageProblem> {
  const { manifest, manifestDigest, signatures, findInstances } = given;
  const own = ownManifest(manifest, manifestDigest);
  if (own === undefined) return fail({ code: "image.manifest.too-large", maxBytes: maxManifestBytes });
  return ok({
    manifest: own,
    signatures: ownSignatures(signatures),
    findInstances: findInstances === undefined ? undefined : ownFindInstances(findInstances),
  });
}

function ownManifest(manifest: unknown, manifestDigest: unknown): OwnImage["manifest"] | undefined {
  if (manifestDigest === undefined) return ownBytes(manifest, "manifest", maxManifestBytes);
  if (manifest !== undefined) throw new TypeError("manifest and manifestDigest exclude each other");
  return { digest: ownDigest(manifestDigest) };
}

export function ownDigest(given: unknown): Digest {
  const digest = isText(given) ? parseManifestDigest(given) : undefined;
  if (digest === undefined) throw new TypeError("manifestDigest is not sha256: and 64 lower-case hexadecimal digits");
  return digest;
}

export function ownIdentity(given: unknown): string | Identity {
  if (typeof given === "string") return given;
  const identity = ownData(given, "identity");
  if (!isIdentity(identity)) throw new TypeError("identity is neither text nor what parseIdentity gave");
  return identity;
}

function isIdentity(value: unknown): value is Identity {
  const { transport, text, policyIdentity, policyNamespaces, dockerReference } = isObject(value) ? value : {};
  if (!Array.isArray(policyNamespaces) || ![transport, text, policyIdentity, ...policyNamespaces].every(isText)) {
    return false;
  }
  return dockerReference === undefined || isDockerReference(dockerReference);
}

function isDockerReference(value: unknown): value is DockerReference {
  if (!isObject(value)) return false;
  const { domain, path, name, tag, digest } = value;
  if (![domain, path, name].every(isText) || !(tag === undefined || isText(tag))) return false;
  const { algorithm, hex } = isObject(digest) ? digest : {};
  return digest === undefined || (isText(algorithm) && isText(hex));
}

function ownSignatures(given: unknown): OwnImage["signatures"] {
  if (Array.isArray(given)) return ownFiles(given);
  if (!isObject(given)) throw new TypeError("signatures is no list");
  const { ok: isRead, value, problem } = given;
  if (isRead === true && Array.isArray(value)) return ownFiles(value);
  const own = isRead === false ? ownData(problem, "signatures") : undefined;
  if (isImageProblem(own)) return fail(own);
  throw new TypeError("signatures is neither a list nor what readDirSource gave");
}

/** What it gives is only told, and so has to be no more than two numbers. */
function ownFindInstances(given: unknown): FindInstances {
  if (typeof given !== "function") throw new TypeError("findInstances is no function");
  return async (digests) => {
    const found: unknown = await Reflect.apply(given as () => unknown, undefined, [digests]);
    const { present, signed } = isObject(found) ? found : {};
    if (isCount(present) && isCount(signed)) return { present, signed };
    throw new TypeError("findInstances gave no numbers");
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

export function isImageProblem(value: unknown): value is ImageProblem {
  const { code } = isObject(value) ? value : {};
  return isFailureCode(code) && code.startsWith("image.");
}

function ownFiles(files: readonly unknown[]): OwnImage["signatures"] {
  const count = files.length;
  if (count > maxSignatures) return fail({ code: "image.signature.too-many", maxCount: maxSignatures });
  const own: Uint8Array[] = [];
  let left = maxSignaturesBytes;
  for (let i = 0; i < count; i++) {
    const name = `signature-${i + 1}`;
    const maxBytes = Math.min(maxSignatureBytes, left);
    const file = ownBytes(files[i], name, maxBytes);
    if (file === undefined) return fail({ code: "image.signature.too-large", name, maxBytes });
    own.push(file);
    left -= file.length;
  }
  return ok(own);
}
