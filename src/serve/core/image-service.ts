import type { StorageEnvironment } from "../../config/storage-conf-files.ts";
import { Engine, type EngineEnvironment, type EngineSettings } from "../../engine/engine.ts";
import type { PolicyChoice } from "../../engine/read-policy.ts";
import { readTrustFile } from "../../host/trust-file.ts";
import type { Platform } from "../../image/platform.ts";
import { type RegistriesOptions, registriesOnDemand } from "../../source/registry/open-registries.ts";
import type { ImageSources } from "./image-name.ts";

/** What judges and opens images, for all that ask in one process. */
export interface ImageService extends ImageSources {
  readonly engine: Engine;
  readonly policy: PolicyChoice;
}

/** By what images are judged and opened: whoever starts a service says it, and no caller. */
export interface ImageServiceSettings extends Pick<EngineSettings, "openPgp" | "now" | "trace" | "warn"> {
  readonly policy: PolicyChoice;
  readonly requireSigned: boolean;
  /** Which image of an index, unless a caller says another. */
  readonly platform: Platform;
  readonly registries: RegistriesOptions;
  readonly environment: EngineEnvironment & StorageEnvironment;
}

/** @param isPinned the policy and its keys are read once, and not again when they change */
export function openImageService(
  { environment, openPgp, now, trace, warn, policy, registries }: ImageServiceSettings,
  { isPinned }: { readonly isPinned: boolean },
): ImageService {
  const readFile = (path: string) => readTrustFile(path, warn);
  return {
    engine: new Engine({ environment, openPgp, now, trace, warn, readFile, isPinned }),
    policy,
    environment,
    registries: registriesOnDemand(registries),
  };
}
