import { codes } from "../codes.ts";
import { type OpenPgpBackEnd, openPgpBackEnds } from "../crypto/openpgp/back-end.ts";
import { maxTrustFileBytes } from "../limits.ts";
import { errorText, fail, ok, type Result } from "../result.ts";
import type { ReadTrustFile } from "../trust/trust-content.ts";

/**
 * What a host program hands in, made our own: of the types that were promised, and no longer the host's to change while we
 * wait for something. Everything is read once.
 */

const typedArray = Object.getPrototypeOf(Uint8Array.prototype);
const kindOf = Object.getOwnPropertyDescriptor(typedArray, Symbol.toStringTag)?.get;
const lengthOf = Object.getOwnPropertyDescriptor(typedArray, "byteLength")?.get;

/** By the engine's own knowledge, of any realm: not by a name, a prototype or a `length` that a subclass could fake. */
function isBytes(value: unknown): value is Uint8Array {
  return kindOf?.call(value) === "Uint8Array";
}

/**
 * A copy, also of memory that is shared with other threads, where it is what was there at some moment of copying.
 *
 * @returns `undefined` if there is more than that: nothing is copied then.
 * @throws TypeError if it is no Uint8Array.
 */
export function ownBytes(value: unknown, what: string, maxBytes: number): Uint8Array | undefined {
  if (!isBytes(value)) throw new TypeError(`${what} is no Uint8Array`);
  if (lengthOf?.call(value) > maxBytes) return undefined;
  const copy = new Uint8Array(value);
  // Shared memory may have grown in between.
  return copy.length > maxBytes ? undefined : copy;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

export function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** Deeper than a policy, a verdict or a problem. */
const maxDepth = 12;

/**
 * A frozen copy of plain data: objects, lists, maps, bytes and what is no object.
 *
 * @throws TypeError for functions, and for what is nested too deeply to be any of ours.
 */
export function ownData(value: unknown, what: string, depth = 0): unknown {
  if (typeof value === "function") throw new TypeError(`${what} holds a function`);
  if (!isObject(value)) return value;
  if (depth > maxDepth) throw new TypeError(`${what} is nested too deeply`);
  if (isBytes(value)) return ownBytes(value, what, Number.POSITIVE_INFINITY);
  const own = (inner: unknown): unknown => ownData(inner, what, depth + 1);
  if (Array.isArray(value)) return Object.freeze(Array.from({ length: value.length }, (_, i) => own(value[i])));
  if (value instanceof Map)
    return new Map([...Map.prototype.entries.call(value)].map(([key, inner]) => [key, own(inner)]));
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, own(inner)])));
}

/** Whether it is one of the published codes, and not that of success. */
export function isFailureCode(value: unknown): value is keyof typeof codes {
  return typeof value === "string" && Object.hasOwn(codes, value) && codes[value as keyof typeof codes].exitCode !== 0;
}

/** @throws TypeError for an empty list, and for a name that is not one of a back end; `undefined` stays so. */
export function ownOpenPgp(given: unknown): readonly OpenPgpBackEnd[] | undefined {
  if (given === undefined) return undefined;
  const named: readonly unknown[] = Array.isArray(given) ? [...given] : [];
  const own = openPgpBackEnds.filter((name) => named.includes(name));
  if (own.length > 0 && named.every((name) => own.some((known) => known === name))) return own;
  throw new TypeError(`openPgp is no list of back ends (${openPgpBackEnds.join(", ")})`);
}

/** Of what the host's function throws, only the message is kept, and a code that says what kind of failure it is. */
export function ownTrustFile(read: (path: string) => unknown): ReadTrustFile {
  return async (path) => {
    try {
      const bytes = ownBytes(await read(path), "what the host's readFile gave", maxTrustFileBytes);
      return bytes === undefined ? fail({ kind: "too-large" }) : ok(bytes);
    } catch (error) {
      const code = codeOf(error);
      if (code === "policy.trust.too-large") return fail({ kind: "too-large" });
      if (code === "policy.trust.empty") return fail({ kind: "empty" });
      return fail({
        kind: "unreadable",
        reason: errorText(error),
        ...(code === "EISDIR" ? { isDirectory: true } : {}),
      });
    }
  };
}

function codeOf(error: unknown): unknown {
  try {
    const { code } = isObject(error) ? error : {};
    return code;
  } catch {
    return undefined; // a getter that throws
  }
}

export function ownResult<T>(
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
export function isAbsent(_value: unknown): _value is undefined {
  return true;
}
