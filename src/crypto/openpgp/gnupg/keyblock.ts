import type { WorkBudget } from "../../budget.ts";
import { signatureTypes, tags } from "../algorithms.ts";
import { type Frame, frameAt } from "./frames.ts";
import { type GpgKey, readGpgKey } from "./key.ts";
import { isSessionKey } from "./session-key.ts";
import { type GpgSignature, readGpgSignature } from "./signature.ts";

export type KeyblockNode =
  | { readonly node: "subkey"; readonly key: GpgKey }
  /** A user attribute is a kind of user id to GnuPG. */
  | { readonly node: "user-id"; readonly octets: Uint8Array; readonly isAttribute: boolean }
  | { readonly node: "signature"; readonly signature: GpgSignature };

/** A primary key and the packets that follow it, in order. */
export interface Keyblock {
  readonly primary: GpgKey;
  readonly nodes: readonly KeyblockNode[];
}

/** GnuPG: parse-packet.c MAX_UID_PACKET_LENGTH, MAX_ATTR_PACKET_LENGTH. */
const maxUserId = 2048;
const maxAttribute = 16 * 1024 * 1024;

/**
 * Reads the keyblocks of a keyring. At a packet that GnuPG cannot read, it stops, and the block that packet is in is lost with
 * what follows. A signature among them is a revocation certificate that stands before any key.
 * GnuPG: import.c import, read_block.
 */
export function readKeyblocks(input: Uint8Array, budget: WorkBudget): readonly (Keyblock | GpgSignature)[] {
  const blocks: (Keyblock | GpgSignature)[] = [];
  let current: { primary: GpgKey; nodes: KeyblockNode[] } | undefined;
  let skipping: "nothing" | "key" | "signatures" = "nothing";
  let at = 0;
  while (at < input.length) {
    const frame = frameAt(input, at, budget);
    if (frame === undefined) return blocks;
    at = nextAfter(frame);
    const packet = readKeyPacket(frame);
    if (packet === "stop") return blocks;
    if (packet === "skip-key") {
      skipping = "key";
      continue;
    }
    if (packet === "ignore" || packet === "skip-signatures") {
      if (skipping !== "key") skipping = packet === "ignore" ? "nothing" : "signatures";
      continue;
    }
    if (packet.node === "primary") {
      if (current !== undefined) blocks.push(current);
      current = { primary: packet.key, nodes: [] };
      skipping = "nothing";
      continue;
    }
    if (skipping === "key" || (skipping === "signatures" && packet.node === "signature")) continue;
    skipping = "nothing";
    if (current !== undefined) current.nodes.push(packet);
    else if (packet.node === "signature" && isKeyRevocation(packet.signature)) blocks.push(packet.signature);
  }
  if (current !== undefined) blocks.push(current);
  return blocks;
}

/** Where GnuPG reads on: it does not step over the content of literal and compressed packets, which it expects to be read. */
function nextAfter({ tag, body, start, end }: Frame): number {
  if (tag === tags.literal) return Math.min(end, start + 6 + (body[1] ?? 0));
  return tag === tags.compressed ? start + 1 : end;
}

type Read = KeyblockNode | { node: "primary"; key: GpgKey } | "ignore" | "skip-key" | "skip-signatures" | "stop";

function readKeyPacket(frame: Frame): Read {
  const { tag, body, length, streamed, isNewFormat } = frame;
  switch (tag) {
    case tags.publicKey:
    case tags.publicSubkey:
    case tags.secretKey:
    case tags.secretSubkey: {
      // Of a secret key GnuPG imports the public half first, and then gives the rest to its agent.
      const isSubkey = tag === tags.publicSubkey || tag === tags.secretSubkey;
      const key = readGpgKey(body, length, isSubkey);
      if (key === "invalid") return "stop";
      if (key === "legacy" || key === "unknown-version") return isSubkey ? "stop" : "skip-key";
      return key.isSubkey ? { node: "subkey", key } : { node: "primary", key };
    }
    case tags.signature: {
      const signature = readGpgSignature(body, length);
      return signature === undefined ? "stop" : { node: "signature", signature };
    }
    case tags.userId:
      return length > maxUserId ? "skip-signatures" : { node: "user-id", octets: body, isAttribute: false };
    case tags.userAttribute:
      return length > maxAttribute ? "skip-signatures" : { node: "user-id", octets: body, isAttribute: true };
    case tags.marker:
      return Buffer.from(body).toString("latin1") === "PGP" ? "ignore" : "stop";
    case tags.onePassSignature:
      return length >= 13 && body[0] === 3 ? "ignore" : "stop";
    case tags.literal:
      return streamed || length < 6 ? "stop" : "ignore";
    case tags.compressed:
      return streamed || body[0] !== 0 ? "stop" : "ignore";
    case tags.publicKeyEncryptedSessionKey:
    case tags.symmetricKeyEncryptedSessionKey:
      return isSessionKey(frame) ? "ignore" : "stop";
    case tags.modificationDetection:
      return isNewFormat && length === 20 ? "ignore" : "stop";
    case tags.encrypted:
    case tags.encryptedIntegrity:
    case tags.encryptedAead:
      // GnuPG reads on in the middle of it, and so does go-crypto, with other results.
      return "stop";
    case tags.gpgControl:
      return "stop";
    default:
      return "ignore";
  }
}

/** Whether the signature revokes the primary key. */
export function isKeyRevocation(signature: GpgSignature): boolean {
  return signature.type === signatureTypes.keyRevocation;
}
