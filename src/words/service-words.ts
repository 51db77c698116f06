import type { AdoptProblem } from "../host/descriptors/adopt.ts";
import type { ListenProblem } from "../host/descriptors/listen.ts";
import { because } from "./format.ts";
import { plain } from "./quote.ts";

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

/** Why nobody can listen there: a sentence without its full stop. */
export function listenText(shown: string, problem: ListenProblem, reasonOf: (errno: string) => string): string {
  switch (problem.kind) {
    case "in-use":
      return `Somebody listens on ${plain(shown)} already`;
    case "occupied":
      return `${plain(shown)} is a file, and not a socket that could be replaced`;
    case "bad-name":
      return `${plain(shown)} is not a place to listen on: its name has to have from 1 to ${problem.maxBytes} bytes`;
    case "system":
      return `Nobody can listen on ${plain(shown)}${because(reasonOf(problem.errno))}`;
  }
}
