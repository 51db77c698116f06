import type { AdoptProblem } from "../host/descriptors/adopt.ts";
import { because } from "./format.ts";

const adoptReasons = {
  "not-open": "is not open",
  "not-a-socket": "is not a socket",
  "other-domain": "is a socket of another kind than AF_UNIX",
  "other-type": "is neither a socket of packets (SOCK_SEQPACKET) nor a stream",
  "not-connected": "is a socket that is not connected",
  "not-listening": "is a socket that does not listen",
  listening: "is a socket that listens, and not a connection",
  system: "cannot be used",
} as const satisfies Record<AdoptProblem["kind"], string>;

/** What is wrong with a socket that was inherited: a sentence without its full stop. */
export function socketText(descriptor: number, kind: AdoptProblem["kind"], reason: string): string {
  return `Descriptor ${descriptor} ${adoptReasons[kind]}${kind === "system" ? because(reason) : ""}`;
}

/** The same of one that worked until now. */
export function brokenSocketText(during: "receive" | "send", reason: string): string {
  return `The socket can no longer be ${during === "receive" ? "read from" : "written to"}${because(reason)}`;
}
