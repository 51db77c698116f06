import type { OpenPgpBackEnd } from "../crypto/openpgp/back-end.ts";
import type { PolicyChoice } from "../engine/read-policy.ts";
import type { Step } from "../engine/step.ts";
import type { ListenPlace } from "../host/descriptors/listen.ts";
import type { Warn } from "../host/file-warning.ts";
import type { Platform } from "../image/platform.ts";
import type { RegistriesOptions } from "../source/registry/open-registries.ts";
import type { Environment } from "./environment.ts";

/** What the command line asks of a service. */
export interface ServiceRequest {
  readonly listen: ListenChoice;
  readonly policy: PolicyChoice;
  readonly requireSigned: boolean;
  /** Which image of an index. */
  readonly platform: Platform;
  readonly openPgp: readonly OpenPgpBackEnd[] | undefined;
  readonly registries: RegistriesOptions;
  readonly environment: Environment;
  readonly version: string;
  readonly maxConnections: number;
  readonly idleSeconds: number | undefined;
  /** Acceptances are logged too. */
  readonly tellsAll: boolean;
  /** Unix seconds. */
  readonly now: () => number;
  readonly trace: (step: Step) => void;
  readonly warn: Warn;
  /** Writes to standard error. */
  readonly say: (text: string) => void;
}

/** Where calls come from. */
type ListenChoice =
  | { readonly kind: "place"; readonly place: ListenPlace; readonly shown: string }
  /** Descriptors from 3 on that were inherited. */
  | { readonly kind: "activation"; readonly count: number }
  | { readonly kind: "stdio" };

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
