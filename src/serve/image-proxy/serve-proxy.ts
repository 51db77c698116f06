import type { Channel } from "../../host/descriptors/channel.ts";
import { otherFailure } from "./failures.ts";
import { encodeReply, failureReply, type ProxyReply } from "./reply.ts";
import { ProxySession, type SessionSettings } from "./session.ts";

/** What is read of one packet; the rest of it is lost (container-libs: common/pkg/json-proxy/types.go maxMsgSize). */
const maxRequestBytes = 32 * 1024;

/** How a client left; `errno` is why nothing more could be received or sent. */
export type ProxyEnd =
  | { readonly kind: "shutdown" | "closed" }
  | { readonly kind: "broken"; readonly during: "receive" | "send"; readonly errno: string };

/**
 * Serves one client on its socket of packets until it is gone, and closes the channel. Whatever is still under way then is cut: it sees an
 * early end of its pipes.
 */
export async function serveProxy(channel: Channel, settings: SessionSettings): Promise<ProxyEnd> {
  const session = new ProxySession(settings);
  try {
    for (;;) {
      const received = await channel.receive(maxRequestBytes);
      if (!received.ok) return { kind: "broken", during: "receive", errno: received.problem.errno };
      const { bytes, descriptors } = received.value;
      // No request has any.
      for (const descriptor of descriptors) descriptor.close();
      if (bytes.length === 0) return { kind: "closed" };
      const reply = await session.answer(bytes);
      if (reply === "shutdown") return { kind: "shutdown" };
      const errno = await send(channel, reply);
      if (errno !== undefined) return { kind: "broken", during: "send", errno };
    }
  } finally {
    await session.close();
    channel.close();
  }
}

/** One too large for a packet is answered with that: the reference ends there. */
async function send(channel: Channel, reply: ProxyReply): Promise<string | undefined> {
  try {
    const sent = await channel.send(encodeReply(reply), reply.descriptors);
    if (sent.ok) return undefined;
    if (sent.problem.errno !== "EMSGSIZE" || reply.descriptors.length > 0) return sent.problem.errno;
    const tooLarge = otherFailure("the answer is larger than a packet can be; GetLayerInfoPiped has no such bound");
    const again = await channel.send(encodeReply(failureReply(tooLarge)));
    return again.ok ? undefined : again.problem.errno;
  } finally {
    for (const descriptor of reply.descriptors) descriptor.close();
  }
}
