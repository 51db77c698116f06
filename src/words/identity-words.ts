import type { IdentityProblem } from "../identity/identity.ts";
import type { ReferenceFlaw, ScopeFlaw } from "../identity/transport.ts";
import { listText } from "./format.ts";
import { line, plain, quote } from "./quote.ts";
import type { Words } from "./words.ts";

/** Why the identity makes no sense: a sentence without its full stop. */
export const identityWords = {
  "identity.empty": () => "The identity is empty",
  "identity.transport.unknown": ({ transport, known }) =>
    `The identity begins with ${quote(transport)}, which is no transport; there are ${listText(known, "and")}`,
  "identity.reference.invalid": ({ transport, reference, flaw }) => {
    if (transport !== "docker") {
      return `${quote(reference)} is not a reference of transport ${transport}: ${referenceFlawText(flaw)}`;
    }
    const name = reference.replace(/^\/\//, "");
    if (isPath(name)) return `${quote(name)} is a path, and not the name of an image`;
    const scheme = schemeOf(name);
    return scheme === undefined
      ? `${quote(name)} is not a docker reference: ${referenceFlawText(flaw)}`
      : `${quote(name)} is not a docker reference, as it begins with ${scheme}`;
  },
  "identity.path.unresolvable": ({ transport, problem }) =>
    `The identity names the ${transport} path ${quote(problem.path)}, which cannot be looked up: ${plain(problem.errno)}`,
} satisfies Words<IdentityProblem, "code">;

/** A path in place of the name of an image: no name begins like one. */
export function isPath(name: string): boolean {
  return /^(?:\/|\.{1,2}\/|~)/.test(name);
}

/** `docker://` and the like, where a name alone is wanted. */
export function schemeOf(name: string): string | undefined {
  return /^[a-z][a-z0-9+.-]{0,30}:\/\//.exec(name)?.[0];
}

/** Why a text is not a reference, as a clause; with the part at fault where the flaw knows it. */
export function referenceFlawText(flaw: ReferenceFlaw): string {
  if (flaw.flaw === "component" && flaw.component === "") return "it has nothing before, between or behind its slashes";
  const parts = Object.entries(flaw).filter(([fact, value]) => fact !== "flaw" && typeof value === "string");
  const atFault = parts.map(([, value]) => quote(String(value)));
  return `${referenceFlaws[flaw.flaw]}${atFault.length === 0 ? "" : ` (${listText(atFault, "and")})`}`;
}

/** Why a text is not a docker reference, as a clause. */
export function referenceFlawName(flaw: string): string {
  return isKey(referenceFlaws, flaw) ? referenceFlaws[flaw] : line(flaw);
}

const referenceFlaws = {
  empty: "it is empty",
  identifier: "64 hexadecimal digits alone are the ID of an image, not a name",
  domain: "that is no host",
  "upper-case": "repository names are lower-case",
  component: "that cannot be part of a repository name",
  "name-length": "its name is longer than 255 characters",
  "tag-empty": "there is a colon without a tag after it",
  "tag-character": "a tag has letters, digits and _ . - only, and begins with neither . nor -",
  "tag-length": "its tag is longer than 128 characters",
  "digest-algorithm": "there is no such digest algorithm, but sha256, sha384 and sha512",
  digest: "a digest is written as sha256: and 64 lower-case hexadecimal digits",
  "not-canonical": "it must be written out in full",
  "slashes-missing": "it must begin with //",
  "tag-missing": "it needs a tag",
  // Of exactReference in a policy.
  "tag-or-digest-missing": "it needs a tag or a digest",
  "tag-and-digest": "it has a tag and a digest, and only one of them is allowed",
  "unknown-digest-with-tag-or-digest": "@@unknown-digest@@ cannot be combined with a tag or a digest",
  "digest-unsupported": "digests are not possible here",
  "digest-algorithm-unsupported": "digests of this algorithm are not possible here",
  "repository-reserved": "this repository name is reserved",
  "openshift-shape": "it must be host/namespace/stream:tag",
  "source-index": "that is not the number of an image in an archive",
  "image-name": "that is not the name of an image in a layout",
  "store-unclosed": "the [ of its store has no ]",
  "store-empty": "the store in its [ ] is empty",
  "store-driver": "there is no such storage driver",
  "store-option": "there is no such storage option",
  "store-relative": "the path of a store must begin with /",
  "image-id": "that is not the ID of an image",
  "transport-removed": "containers/image no longer has this transport",
} satisfies Record<ReferenceFlaw["flaw"] | "tag-or-digest-missing", string>;

/** Why a scope can never belong to its transport, as a clause. */
export function scopeFlawName(flaw: string): string {
  return isKey(scopeFlaws, flaw) ? scopeFlaws[flaw] : line(flaw);
}

const scopeFlaws = {
  "scopes-unsupported": 'this transport has no scope but ""',
  "path-relative": "it must be an absolute path",
  "path-root": '/ cannot be a scope; "" stands for everything of this transport',
  "path-unclean": "the path must be without . and .., doubled slashes, and a slash at the end",
  "digest-as-scope": "a digest cannot be a scope here",
  "openshift-shape": "it must be host, host/namespace, host/namespace/stream or host/namespace/stream:tag",
  "store-missing": "it must begin with a store, [driver@/path] or [/path]",
  "store-unclosed": "the [ of its store has no ]",
  "store-empty": "the store in its [ ] is empty",
  "store-relative": "the path of a store must begin with /",
  "digest-or-id": "what follows the @ is neither a digest nor the ID of an image",
} satisfies Record<ScopeFlaw["flaw"], string>;

function isKey<T extends object>(table: T, key: string): key is keyof T & string {
  return Object.hasOwn(table, key);
}
