import { cost, type WorkBudget } from "../../budget.ts";
import { tags } from "../algorithms.ts";
import { decompress } from "../decompress.ts";
import { concat, hex, uint } from "../octets.ts";
import { type GoKey, readPublicKey } from "./public-key.ts";
import { type GoSignature, readSignature } from "./signature.ts";
import {
  type Fault,
  isFault,
  OctetSource,
  PartialSource,
  readAll,
  readExactly,
  readFull,
  readLength,
  type Source,
  SpanSource,
} from "./source.ts";

export interface GoOnePass {
  readonly packet: "one-pass";
  readonly version: number;
  readonly type: number;
  readonly hash: number;
  readonly keyId: string;
  readonly last: boolean;
}

export type GoPacket =
  | GoKey
  | GoSignature
  | GoOnePass
  | { readonly packet: "user-id"; readonly octets: Uint8Array }
  /** `body`: the compressed octets are still to be read from it. */
  | { readonly packet: "compressed"; readonly algorithm: number; readonly body: Source }
  /** `body`: the content is still to be read from it, which whoever wants the next packet must do or let it begin there. */
  | { readonly packet: "literal"; readonly body: Source }
  | { readonly packet: "encrypted" }
  | { readonly packet: "session-key" }
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
  constructor(octets: Uint8Array, budget: WorkBudget, room = 0) {
    this.#sources = [new OctetSource(octets)];
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

  /** Reads on inside a compressed packet. Its fault, if any: too many layers, no such compression, or too much of it. */
  enter(packet: Extract<GoPacket, { packet: "compressed" }>): Fault | undefined {
    if (this.#sources.length >= maxLayers) return "structural";
    if (packet.algorithm === 0) {
      this.#sources.push(packet.body);
      return undefined;
    }
    const result = decompress(packet.algorithm, readAll(packet.body).octets, this.#room, this.#budget);
    if (isFault(result) || typeof result === "string") return "fatal";
    this.#room -= result.output.length;
    this.#sources.push(new OctetSource(result.output));
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
  const result = readBody(header.tag, header.body);
  // An unsupported compression or encryption is not skipped, like the other unsupported packets.
  if (isFault(result)) readAll(header.body);
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

function readBody(tag: number, body: Source): GoPacket | Fault {
  switch (tag) {
    case tags.signature:
      return readSignature(body);
    case tags.onePassSignature:
      return readOnePass(body);
    case tags.publicKey:
    case tags.publicSubkey:
      return readPublicKey(body, tag === tags.publicSubkey);
    case tags.userId: {
      const { octets, fault } = readAll(body);
      return fault ?? { packet: "user-id", octets };
    }
    case tags.userAttribute:
      return readUserAttribute(body);
    case tags.literal:
      return readLiteral(body);
    case tags.compressed: {
      const algorithm = readExactly(body, 1);
      if (isFault(algorithm)) return algorithm;
      return { packet: "compressed", algorithm: algorithm[0] ?? 0, body };
    }
    case tags.marker:
      return readMarker(body);
    case tags.padding:
      readAll(body);
      return { packet: "other" };
    case tags.encrypted:
      return { packet: "encrypted" };
    case tags.encryptedIntegrity: {
      const version = readExactly(body, 1);
      if (isFault(version)) return version;
      return version[0] === 1 || version[0] === 2 ? { packet: "encrypted" } : "unsupported";
    }
    case tags.encryptedAead:
      return "fatal";
    case tags.publicKeyEncryptedSessionKey:
    case tags.symmetricKeyEncryptedSessionKey: {
      const { octets } = readAll(body);
      const [version, cipher = 0] = octets;
      const isKnown =
        tag === tags.publicKeyEncryptedSessionKey ? version === 3 : version === 4 && ciphers.includes(cipher);
      return isKnown ? { packet: "session-key" } : "unsupported";
    }
    case tags.secretKey:
    case tags.secretSubkey:
      return readSecretKey(body, tag === tags.secretSubkey);
    default:
      return tag < 40 && tag !== tags.trust ? "fatal" : "unknown";
  }
}

/**
 * Takes a secret key for its public half. packet/private_key.go PrivateKey.parse. That an unencrypted secret half belongs
 * to the public one is checked by keyring.ts.
 */
function readSecretKey(body: Source, isSubkey: boolean): GoKey | Fault {
  const key = readPublicKey(body, isSubkey);
  if (isFault(key)) return key;
  const { octets, fault } = readAll(body);
  const [usage] = octets;
  if (fault !== undefined || usage === undefined) return fault ?? "cut";
  if (usage >= 253) return key;
  if (usage !== 0) return "unsupported";
  const checksum = octets.subarray(1, -2).reduce((sum, octet) => (sum + octet) & 0xffff, 0);
  if (octets.length < 3 || uint(octets, octets.length - 2, 2) !== checksum) return "structural";
  // The input of the key's hash is its public half behind three octets.
  return { ...key, secretBody: concat(key.hashInput.subarray(3), octets) };
}

function readOnePass(body: Source): GoOnePass | Fault {
  const head = readExactly(body, 4);
  if (isFault(head)) return head;
  const [version = 0, type = 0, hash = 0] = head;
  if (version !== 3) return "unsupported"; // 6 is known to go-crypto, and refused by GnuPG
  if (!onePassHashes.includes(hash)) return "unsupported";
  const rest = readExactly(body, 9);
  if (isFault(rest)) return rest;
  return { packet: "one-pass", version, type, hash, keyId: hex(rest.subarray(0, 8)), last: rest[8] !== 0 };
}

/** go-crypto: internal/algorithm/cipher.go CipherById. */
const ciphers: readonly number[] = [2, 3, 7, 8, 9];

/** go-crypto: internal/algorithm/hash.go HashIdToHashWithSha1. */
const onePassHashes: readonly number[] = [2, 8, 9, 10, 11, 12, 14];

function readUserAttribute(body: Source): GoPacket | Fault {
  const { octets, fault } = readAll(body);
  if (fault !== undefined) return fault;
  let at = 0;
  while (at < octets.length) {
    const first = octets[at] ?? 0;
    const lengthOctets = first < 192 ? 1 : first < 255 ? 2 : 5;
    const length =
      lengthOctets === 1
        ? first
        : lengthOctets === 2
          ? (first - 192) * 256 + uint(octets, at + 1, 1) + 192
          : uint(octets, at + 1, 4);
    const end = at + lengthOctets + length;
    if (length === 0 || end > octets.length) return "structural";
    at = end;
  }
  return { packet: "other" };
}

function readLiteral(body: Source): GoPacket | Fault {
  const head = readExactly(body, 2);
  if (isFault(head)) return head;
  const nameAndTime = readExactly(body, (head[1] ?? 0) + 4);
  return isFault(nameAndTime) ? nameAndTime : { packet: "literal", body };
}

function readMarker(body: Source): GoPacket | Fault {
  const text = readFull(body, 3);
  if (isFault(text)) return text;
  return hex(text) === "504750" ? { packet: "marker" } : "structural";
}
