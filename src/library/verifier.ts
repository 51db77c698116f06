import { openPgpBackEnds } from "../crypto/openpgp/back-end.ts";
import {
  errorVerdict,
  prepareVerifier as prepareOwn,
  type Verifier,
  type VerifierHost,
  type VerifierOptions,
} from "../engine/verify.ts";
import { maxTrustFileBytes } from "../limits.ts";
import type { Policy } from "../policy/policy.ts";
import { errorText, fail, ok, type Result } from "../result.ts";
import type { Verdict } from "../verdict/verdict.ts";
import { isObject, isText, ownBytes, ownData } from "./own.ts";
import { ownRequest } from "./request.ts";

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
  const verifier = prepareOwn(own, ownHost(host), ownOptions(options));
  return Object.freeze({
    async verify(given: unknown): Promise<Verdict> {
      const known = { policyPath: own.path };
      try {
        const request = ownRequest(given);
        return request.ok ? await verifier.verify(request.value) : errorVerdict(request.problem, known);
      } catch (error) {
        return errorVerdict({ code: "internal.error", detail: errorText(error) }, known);
      }
    },
  });
}

function ownPolicy(given: unknown): Policy {
  const policy = ownData(given, "policy");
  if (isPolicy(policy)) return policy;
  const isResult = isObject(policy) && "ok" in policy;
  throw new TypeError(
    isResult ? "policy is what parsePolicy gave; its value is wanted" : "policy is none that parsePolicy gave",
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

function ownOptions(given: unknown): VerifierOptions {
  if (!isObject(given)) throw new TypeError("the options are no object");
  const { openPgp } = given;
  if (openPgp === undefined) return {};
  const named: readonly unknown[] = Array.isArray(openPgp) ? [...openPgp] : [];
  const own = openPgpBackEnds.filter((name) => named.includes(name));
  if (own.length > 0 && named.every((name) => own.some((known) => known === name))) return { openPgp: own };
  throw new TypeError(`openPgp is no list of back ends (${openPgpBackEnds.join(", ")})`);
}

function ownHost(given: unknown): VerifierHost {
  const { readFile, now, paths } = isObject(given) ? given : {};
  const { resolveFully, open } = isObject(paths) ? paths : {};
  for (const [name, value] of Object.entries({ readFile, now, resolveFully, open })) {
    if (typeof value !== "function") throw new TypeError(`the host has no function ${name}`);
  }
  const call = (owner: unknown, method: unknown, ...args: readonly unknown[]): unknown =>
    Reflect.apply(method as () => unknown, owner, args);
  return {
    now: () => call(given, now) as number,
    readFile: (path) => ownFile(() => call(given, readFile, path)),
    paths: {
      resolveFully: (path) => ownResult(call(paths, resolveFully, path), "resolveFully", isText),
      open: (path) => ownResult(call(paths, open, path), "open", isAbsent),
    },
  };
}

/** What it throws is an Error with a message and a code, and nothing else of what the host threw. */
async function ownFile(read: () => unknown): Promise<Uint8Array> {
  let given: unknown;
  try {
    given = await read();
  } catch (error) {
    throw Object.assign(new Error(errorText(error)), { code: codeOf(error) });
  }
  const bytes = ownBytes(given, "what the host's readFile gave", maxTrustFileBytes);
  if (bytes !== undefined) return bytes;
  throw Object.assign(new Error("too large"), { code: "policy.trust.too-large" });
}

function codeOf(error: unknown): unknown {
  try {
    const { code } = isObject(error) ? error : {};
    return code;
  } catch {
    return undefined; // a getter that throws
  }
}

function ownResult<T>(
  given: unknown,
  name: string,
  isWanted: (value: unknown) => value is T,
): Result<T, { readonly path: string; readonly errno: string }> {
  const { ok: isFound, value, problem } = isObject(given) ? given : {};
  if (isFound === true && isWanted(value)) return ok(value);
  const { path, errno } = isObject(problem) ? problem : {};
  if (isFound === false && isText(path) && isText(errno)) return fail({ path, errno });
  throw new TypeError(`what the host's ${name} gave is no result of it`);
}

/** Whatever it is, it is not looked at. */
function isAbsent(_value: unknown): _value is undefined {
  return true;
}
