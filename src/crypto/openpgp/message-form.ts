import { WorkBudget } from "../budget.ts";
import { tags } from "./algorithms.ts";
import { frameAt } from "./frames.ts";

/**
 * A form of message that is not the usual one (one-pass packet, content, signature), and that people meet: `detached`, a signature
 * without content; `signature-first`, the signature before the content, as PGP did it (RFC 4880, 11.3).
 */
export type MessageForm = "detached" | "signature-first";

/** More packets than that do not stand before the content of a message that anybody made by mistake. */
const maxPackets = 8;
const maxWork = 1000;

/** Looks at the outer packets only; for words, after the message has been refused. */
export function messageForm(untrustedMessage: Uint8Array): MessageForm | undefined {
  const budget = new WorkBudget(maxWork);
  let at = 0;
  for (let packets = 0; packets < maxPackets; packets++) {
    if (at >= untrustedMessage.length) return packets === 0 ? undefined : "detached";
    const frame = frameAt(untrustedMessage, at, budget);
    if (frame === undefined || frame.body.length < frame.length) return undefined;
    if (frame.tag === tags.literal) return packets === 0 ? undefined : "signature-first";
    if (frame.tag !== tags.signature) return undefined;
    at = frame.end;
  }
  return undefined;
}
