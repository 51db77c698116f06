import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { maxRootFileBytes, maxRootFiles } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import { type FileProblem, readBoundedFile } from "./bounded-file.ts";
import { errnoOf, reasonOf } from "./system-error.ts";

/** The environment variables that say where the certificates of the system are, in place of the usual files or directories. */
export interface RootsEnvironment {
  readonly SSL_CERT_FILE?: string | undefined;
  readonly SSL_CERT_DIR?: string | undefined;
}

/** The file or directory that could not be read, where nothing else could be either. */
export interface RootsProblem {
  readonly path: string;
  readonly reason: string;
}

/** go: crypto/x509 root_linux.go `certFiles`; the first that can be read counts. */
const usualFiles = [
  "/etc/ssl/certs/ca-certificates.crt", // Debian, Ubuntu, Gentoo
  "/etc/pki/tls/certs/ca-bundle.crt", // Fedora, RHEL 6
  "/etc/ssl/ca-bundle.pem", // openSUSE
  "/etc/pki/tls/cacert.pem", // OpenELEC
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // CentOS, RHEL 7
  "/etc/ssl/cert.pem", // Alpine Linux, macOS
];

/** go: crypto/x509 root_linux.go `certDirectories`; all are read. */
const usualDirectories = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

/**
 * The files with the certificates that this system trusts, where Go looks for them on Linux (crypto/x509 root_unix.go
 * `loadSystemRoots`). Neither runtime does: they have Mozilla's list built in, and what a company adds to its machines is not in it.
 *
 * What cannot be read is passed over if anything else can.
 */
export function readSystemRoots(environment: RootsEnvironment): Result<readonly Uint8Array[], RootsProblem> {
  const { SSL_CERT_FILE, SSL_CERT_DIR } = environment;
  const contents: Uint8Array[] = [];
  let first: RootsProblem | undefined;
  for (const path of SSL_CERT_FILE ? [SSL_CERT_FILE] : usualFiles) {
    const content = readBoundedFile(path, { maxBytes: maxRootFileBytes, followLinks: true });
    if (content.ok) {
      contents.push(content.value);
      break;
    }
    if (content.problem.kind !== "missing") first ??= { path, reason: reasonOfFile(content.problem) };
  }
  for (const path of SSL_CERT_DIR ? SSL_CERT_DIR.split(":") : usualDirectories) {
    const names = namesIn(path);
    if (names.ok) contents.push(...readFiles(path, names.value));
    else if (names.problem !== "ENOENT") first ??= { path, reason: reasonOf(names.problem) };
  }
  return contents.length > 0 || first === undefined ? ok(contents) : fail(first);
}

function reasonOfFile(problem: FileProblem): string {
  if (problem.kind === "too-large") return `larger than ${maxRootFileBytes} bytes`;
  return problem.kind === "system" ? reasonOf(problem.errno) : "not a regular file";
}

/** Without links to others of the same directory, by which OpenSSL finds a certificate under its hash. */
function namesIn(directory: string): Result<readonly string[], string> {
  // join() would make the directory of it where one stands.
  if (directory === "") return fail("ENOENT");
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    const names = entries.filter((entry) => !entry.isSymbolicLink() || isLinkElsewhere(join(directory, entry.name)));
    return ok(names.map(({ name }) => name).sort());
  } catch (error) {
    return fail(errnoOf(error));
  }
}

function isLinkElsewhere(path: string): boolean {
  try {
    return readlinkSync(path).includes("/");
  } catch (error) {
    errnoOf(error);
    return true;
  }
}

function readFiles(directory: string, names: readonly string[]): readonly Uint8Array[] {
  return names.slice(0, maxRootFiles).flatMap((name) => {
    const content = readBoundedFile(join(directory, name), { maxBytes: maxRootFileBytes, followLinks: true });
    return content.ok ? [content.value] : [];
  });
}
