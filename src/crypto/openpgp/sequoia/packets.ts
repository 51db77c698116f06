import type { WorkBudget } from "../../budget.ts";
import { tags } from "../algorithms.ts";
import { Cursor } from "./cursor.ts";
import { type Framed, frame, type Header, isPlausible, readHeader } from "./header.ts";
import { readKey, type SequoiaKey } from "./key.ts";
import { readSignature, type SequoiaSignature } from "./signature.ts";

/** A packet; of the types that do not matter here, and of one that is malformed, no more than its type. */
type SequoiaPacket =
  | { readonly packet: "signature"; readonly signature: SequoiaSignature }
  | ({ readonly packet: "one-pass" } & OnePass)
  | { readonly packet: "key"; readonly key: SequoiaKey }
  | { readonly packet: "user-id"; readonly octets: Uint8Array }
  | { readonly packet: "compressed"; readonly algorithm: number; readonly octets: Uint8Array }
  | { readonly packet: "literal"; readonly headOctets: number }
  | { readonly packet: "marker" | "padding" | "other" };

interface OnePass {
  readonly type: number;
  readonly hash: number;
  readonly salt: Uint8Array;
  readonly isLast: boolean;
}

/** A packet where it lies. */
export interface Placed {
  readonly header: Header;
  readonly framed: Framed;
  readonly packet: SequoiaPacket;
}

/** The packet at `at`; `undefined` if there is no packet header. sequoia-openpgp: parse.rs PacketParser::parse. */
export function packetAt(octets: Uint8Array, at: number, budget: WorkBudget): Placed | undefined {
  const header = readHeader(octets, at);
  if (header === undefined) return undefined;
  const framed = frame(octets, header, budget);
  const packet = isPlausible(header) ? read(header.tag, framed.body, budget) : undefined;
  return { header, framed, packet: packet ?? { packet: "other" } };
}

function read(tag: number, body: Uint8Array, budget: WorkBudget): SequoiaPacket | undefined {
  switch (tag) {
    case tags.signature: {
      const read = readSignature(body, { isEmbedded: false, budget });
      return read && { packet: "signature", signature: read.signature };
    }
    case tags.onePassSignature: {
      const onePass = readOnePass(body);
      return onePass && { packet: "one-pass", ...onePass };
    }
    case tags.publicKey:
    case tags.publicSubkey:
    case tags.secretKey:
    case tags.secretSubkey: {
      const key = readKey(body, { isSecret: tag === tags.secretKey || tag === tags.secretSubkey });
      return key && { packet: "key", key };
    }
    case tags.userId:
      return { packet: "user-id", octets: body };
    case tags.compressed:
      return body.length === 0
        ? undefined
        : { packet: "compressed", algorithm: body[0] ?? 0, octets: body.subarray(1) };
    case tags.literal: {
      const headOctets = 6 + (body[1] ?? 0);
      return body.length < headOctets ? undefined : { packet: "literal", headOctets };
    }
    case tags.marker:
      return Buffer.from(body).toString("latin1") === "PGP" ? { packet: "marker" } : undefined;
    case tags.padding:
      return { packet: "padding" };
    default:
      return undefined;
  }
}

/** sequoia-openpgp: parse.rs OnePassSig3::parse, OnePassSig6::parse. */
function readOnePass(body: Uint8Array): OnePass | undefined {
  const cursor = new Cursor(body);
  const version = cursor.number(1);
  const [type, hash] = [cursor.number(1), cursor.number(1)];
  cursor.bytes(1);
  const salt = version === 6 ? cursor.bytes(cursor.number(1)) : new Uint8Array(0);
  cursor.bytes(version === 6 ? 32 : 8);
  const isLast = cursor.number(1) > 0;
  return cursor.failed || (version !== 3 && version !== 6) ? undefined : { type, hash, salt, isLast };
}
