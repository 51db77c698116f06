import type { PolicyFlaw, PolicyProblem } from "../policy/problem.ts";
import type { PolicyFileProblem } from "../verdict/verdict.ts";
import { because, countText, listText, sizeText } from "./format.ts";
import { referenceFlawName, scopeFlawName } from "./identity-words.ts";
import { line, plain, quote } from "./quote.ts";
import { say, type Words } from "./words.ts";

/** Where it is: `policy.json:12:9: .default[0].keypath`. */
export function policyProblemPlace(policyPath: string | undefined, problem: PolicyProblem): string {
  const file = policyPath === undefined ? "policy" : plain(policyPath);
  const place = problem.path.length === 0 ? "" : ` ${jsonPathText(problem.path)}`;
  return `${file}:${problem.at.line}:${problem.at.column}:${place}`;
}

/** What is wrong, without the place. */
export function flawText(problem: PolicyProblem): string {
  return say(flawWords, "code", problem, undefined);
}

/** As jq takes it: `.transports.docker["registry.example.com"][0].keyPath`. */
export function jsonPathText(path: readonly (string | number)[]): string {
  const steps = path.map((step) => {
    if (typeof step === "number") return `[${step}]`;
    return /^[A-Za-z_][A-Za-z0-9_]*$/.test(step) ? `.${step}` : `[${quote(step)}]`;
  });
  const text = steps.join("");
  return text.startsWith(".") ? text : `.${text}`;
}

const flawWords = {
  "policy.json.syntax": (flaw) => `not JSON: ${syntaxText(flaw)}`,
  "policy.json.depth": ({ maxDepth }) => `nested more than ${maxDepth} levels deep`,
  "policy.too-large": ({ maxBytes, maxValues }) =>
    maxBytes === undefined
      ? `more than ${countText(maxValues ?? 0, "value")}, nested ones included`
      : `larger than ${sizeText(maxBytes)}`,
  "policy.key.unknown": ({ key, known, nearest }) => `unknown key ${quote(key)}${alternatives(known, nearest)}`,
  "policy.key.duplicate": ({ key, first }) =>
    `key ${quote(key)} for the second time, the first is in line ${first.line}, column ${first.column}; remove one`,
  "policy.key.missing": ({ key, alternative }) =>
    alternative === undefined
      ? `key ${quote(key)} is missing`
      : `key ${quote(key)} or ${quote(alternative)} is missing; at least one is required`,
  "policy.value.type": ({ expected, found }) =>
    `${kindText(found)} where ${listText(expected.map(kindText), "or")} is required`,
  "policy.value.empty": ({ what }) => `${plain(what)} must not be empty`,
  "policy.value.base64": () => "not base64 (the standard alphabet, with padding and without blanks)",
  "policy.value.unknown": ({ value, known, nearest }) => `unknown value ${quote(value)}${alternatives(known, nearest)}`,
  "policy.value.reference": ({ value, flaw }) =>
    `${quote(value)} is not a docker reference that can be used here: ${referenceFlawName(flaw)}`,
  "policy.value.prefix": ({ value }) =>
    `${quote(value)} is not a prefix of a docker reference: a host, host:port, or repository, without tag and digest`,
  "policy.scope.invalid": ({ transport, scope, flaw, nearest }) =>
    `${quote(scope)} is not a scope of transport ${plain(transport)}: ${scopeFlawName(flaw)}` +
    (nearest === undefined ? otherTransport(scope) : `; did you mean ${quote(nearest)}?`),
  "policy.sources.none": ({ known }) => `names no key or certificate; add ${listText(known.map(quote), "or")}`,
  "policy.sources.several": ({ found }) =>
    `has ${listText(found.map(quote), "and")}, where only one is allowed; keep one`,
  "policy.rekor.missing": () =>
    'fulcio needs a Rekor public key: add "rekorPublicKeyPath", "rekorPublicKeyPaths", "rekorPublicKeyData" or "rekorPublicKeyDatas"',
  "policy.rekor.unsupported": () => "Rekor public keys cannot be combined with pki; remove them",
} satisfies Words<PolicyFlaw, "code">;

/** What looks like the name of an image belongs to a registry, and its scope into docker. */
function otherTransport(scope: string): string {
  const isImageName = /^(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[0-9]+)?(?:\/|$)|^localhost(?::[0-9]+)?(?:\/|$)/i.test(
    scope,
  );
  return isImageName ? "; scopes for images from a registry belong into docker" : "";
}

function syntaxText({ found, expected }: { readonly found: string; readonly expected: string }): string {
  if (/^\/[/*]/.test(found)) return "it has no comments; remove this one";
  if (found.startsWith("\ufeff")) return "it begins with a byte order mark; save it without one";
  if (found.includes("\0")) return "there is a NUL byte here, as UTF-16 has them; save it as UTF-8";
  if (found.startsWith("\ufffd")) return "this is not UTF-8, but maybe UTF-16; save it as UTF-8";
  const wanted = `${line(expected)} is expected here, not ${found === "" ? "the end of the file" : quote(found)}`;
  const isCommaLeft =
    (found === "]" && expected === "a value") || (found === "}" && expected === "a key in double quotes");
  if (isCommaLeft) return `${wanted}; remove the comma before it`;
  const isCommaMissing = expected.startsWith('","') && /^["{[0-9a-z-]/.test(found);
  return isCommaMissing ? `${wanted}; is a comma missing before it?` : wanted;
}

function alternatives(known: readonly string[], nearest: string | undefined): string {
  const meant = nearest === undefined ? "." : `; did you mean ${quote(nearest)}?`;
  return known.length === 0 ? meant : `${meant} Known here: ${listText(known.map(quote), "and")}.`;
}

const kinds = {
  object: "an object",
  array: "a list",
  string: "a string",
  number: "a number",
  boolean: "a boolean",
  null: "null",
} as const;

function kindText(kind: keyof typeof kinds): string {
  return kinds[kind];
}

/** Why there is no policy to judge by: a sentence without its full stop. */
export const policyFileWords = {
  "policy.missing": ({ searched }) =>
    `There is no policy.json${searched.length === 0 ? "" : `: none of ${listText(searched.map(plain), "and")} exists`}`,
  "policy.unreadable": ({ path, reason }) => `The policy ${plain(path)} cannot be read${because(reason)}`,
  "policy.too-large": ({ path, maxBytes }) => `The policy ${plain(path)} is larger than ${sizeText(maxBytes)}`,
} satisfies Words<PolicyFileProblem, "code">;

/** How many problems a policy has, as the sentence before them. */
export function policyProblemCount(path: string | undefined, count: number): string {
  const policy = path === undefined ? "The given policy" : `The policy ${plain(path)}`;
  return `${policy} is not valid, and nothing can be judged by it. ${countText(count, "problem")}:`;
}
