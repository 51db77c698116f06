import { locationsOf } from "../../config/locations.ts";
import { type Lookaside, lookasideOf, lookasideText, signatureAddress } from "../../config/lookaside.ts";
import type { RegistriesConfig } from "../../config/registries.ts";
import {
  type RegistriesConf,
  type RegistriesConfEnvironment,
  readRegistriesConf,
} from "../../config/registries-conf.ts";
import { readRegistries } from "../../config/registries-d.ts";
import type { Connection } from "../../host/http/exchange.ts";
import { HttpClient } from "../../host/http/http-client.ts";
import { effectiveUserId } from "../../host/user.ts";
import type { ConfigProblem } from "../../image/access-problem.ts";
import { fail, ok, type Result } from "../../result.ts";
import { RegistryAccess, type RegistrySettings } from "./registry-access.ts";
import type { SignaturePlaces } from "./registry-image.ts";

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
  readonly environment: RegistriesConfEnvironment;
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
  const http = new HttpClient();
  return ok(new RegistryAccess({ settings, http, userAgent, now: Date.now, ...(onThrottled && { onThrottled }) }));
}

function settingsOf(
  conf: RegistriesConf,
  directory: RegistriesConfig,
  { environment, tlsVerify }: RegistriesOptions,
): RegistrySettings {
  const user = { environment, userId: effectiveUserId() };
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
    credential: async () => ok(undefined),
    connections: (_registry, { isInsecure }) => {
      const connection: Connection = { isUnverified: isInsecure };
      return ok(() => ok(connection));
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
