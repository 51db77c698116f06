import { fail, ok, type Result } from "../../result.ts";
import type { ChannelProblem, Descriptor } from "./channel.ts";
import { ownDescriptor } from "./descriptor.ts";
import { socket } from "./layouts.ts";
import { errnoName, type Libc } from "./libc.ts";

/** A socket of datagrams that is connected to one place: the journal, or whoever waits for news of a service. */
export interface DatagramSocket {
  /** Does not wait: where there is no room, it is lost. */
  send(bytes: Uint8Array): Result<undefined, ChannelProblem>;
  /** Sends a file instead, as the journal takes what is too large for a datagram. */
  sendFile(file: Descriptor): Result<undefined, ChannelProblem>;
  close(): void;
}

/** @param address a path, or `@` and an abstract name */
export function openDatagram(libc: Libc, address: string): Result<DatagramSocket, ChannelProblem> {
  const number = libc.socket(socket.datagram);
  if (number < 0) return fail({ errno: errnoName(number) });
  const descriptor = ownDescriptor(number);
  const connected = libc.connect(number, Buffer.from(address.startsWith("@") ? `\0${address.slice(1)}` : address));
  if (connected < 0) {
    descriptor.close();
    return fail({ errno: errnoName(connected) });
  }
  const resultOf = (outcome: number) => (outcome < 0 ? fail({ errno: errnoName(outcome) }) : ok(undefined));
  return ok({
    send: (bytes) => resultOf(libc.send(descriptor.number, bytes)),
    sendFile: (file) => resultOf(libc.sendWith(descriptor.number, new Uint8Array(0), [file.number])),
    close: () => descriptor.close(),
  });
}
