import type { ServiceCore } from "../service/service-core.ts";
import { type Connection, errorReply } from "../varlink/interface.ts";

/** What is refused before anything is judged, and logged: a code of the service's own, and a sentence without foreign text. */
export function refuse<const N extends "NotPermitted" | "LimitReached" | "BlobBroken">(
  name: N,
  why: { readonly code: string; readonly message: string },
  { peer }: Connection,
  { log }: Pick<ServiceCore, "log">,
) {
  log.refusal(why, peer);
  return errorReply(name, why);
}
