import { isAbsolute, join } from "node:path";
import { readBoundedFile } from "../host/bounded-file.ts";
import { existence, listNames } from "../host/list-directory.ts";
import { reasonOf } from "../host/system-error.ts";
import { type RootsEnvironment, readSystemRoots } from "../host/system-roots.ts";
import type { ConfigProblem } from "../image/access-problem.ts";
import { maxCertificateFileBytes, maxCertificateFiles } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import { type ClientPair, parseClientPair } from "./client-pair.ts";
import { type ConfigEnvironment, homeDirectory, rootlessId } from "./config-files.ts";
import { trustedCertificates } from "./pem-certificates.ts";

/** What certs.d has for a host. */
export interface TlsMaterial {
  /** CAs in PEM, one in each: trusted besides those of the system ({@link systemRoots}), never in their place. */
  readonly ca: readonly string[];
  /**
   * In the order of the names of their files. The reference sends the first that the server says it takes, by its CA and algorithm
   * (go: crypto/tls getClientCertificate). Node's TLS shows nobody what the server says, so only the first can be used.
   */
  readonly client: readonly ClientPair[];
}

export interface CertificatesOptions {
  /** The directory that an option names, which holds the files for every host. */
  readonly certDir?: string | undefined;
  readonly environment: ConfigEnvironment;
  readonly userId: number;
}

/**
 * The certificates for a registry, `host[:port]`: of the directory of exactly that name in the first certs.d that has it
 * (containers-certs.d(5); image/v5: docker/docker_client.go `dockerCertDir`, pkg/tlsclientconfig `SetupCertificates`).
 */
export function certificatesFor(hostPort: string, options: CertificatesOptions): Result<TlsMaterial, ConfigProblem> {
  const { certDir } = options;
  const directory = certDir ? ok(certDir) : directoryOf(hostPort, options);
  if (!directory.ok) return directory;
  return directory.value === undefined ? ok(nothing) : readMaterial(directory.value);
}

const nothing: TlsMaterial = { ca: [], client: [] };

/**
 * The CAs that this system trusts, in PEM, read when they are asked for first.
 *
 * They hold for every server; Node and Bun take their own list where no CAs are given.
 */
export function systemRoots(environment: RootsEnvironment): () => Result<readonly string[], ConfigProblem> {
  let known: Result<readonly string[], ConfigProblem> | undefined;
  return () => {
    known ??= readRoots(environment);
    return known;
  };
}

function readRoots(environment: RootsEnvironment): Result<readonly string[], ConfigProblem> {
  const contents = readSystemRoots(environment);
  if (!contents.ok) return fail({ code: "config.certificates.invalid", ...contents.problem });
  return ok(trustedCertificates(contents.value));
}

/** The first of these counts that has the host (containers/storage: pkg/configfile `GetSearchPaths`). */
export function certificateDirectories(environment: ConfigEnvironment, userId: number): readonly string[] {
  const owner = rootlessId(environment, userId);
  const kinds = owner === 0 ? ["rootful.d"] : [`rootless.d/${owner}`, "rootless.d"];
  const below = (base: string) => [...kinds, "d"].map((kind) => join(base, `certs.${kind}`));
  return [
    ...userDirectory(environment),
    ...below("/etc/containers"),
    ...below("/usr/share/containers"),
    "/etc/docker/certs.d",
  ];
}

/** An empty `$XDG_CONFIG_HOME` is where one stands there: what lies there is not trusted here. */
function userDirectory(environment: ConfigEnvironment): readonly string[] {
  const { XDG_CONFIG_HOME } = environment;
  if (XDG_CONFIG_HOME !== undefined)
    return XDG_CONFIG_HOME === "" ? [] : [join(XDG_CONFIG_HOME, "containers", "certs.d")];
  const home = homeDirectory(environment);
  return home === undefined ? [] : [join(home, ".config", "containers", "certs.d")];
}

/**
 * What there is of CAs for whatever registry, or why there is none, by directories: to tell whether it is still the same. The pairs of clients are
 * not in it: they are credentials.
 */
export function authoritiesOfRegistries({ certDir, environment, userId }: CertificatesOptions): readonly unknown[] {
  const authoritiesIn = (directory: string) => {
    const material = readMaterial(directory);
    return [directory, material.ok ? material.value.ca : material.problem];
  };
  if (certDir) return [authoritiesIn(certDir)];
  return certificateDirectories(environment, userId).flatMap((base) => {
    const hosts = listNames(base);
    return hosts.ok ? hosts.value.map((host) => authoritiesIn(join(base, host))) : [];
  });
}

/** Those that may not be looked at are passed over, as there. */
function directoryOf(
  hostPort: string,
  { environment, userId }: CertificatesOptions,
): Result<string | undefined, ConfigProblem> {
  if (!isName(hostPort)) return invalid(hostPort, "not a host");
  for (const base of certificateDirectories(environment, userId)) {
    if (!isAbsolute(base)) return invalid(base, "not an absolute path");
    const path = join(base, hostPort);
    const found = existence(path);
    if (found.ok) return ok(path);
    const { errno } = found.problem;
    if (errno !== "ENOENT" && !isForbidden(errno)) return invalid(path, reasonOf(errno));
  }
  return ok(undefined);
}

/** Whether it names a directory right below another. */
function isName(hostPort: string): boolean {
  return hostPort !== "" && hostPort !== "." && hostPort !== ".." && !/[/\0]/.test(hostPort);
}

/** go: os.IsPermission. */
function isForbidden(errno: string): boolean {
  return errno === "EACCES" || errno === "EPERM";
}

/** `NAME.crt` are CAs, `NAME.cert` and `NAME.key` a client's; other names are not looked at. */
function readMaterial(directory: string): Result<TlsMaterial, ConfigProblem> {
  const names = listNames(directory);
  if (!names.ok) {
    const { errno } = names.problem;
    return errno === "ENOENT" || isForbidden(errno) ? ok(nothing) : invalid(directory, reasonOf(errno));
  }
  if (names.value.length > maxCertificateFiles) return invalid(directory, `more than ${maxCertificateFiles} files`);
  const present = new Set(names.value);
  const authorities: Uint8Array[] = [];
  const client: ClientPair[] = [];
  for (const name of names.value) {
    const path = join(directory, name);
    const [, base = "", kind] = /^(.*)\.(crt|cert|key)$/s.exec(name) ?? [];
    if (kind === "crt") {
      const content = readFile(path);
      if (!content.ok) return content;
      if (content.value !== undefined) authorities.push(content.value);
    } else if (kind === "cert") {
      if (!present.has(`${base}.key`)) return invalid(path, "its key is missing (a CA's certificate is called .crt)");
      const pair = readPair(path, join(directory, `${base}.key`));
      if (!pair.ok) return pair;
      client.push(pair.value);
    } else if (kind === "key" && !present.has(`${base}.cert`))
      return invalid(path, "its certificate (.cert) is missing");
  }
  return ok({ ca: trustedCertificates(authorities), client });
}

function readPair(certificatePath: string, keyPath: string): Result<ClientPair, ConfigProblem> {
  const [certificate, key] = [certificatePath, keyPath].map((path) => readFile(path));
  if (certificate?.ok === false) return certificate;
  if (key?.ok === false) return key;
  if (certificate?.value === undefined) return invalid(certificatePath, reasonOf("ENOENT"));
  if (key?.value === undefined) return invalid(keyPath, reasonOf("ENOENT"));
  const pair = parseClientPair(certificate.value, key.value);
  return pair.ok ? pair : invalid(certificatePath, pair.problem);
}

/** `undefined` if there is none (any more), or a link to nothing. */
function readFile(path: string): Result<Uint8Array | undefined, ConfigProblem> {
  const content = readBoundedFile(path, { maxBytes: maxCertificateFileBytes, followLinks: true });
  if (content.ok) return content;
  const { problem } = content;
  if (problem.kind === "missing") return ok(undefined);
  if (problem.kind === "too-large") return invalid(path, `larger than ${maxCertificateFileBytes} bytes`);
  return invalid(path, problem.kind === "system" ? reasonOf(problem.errno) : "not a regular file");
}

function invalid(path: string, reason: string): { readonly ok: false; readonly problem: ConfigProblem } {
  return fail({ code: "config.certificates.invalid", path, reason });
}
