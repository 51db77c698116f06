import { isReferenceDomain } from "../identity/docker-grammar.ts";
import { fail, ok, type Result } from "../result.ts";
import { findBadAlias } from "./short-names.ts";
import { parseToml, type TomlProblem } from "./toml.ts";
import { TomlDecoder } from "./toml-decoder.ts";

/** Where images are read from: a host, or a repository or a namespace on it, without a scheme and a slash at the end. */
interface Endpoint {
  /** "" only of a rule whose prefix is a wildcard: images stay where they are. */
  readonly location: string;
  /** Certificates are not checked, and plain HTTP is tried. */
  readonly isInsecure: boolean;
  /** Sent along as the parameter `ns` of every request, if not "". */
  readonly namespaceProxy: string;
}

/** For which images a mirror is asked: those that are named by a digest, those that are named by a tag. */
export interface Mirror extends Endpoint {
  readonly pullFromMirror: "" | "all" | "digest-only" | "tag-only";
}

/** A `[[registry]]` of registries.conf, for the images whose names begin with `prefix`. */
export interface RegistryRule extends Endpoint {
  /** As it is compared: without a slash at the end; `*.example.com` for all hosts below. */
  readonly prefix: string;
  readonly isBlocked: boolean;
  readonly mirrorByDigestOnly: boolean;
  readonly mirrors: readonly Mirror[];
  /** The file that says so. */
  readonly file: string;
}

/** What one file says; `undefined` where it says nothing. */
export interface RegistriesConfText {
  /** Of each prefix the first rule, in no order. */
  readonly rules: readonly RegistryRule[];
  readonly credentialHelpers: readonly string[] | undefined;
}

/**
 * Reads one registries.conf, version 2, or a drop-in (containers/image: pkg/sysregistriesv2 `loadConfigFile`, `postProcessRegistries`). The
 * reference refuses a file as a whole, also for what concerns other images, and for settings that are not needed here.
 */
export async function readRegistriesConfText(
  bytes: Uint8Array,
  file: string,
): Promise<Result<RegistriesConfText, TomlProblem>> {
  const document = await parseToml(bytes);
  if (!document.ok) return document;
  const read = readDocument(document.value, file);
  return read.ok ? read : fail({ reason: read.problem });
}

function readDocument(document: object, file: string): Result<RegistriesConfText, string> {
  const decoder = new TomlDecoder();
  const written = decoder.tables(document, "registry").map((table) => decodeRegistry(decoder, table));
  const credentialHelpers = decoder.texts(document, "credential-helpers");
  const searched = decoder.texts(document, "unqualified-search-registries") ?? [];
  const shortNameMode = decoder.text(document, "short-name-mode");
  const aliases = decoder.map(document, "aliases");
  decoder.text(document, "additional-layer-store-auth-helper");
  const isVersion1 = saysVersion1(decoder, decoder.table(document, "registries"));
  if (decoder.problem !== undefined) return fail(decoder.problem);
  if (isVersion1) return fail("this is version 1 of the format, with [registries.…]; only version 2 is read");
  const rules = readRules(written, file);
  if (!rules.ok) return rules;
  const problem = findBadSearched(searched) ?? findBadMode(shortNameMode) ?? findBadAlias(aliases);
  return problem === undefined ? ok({ rules: rules.value, credentialHelpers }) : fail(problem);
}

/** A `[[registry]]` or a mirror as it is written. */
interface WrittenEndpoint extends Endpoint {
  readonly pullFromMirror: string;
}

interface WrittenRegistry extends WrittenEndpoint {
  readonly prefix: string;
  readonly isBlocked: boolean;
  readonly mirrorByDigestOnly: boolean;
  readonly mirrors: readonly WrittenEndpoint[];
}

function decodeRegistry(decoder: TomlDecoder, table: object): WrittenRegistry {
  return {
    ...decodeEndpoint(decoder, table),
    prefix: decoder.text(table, "prefix"),
    isBlocked: decoder.flag(table, "blocked"),
    mirrorByDigestOnly: decoder.flag(table, "mirror-by-digest-only"),
    mirrors: decoder.tables(table, "mirror").map((mirror) => decodeEndpoint(decoder, mirror)),
  };
}

function decodeEndpoint(decoder: TomlDecoder, table: object): WrittenEndpoint {
  return {
    location: decoder.text(table, "location"),
    isInsecure: decoder.flag(table, "insecure"),
    namespaceProxy: decoder.text(table, "namespace-proxy"),
    pullFromMirror: decoder.text(table, "pull-from-mirror"),
  };
}

/** Any of the lists, even an empty one, makes it a file of version 1 (`V1RegistriesConf.hasSetField`). */
function saysVersion1(decoder: TomlDecoder, registries: object): boolean {
  const lists = ["search", "insecure", "block"].map((key) =>
    decoder.texts(decoder.table(registries, key), "registries"),
  );
  return lists.some((list) => list !== undefined);
}

/** Of several rules for one prefix the first counts, and the others are passed over. */
function readRules(written: readonly WrittenRegistry[], file: string): Result<readonly RegistryRule[], string> {
  const byLocation = new Map<string, RegistryRule>();
  const byPrefix = new Map<string, RegistryRule>();
  for (const registry of written) {
    const read = readRule(registry, file);
    if (!read.ok) return read;
    const rule = read.value;
    const place = rule.location || rule.prefix;
    const other = byLocation.get(place) ?? rule;
    if (rule.isInsecure !== other.isInsecure) return fail(`${place} is both insecure and not`);
    if (rule.isBlocked !== other.isBlocked) return fail(`${place} is both blocked and not`);
    byLocation.set(place, other);
    if (!byPrefix.has(rule.prefix)) byPrefix.set(rule.prefix, rule);
  }
  // Of rules that are passed over, this one is not looked at.
  const badPrefix = [...byPrefix.keys()].find((prefix) => isWildcard(prefix) && /[/@:]/.test(prefix));
  return badPrefix === undefined ? ok([...byPrefix.values()]) : fail(`${badPrefix} is not of the form *.example.com`);
}

function readRule(written: WrittenRegistry, file: string): Result<RegistryRule, string> {
  const location = withoutSlashes(written.location);
  const prefix = written.prefix === "" ? location : withoutSlashes(written.prefix);
  if (written.prefix === "" && location === "") return fail("a registry has neither a prefix nor a location");
  if (location === "" && !isWildcard(prefix)) return fail(`${prefix} has no location`);
  if (hasScheme(location) || hasScheme(prefix))
    return fail(`${location || prefix} has a scheme, which must not be there`);
  if (written.pullFromMirror !== "") return fail(`${prefix} has pull-from-mirror, which is for mirrors`);
  const mirrors: Mirror[] = [];
  for (const mirror of written.mirrors) {
    const read = readMirror(mirror, written.mirrorByDigestOnly);
    if (!read.ok) return read;
    mirrors.push(read.value);
  }
  const { isInsecure, namespaceProxy, isBlocked, mirrorByDigestOnly } = written;
  return ok({ prefix, location, isInsecure, namespaceProxy, isBlocked, mirrorByDigestOnly, mirrors, file });
}

function readMirror(
  { location: written, isInsecure, namespaceProxy, pullFromMirror }: WrittenEndpoint,
  mirrorByDigestOnly: boolean,
): Result<Mirror, string> {
  const location = withoutSlashes(written);
  if (hasScheme(location)) return fail(`${location} has a scheme, which must not be there`);
  if (location === "") return fail("a mirror has no location");
  if (mirrorByDigestOnly && pullFromMirror !== "") {
    return fail(`${location} has pull-from-mirror, and its registry has mirror-by-digest-only`);
  }
  if (!isPullFromMirror(pullFromMirror)) return fail(`pull-from-mirror of ${location} has an unknown value`);
  return ok({ location, isInsecure, namespaceProxy, pullFromMirror });
}

function isPullFromMirror(value: string): value is Mirror["pullFromMirror"] {
  return value === "" || value === "all" || value === "digest-only" || value === "tag-only";
}

/** Whether a prefix stands for all hosts below a domain. */
export function isWildcard(prefix: string): boolean {
  return prefix.startsWith("*.");
}

function withoutSlashes(text: string): string {
  let end = text.length;
  while (text.endsWith("/", end)) end--;
  return text.slice(0, end);
}

function hasScheme(text: string): boolean {
  return text.startsWith("http://") || text.startsWith("https://");
}

function findBadSearched(searched: readonly string[]): string | undefined {
  const bad = searched.find((registry) => !isReferenceDomain(withoutSlashes(registry)));
  return bad === undefined ? undefined : `unqualified-search-registries has ${bad}, which is not a host`;
}

function findBadMode(mode: string): string | undefined {
  const isKnown = ["", "disabled", "enforcing", "permissive"].includes(mode);
  return isKnown ? undefined : `short-name-mode is ${mode}, which is not known`;
}
