import type { OpenPgpBackEnd } from "../crypto/openpgp/back-end.ts";
import type { BlobsChoice, PlatformChoice } from "../engine/choices.ts";
import { Engine } from "../engine/engine.ts";
import { errorVerdict } from "../engine/error-verdict.ts";
import { inOrder } from "../engine/in-order.ts";
import { type ImageChoice, type JudgeRequest, unmetChoice } from "../engine/request.ts";
import { hostPlatform } from "../host/host-platform.ts";
import { clockSeconds, processEnvironment } from "../host/surroundings.ts";
import { readTrustFile } from "../host/trust-file.ts";
import type { Identity } from "../identity/identity.ts";
import type { Image } from "../image/image.ts";
import { parsePlatform } from "../image/platform.ts";
import type { ImageProblem } from "../image/problem.ts";
import { nearest } from "../policy/nearest.ts";
import { errorText, fail, ok, type Result } from "../result.ts";
import type { ErrorProblem, Verdict } from "../verdict/verdict.ts";
import { problemText } from "../words/problem-words.ts";
import { warningText } from "../words/warning-words.ts";
import { isObject, isText, ownOpenPgp, ownTrustFile } from "./own.ts";
import { isImageProblem, ownDigest, ownIdentity, ownImage } from "./request.ts";

/** What an engine judges by. Whatever is left out is as on the command line. */
export interface EngineOptions {
  /** The policy file to judge by, instead of the user's or the system's policy.json. */
  readonly policy?: string;
  /** The back ends of containers/image that have to accept an OpenPGP signature; all unless some are named. */
  readonly openPgp?: readonly OpenPgpBackEnd[];
  /**
   * Read policy and keys once, and judge all images by them. Otherwise each call looks whether a file has another content than
   * before; a policy that is broken now makes calls fail with its error, and the old one is not used.
   */
  readonly pinned?: boolean;
  /** The current time in Unix seconds, instead of the machine's. */
  readonly now?: () => number;
  /** Reads a key or certificate file that the policy names, instead of this machine's. */
  readonly readFile?: (path: string) => Uint8Array | Promise<Uint8Array>;
  /** Hears of files that other users could change, in a sentence. */
  readonly onWarning?: (warning: string) => void;
}

/** One image to judge: what it was obtained as, and where it is or what it is. */
export type EngineRequest = {
  /** Anything by which the caller knows the request. */
  readonly id?: unknown;
  /** What the image was obtained as: `docker://registry.example.com/repo:tag`, or a text parsed by {@link parseIdentity}. */
  readonly identity: string | Identity;
  /** Another policy file than the engine's. */
  readonly policy?: string;
  /** Refuse an image for which the policy verifies no signature (skopeo's `--require-signed`). */
  readonly requireSigned?: boolean;
  /**
   * Of an index in a source, judge also the image for a platform (`host`, or `OS/ARCH[/VARIANT]`), or `all` that it lists: either the
   * index has to be accepted, or what it lists.
   */
  readonly platform?: string;
  /** Compare the blobs of an accepted image in a source with their digests: those that are `present`, or `all`; `none` unless it is given. */
  readonly blobs?: BlobsChoice;
} & (
  | {
      /** A SOURCE, as the command line takes it: a directory, `oci:…`, `containers-storage:…`, …. */
      readonly source: string;
      /** Judge the signatures there for this manifest digest, and read no manifest. */
      readonly manifestDigest?: string;
      /** A directory to take `signature-1`, … from, instead of the source. */
      readonly loadSignaturesFrom?: string;
      /** Take the signatures of a layout from what cosign attached in it, not from `signature-1`, …. */
      readonly layoutSignatures?: boolean;
    }
  | { readonly manifest: Uint8Array; readonly signatures: readonly Uint8Array[] }
  | { readonly manifestDigest: string; readonly signatures: readonly Uint8Array[] }
  /** An image of one's own making; asked for its manifest once, and for its signatures only if the policy looks at them. */
  | { readonly image: Image }
);

/** What was judged, with the bytes that it was judged by: use these, and do not read them again from where they came. */
export interface EngineResult {
  readonly verdict: Verdict;
  /** `undefined` if there was no manifest, or only its digest was given. */
  readonly manifest: Uint8Array | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** Judges images by policy.json, as containers/image would. */
export interface VerificationEngine {
  /**
   * Judges one image. Nothing is accepted by default: a request that is none, or has a field that is not known, ends as a verdict with the
   * code `usage.request.malformed`, a bug with `internal.error`. Rejects only with the signal's reason.
   */
  verify(request: EngineRequest, options?: CallOptions): Promise<Verdict>;
  /** The same, with the manifest's bytes. */
  judge(request: EngineRequest, options?: CallOptions): Promise<EngineResult>;
  /**
   * Judges many, in the order of the requests. No more than `concurrency` (4) of them are taken at a time and not yet handed over, so that
   * memory is bounded whoever is slower; a verdict is handed over as soon as it and those before it are there.
   */
  verifyMany<R extends EngineRequest>(
    requests: Iterable<R> | AsyncIterable<R>,
    options?: CallOptions & { readonly concurrency?: number },
  ): AsyncIterable<EngineResult & { readonly request: R }>;
}

/**
 * Opens an engine: by default with the policy of this system, its keys and its clock. It holds no resources, and is kept for as long as
 * there is something to judge.
 *
 * @throws TypeError for options that make no sense: what was not understood must not make a verdict milder.
 */
export function openEngine(options: EngineOptions = {}): VerificationEngine {
  const { policy, ...settings } = ownEngineOptions(options);
  const engine = new Engine(settings);
  const judge = async (given: unknown, call: unknown = {}): Promise<EngineResult> => {
    let signal: AbortSignal | undefined;
    let request: ReturnType<typeof ownEngineRequest>;
    try {
      signal = ownSignal(call);
      request = ownEngineRequest(given, policy);
    } catch (error) {
      return withoutManifest({ code: "usage.request.malformed", form: "call", detail: errorText(error) });
    }
    try {
      if (!request.ok) return withoutManifest(request.problem);
      return await engine.judge(request.value, signal === undefined ? {} : { signal });
    } catch (error) {
      signal?.throwIfAborted();
      return withoutManifest({ code: "internal.error", detail: errorText(error) });
    }
  };
  return Object.freeze({
    judge,
    verify: async (request: EngineRequest, call?: CallOptions) => (await judge(request, call)).verdict,
    verifyMany: <R extends EngineRequest>(
      requests: Iterable<R> | AsyncIterable<R>,
      { concurrency = 4, ...call }: CallOptions & { readonly concurrency?: number } = {},
    ) =>
      inOrder(requests, { concurrency, signal: ownSignal(call) }, async (request) => ({
        request,
        ...(await judge(request, call)),
      })),
  });
}

function withoutManifest(problem: ErrorProblem): EngineResult {
  return { verdict: errorVerdict(problem), manifest: undefined };
}

function ownSignal(call: unknown): AbortSignal | undefined {
  const { signal } = isObject(call) ? call : {};
  if (signal === undefined || signal instanceof AbortSignal) return signal;
  throw new TypeError("signal is not an AbortSignal");
}

function ownEngineOptions(given: unknown) {
  if (!isObject(given)) throw new TypeError("the options are no object");
  refuseUnknown(given, optionNames, "option");
  const { policy, openPgp, pinned, now = clockSeconds, readFile, onWarning } = given;
  if (policy !== undefined && !isText(policy)) throw new TypeError("policy is not the path of a file");
  if (pinned !== undefined && typeof pinned !== "boolean") throw new TypeError("pinned is neither true nor false");
  for (const [name, value] of Object.entries({ now, readFile, onWarning })) {
    if (value !== undefined && typeof value !== "function") throw new TypeError(`${name} is not a function`);
  }
  const warn = (warning: Parameters<typeof warningText>[0]): void => {
    if (typeof onWarning !== "function") return;
    // What becomes of a warning changes no verdict.
    Promise.resolve(Reflect.apply(onWarning, undefined, [warningText(warning)])).catch(() => undefined);
  };
  return {
    policy,
    environment: processEnvironment(),
    now: () => Reflect.apply(now as () => number, undefined, []),
    readFile:
      readFile === undefined
        ? (path: string) => readTrustFile(path, warn)
        : ownTrustFile((path) => Reflect.apply(readFile as () => unknown, undefined, [path])),
    openPgp: ownOpenPgp(openPgp),
    isPinned: pinned === true,
    warn,
    trace: () => undefined,
  };
}

const optionNames = ["policy", "openPgp", "pinned", "now", "readFile", "onWarning"];

const requestFields = [
  ...["id", "identity", "policy", "requireSigned", "platform", "blobs"],
  ...["source", "manifestDigest", "loadSignaturesFrom", "layoutSignatures", "manifest", "signatures", "image"],
];

/** A word that is not understood, such as `requireSignd`, must not make a verdict milder. */
function refuseUnknown(given: object, known: readonly string[], what: "option" | "field"): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const meant = nearest(unknown, known);
  throw new TypeError(`there is no ${what} ${unknown}${meant === undefined ? "" : `, did you mean ${meant}?`}`);
}

/** Takes a request over, before anything is awaited. */
function ownEngineRequest(given: unknown, policyPath: string | undefined): Result<JudgeRequest, ImageProblem> {
  if (!isObject(given)) throw new TypeError("the request is no object");
  refuseUnknown(given, requestFields, "field");
  const { identity, policy = policyPath, requireSigned = false, platform, blobs = "none", ...rest } = given;
  if (!isBlobsChoice(blobs)) throw new TypeError("blobs is neither none, present nor all");
  if (typeof requireSigned !== "boolean") throw new TypeError("requireSigned is neither true nor false");
  if (policy !== undefined && !isText(policy)) throw new TypeError("policy is not the path of a file");
  const image = ownImageChoice(rest);
  if (!image.ok) return image;
  const request: JudgeRequest = {
    identity: ownIdentity(identity),
    image: image.value,
    policy: policy === undefined ? { kind: "default" } : { kind: "file", path: policy },
    requireSigned,
    platform: ownPlatform(platform),
    blobs,
  };
  const unmet = unmetChoice(request);
  if (unmet === undefined) return ok(request);
  const { choice, why } = unmet;
  throw new TypeError(`${choice} needs ${why === "no-source" ? "a source" : "a manifest, not manifestDigest alone"}`);
}

function isBlobsChoice(value: unknown): value is BlobsChoice {
  return value === "none" || value === "present" || value === "all";
}

function ownPlatform(given: unknown): PlatformChoice | undefined {
  if (given === undefined) return undefined;
  if (given === "all") return { kind: "all" };
  const platform = given === "host" ? hostPlatform() : isText(given) ? parsePlatform(given) : undefined;
  if (platform === undefined) throw new TypeError("platform is neither host, all nor OS/ARCH[/VARIANT]");
  return { kind: "one", platform };
}

function ownImageChoice(given: Readonly<Record<string, unknown>>): Result<ImageChoice, ImageProblem> {
  const { source, manifest, manifestDigest, signatures, image, loadSignaturesFrom, layoutSignatures } = given;
  const forms = [source, image, manifest ?? (source === undefined ? manifestDigest : undefined)];
  if (forms.filter((form) => form !== undefined).length !== 1) {
    throw new TypeError("a request has either source, or image, or manifest or manifestDigest with signatures");
  }
  if (source !== undefined) {
    if (!isText(source) || signatures !== undefined) throw new TypeError("source is no text, or comes with signatures");
    return ok({
      kind: "source",
      source,
      manifestDigest: manifestDigest === undefined ? undefined : ownDigest(manifestDigest),
      ...ownSignaturePlace(loadSignaturesFrom, layoutSignatures),
    });
  }
  if (loadSignaturesFrom !== undefined || layoutSignatures !== undefined) {
    throw new TypeError("loadSignaturesFrom and layoutSignatures are for a source");
  }
  if (image !== undefined) return ok({ kind: "open", open: () => ok({ image: ownImagePort(image) }) });
  const own = ownImage({ manifest, manifestDigest, signatures, findInstances: undefined });
  return own.ok ? ok({ kind: "bytes", ...own.value }) : own;
}

function ownSignaturePlace(directory: unknown, isInLayout: unknown) {
  if (directory !== undefined && !isText(directory))
    throw new TypeError("loadSignaturesFrom is not the path of a directory");
  if (isInLayout !== undefined && typeof isInLayout !== "boolean") {
    throw new TypeError("layoutSignatures is neither true nor false");
  }
  if (directory !== undefined && isInLayout === true) {
    throw new TypeError("loadSignaturesFrom and layoutSignatures exclude each other");
  }
  return { signaturesFrom: directory, useAttachments: isInLayout === true };
}

/** What an image of the caller's gives is copied as soon as it is there. */
function ownImagePort(given: unknown): Image {
  const { manifest, signatures } = isObject(given) ? given : {};
  if (typeof manifest !== "function" || typeof signatures !== "function") {
    throw new TypeError("image has no functions manifest and signatures");
  }
  const call = async (method: (...args: never) => unknown): Promise<unknown> => Reflect.apply(method, given, []);
  return {
    manifest: async () => {
      const read = resultOf(await call(manifest as () => unknown));
      if (!read.ok) return read;
      const own = ownImage({
        manifest: read.value,
        manifestDigest: undefined,
        signatures: [],
        findInstances: undefined,
      });
      return own.ok ? ok(own.value.manifest as Uint8Array) : own;
    },
    signatures: async () => {
      const read = resultOf(await call(signatures as () => unknown));
      if (!read.ok) return read;
      const own = ownImage({
        manifest: new Uint8Array(0),
        manifestDigest: undefined,
        signatures: read.value,
        findInstances: undefined,
      });
      return own.ok ? own.value.signatures : own;
    },
  };
}

/** One that lacks what is to be told of it would fail later, in the middle of a sentence. */
function isToldImageProblem(problem: unknown): problem is ImageProblem {
  if (!isImageProblem(problem)) return false;
  try {
    return problemText(problem) !== "";
  } catch {
    return false;
  }
}

function resultOf(given: unknown): Result<unknown, ImageProblem> {
  const { ok: isRead, value, problem } = isObject(given) ? given : {};
  if (isRead === true) return ok(value);
  if (isRead === false && isToldImageProblem(problem)) return fail(problem);
  throw new TypeError("what the image gave is not a result");
}
