import { isReferenceDomain, isReferenceName, nameLengthMax } from "../identity/docker-grammar.ts";
import { parseNormalizedNamed } from "../identity/docker-reference.ts";

/**
 * Why a table of aliases makes its file an error; nothing else is needed of it, as images are named in full here (containers/image:
 * pkg/sysregistriesv2/shortnames.go `newShortNameAliasCache`).
 */
export function findBadAlias(aliases: object): string | undefined {
  for (const [name, value] of Object.entries(aliases) as readonly [string, unknown][]) {
    if (typeof value !== "string") return `aliases: ${name} is not a text`;
    if (!isName(name) || hasRegistry(name)) return `aliases: ${name} is not a short name`;
    // An empty one takes back what another file says.
    if (value !== "" && !isFullName(value))
      return `aliases: ${name} is ${value}, which is not a registry and a repository`;
  }
  return undefined;
}

function isName(text: string): boolean {
  return isReferenceName(text) && text.length <= nameLengthMax;
}

function isFullName(text: string): boolean {
  return isName(text) && hasRegistry(text) && parseNormalizedNamed(text).ok;
}

function hasRegistry(name: string): boolean {
  const slash = name.indexOf("/");
  const first = slash === -1 ? "" : name.slice(0, slash);
  return isReferenceDomain(first) && (/[.:]/.test(first) || first === "localhost");
}
