import type { StorageEnvironment } from "../../config/storage-conf-files.ts";
import { Engine, type EngineEnvironment, type EngineSettings } from "../../engine/engine.ts";
import type { PolicyChoice } from "../../engine/read-policy.ts";
import { openDescriptors } from "../../host/descriptors/descriptors.ts";
import type { ThreadStart } from "../../host/descriptors/readiness.ts";
import { reasonOf } from "../../host/system-error.ts";
import { readTrustFile } from "../../host/trust-file.ts";
import type { ConfigProblem } from "../../image/access-problem.ts";
import type { Platform } from "../../image/platform.ts";
import type { Result } from "../../result.ts";
import { openRegistries, type RegistriesOptions } from "../../source/registry/open-registries.ts";
import type { RegistryAccess } from "../../source/registry/registry-access.ts";
import { brokenSocketText, socketText } from "../../words/service-words.ts";
import { serveProxy } from "./serve-proxy.ts";

export interface ProxySettings extends Pick<EngineSettings, "openPgp" | "now" | "trace" | "warn"> {
  /** Of the socket, inherited. */
  readonly descriptor: number;
  readonly policy: PolicyChoice;
  readonly requireSigned: boolean;
  /** Which image of an index. */
  readonly platform: Platform;
  readonly registries: RegistriesOptions;
  readonly environment: EngineEnvironment & StorageEnvironment;
  readonly onRefused: (message: string) => void;
}

/**
 * Serves the client whose socket was inherited until it is gone. The policy and its keys are read once.
 *
 * @param start what runs the thread that waits for descriptors
 * @returns why that ended otherwise than the client wanted, if it did: a sentence without its full stop.
 */
export async function runProxy(settings: ProxySettings, start: ThreadStart): Promise<string | undefined> {
  const opened = await openDescriptors(start);
  if (!opened.ok) return opened.problem.reason;
  const descriptors = opened.value;
  const channel = descriptors.adopt(settings.descriptor);
  if (!channel.ok) {
    const { kind, errno } = channel.problem;
    return socketText(settings.descriptor, kind, reasonOf(errno));
  }
  let registries: Promise<Result<RegistryAccess, ConfigProblem>> | undefined;
  const { environment, policy, requireSigned, platform, onRefused, openPgp, now, trace, warn } = settings;
  const engine = new Engine({
    ...{ environment, openPgp, now, trace, warn },
    readFile: (path) => readTrustFile(path, warn),
    isPinned: true,
  });
  const end = await serveProxy(channel.value, {
    service: {
      engine,
      policy,
      environment,
      registries: () => {
        registries ??= openRegistries(settings.registries);
        return registries;
      },
    },
    ...{ requireSigned, platform, onRefused },
    openPipe: () => descriptors.openPipe(),
  });
  await descriptors.close();
  return end.kind === "broken" ? brokenSocketText(end.during, reasonOf(end.errno)) : undefined;
}
