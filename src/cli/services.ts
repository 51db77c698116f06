import type { OpenPgpBackEnd } from "../crypto/openpgp/back-end.ts";
import type { PolicyChoice } from "../engine/read-policy.ts";
import type { Step } from "../engine/step.ts";
import type { Warn } from "../host/file-warning.ts";
import type { Platform } from "../image/platform.ts";
import type { RegistriesOptions } from "../source/registry/open-registries.ts";
import type { Environment } from "./environment.ts";

/** What the command line asks of an image proxy. */
export interface ProxyRequest {
  /** Of the socket, inherited. */
  readonly descriptor: number;
  readonly policy: PolicyChoice;
  readonly requireSigned: boolean;
  /** Which image of an index. */
  readonly platform: Platform;
  readonly openPgp: readonly OpenPgpBackEnd[] | undefined;
  readonly registries: RegistriesOptions;
  readonly environment: Environment;
  /** Unix seconds. */
  readonly now: () => number;
  readonly trace: (step: Step) => void;
  readonly warn: Warn;
  /** Told of each image that was not accepted, in words. */
  readonly onRefused: (message: string) => void;
}
