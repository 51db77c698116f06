import { parseDigest } from "../../encoding/digest.ts";
import { ok, type Result } from "../../result.ts";
import { isIdentifier } from "../docker-grammar.ts";
import { type DockerReference, parseNormalizedNamed, referenceText, withDefaultTag } from "../docker-reference.ts";
import { invalidReference } from "../invalid-reference.ts";
import { parseStoreSpec, type Store, storeText } from "../store-spec.ts";
import type { ReferenceProblem, ScopeFlaw, Transport } from "../transport.ts";

/**
 * `[[driver@graphroot+runroot:options]]name[:tag][@digest][@id]`, an image in the local storage of podman, buildah and CRI-O
 * (containers/image: storage `storage_transport.go`).
 *
 * The reference opens the storage to parse this, and so knows more than can be known here: `storage.conf`, the storage of a user other
 * than root, which driver the directory really has (`overlay` is assumed), and which abbreviated image IDs exist. An abbreviated ID is
 * refused after `@`, and taken for a name elsewhere, as the reference does when no image has it.
 */
export const containersStorage: Transport = {
  name: "containers-storage",
  scopes: "other",
  hasDockerReferences: true,

  parseReference(reference) {
    const spec = parseStoreSpec(reference);
    if (!spec.ok) return spec;
    const image = parseImage(spec.value.rest);
    if (!image.ok) return image;
    const { store } = spec.value;
    const { named, id } = image.value;
    const imageText = `${named === undefined ? "" : referenceText(named)}${id === undefined ? "" : `@${id}`}`;
    return ok({
      text: `${storeText(store)}${imageText}`,
      dockerReference: named,
      policyIdentity: `[${store.driver}@${store.graphRoot}]${imageText}`,
      policyNamespaces: namespacesOf(store, named, id),
    });
  },

  validateScope,
};

interface StoredImage {
  readonly named: DockerReference | undefined;
  /** 64 hex digits. */
  readonly id: string | undefined;
}

function parseImage(text: string): Result<StoredImage, ReferenceProblem> {
  const at = text.lastIndexOf("@");
  const last = at === -1 ? undefined : text.slice(at + 1);
  const isId = last !== undefined && parseDigest(last) === undefined;
  if (isId && !isIdentifier(last)) return invalidReference({ flaw: "image-id", id: last });
  const id = isId ? last : undefined;
  const nameText = isId ? text.slice(0, at) : text;
  if (nameText === "" && id !== undefined) return ok({ named: undefined, id });
  const parsed = parseNormalizedNamed(nameText);
  if (!parsed.ok) return invalidReference(parsed.problem);
  return ok({ named: withDefaultTag(parsed.value), id });
}

/** Unlike the docker transport's these have no wildcards, and end with the storage itself, with and without its driver. */
function namespacesOf(store: Store, named: DockerReference | undefined, id: string | undefined): readonly string[] {
  const prefix = `[${store.driver}@${store.graphRoot}]`;
  const namespaces: string[] = [];
  if (named !== undefined) {
    if (id !== undefined) namespaces.push(referenceText(named));
    if (named.tag !== undefined && named.digest !== undefined) namespaces.push(`${named.name}:${named.tag}`);
    const components = named.name.split("/");
    for (let count = components.length; count > 0; count--) namespaces.push(components.slice(0, count).join("/"));
  }
  return [...namespaces.map((name) => `${prefix}${name}`), prefix, `[${store.graphRoot}]`];
}

/** `[[driver@]/graphroot]`, then perhaps a name of any form, a digest and an ID. */
function validateScope(scope: string): ScopeFlaw | undefined {
  if (!scope.startsWith("[")) return { flaw: "store-missing" };
  const close = scope.indexOf("]");
  if (close === -1) return { flaw: "store-unclosed" };
  const spec = scope.slice(1, close);
  const at = spec.indexOf("@");
  const graphRoot = spec.slice(at + 1);
  if (graphRoot === "" || at === 0) return { flaw: "store-empty" };
  if (!graphRoot.startsWith("/")) return { flaw: "store-relative", path: graphRoot };

  const [, first, ...more] = scope.slice(close + 1).split("@");
  if (first === undefined) return undefined;
  if (more.length === 0) {
    return isIdentifier(first) || parseDigest(first) !== undefined ? undefined : { flaw: "digest-or-id", text: first };
  }
  if (parseDigest(first) === undefined) return { flaw: "digest-or-id", text: first };
  // More than one @ may be left over here: the text with it is then no ID.
  const id = more.join("@");
  return isIdentifier(id) ? undefined : { flaw: "digest-or-id", text: id };
}
