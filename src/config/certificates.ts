import { join } from "node:path";
import { fileExists, listFiles } from "../host/list-directory.ts";
import { pemCertificates } from "../host/pem-certificates.ts";
import { reasonOf } from "../host/system-error.ts";
import type { ConfigProblem } from "../image/access-problem.ts";
import { maxCertificateFileBytes } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import { nodeCrypto } from "../runtime/built-in.ts";
import {
  type ConfigEnvironment,
  dropInDirectories,
  readConfigFile,
  rootlessId,
  userConfigDirectory,
} from "./config-files.ts";

/** What certs.d has for a registry. */
export interface Certificates {
  /** Authorities besides those of the system, a PEM text each; `undefined` if there is no file for any. */
  readonly authorities: readonly string[] | undefined;
  /** What the registry may ask of its clients. */
  readonly client: { readonly certificate: string; readonly key: string } | undefined;
}

const none: Certificates = { authorities: undefined, client: undefined };

/**
 * The certificates for a registry (containers-certs.d(5); containers/image: docker/docker_client.go `dockerCertDir`, pkg/tlsclientconfig
 * `SetupCertificates`): of `--cert-dir`, or of the first directory of certs.d that has one for it.
 *
 * Of several client certificates, which the reference offers all, the first by name is taken.
 *
 * @param host `host[:port]`, as it stands in the name that is accessed.
 */
export function certificatesFor(
  host: string,
  {
    directory,
    environment,
    userId,
  }: { readonly directory: string | undefined; readonly environment: ConfigEnvironment; readonly userId: number },
): Result<Certificates, ConfigProblem> {
  const found = directory === undefined || directory === "" ? findDirectory(host, environment, userId) : ok(directory);
  if (!found.ok || found.value === undefined) return found.ok ? ok(none) : found;
  return readDirectory(found.value);
}

function findDirectory(
  host: string,
  environment: ConfigEnvironment,
  userId: number,
): Result<string | undefined, ConfigProblem> {
  const user = userConfigDirectory(environment);
  if (!user.ok) return unusable(user.problem.path, user.problem.reason);
  const places = dropInDirectories("certs", user.value, rootlessId(environment, userId), "/");
  return ok([...places, "/etc/docker/certs.d"].map((place) => join(place, host)).find(fileExists));
}

function readDirectory(directory: string): Result<Certificates, ConfigProblem> {
  const listed = listFiles(directory);
  if (!listed.ok) {
    const { errno } = listed.problem;
    return errno === "ENOENT" || errno === "EACCES" || errno === "EPERM"
      ? ok(none)
      : unusable(directory, reasonOf(errno));
  }
  const names = [...listed.value].sort();
  let authorities: string[] | undefined;
  let client: Certificates["client"];
  for (const name of names) {
    const path = join(directory, name);
    if (name.endsWith(".crt")) {
      const text = readText(path);
      if (!text.ok) return text;
      authorities = [...(authorities ?? []), ...pemCertificates(text.value ?? "")];
    } else if (name.endsWith(".cert")) {
      const pair = readPair(directory, name.slice(0, -".cert".length), names);
      if (!pair.ok) return pair;
      client ??= pair.value;
    } else if (name.endsWith(".key") && !names.includes(`${name.slice(0, -".key".length)}.cert`)) {
      return unusable(path, "there is no certificate (.cert) for this key");
    }
  }
  return ok({ authorities, client });
}

function readPair(
  directory: string,
  stem: string,
  names: readonly string[],
): Result<NonNullable<Certificates["client"]>, ConfigProblem> {
  const path = join(directory, `${stem}.cert`);
  if (!names.includes(`${stem}.key`)) {
    return unusable(
      path,
      "there is no key (.key) for this client certificate; certificates of authorities end in .crt",
    );
  }
  const certificate = readText(path);
  if (!certificate.ok) return certificate;
  const key = readText(join(directory, `${stem}.key`));
  if (!key.ok) return key;
  const pair = { certificate: certificate.value ?? "", key: key.value ?? "" };
  return isPair(pair) ? ok(pair) : unusable(path, "it and its key are not a certificate and the key of it");
}

/** Go fails at once, and not only when it is asked for it (tls.LoadX509KeyPair). */
function isPair({ certificate, key }: { readonly certificate: string; readonly key: string }): boolean {
  const { X509Certificate, createPrivateKey } = nodeCrypto();
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function readText(path: string): Result<string | undefined, ConfigProblem> {
  const content = readConfigFile(path, maxCertificateFileBytes);
  if (!content.ok) return unusable(path, content.problem);
  return ok(content.value === undefined ? undefined : Buffer.from(content.value).toString("latin1"));
}

function unusable(path: string, reason: string): Result<never, ConfigProblem> {
  return fail({ code: "config.certificates.invalid", path, reason });
}
