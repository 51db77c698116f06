import type { RegistriesOptions } from "../../source/registry/open-registries.ts";
import type { Io } from "../io.ts";
import { version } from "../version.ts";
import type { Options } from "./parse-arguments.ts";

/** How registries are reached. */
export function registriesOptionsOf(options: Options, io: Pick<Io, "environment" | "now">): RegistriesOptions {
  return {
    registriesConf: options["registries-conf"],
    registriesDirectory: options["registries.d"],
    authFile: options.authfile,
    certificatesDirectory: options["cert-dir"],
    tlsVerify: options["tls-verify"],
    timeoutSeconds: options.timeout,
    environment: io.environment,
    userAgent: `sealcheck/${version}`,
    now: () => io.now() * 1000,
  };
}
