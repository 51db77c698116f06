import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pemCertificates } from "./pem-certificates.ts";
import { errnoOf } from "./system-error.ts";

/** Where Linux distributions keep the authorities that they trust (Go: crypto/x509 root_linux.go). */
const files = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/tls/cacert.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];
const directories = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

export interface RootsEnvironment {
  readonly SSL_CERT_FILE?: string | undefined;
  readonly SSL_CERT_DIR?: string | undefined;
}

/**
 * The authorities that this system trusts, as Go reads them (crypto/x509 root_unix.go `loadSystemRoots`): the first of the files that is
 * there, and what lies in the directories. What is no certificate is passed over.
 *
 * @returns a PEM text each.
 */
export function systemRoots({ SSL_CERT_FILE, SSL_CERT_DIR }: RootsEnvironment): readonly string[] {
  const roots = new Set<string>();
  const add = (path: string): boolean => {
    const text = readIfThere(path);
    for (const certificate of pemCertificates(text ?? "")) roots.add(certificate);
    return text !== undefined;
  };
  (SSL_CERT_FILE ? [SSL_CERT_FILE] : files).some(add);
  for (const directory of SSL_CERT_DIR ? SSL_CERT_DIR.split(":") : directories) {
    for (const name of namesIn(directory)) add(join(directory, name));
  }
  return [...roots];
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    errnoOf(error);
    return undefined;
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    errnoOf(error);
    return [];
  }
}
