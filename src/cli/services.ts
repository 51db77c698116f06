import type { OpenPgpBackEnd } from "../crypto/openpgp/back-end.ts";
import type { PolicyChoice } from "../engine/read-policy.ts";
import type { Step } from "../engine/step.ts";
import type { ListenChoice } from "../host/descriptors/listen.ts";
import type { Warn } from "../host/file-warning.ts";
import type { Platform } from "../image/platform.ts";
import type { RegistriesOptions } from "../source/registry/open-registries.ts";
import type { Environment } from "./environment.ts";

/** By what images are judged and opened for other programs. */
export interface ImagesRequest {
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
}

/** What the command line asks of a service. */
export interface ServiceRequest extends ImagesRequest {
  readonly listen: ListenChoice;
  readonly version: string;
  readonly maxConnections: number;
  readonly idleSeconds: number | undefined;
  /** Acceptances are logged too. */
  readonly tellsAll: boolean;
  /** Writes to standard error. */
  readonly say: (text: string) => void;
}

/** What the command line asks of an image proxy. */
export interface ProxyRequest extends ImagesRequest {
  /** Of the socket, inherited. */
  readonly descriptor: number;
  /** Told of each image that was not accepted, in words. */
  readonly onRefused: (message: string) => void;
}
