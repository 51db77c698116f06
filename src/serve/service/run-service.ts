import { isSameFile } from "../../host/descriptors/adopt.ts";
import { type Descriptors, openDescriptors } from "../../host/descriptors/descriptors.ts";
import type { ListenChoice } from "../../host/descriptors/listen.ts";
import type { Listener } from "../../host/descriptors/listener.ts";
import type { ThreadStart } from "../../host/descriptors/readiness.ts";
import type { Warn } from "../../host/file-warning.ts";
import { later } from "../../host/later.ts";
import { reasonOf } from "../../host/system-error.ts";
import { errorText, fail, ok, type Result } from "../../result.ts";
import { line } from "../../words/quote.ts";
import { listenText, socketText } from "../../words/service-words.ts";
import { type ImageServiceSettings, openImageService } from "../core/image-service.ts";
import { imageInterface } from "../interfaces/image.ts";
import { verifyInterface } from "../interfaces/verify.ts";
import { openLogSink } from "../log/open-log-sink.ts";
import { serviceLog } from "../log/service-log.ts";
import type { ConnectionOptions } from "../varlink/serve-connection.ts";
import { createService, type Service } from "../varlink/service.ts";
import { Connections } from "./connections.ts";
import { Meter } from "./metrics.ts";
import type { ServiceCore } from "./service-core.ts";

export interface ServiceSettings extends ImageServiceSettings {
  readonly listen: ListenChoice;
  readonly environment: ImageServiceSettings["environment"] & ServiceEnvironment;
  readonly version: string;
  /** Connections of everybody together. */
  readonly maxConnections: number;
  /** Ends a service that has had no connection for so long; never unless it is given. */
  readonly idleSeconds: number | undefined;
  /** Acceptances are logged too. */
  readonly tellsAll: boolean;
  /** Ends it: calls under way are finished. */
  readonly stop: AbortSignal;
  /** Writes to standard error. */
  readonly say: (text: string) => void;
}

interface ServiceEnvironment {
  readonly JOURNAL_STREAM?: string | undefined;
  readonly NOTIFY_SOCKET?: string | undefined;
}

/** Peers who do nothing do not stay. */
const patience: NonNullable<ConnectionOptions["patience"]> = {
  idleMilliseconds: 600_000,
  messageMilliseconds: 30_000,
  replyMilliseconds: 60_000,
  callMilliseconds: 3_600_000,
};

/**
 * Serves calls until it is told to stop, has been idle for too long, or its only connection has ended.
 *
 * @param start what runs the thread that waits for descriptors
 * @returns why it could not, if that is so: a sentence without its full stop.
 */
export async function runService(settings: ServiceSettings, start: ThreadStart): Promise<string | undefined> {
  const opened = await openDescriptors(start);
  if (!opened.ok) return opened.problem.reason;
  const descriptors = opened.value;
  const log = serviceLog(openLogSink(descriptors, settings.environment, settings.say), {
    elapsed: () => performance.now(),
    tellsAll: settings.tellsAll,
  });
  const meter = new Meter();
  let connections: Connections | undefined;
  const core: ServiceCore = {
    // A policy that changes is seen by the very next call.
    ...openImageService({ ...settings, warn: oncePerFile(settings.warn) }, { isPinned: false }),
    ...{ descriptors, meter, log },
    requireSigned: settings.requireSigned,
    platform: settings.platform,
    version: settings.version,
    now: settings.now,
    elapsed: () => performance.now(),
    connections: () => connections?.count ?? 0,
  };
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  settings.stop.addEventListener("abort", stop, { once: true });
  connections = new Connections({
    service: serviceOf(core),
    most: settings.maxConnections,
    connection: {
      patience,
      stop: stopping.signal,
      onCall: (fullMethod, { peer }) => {
        meter.count("calls");
        return (outcome) => {
          if (outcome.kind !== "error") return;
          meter.count("errors");
          // What else is wrong is told where it is found.
          if (outcome.error !== "org.varlink.service.InvalidParameter") return;
          log.refusal({ code: "call.parameter", message: `${fullMethod}: a parameter makes no sense.` }, peer);
        };
      },
    },
    onRefused: (peer) => {
      log.refusal({ code: "limit.connections", message: "A connection was closed, as there are too many." }, peer);
    },
    onMisbehaved: (why, peer) => log.refusal(why, peer),
    onFailure: (reason) => log.say(3, `This is a bug in sealcheck, or the system has no more to give: ${line(reason)}`),
  });
  const listeners = openListeners(settings.listen, descriptors, connections, stop);
  if (!listeners.ok) return listeners.problem;
  if (settings.listen.kind === "place") settings.say(`sealcheck: listening on ${settings.listen.shown}\n`);
  notify(descriptors, settings.environment.NOTIFY_SOCKET, "READY=1");
  // A listener that ends by itself leaves nobody to talk to: whoever looks after the service starts it again.
  const listening = listeners.value.map((listener) => connections.listen(listener).then(stop));
  watchIdle(connections, settings.idleSeconds, listeners.value.length > 0, stop);

  if (!stopping.signal.aborted) {
    await new Promise((resolve) => stopping.signal.addEventListener("abort", resolve, { once: true }));
  }
  notify(descriptors, settings.environment.NOTIFY_SOCKET, "STOPPING=1");
  for (const listener of listeners.value) listener.close();
  await Promise.all(listening);
  await connections.drain();
  await descriptors.close();
  return undefined;
}

/** Files are read again for each call. */
function oncePerFile(warn: Warn): Warn {
  const told = new Set<string>();
  return (warning) => {
    const key = JSON.stringify(warning);
    if (told.has(key) || told.size === maxWarnings) return;
    told.add(key);
    warn(warning);
  };
}

/** A policy names a handful of files. */
const maxWarnings = 1000;

function serviceOf(core: ServiceCore): Service {
  return createService({
    info: {
      vendor: "sealcheck",
      product: "sealcheck",
      version: core.version,
      url: "https://github.com/sealcheck/sealcheck",
    },
    interfaces: [verifyInterface(core), imageInterface(core)],
    failureOf: (error, fullMethod) => {
      const message = `This is a bug in sealcheck, and nothing was accepted: ${line(errorText(error))}`;
      core.log.say(3, `${fullMethod}: ${message}`, { SEALCHECK_CODE: "internal.error" });
      return { name: "InternalFailure", parameters: { code: "internal.error", message } };
    },
    overLimit: (limit) => ({
      error: "dev.sealcheck.Verify.LimitReached",
      parameters: { code: `limit.message.${limit}`, message: `The message is over the limit of ${limit}.` },
    }),
  });
}

/** Opens what there is to listen at; what is connected already is served at once, and ends the service with it. */
function openListeners(
  choice: ListenChoice,
  descriptors: Descriptors,
  connections: Connections,
  stop: () => void,
): Result<readonly Listener[], string> {
  switch (choice.kind) {
    case "place": {
      const listener = descriptors.listen(choice.place);
      return listener.ok ? ok([listener.value]) : fail(listenText(choice.shown, listener.problem, reasonOf));
    }
    case "stdio": {
      // Parents also make two sockets, one for each direction (libuv does).
      const socket = isSameFile(0, 1) ? descriptors.adopt(0) : undefined;
      const channel = socket?.ok ? socket : descriptors.adoptPipes({ input: 0, output: 1 });
      if (!channel.ok) return fail(socketText(0, channel.problem.kind, reasonOf(channel.problem.errno)));
      connections.onIdle = stop;
      connections.add(channel.value);
      return ok([]);
    }
    case "activation":
      return openInherited(choice.count, descriptors, connections, stop);
  }
}

const firstInherited = 3;

function openInherited(
  count: number,
  descriptors: Descriptors,
  connections: Connections,
  stop: () => void,
): Result<readonly Listener[], string> {
  const listeners: Listener[] = [];
  for (let number = firstInherited; number < firstInherited + count; number++) {
    const listener = descriptors.adoptListener(number);
    if (listener.ok) {
      listeners.push(listener.value);
      continue;
    }
    const channel = descriptors.adopt(number);
    if (!channel.ok) return fail(socketText(number, channel.problem.kind, reasonOf(channel.problem.errno)));
    connections.add(channel.value);
  }
  if (listeners.length === 0) {
    connections.onIdle = stop;
    if (connections.count === 0) stop();
  }
  return ok(listeners);
}

function watchIdle(
  connections: Connections,
  idleSeconds: number | undefined,
  isListening: boolean,
  stop: () => void,
): void {
  if (idleSeconds === undefined || !isListening) return;
  const wait = (): (() => void) =>
    later(idleSeconds * 1000, () => {
      if (connections.count === 0) stop();
    });
  let callOff = wait();
  connections.onIdle = () => {
    callOff();
    callOff = wait();
  };
}

/** sd_notify(3). */
function notify(descriptors: Descriptors, address: string | undefined, news: string): void {
  if (address === undefined || address === "") return;
  const socket = descriptors.openDatagram(address);
  if (!socket.ok) return;
  socket.value.send(Buffer.from(news));
  socket.value.close();
}
