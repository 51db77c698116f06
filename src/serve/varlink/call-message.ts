import { maxMessageDepth, maxMessageValues } from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";
import { type MessageJsonLimits, parseMessageJson } from "./message-json.ts";

export interface CallMessage {
  /** Interface and method. */
  readonly untrustedMethod: string;
  readonly untrustedParameters: object;
  readonly more: boolean;
  readonly oneway: boolean;
  readonly upgrade: boolean;
}

export type MessageProblem =
  /** Whatever follows makes no sense either. The reason is a short technical text. */
  | { readonly kind: "malformed"; readonly reason: string }
  | { readonly kind: "over-limit"; readonly limit: "bytes" | "values" | "depth" | "descriptors" };

const messageLimits: MessageJsonLimits = { maxDepth: maxMessageDepth, maxValues: maxMessageValues };

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads one call, without its NUL. As sd-varlink (sd-varlink.c varlink_dispatch_method) it takes no other keys, none twice, only booleans
 * for the flags, and no contradiction among these.
 */
export function parseCall(
  untrustedBytes: Uint8Array,
  limits: MessageJsonLimits = messageLimits,
): Result<CallMessage, MessageProblem> {
  let untrustedText: string;
  try {
    untrustedText = strictUtf8.decode(untrustedBytes);
  } catch {
    return malformed("not UTF-8");
  }
  const parsed = parseMessageJson(untrustedText, limits);
  if (!parsed.ok) {
    const { problem } = parsed;
    if (problem === "depth" || problem === "values") return fail({ kind: "over-limit", limit: problem });
    return malformed(problem === "syntax" ? "not JSON" : "a key is there twice");
  }
  const untrustedCall = parsed.value;
  if (!isObject(untrustedCall)) return malformed("not an object");
  let untrustedMethod: string | undefined;
  let untrustedParameters: object = {};
  const flags = { more: false, oneway: false, upgrade: false };
  for (const [key, value] of Object.entries(untrustedCall)) {
    if (key === "method" && typeof value === "string") untrustedMethod = value;
    else if (key === "parameters" && (value === null || isObject(value))) untrustedParameters = value ?? {};
    else if ((key === "more" || key === "oneway" || key === "upgrade") && typeof value === "boolean")
      flags[key] = value;
    else return malformed(isKey(key) ? `${key} has another type` : "an unknown key");
  }
  if (untrustedMethod === undefined) return malformed("no method");
  if (Number(flags.more) + Number(flags.oneway) + Number(flags.upgrade) > 1) {
    return malformed("more than one of more, oneway and upgrade");
  }
  return ok({ untrustedMethod, untrustedParameters, ...flags });
}

function isKey(key: string): boolean {
  return ["method", "parameters", "more", "oneway", "upgrade"].includes(key);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function malformed(reason: string): Result<never, MessageProblem> {
  return fail({ kind: "malformed", reason });
}
