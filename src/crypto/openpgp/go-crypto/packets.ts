import { cost, type WorkBudget } from "../../budget.ts";
import { tags } from "../algorithms.ts";
import { hex, uint } from "../octets.ts";
import { type Compressed, openCompressed, readCompressed } from "./compressed.ts";
import {
  type GoEncrypted,
  type GoSessionKey,
  readEncryptedAead,
  readEncryptedIntegrity,
  readEncryptedKey,
  readPassphraseKey,
} from "./encrypted.ts";
import { type GoKey, readPublicKey } from "./public-key.ts";
import { readSecretKey } from "./secret-key.ts";
import { isKnownHash, readSalt, readSignature } from "./signature.ts";
import type { GoSignature } from "./signature-fields.ts";
import {
  consumeAll,
  type Fault,
  isFault,
  PartialSource,
  readAll,
  readExactly,
  readFull,
  readLength,
  type Source,
  SpanSource,
} from "./source.ts";
import { subpacketSpan } from "./subpackets.ts";

export interface GoOnePass {
  readonly packet: "one-pass";
  readonly type: number;
  readonly hash: number;
  readonly keyId: string;
  /** What is hashed before the content: of version 6 only. */
  readonly salt: Uint8Array;
  readonly isLast: boolean;
}

export type GoPacket =
  | GoKey
  | GoSignature
  | GoOnePass
  | GoSessionKey
  | { readonly packet: "user-id"; readonly octets: Uint8Array }
  | ({ readonly packet: "compressed" } & Compressed)
  /** `body`: the content is still to be read from it, which whoever wants the next packet must do or let it begin there. */
  | { readonly packet: "literal"; readonly body: Source }
  /** The encrypted octets are still to be read, too. */
  | GoEncrypted
  | { readonly packet: "marker" }
  | { readonly packet: "other" };

/** go-crypto: packet/reader.go maxReaders. */
const maxLayers = 32;

/** Packets one after the other, also out of compressed ones. go-crypto: packet/reader.go Reader. */
export class GoPacketReader {
  readonly #sources: Source[];
  readonly #unread: GoPacket[] = [];
  /** Whether packets were passed over for a version or an algorithm that go-crypto does not support. */
  skippedUnsupported = false;
  readonly #budget: WorkBudget;
  /** Octets that compressed packets may still yield. */
  #room: number;

  /** A spent budget is a fatal fault. */
  constructor(source: Source, budget: WorkBudget, room = 0) {
    this.#sources = [source];
    this.#budget = budget;
    this.#room = room;
  }

  /** The next packet that go-crypto understands; `end` at the end. Skips what its Reader.Next skips. */
  next(): GoPacket | Fault {
    for (;;) {
      const result = this.#unread.pop() ?? this.#read();
      if (result === "unsupported") this.skippedUnsupported = true;
      if (result === "unknown" || result === "unsupported") continue;
      if (isFault(result) || result.packet !== "marker") return result;
    }
  }

  unread(packet: GoPacket): void {
    this.#unread.push(packet);
  }

  /** Reads on inside a compressed packet. Its fault, if any: too many layers, or too much of it. */
  enter(packet: Compressed): Fault | undefined {
    if (this.#sources.length >= maxLayers) return "structural";
    const opened = openCompressed(packet, this.#room, this.#budget);
    if (isFault(opened)) return opened;
    this.#room -= opened.length;
    this.#sources.push(opened.source);
    return undefined;
  }

  #read(): GoPacket | Fault {
    for (;;) {
      const source = this.#sources.at(-1);
      if (source === undefined) return "end";
      if (!this.#budget.spend(cost.packet)) return "fatal";
      const result = readPacket(source, this.#budget);
      if (result !== "end") return result;
      this.#sources.pop();
    }
  }
}

/** go-crypto: packet/packet.go Read. After a fault the body is read to its end. */
function readPacket(source: Source, budget: WorkBudget): GoPacket | Fault {
  const header = readHeader(source, budget);
  if (isFault(header)) return header;
  const result = readBody(header.tag, header.body, budget);
  if (isFault(result)) consumeAll(header.body);
  return result;
}

function readHeader(source: Source, budget: WorkBudget): { readonly tag: number; readonly body: Source } | Fault {
  const first = readFull(source, 1);
  if (isFault(first)) return first;
  const [octet = 0] = first;
  if ((octet & 0x80) === 0) return "structural";
  if ((octet & 0x40) === 0) {
    const tag = (octet >> 2) & 0xf;
    const lengthType = octet & 3;
    if (lengthType === 3) return { tag, body: source };
    const length = readExactly(source, 1 << lengthType);
    return isFault(length) ? length : { tag, body: new SpanSource(source, uint(length, 0, length.length)) };
  }
  const length = readLength(source);
  if (isFault(length)) return length;
  const body = length.partial
    ? new PartialSource(source, length.length, budget)
    : new SpanSource(source, length.length);
  return { tag: octet & 0x3f, body };
}

function readBody(tag: number, body: Source, budget: WorkBudget): GoPacket | Fault {
  switch (tag) {
    case tags.publicKeyEncryptedSessionKey:
      return readEncryptedKey(body);
    case tags.signature:
      return readSignature(body, budget);
    case tags.symmetricKeyEncryptedSessionKey:
      return readPassphraseKey(body);
    case tags.onePassSignature:
      return readOnePass(body);
    case tags.secretKey:
    case tags.secretSubkey:
      return readSecretKey(body, tag === tags.secretSubkey, budget);
    case tags.publicKey:
    case tags.publicSubkey:
      return readPublicKey(body, { isSubkey: tag === tags.publicSubkey, isSecret: false });
    case tags.compressed: {
      const compressed = readCompressed(body);
      return isFault(compressed) ? compressed : { packet: "compressed", ...compressed };
    }
    case tags.encrypted:
      return { packet: "encrypted" };
    case tags.marker:
      return readMarker(body);
    case tags.literal:
      return readLiteral(body);
    case tags.userId: {
      const { octets, fault } = readAll(body);
      return fault ?? { packet: "user-id", octets };
    }
    case tags.userAttribute:
      return readUserAttribute(body);
    case tags.encryptedIntegrity:
      return readEncryptedIntegrity(body);
    case tags.encryptedAead:
      return readEncryptedAead(body);
    case tags.padding:
      return readPadding(body);
    default:
      return tag < 40 && tag !== tags.trust ? "fatal" : "unknown";
  }
}

/** go-crypto: packet/one_pass_signature.go OnePassSignature.parse. */
function readOnePass(body: Source): GoOnePass | Fault {
  const head = readExactly(body, 4);
  if (isFault(head)) return head;
  const [version = 0, type = 0, hash = 0] = head;
  if ((version !== 3 && version !== 6) || !isKnownHash(hash)) return "unsupported";
  const salt = version === 6 ? readSalt(body, hash) : new Uint8Array(0);
  if (isFault(salt)) return salt;
  const issuer = readExactly(body, version === 6 ? 32 : 8);
  if (isFault(issuer)) return issuer;
  const last = readExactly(body, 1);
  if (isFault(last)) return last;
  return { packet: "one-pass", type, hash, keyId: hex(issuer.subarray(0, 8)), salt, isLast: last[0] !== 0 };
}

function readUserAttribute(body: Source): GoPacket | Fault {
  const { octets, fault } = readAll(body);
  if (fault !== undefined) return fault;
  for (let at = 0; at < octets.length; ) {
    const span = subpacketSpan(octets, at);
    if (span === undefined) return "structural";
    at = span.end;
  }
  return { packet: "other" };
}

function readLiteral(body: Source): GoPacket | Fault {
  const head = readExactly(body, 2);
  if (isFault(head)) return head;
  const name = readExactly(body, head[1] ?? 0);
  if (isFault(name)) return name;
  const time = readExactly(body, 4);
  return isFault(time) ? time : { packet: "literal", body };
}

function readMarker(body: Source): GoPacket | Fault {
  const text = readFull(body, 3);
  if (isFault(text)) return text;
  return hex(text) === "504750" ? { packet: "marker" } : "structural";
}

/** Of one in parts go-crypto reads nothing, so that the next packet begins in it. packet/padding.go Padding.parse. */
function readPadding(body: Source): GoPacket | Fault {
  if (!(body instanceof SpanSource)) return { packet: "other" };
  while (body.remaining > 0) {
    const { fault } = body.read(8192);
    if (fault !== undefined && body.remaining > 0) return fault;
  }
  return { packet: "other" };
}
