import { errorVerdict as errorVerdictOf } from "../engine/error-verdict.ts";
import { type Identity, type IdentityProblem, parseIdentity as parseIdentityText } from "../identity/identity.ts";
import type { PathResolver } from "../identity/path-resolver.ts";
import type { ImageProblem } from "../image/problem.ts";
import { maxPolicyBytes } from "../limits.ts";
import { parsePolicy as parseOwnPolicy } from "../policy/parse-policy.ts";
import type { Policy } from "../policy/policy.ts";
import type { PolicyProblem } from "../policy/problem.ts";
import { verdictDocument as documentOf, type VerdictDocument } from "../report/document.ts";
import { explain as explainVerdict } from "../report/explain.ts";
import { errorText, fail, type Result } from "../result.ts";
import { type DirSource, readDirectory } from "../source/dir/dir-source.ts";
import { parsePlace } from "../source/place.ts";
import type { ErrorProblem, ErrorVerdict, SourceProblem, Verdict } from "../verdict/verdict.ts";
import { isFailureCode, isObject, ownBytes, ownData } from "./own.ts";

/*
 * The public functions beside the verifier. Those that a verdict passes through on its way to a person or a program never
 * throw: what is no verdict is told as one with the code `internal.error`. The others throw a TypeError for what is no
 * argument of theirs, which is a mistake of the program that calls them, before anything is read.
 */

/**
 * Reads a policy.json (containers-policy.json(5)): takes exactly what the reference takes
 * (REFERENCE: signature/policy_config.go `NewPolicyFromBytes`).
 *
 * @param bytes the file, at most 16 MiB.
 * @param where.path kept in the policy, for messages.
 * @returns the policy, or every problem in the order of the file, up to a hundred. If the text is no JSON, or is too
 *   large, that is the only one.
 * @throws TypeError if `bytes` is no Uint8Array or `path` no text.
 */
export function parsePolicy(
  bytes: Uint8Array,
  where: { readonly path?: string | undefined } = {},
): Result<Policy, readonly PolicyProblem[]> {
  const { path } = where;
  if (path !== undefined && typeof path !== "string") throw new TypeError("path is no text");
  const own = ownBytes(bytes, "the policy", maxPolicyBytes);
  if (own !== undefined) return parseOwnPolicy(own, { path });
  const at = { offset: 0, line: 1, column: 1 };
  return fail([{ code: "policy.too-large", maxBytes: maxPolicyBytes, at, path: [] }]);
}

/**
 * Parses `transport:reference`, or a bare docker reference, which is read as `docker://`; see the manual for the details.
 *
 * @param paths asked for identities that are paths only.
 * @throws TypeError if `text` is no text; and what `paths` throws.
 */
export function parseIdentity(text: string, paths: PathResolver): Result<Identity, IdentityProblem> {
  if (typeof text !== "string") throw new TypeError("the identity is no text");
  return parseIdentityText(text, paths);
}

/**
 * Reads an image in `dir:` layout (containers-transports(5)): `version`, `manifest.json`, `signature-1`, `signature-2`, …
 * Links and special files in it are not followed, each file is read once, and sizes are bounded.
 *
 * @throws TypeError if `path` is no text.
 */
export function readDirSource(path: string): Result<DirSource, ImageProblem | SourceProblem> {
  if (typeof path !== "string") throw new TypeError("the path of the source is no text");
  const place = parsePlace(path);
  if (!place.ok) return place;
  const { transport } = place.value;
  return transport === "dir"
    ? readDirectory(place.value.path)
    : fail({ code: "usage.source.unsupported", source: path, transport });
}

/** The verdict for what went wrong before there was anything to judge. Never throws, and never has a code of success. */
export function errorVerdict(
  problem: ErrorProblem,
  known: { readonly policyPath?: string | undefined } = {},
): ErrorVerdict {
  try {
    const own = ownData(problem, "problem");
    const { policyPath } = known;
    if (!isErrorProblem(own)) return noVerdict("the problem of an error verdict has no code of an error");
    return errorVerdictOf(own, { policyPath: typeof policyPath === "string" ? policyPath : undefined });
  } catch (error) {
    return noVerdict(errorText(error));
  }
}

function isErrorProblem(value: unknown): value is ErrorProblem {
  const { code } = isObject(value) ? value : {};
  return isFailureCode(code) && !/^(?:requirement|signature)[.]/.test(code);
}

/**
 * A verdict in words for a person: the outcome, why, and what to do next where that is plain. Several lines, without a
 * newline at the end. All foreign text in it is escaped. The wording may change at any time; programs use codes. Never throws.
 *
 * @param options.colour colours the outcome for a terminal; off unless asked for.
 */
export function explain(verdict: Verdict, options: { readonly colour?: boolean } = {}): string {
  const colour = isColourAskedFor(options);
  return told(verdict, (own) => explainVerdict(own, { colour }));
}

function isColourAskedFor(options: unknown): boolean {
  try {
    const { colour } = isObject(options) ? options : {};
    return colour === true;
  } catch {
    return false; // a getter that throws
  }
}

/** A verdict as JSON for programs: docs/contract.md and docs/verdict.schema.json. Never throws. */
export function verdictDocument(verdict: Verdict): VerdictDocument {
  return told(verdict, (own) => documentOf(own));
}

function told<T>(verdict: unknown, how: (verdict: Verdict) => T): T {
  try {
    if (isVerdict(verdict)) return how(verdict);
    return how(noVerdict("what is to be told is no verdict"));
  } catch (error) {
    return how(noVerdict(errorText(error)));
  }
}

/** Whether outcome and code belong together; what else a verdict has is needed to tell it, and missed there. */
function isVerdict(value: unknown): value is Verdict {
  if (!isObject(value)) return false;
  const { outcome, code } = value;
  if (outcome === "accepted") return code === "accepted";
  if (!isFailureCode(code)) return false;
  return outcome === (code.startsWith("requirement.") ? "rejected" : "error");
}

function noVerdict(detail: string): ErrorVerdict {
  return errorVerdictOf({ code: "internal.error", detail });
}
