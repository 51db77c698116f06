import type { VerifyRequest } from "../engine/verify.ts";
import type { DockerReference } from "../identity/docker-reference.ts";
import type { Identity } from "../identity/identity.ts";
import type { FindInstances } from "../image/find-instances.ts";
import type { ImageProblem } from "../image/problem.ts";
import { maxManifestBytes, maxSignatureBytes, maxSignatures, maxSignaturesBytes } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import { isFailureCode, isObject, isText, ownBytes, ownData } from "./own.ts";

/** A request whose bytes and fields nobody else can change, its signatures bounded as those of a directory are. */
type OwnRequest = VerifyRequest & { readonly signatures: Result<readonly Uint8Array[], ImageProblem> };

/**
 * Takes a request over. What is too large is not copied.
 *
 * @throws TypeError if it is no request; nothing may be taken for absent or false that was not said to be.
 */
export function ownRequest(given: unknown): Result<OwnRequest, ImageProblem> {
  if (!isObject(given)) throw new TypeError("the request is no object");
  const { identity, manifest, signatures, findInstances, requireSigned } = given;
  if (typeof requireSigned !== "boolean") throw new TypeError("requireSigned is neither true nor false");
  const ownManifest = ownBytes(manifest, "manifest", maxManifestBytes);
  if (ownManifest === undefined) return fail({ code: "image.manifest.too-large", maxBytes: maxManifestBytes });
  return ok({
    identity: ownIdentity(identity),
    manifest: ownManifest,
    signatures: ownSignatures(signatures),
    ...(findInstances === undefined ? {} : { findInstances: ownFindInstances(findInstances) }),
    requireSigned,
  });
}

function ownIdentity(given: unknown): string | Identity {
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

function ownSignatures(given: unknown): OwnRequest["signatures"] {
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
  return (digests) => {
    const found: unknown = Reflect.apply(given as () => unknown, undefined, [digests]);
    const { present, signed } = isObject(found) ? found : {};
    if (isCount(present) && isCount(signed)) return { present, signed };
    throw new TypeError("findInstances gave no numbers");
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isImageProblem(value: unknown): value is ImageProblem {
  const { code } = isObject(value) ? value : {};
  return isFailureCode(code) && code.startsWith("image.");
}

function ownFiles(files: readonly unknown[]): OwnRequest["signatures"] {
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
