import type { OpenPgpBackEnd } from "../crypto/openpgp/back-end.ts";
import { errorVerdict } from "../engine/error-verdict.ts";
import { PreparedPolicy } from "../engine/prepared-policy.ts";
import { type Identity, parseIdentity } from "../identity/identity.ts";
import type { PathResolver } from "../identity/path-resolver.ts";
import type { Policy } from "../policy/policy.ts";
import { errorText, ok } from "../result.ts";
import type { Verdict } from "../verdict/verdict.ts";
import { isAbsent, isObject, isText, ownData, ownOpenPgp, ownResult, ownTrustFile } from "./own.ts";
import { ownRequest, type VerifyRequest } from "./request.ts";

/** What the verifier needs of the machine it runs on. */
export interface VerifierHost {
  /**
   * Reads a key or certificate file that the policy names. May throw: the verdict is then an error with the error's message, never an
   * acceptance.
   */
  readonly readFile: (path: string) => Uint8Array | Promise<Uint8Array>;
  /** The current time in Unix seconds. */
  readonly now: () => number;
  /** How identities that are paths (`dir:`, `oci:`, …) are resolved. */
  readonly paths: PathResolver;
}

/** How strictly to judge. */
export interface VerifierOptions {
  /**
   * The back ends of containers/image that have to accept an OpenPGP signature, each of them. Absent: all, so that the verdict
   * holds for every build of podman and skopeo; one alone gives the verdict of the builds with that one.
   */
  readonly openPgp?: readonly OpenPgpBackEnd[];
}

/** A policy with its trust material, loaded on first use and shared by all images it judges. */
export interface Verifier {
  /**
   * Never throws, and its promise is always kept: a bug, and a request that is none, end as a verdict with the code
   * `internal.error`. Nothing is accepted by default.
   */
  verify(request: VerifyRequest): Promise<Verdict>;
}

/**
 * Prepares a policy for judging any number of images. Keys and certificates are read once, when first needed.
 *
 * Policy, requests and what `host.readFile` gives are copied before anything is awaited: what the caller does to them later
 * changes no verdict.
 *
 * @throws TypeError if `policy` is none, `host` lacks one of its functions, or `options` names no back end, or one that
 *   there is not: what was not understood must not make a verdict milder.
 */
export function prepareVerifier(policy: Policy, host: VerifierHost, options: VerifierOptions = {}): Verifier {
  const own = ownPolicy(policy);
  const { readFile, now, paths } = ownHost(host);
  const prepared = new PreparedPolicy(own, { readFile: ownTrustFile(readFile), now }, ownOptions(options));
  const known = { policyPath: own.path };
  return Object.freeze({
    async verify(given: unknown): Promise<Verdict> {
      try {
        const request = ownRequest(given);
        if (!request.ok) return errorVerdict(request.problem, known);
        const { identity: named, manifest, signatures, findInstances, requireSigned } = request.value;
        const identity = identityOf(named, paths);
        if (!identity.ok) return errorVerdict(identity.problem, known);
        const subject = { manifest, signatures: () => signatures, findInstances };
        return await prepared.judge(identity.value, subject, { requireSigned });
      } catch (error) {
        return errorVerdict({ code: "internal.error", detail: errorText(error) }, known);
      }
    },
  });
}

function identityOf(given: string | Identity, paths: PathResolver): ReturnType<typeof parseIdentity> {
  return typeof given === "string" ? parseIdentity(given, paths) : ok(given);
}

function ownPolicy(given: unknown): Policy {
  const policy = ownData(given, "policy");
  if (isPolicy(policy)) return policy;
  const isResult = isObject(policy) && "ok" in policy;
  throw new TypeError(
    isResult ? "policy is what parsePolicy gave; its value is wanted" : "policy is not what parsePolicy gave",
  );
}

/** As far as it matters for where to look: a requirement that is none cannot be judged, and ends as an error. */
function isPolicy(value: unknown): value is Policy {
  const { path, transports, default: requirements } = isObject(value) ? value : {};
  if (!Array.isArray(requirements) || !(transports instanceof Map)) return false;
  const scopes = [...transports.values()];
  return (
    (path === undefined || typeof path === "string") &&
    scopes.every((scope) => scope instanceof Map && [...scope.values()].every(Array.isArray))
  );
}

function ownOptions(given: unknown): readonly OpenPgpBackEnd[] | undefined {
  if (!isObject(given)) throw new TypeError("the options are no object");
  const { openPgp } = given;
  return ownOpenPgp(openPgp);
}

interface OwnHost {
  readonly readFile: (path: string) => unknown;
  readonly now: () => number;
  readonly paths: PathResolver;
}

function ownHost(given: unknown): OwnHost {
  const { readFile, now, paths } = isObject(given) ? given : {};
  const { resolveFully, open } = isObject(paths) ? paths : {};
  for (const [name, value] of Object.entries({ readFile, now, resolveFully, open })) {
    if (typeof value !== "function") throw new TypeError(`the host has no function ${name}`);
  }
  const call = (owner: unknown, method: unknown, ...args: readonly unknown[]): unknown =>
    Reflect.apply(method as () => unknown, owner, args);
  return {
    now: () => call(given, now) as number,
    readFile: (path) => call(given, readFile, path),
    paths: {
      resolveFully: (path) => ownResult(call(paths, resolveFully, path), "resolveFully", isText),
      open: (path) => ownResult(call(paths, open, path), "open", isAbsent),
    },
  };
}
