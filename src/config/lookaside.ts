import { isAbsolute, join } from "node:path";
import type { Digest } from "../encoding/digest.ts";
import { escapeGoPath, type GoUrl, parseGoUrl, redactGoUserinfo } from "../encoding/go-url.ts";
import { dockerPolicyIdentity } from "../identity/docker-policy.ts";
import type { DockerReference } from "../identity/docker-reference.ts";
import type { ConfigProblem } from "../image/access-problem.ts";
import { fail, ok, type Result } from "../result.ts";
import { type ConfigEnvironment, homeDirectory, rootlessId } from "./config-files.ts";
import { namespacesOf, type RegistriesConfig, signatureStoreOf } from "./registries.ts";

/** Where the signatures of a repository are read from. */
export interface Lookaside {
  /** With the repository at the end of its path. */
  readonly url: GoUrl;
  /** The file of registries.d that names it; "" if none does. */
  readonly file: string;
  /** Whether there are others beside the image in its registry. */
  readonly useSigstoreAttachments: boolean;
}

/** Where one signature is, if it exists. */
export type SignatureAddress =
  | { readonly kind: "file"; readonly path: string }
  | {
      readonly kind: "http";
      readonly protocol: "http:" | "https:";
      /** Without the brackets of an IPv6 address. */
      readonly host: string;
      readonly port: number;
      /** What the request asks for: path and query, all of it printable ASCII. */
      readonly target: string;
      /** A secret: what the request says in its header `Authorization`. */
      readonly authorization?: string;
      /** The address in full for people, without a password. */
      readonly shown: string;
    };

/** Who runs this; inside `podman unshare` the environment says who that is outside. */
export interface LookasideUser {
  readonly environment: ConfigEnvironment;
  readonly userId: number;
}

/**
 * The lookaside of an image, by the name that it is accessed by: what registries.d says, or a directory of this machine (containers/image:
 * docker/registries_d.go `lookasideStorageBaseURL`). It is an error for the place that is accessed, whether signatures are read or not.
 */
export function lookasideOf(
  config: RegistriesConfig,
  accessed: DockerReference,
  user: LookasideUser,
): Result<Lookaside, ConfigProblem> {
  const scope = dockerPolicyIdentity(accessed);
  const { lookaside, useSigstoreAttachments } = signatureStoreOf(config, scope);
  if (lookaside === undefined) {
    const directory = defaultDirectory(user);
    if (!isAbsolute(directory)) return unusable("HOME", "not an absolute path, and the default lookaside is below it");
    const path = `${Buffer.from(directory, "utf8").toString("latin1")}/${accessed.path}`;
    return ok({ url: { scheme: "file", host: "", opaque: "", path, query: "" }, file: "", useSigstoreAttachments });
  }
  const file = namespacesOf(config, scope).find((namespace) => namespace.lookaside !== undefined)?.file ?? "";
  const base = parseGoUrl(lookaside);
  if (!base.ok) return unusable(file, `the lookaside is not a URL: ${base.problem}`);
  const url = { ...base.value, path: `${base.value.path}/${accessed.path}` };
  return ok({ url, file, useSigstoreAttachments });
}

/**
 * Where a signature of a manifest is: only now it matters whether anything can be read from such a lookaside (docker/registries_d.go
 * `lookasideStorageURL`, docker/docker_image_src.go `getOneSignature`). What Go's HTTP client would refuse, or send in a form that HTTP does
 * not have, is an error here.
 *
 * @param number from 1.
 */
export function signatureAddress(
  { url, file }: Lookaside,
  { algorithm, hex }: Digest,
  number: number,
): Result<SignatureAddress, ConfigProblem> {
  const path = `${url.path}@${algorithm}=${hex}/signature-${number}`;
  const address = url.scheme === "file" ? fileAddress(path) : httpAddress({ ...url, path });
  return address.ok ? address : unusable(file, address.problem);
}

/** docker/registries_d.go `builtinDefaultLookasideStorageDir` */
function defaultDirectory({ environment, userId }: LookasideUser): string {
  if (rootlessId(environment, userId) === 0) return "/var/lib/containers/sigstore";
  return join(homeDirectory(environment) ?? "", ".local/share/containers/sigstore");
}

/** A host before the path is passed over, as there. */
function fileAddress(path: string): Result<SignatureAddress, string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    return ok({ kind: "file", path: decoder.decode(Buffer.from(path, "latin1")) });
  } catch {
    return fail("the path of the lookaside is not UTF-8");
  }
}

const defaultPorts: ReadonlyMap<string, number> = new Map([
  ["http", 80],
  ["https", 443],
]);

function httpAddress(url: GoUrl): Result<SignatureAddress, string> {
  const { scheme, host: authority, user, path, query } = url;
  const defaultPort = defaultPorts.get(scheme);
  if (defaultPort === undefined) {
    return fail(
      `the lookaside has ${scheme === "" ? "no scheme" : `the scheme ${scheme}`}: file, http and https are read`,
    );
  }
  const { host, bracketed, digits } = hostAndPort.exec(authority)?.groups ?? {};
  const name = host ?? bracketed;
  if (name === undefined) return fail("the lookaside has no host, or one that has no address");
  const port = digits === undefined || digits === "" ? defaultPort : Number(digits);
  if (port > 65_535) return fail("the port of the lookaside is too large");
  if (/[^\x21-\x7e]/.test(query)) return fail("the query of the lookaside needs escapes");
  const target = `${escapeGoPath(path)}${query}`;
  const shownUser = user === undefined ? "" : `${redactGoUserinfo(user)}@`;
  return ok({
    kind: "http",
    protocol: scheme === "http" ? "http:" : "https:",
    host: name,
    port,
    target,
    ...(user === undefined ? {} : { authorization: basic(user) }),
    shown: `${scheme}://${shownUser}${authority}${target}`,
  });
}

const hostAndPort = /^(?:(?<host>[A-Za-z0-9._-]+)|\[(?<bracketed>[0-9A-Fa-f:.]+)\])(?::(?<digits>[0-9]*))?$/;

/** Go's `net/http` sends the user of a URL in this form. */
function basic({ name, password = "" }: NonNullable<GoUrl["user"]>): string {
  return `Basic ${Buffer.from(`${name}:${password}`, "latin1").toString("base64")}`;
}

function unusable(path: string, reason: string): Result<never, ConfigProblem> {
  return fail({ code: "config.registries-d.invalid", path, reason });
}

/** What a lookaside is called for people, without a user or password. */
export function lookasideText({ url: { scheme, host, path } }: Lookaside): string {
  return `${scheme === "file" ? "" : `${scheme}://${host}`}${Buffer.from(path, "latin1").toString("utf8")}`;
}
