import {
  type DockerReference,
  type DockerReferenceProblem,
  parseNormalizedNamed,
  referenceText,
  withDefaultTag,
} from "../identity/docker-reference.ts";
import { transportNamed } from "../identity/transports.ts";
import { fail, ok, type Result } from "../result.ts";

/** An image that can be checked. */
export type CheckedReference =
  /** In a registry. `identity` is what it is judged as, `docker://host/repository` and a tag or a digest. */
  | { readonly kind: "registry"; readonly identity: string; readonly reference: DockerReference }
  /** On disk, and its own identity, `transport:reference`. What follows the transport has still to be parsed. */
  | { readonly kind: "local"; readonly transport: LocalTransport; readonly source: string };

type LocalTransport = (typeof localTransports)[number];

/** As src/source/place.ts reads them. */
const localTransports = ["dir", "oci", "oci-archive", "docker-archive", "containers-storage"] as const;

/** Why a text does not say for certain which image is meant; the strings are parts of that text, but for `full`. */
export type ReferenceProblem =
  | { readonly flaw: "empty" }
  /** A blank before, behind or in it, or a control character. */
  | { readonly flaw: "blank"; readonly character: string }
  /** Something has to be put in first, by Docker Compose or a shell. */
  | { readonly flaw: "variable"; readonly variable: string }
  /** The same, by a template. */
  | { readonly flaw: "template" }
  /** Which registry is meant depends on the machine; `full` is what Docker takes it for. */
  | { readonly flaw: "short-name"; readonly full: string }
  | { readonly flaw: "path" }
  | { readonly flaw: "scheme"; readonly scheme: string }
  | { readonly flaw: "transport-unsupported"; readonly transport: string }
  /** An image on disk, where only one of a registry can be meant. */
  | { readonly flaw: "local"; readonly transport: string }
  | { readonly flaw: "docker-reference"; readonly problem: DockerReferenceProblem }
  | { readonly flaw: "slashes-missing" }
  | { readonly flaw: "tag-and-digest" };

const dockerPrefix = "docker://";

/**
 * Which image is meant by REF of a command line, or by a line of a list: `docker://host/repository[:tag|@digest]`, the same without
 * `docker://`, or an image on disk, `dir:PATH` and the like. Without tag and digest it is the tag `latest`.
 *
 * A tag and a digest together are refused, as `docker://` refuses them (containers/image: docker/docker_transport.go
 * `newReference`). A name without a host is refused too (containers/image: pkg/shortnames `IsShortName`): what it stands for depends
 * on the aliases and the search list in the registries.conf of the machine that pulls. Behind `docker://` it does not, and is docker.io's.
 */
export function readReference(untrustedText: string): Result<CheckedReference, ReferenceProblem> {
  const problem = findBlank(untrustedText);
  if (problem !== undefined) return fail(problem);
  const transport = transportOf(untrustedText);
  if (transport === undefined || untrustedText.startsWith(dockerPrefix)) return readInRegistry(untrustedText);
  if (transport === "docker") return fail({ flaw: "slashes-missing" });
  const local = localTransports.find((known) => known === transport);
  return local === undefined
    ? fail({ flaw: "transport-unsupported", transport })
    : ok({ kind: "local", transport: local, source: untrustedText });
}

/**
 * Which image is meant by a field of a manifest, which names images of registries only. Of a tag and a digest the digest counts: so do
 * podman and CRI-O read them (containers/image: pkg/shortnames `normalizeTaggedDigestedNamed`), and Kubernetes and Docker.
 */
export function readReferenceField(untrustedText: string): Result<CheckedReference, ReferenceProblem> {
  const problem = findBlank(untrustedText);
  if (problem !== undefined) return fail(problem);
  const read = readInRegistry(untrustedText, { tagBesideDigest: true });
  if (read.ok || untrustedText.startsWith(dockerPrefix)) return read;
  const transport = transportOf(untrustedText);
  return read.problem.flaw === "docker-reference" && transport !== undefined
    ? fail({ flaw: "local", transport })
    : read;
}

/** Whether `text` begins as an image on disk does, however it goes on. */
export function isLocal(text: string): boolean {
  const transport = transportOf(text);
  return transport !== undefined && transport !== "docker";
}

function transportOf(text: string): string | undefined {
  const colon = text.indexOf(":");
  return colon === -1 ? undefined : transportNamed(text.slice(0, colon))?.name;
}

function readInRegistry(text: string, { tagBesideDigest = false } = {}): Result<CheckedReference, ReferenceProblem> {
  const isExplicit = text.startsWith(dockerPrefix);
  const name = isExplicit ? text.slice(dockerPrefix.length) : text;
  const placeholder = findPlaceholder(name);
  if (placeholder !== undefined) return fail(placeholder);
  if (/^(?:\/|\.{1,2}\/|~)/.test(name)) return fail({ flaw: "path" });
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]{0,30}:\/\//.exec(name)?.[0];
  if (scheme !== undefined) return fail({ flaw: "scheme", scheme });

  const parsed = parseNormalizedNamed(name);
  if (!parsed.ok) return fail({ flaw: "docker-reference", problem: parsed.problem });
  const { tag, ...withoutTag } = parsed.value;
  const hasBoth = tag !== undefined && parsed.value.digest !== undefined;
  if (hasBoth && !tagBesideDigest) return fail({ flaw: "tag-and-digest" });
  const reference = withDefaultTag(hasBoth ? withoutTag : parsed.value);
  if (reference.domain === "") {
    return fail({ flaw: "docker-reference", problem: { flaw: "domain", domain: name.slice(0, name.indexOf("/")) } });
  }
  if (!isExplicit && isShortName(name)) return fail({ flaw: "short-name", full: referenceText(parsed.value) });
  return ok({ kind: "registry", identity: `${dockerPrefix}${referenceText(reference)}`, reference });
}

/** Whether there is no host before the first slash (containers/image: pkg/shortnames `parseUnnormalizedShortName`). */
function isShortName(name: string): boolean {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  return slash === -1 || !(/[.:]/.test(first) || first === "localhost");
}

function findBlank(text: string): ReferenceProblem | undefined {
  if (text === "") return { flaw: "empty" };
  const isPath = isLocal(text);
  // A path may have blanks in it; at its ends nobody means them.
  const character = (isPath ? /^\s|\s$|[\0-\x1f\x7f]/ : /[\s\0-\x1f\x7f]/).exec(text)?.[0];
  return character === undefined || hasPlaceholder(text) ? undefined : { flaw: "blank", character };
}

function hasPlaceholder(text: string): boolean {
  return !isLocal(text) && findPlaceholder(text) !== undefined;
}

/** No docker reference has a dollar or a brace. */
function findPlaceholder(text: string): ReferenceProblem | undefined {
  if (text.includes("{{")) return { flaw: "template" };
  const dollar = text.indexOf("$");
  if (dollar === -1) return undefined;
  const variable = /^\$[{(]?([A-Za-z_][A-Za-z0-9_]{0,99})/.exec(text.slice(dollar, dollar + 120))?.[1];
  return { flaw: "variable", variable: variable ?? "$" };
}
