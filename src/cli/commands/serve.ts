import type { ListenPlace } from "../../host/descriptors/listen.ts";
import { maxConnections } from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";
import type { CommandProblem } from "../../words/command-words.ts";
import type { Options } from "../arguments/parse-arguments.ts";
import { type Io, undeliveredExitCode } from "../io.ts";
import { reportCommandProblem } from "../report.ts";
import type { ServiceRequest } from "../services.ts";
import { version } from "../version.ts";
import { imagesRequestOf } from "./images-request.ts";

const command = "serve";

/** @returns the exit code. */
export async function serve(options: Options, io: Io): Promise<number> {
  const listen = listenChoice(options, io);
  if (!listen.ok) return reportCommandProblem(listen.problem, command, "text", io);
  const failure = await io.serveCalls({
    ...imagesRequestOf({ options, io }),
    listen: listen.value,
    version,
    maxConnections: options["max-connections"] ?? maxConnections,
    idleSeconds: options["idle-timeout"],
    tellsAll: options.debug === true,
    say: (text) => void io.stderr.write(text),
  });
  if (failure === undefined) return 0;
  await io.stderr.write(`sealcheck: ${failure}\n`);
  return undeliveredExitCode;
}

function listenChoice(options: Options, io: Io): Result<ServiceRequest["listen"], CommandProblem> {
  const { listen: address } = options;
  const detail = (["listen-mode", "listen-owner"] as const).find((option) => options[option] !== undefined);
  if (options.stdio === true) {
    const other = address === undefined ? detail : "listen";
    return other === undefined ? ok({ kind: "stdio" }) : notWith(other, "stdio");
  }
  if (address !== undefined) return placeOf(address, options);
  if (detail !== undefined) {
    return fail({ code: "usage.option.combination", option: detail, why: { kind: "needs", other: "listen" } });
  }
  const count = inheritedCount(io);
  if (count > 0) return ok({ kind: "activation", count });
  return fail({ code: "usage.option.missing", option: "listen", isWithoutSocket: true });
}

/** sd_listen_fds(3). */
function inheritedCount({ environment, processId }: Io): number {
  const { LISTEN_PID: pid, LISTEN_FDS: count = "" } = environment;
  return pid === `${processId}` && /^[1-9]\d{0,2}$/.test(count) ? Number(count) : 0;
}

function placeOf(address: string, options: Options): Result<ServiceRequest["listen"], CommandProblem> {
  const wrong = (option: "listen" | "listen-mode" | "listen-owner", kind: "no-address" | "no-mode" | "no-owner") =>
    fail({ code: "usage.option.value", option, why: { kind, value: options[option] ?? "" } } as const);
  if (!address.startsWith("unix:")) return wrong("listen", "no-address");
  const name = address.slice("unix:".length);
  if (name.startsWith("@")) {
    const { "listen-mode": mode, "listen-owner": owner } = options;
    if (mode !== undefined) return notWith("listen-mode", "listen=unix:@…");
    if (owner !== undefined) return notWith("listen-owner", "listen=unix:@…");
    return ok({ kind: "place", shown: address, place: { abstractName: name.slice(1) } });
  }
  const mode = modeOf(options["listen-mode"] ?? "0600");
  if (mode === undefined) return wrong("listen-mode", "no-mode");
  const owner = ownerOf(options["listen-owner"]);
  if (owner === "none") return wrong("listen-owner", "no-owner");
  const place: ListenPlace = { path: name, mode, ...(owner && { owner }) };
  return ok({ kind: "place", shown: address, place });
}

function modeOf(text: string): number | undefined {
  return /^0?[0-7]{3}$/.test(text) ? Number.parseInt(text, 8) : undefined;
}

/** A group that is not said stays as it is: -1, as for chown(2). */
function ownerOf(text: string | undefined): { readonly userId: number; readonly groupId: number } | "none" | undefined {
  if (text === undefined) return undefined;
  const [, user, group] = /^(\d{1,10})(?::(\d{1,10}))?$/.exec(text) ?? [];
  if (user === undefined) return "none";
  return { userId: Number(user), groupId: group === undefined ? -1 : Number(group) };
}

function notWith(option: string, other: string): { readonly ok: false; readonly problem: CommandProblem } {
  return fail({ code: "usage.option.combination", option, why: { kind: "not-with", other } });
}
