import { openDescriptors } from "../../host/descriptors/descriptors.ts";
import type { ThreadStart } from "../../host/descriptors/readiness.ts";
import { reasonOf } from "../../host/system-error.ts";
import { brokenSocketText, socketText } from "../../words/service-words.ts";
import { type ImageServiceSettings, openImageService } from "../core/image-service.ts";
import { serveProxy } from "./serve-proxy.ts";

export interface ProxySettings extends ImageServiceSettings {
  /** Of the socket, inherited. */
  readonly descriptor: number;
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
  const { requireSigned, platform, onRefused } = settings;
  const end = await serveProxy(channel.value, {
    service: openImageService(settings, { isPinned: true }),
    ...{ requireSigned, platform, onRefused },
    openPipe: () => descriptors.openPipe(),
  });
  await descriptors.close();
  return end.kind === "broken" ? brokenSocketText(end.during, reasonOf(end.errno)) : undefined;
}
