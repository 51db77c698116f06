import { authoritiesOfRegistries, certificatesFor, systemRoots, type TlsMaterial } from "../../config/certificates.ts";
import type { Credential, RegistryToken } from "../../config/credential.ts";
import { openCredentials } from "../../config/credentials.ts";
import type { CredentialsEnvironment } from "../../config/credentials-files.ts";
import { locationsOf } from "../../config/locations.ts";
import { type Lookaside, lookasideOf, lookasideText, signatureAddress } from "../../config/lookaside.ts";
import { type ProxyEnvironment, proxiesOf, proxyFor } from "../../config/proxy.ts";
import type { RegistriesConfig } from "../../config/registries.ts";
import {
  type RegistriesConf,
  type RegistriesConfEnvironment,
  readRegistriesConf,
} from "../../config/registries-conf.ts";
import { readRegistries } from "../../config/registries-d.ts";
import type { Connection } from "../../host/http/exchange.ts";
import { defaultTimeouts, HttpClient } from "../../host/http/http-client.ts";
import type { RootsEnvironment } from "../../host/system-roots.ts";
import { effectiveUserId } from "../../host/user.ts";
import type { ConfigProblem } from "../../image/access-problem.ts";
import { fail, ok, type Result } from "../../result.ts";
import { sha256Hex } from "../../runtime/sha256.ts";
import { type AccessOptions, RegistryAccess, type RegistrySettings } from "./registry-access.ts";
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
  /** Instead of what is found in files: this for every registry, or none at all. */
  readonly credential?: Credential | RegistryToken | "none";
  /** `--cert-dir` */
  readonly certificatesDirectory: string | undefined;
  /** `--tls-verify`: overrules what registries.conf says of each location. */
  readonly tlsVerify: boolean | undefined;
  /** For each phase of a request; unless it is given, `defaultTimeouts`. */
  readonly timeoutSeconds: number | undefined;
  /** For all that is asked for one image; unless it is given, `maxImageSeconds`. */
  readonly imageSeconds?: number | undefined;
  readonly environment: RegistriesConfEnvironment & CredentialsEnvironment & ProxyEnvironment & RootsEnvironment;
  readonly userAgent: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly onThrottled?: AccessOptions["onThrottled"];
  readonly beforeRequest?: AccessOptions["beforeRequest"];
}

/**
 * Reads the settings for registries once, for a whole run: registries.conf and registries.d now, credentials and certificates once
 * they are needed.
 */
export async function openRegistries(options: RegistriesOptions): Promise<Result<RegistryAccess, ConfigProblem>> {
  const { userAgent, now, imageSeconds, onThrottled, beforeRequest } = options;
  const conf = await readRegistriesConf(options.registriesConf, options.environment);
  if (!conf.ok) return conf;
  const directory = await readRegistries(options.registriesDirectory, options.environment);
  if (!directory.ok) return fail({ code: "config.registries-d.invalid", ...directory.problem });
  const settings = settingsOf(conf.value, directory.value, options);
  const seconds = options.timeoutSeconds;
  const http = new HttpClient(
    seconds === undefined ? defaultTimeouts : { connectSeconds: seconds, answerSeconds: seconds, bodySeconds: seconds },
  );
  const decidedBy = () => decidedByOf(conf.value, directory.value, options);
  return ok(
    new RegistryAccess({
      decidedBy,
      settings,
      http,
      userAgent,
      now,
      imageSeconds,
      ...(onThrottled && { onThrottled }),
      ...(beforeRequest && { beforeRequest }),
    }),
  );
}

/** The same, once somebody asks for it, and then for all that ask. */
export function registriesOnDemand(options: RegistriesOptions): () => ReturnType<typeof openRegistries> {
  let opened: ReturnType<typeof openRegistries> | undefined;
  return () => {
    opened ??= openRegistries(options);
    return opened;
  };
}

function settingsOf(
  conf: RegistriesConf,
  directory: RegistriesConfig,
  { environment, tlsVerify, authFile, certificatesDirectory, credential: given }: RegistriesOptions,
): RegistrySettings {
  const user = { environment, userId: effectiveUserId() };
  const roots = systemRoots(environment);
  const credentials = openCredentials({ ...user, authFile, credentialHelpers: conf.credentialHelpers });
  const noMaterial: TlsMaterial = { ca: [], client: [] };
  const insecure = connectionsBy(noMaterial, [], { isInsecure: true, environment });
  let plain: ConnectionTo | undefined;
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
    credential: async (accessed) => {
      if (given === undefined) return credentials.find(accessed);
      return ok(given === "none" ? undefined : given);
    },
    connections: (registry, { isInsecure }) => {
      const material = certificatesFor(registry, { ...user, certDir: certificatesDirectory });
      if (!material.ok) return material;
      // The authorities of the system take some megabytes, and a hundred thousand references may have as many registries.
      const isPlain = material.value.ca.length === 0 && material.value.client.length === 0;
      if (isPlain && isInsecure) return ok(insecure);
      if (isPlain && plain !== undefined) return ok(plain);
      const trusted = isInsecure ? ok([]) : roots();
      if (!trusted.ok) return trusted;
      const connections = connectionsBy(material.value, trusted.value, { isInsecure, environment });
      if (isPlain) plain = connections;
      return ok(connections);
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
  { ca, client: [client] }: TlsMaterial,
  roots: readonly string[],
  { isInsecure, environment }: { readonly isInsecure: boolean; readonly environment: ProxyEnvironment },
): ConnectionTo {
  const authorities = [...roots, ...ca];
  const known = new Map<string, Connection>();
  return (url) => {
    const proxy = proxyFor(url, environment);
    if (!proxy.ok) return proxy;
    if (url.protocol === "http:" && proxy.value?.protocol === "https:") {
      const reason = "its proxy speaks TLS, which is not used here for what is asked without TLS";
      return fail({ code: "source.unreachable", from: url.host, reason });
    }
    const key = proxy.value?.href ?? "";
    const connection = known.get(key) ?? { authorities, client, isUnverified: isInsecure, proxy: proxy.value };
    known.set(key, connection);
    return ok(connection);
  };
}

/**
 * Which servers are asked, by which way, and who vouches for them. Credentials are not among it: they decide what is shown, not what is
 * accepted.
 */
function decidedByOf(
  conf: RegistriesConf,
  directory: RegistriesConfig,
  { environment, certificatesDirectory }: RegistriesOptions,
): Readonly<Record<string, string>> {
  const user = { environment, userId: effectiveUserId() };
  return {
    "registries.conf": hashOf(conf),
    "registries.d": hashOf(directory),
    "certificates of registries": hashOf(authoritiesOfRegistries({ ...user, certDir: certificatesDirectory })),
    "authorities of the system": hashOf(systemRoots(environment)()),
    proxies: hashOf(proxiesOf(environment)),
  };
}

function hashOf(settings: object): string {
  const text = JSON.stringify(settings, (_, value) => (value instanceof Map ? [...value] : value));
  return sha256Hex(Buffer.from(text));
}
