import { fail, ok, type Result } from "../result.ts";
import type { DockerReference } from "./docker-reference.ts";
import type { PathResolver } from "./path-resolver.ts";
import { docker } from "./transport/docker.ts";
import type { ReferenceProblem, Transport } from "./transport.ts";
import { transportNamed, transportNames } from "./transports.ts";

/** What an image was obtained as: what policy.json is searched for, and what signatures are compared with. */
export interface Identity {
  readonly transport: string;
  /** `transport:reference` with all defaults spelled out, such as `docker://docker.io/library/busybox:latest`. */
  readonly text: string;
  /** `undefined` for transports without such names: no signed identity can match there, but exactReference and exactRepository. */
  readonly dockerReference: DockerReference | undefined;
  /** The most specific scope; "" if the reference has none of its own. */
  readonly policyIdentity: string;
  /** The wider scopes, the most specific first, without the final "". */
  readonly policyNamespaces: readonly string[];
}

/** `text` is the whole identity, `transport` what precedes its first colon; `reference` is what follows the transport's name. */
export type IdentityProblem =
  | { readonly code: "identity.empty" }
  | {
      readonly code: "identity.transport.unknown";
      readonly transport: string;
      readonly text: string;
      readonly known: readonly string[];
    }
  | (ReferenceProblem & { readonly transport: string; readonly reference: string });

/**
 * Parses `transport:reference`, or a bare docker reference, which is read as `docker://`.
 *
 * What precedes the first colon decides. If it is the name of a transport, that transport parses the rest, as skopeo does
 * (containers/image: transports/alltransports `ParseImageName`); so a registry host named `oci` must be written `docker://oci:…`.
 * Everything else skopeo refuses. Here it is a bare reference if that part cannot be the misspelt name of a transport: if there is no
 * colon at all, if it has a dot, a slash or an `@`, or if it is a host with a port, that is, a number and a slash follow
 * (`localhost:5000/app`). The rest, such as `nosuchtransport:foo`, `busybox:1.36` or `Docker://busybox`, is refused.
 */
export function parseIdentity(text: string, paths: PathResolver): Result<Identity, IdentityProblem> {
  if (text === "") return fail({ code: "identity.empty" });
  const colon = text.indexOf(":");
  const name = colon === -1 ? "" : text.slice(0, colon);
  const transport = transportNamed(name);
  if (transport !== undefined) return parseWith(transport, text.slice(colon + 1), paths);
  if (colon === -1 || isPartOfBareReference(name, text.slice(colon + 1))) return parseWith(docker, `//${text}`, paths);
  return fail({ code: "identity.transport.unknown", transport: name, text, known: transportNames });
}

function isPartOfBareReference(beforeColon: string, afterColon: string): boolean {
  return /[./@]/.test(beforeColon) || (beforeColon !== "" && /^[0-9]+\//.test(afterColon));
}

function parseWith(transport: Transport, reference: string, paths: PathResolver): Result<Identity, IdentityProblem> {
  const parsed = transport.parseReference(reference, paths);
  if (!parsed.ok) return fail({ ...parsed.problem, transport: transport.name, reference });
  return ok({ ...parsed.value, transport: transport.name, text: `${transport.name}:${parsed.value.text}` });
}
