import { type Digest, digestText, parseDigest } from "../encoding/digest.ts";
import { fail, ok, type Result } from "../result.ts";
import {
  findBadComponent,
  findBadTagCharacter,
  isIdentifier,
  isPathComponent,
  isReferenceDomain,
  nameLengthMax,
  tagLengthMax,
} from "./docker-grammar.ts";

/** A named docker reference after normalization: the domain is always spelled out. */
export interface DockerReference {
  /** `host` or `host:port`; "" where the host has an underscore or the like, and counts as the first component of the path. */
  readonly domain: string;
  readonly path: string;
  /** `domain/path`, at most 255 characters. */
  readonly name: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

/** Why a text is not a docker reference; the strings are parts of that text. */
export type DockerReferenceProblem =
  | { readonly flaw: "empty" }
  | { readonly flaw: "identifier" }
  | { readonly flaw: "domain"; readonly domain: string }
  | { readonly flaw: "upper-case"; readonly component: string }
  | { readonly flaw: "component"; readonly component: string }
  | { readonly flaw: "name-length"; readonly length: number; readonly limit: number }
  | { readonly flaw: "tag-empty" }
  | { readonly flaw: "tag-character"; readonly tag: string; readonly character: string }
  | { readonly flaw: "tag-length"; readonly length: number; readonly limit: number }
  | { readonly flaw: "digest-algorithm"; readonly algorithm: string }
  | { readonly flaw: "digest"; readonly digest: string }
  | { readonly flaw: "not-canonical"; readonly canonical: string };

/** The registry, and the namespace in it, that a name without them means (containers/image: docker/reference `normalize.go`). */
const defaultDomain = "docker.io";
const legacyDefaultDomain = "index.docker.io";
const officialNamespace = "library";

/**
 * Parses a reference as people write it: `busybox` is `docker.io/library/busybox`. No tag is added. Letter case matters everywhere,
 * in host names too: `DOCKER.IO` is not docker.io.
 *
 * As containers/image: docker/reference `ParseNormalizedNamed`. Linear in the length of `text`.
 */
export function parseNormalizedNamed(text: string): Result<DockerReference, DockerReferenceProblem> {
  if (text === "") return fail({ flaw: "empty" });
  if (isIdentifier(text)) return fail({ flaw: "identifier" });

  const { domain, remainder } = splitDomain(text);
  const [nameAndTag, digestPart] = cut(remainder, "@");
  const [path, tag] = cut(nameAndTag, ":");

  const domainIsValid = isReferenceDomain(domain);
  // `ho_st.com` is no domain, but as the first component of a path it passes (containers/image: docker/reference `Parse`).
  if (!domainIsValid && !isPathComponent(domain)) return fail({ flaw: "domain", domain });
  const badComponent = findBadComponent(path);
  if (badComponent !== undefined) return fail(componentProblem(badComponent));
  const name = `${domain}/${path}`;
  if (name.length > nameLengthMax) return fail({ flaw: "name-length", length: name.length, limit: nameLengthMax });

  const tagProblem = tag === undefined ? undefined : findTagProblem(tag);
  if (tagProblem !== undefined) return fail(tagProblem);
  const digest = digestPart === undefined ? undefined : parseDigest(digestPart);
  if (digestPart !== undefined && digest === undefined) return fail(digestProblem(digestPart));

  return ok({
    ...(domainIsValid ? { domain, path } : { domain: "", path: name }),
    name,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  });
}

/** Parses a reference that must already be in normalized form. As containers/image: docker/reference `ParseNamed`. */
export function parseNamed(text: string): Result<DockerReference, DockerReferenceProblem> {
  const parsed = parseNormalizedNamed(text);
  if (!parsed.ok) return parsed;
  const canonical = referenceText(parsed.value);
  return canonical === text ? parsed : fail({ flaw: "not-canonical", canonical });
}

/** `domain/path:tag@digest`, in full; parses to the same reference again. */
export function referenceText(reference: DockerReference): string {
  const tag = reference.tag === undefined ? "" : `:${reference.tag}`;
  const digest = reference.digest === undefined ? "" : `@${digestText(reference.digest)}`;
  return `${reference.name}${tag}${digest}`;
}

/** Whether the reference has neither tag nor digest. */
export function isNameOnly(reference: DockerReference): boolean {
  return reference.tag === undefined && reference.digest === undefined;
}

/** The reference itself, or with the tag `latest` if it has neither tag nor digest. As containers/image: docker/reference `TagNameOnly`. */
export function withDefaultTag(reference: DockerReference): DockerReference {
  return isNameOnly(reference) ? { ...reference, tag: "latest" } : reference;
}

/**
 * Where the host ends: what precedes the first slash is one only with a dot, a colon or as `localhost`; letters of either case do
 * not make it one (containers/image: docker/reference `splitDockerDomain`).
 */
function splitDomain(text: string): { readonly domain: string; readonly remainder: string } {
  const [first, rest] = cut(text, "/");
  const hasDomain = rest !== undefined && (first.includes(".") || first.includes(":") || first === "localhost");
  const written = hasDomain ? first : defaultDomain;
  const domain = written === legacyDefaultDomain ? defaultDomain : written;
  const remainder = hasDomain ? rest : text;
  const isOfficial = domain === defaultDomain && !remainder.includes("/");
  return { domain, remainder: isOfficial ? `${officialNamespace}/${remainder}` : remainder };
}

function cut(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

function componentProblem(component: string): DockerReferenceProblem {
  const lowerCase = component.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return isPathComponent(lowerCase) ? { flaw: "upper-case", component } : { flaw: "component", component };
}

function findTagProblem(tag: string): DockerReferenceProblem | undefined {
  if (tag === "") return { flaw: "tag-empty" };
  const bad = findBadTagCharacter(tag);
  if (bad !== undefined)
    return { flaw: "tag-character", tag, character: String.fromCodePoint(tag.codePointAt(bad) ?? 0) };
  if (tag.length > tagLengthMax) return { flaw: "tag-length", length: tag.length, limit: tagLengthMax };
  return undefined;
}

function digestProblem(text: string): DockerReferenceProblem {
  const [algorithm, hex] = cut(text, ":");
  const isKnown = algorithm === "sha256" || algorithm === "sha384" || algorithm === "sha512";
  return hex === undefined || isKnown ? { flaw: "digest", digest: text } : { flaw: "digest-algorithm", algorithm };
}
