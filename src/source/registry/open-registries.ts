import type { AuthEnvironment } from "../../config/auth-files.ts";
import { type Certificates, certificatesFor } from "../../config/certificates.ts";
import { Credentials } from "../../config/credentials.ts";
import { locationsOf } from "../../config/locations.ts";
import { type Lookaside, lookasideOf, lookasideText, signatureAddress } from "../../config/lookaside.ts";
import { type ProxyEnvironment, proxyFor } from "../../config/proxy.ts";
import type { RegistriesConfig } from "../../config/registries.ts";
import {
  type RegistriesConf,
  type RegistriesConfEnvironment,
  readRegistriesConf,
} from "../../config/registries-conf.ts";
import { readRegistries } from "../../config/registries-d.ts";
import type { Connection } from "../../host/http/exchange.ts";
import { defaultTimeouts, HttpClient } from "../../host/http/http-client.ts";
import { type RootsEnvironment, systemRoots } from "../../host/system-roots.ts";
import { effectiveUserId } from "../../host/user.ts";
import type { ConfigProblem } from "../../image/access-problem.ts";
import { fail, ok, type Result } from "../../result.ts";
import { sha256Hex } from "../../runtime/sha256.ts";
import { RegistryAccess, type RegistrySettings } from "./registry-access.ts";
import type { SignaturePlaces } from "./registry-image.ts";
import type { ConnectionTo } from "./requester.ts";

/** The options of a command that reads from registries, by skopeo's names. */
export interface RegistriesOptions {
  /** `--registries-conf` */
  readonly registriesConf: string | undefined;
  /** `--registries.d` */
  readonly registriesDirectory: string | undefined;
  /** `--authfile` */
  readonly authFile: string | undefined;
  /** `--cert-dir` */
  readonly certificatesDirectory: string | undefined;
  /** `--tls-verify`: overrules what registries.conf says of each location. */
  readonly tlsVerify: boolean | undefined;
  /** For each phase of a request; unless it is given, `defaultTimeouts`. */
  readonly timeoutSeconds: number | undefined;
  readonly environment: RegistriesConfEnvironment & AuthEnvironment & ProxyEnvironment & RootsEnvironment;
  readonly userAgent: string;
  readonly onThrottled?: (host: string) => void;
}

/**
 * Reads the settings for registries once, for a whole run: registries.conf and registries.d now, credentials and certificates once
 * they are needed.
 */
export async function openRegistries(options: RegistriesOptions): Promise<Result<RegistryAccess, ConfigProblem>> {
  const { environment, userAgent, onThrottled } = options;
  const conf = await readRegistriesConf(options.registriesConf, environment);
  if (!conf.ok) return conf;
  const directory = await readRegistries(options.registriesDirectory, environment);
  if (!directory.ok) return fail({ code: "config.registries-d.invalid", ...directory.problem });
  const settings = settingsOf(conf.value, directory.value, options);
  const seconds = options.timeoutSeconds;
  const http = new HttpClient(
    seconds === undefined ? defaultTimeouts : { connectSeconds: seconds, answerSeconds: seconds, bodySeconds: seconds },
  );
  const decidedBy = { "registries.conf": hashOf(conf.value), "registries.d": hashOf(directory.value) };
  return ok(
    new RegistryAccess({ decidedBy, settings, http, userAgent, now: Date.now, ...(onThrottled && { onThrottled }) }),
  );
}

function settingsOf(
  conf: RegistriesConf,
  directory: RegistriesConfig,
  { environment, tlsVerify, authFile, certificatesDirectory }: RegistriesOptions,
): RegistrySettings {
  const user = { environment, userId: effectiveUserId() };
  const plain = new Map(
    [true, false].map((isInsecure) => [
      isInsecure,
      connectionsBy({ authorities: undefined, client: undefined }, isInsecure, environment),
    ]),
  );
  const credentials = new Credentials({ ...user, authFile, helpers: conf.credentialHelpers });
  return {
    locations: (reference) => {
      const locations = locationsOf(conf, reference);
      if (!locations.ok || tlsVerify === undefined) return locations;
      return ok(locations.value.map((location) => ({ ...location, isInsecure: !tlsVerify })));
    },
    signaturePlaces: (accessed) => {
      const lookaside = lookasideOf(directory, accessed, user);
      return lookaside.ok ? ok(placesOf(lookaside.value)) : lookaside;
    },
    credential: (accessed) => credentials.find(accessed),
    connections: (registry, { isInsecure }) => {
      const certificates = certificatesFor(registry, { ...user, directory: certificatesDirectory });
      if (!certificates.ok) return certificates;
      const { authorities = [], client } = certificates.value;
      // The authorities of the system take some megabytes, and a hundred thousand references may have as many registries.
      const shared = authorities.length === 0 && client === undefined ? plain.get(isInsecure) : undefined;
      return ok(shared ?? connectionsBy(certificates.value, isInsecure, environment));
    },
  };
}

function placesOf(lookaside: Lookaside): SignaturePlaces {
  return {
    useAttachments: lookaside.useSigstoreAttachments,
    lookaside: {
      address: (digest, number) => signatureAddress(lookaside, digest, number),
      shown: lookasideText(lookaside),
    },
  };
}

/** The ways to servers for a registry: direct ones, and those through a proxy. */
function connectionsBy(
  { authorities = [], client }: Certificates,
  isUnverified: boolean,
  environment: RegistriesOptions["environment"],
): ConnectionTo {
  const known = new Map<string, Connection>();
  let roots: readonly string[] | undefined;
  return (url) => {
    const proxy = proxyFor(url, environment);
    if (!proxy.ok) return fail({ code: "source.unreachable", from: url.host, reason: proxy.problem });
    const key = `${url.protocol} ${proxy.value?.href ?? ""}`;
    const before = known.get(key);
    if (before !== undefined) return ok(before);
    if (url.protocol === "https:" && !isUnverified) roots ??= [...systemRoots(environment), ...authorities];
    const connection: Connection = { authorities: roots, client, isUnverified, proxy: proxy.value };
    known.set(key, connection);
    return ok(connection);
  };
}

/** Of what was read from files of settings. */
function hashOf(settings: RegistriesConf | RegistriesConfig): string {
  const text = JSON.stringify(settings, (_, value) => (value instanceof Map ? [...value] : value));
  return sha256Hex(Buffer.from(text));
}
