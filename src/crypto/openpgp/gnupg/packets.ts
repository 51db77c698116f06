import { publicKeyAlgorithms as algorithms, tags } from "../algorithms.ts";
import { equal } from "../octets.ts";
import type { ControlMark } from "./armor.ts";
import { PacketBody } from "./body.ts";
import { type GpgKey, type GpgKeyFault, readGpgKey } from "./key.ts";
import { PartsFilter } from "./parts.ts";
import { type GpgSignature, readGpgSignature } from "./signature.ts";
import type { GpgStream } from "./stream.ts";

/** A packet as GnuPG reads it. Of some the body is still in the stream: see `dropBody`. */
export type GpgPacket =
  | { readonly packet: "key"; readonly key: GpgKey; readonly isSecret: boolean }
  | { readonly packet: "signature"; readonly signature: GpgSignature }
  | { readonly packet: "one-pass"; readonly hash: number }
  /** A user attribute is a kind of user id to GnuPG. */
  | { readonly packet: "user-id"; readonly octets: Uint8Array; readonly isAttribute: boolean }
  | { readonly packet: "literal"; readonly format: number; readonly body: StreamedBody }
  | { readonly packet: "compressed"; readonly algorithm: number }
  | { readonly packet: "encrypted"; readonly body: StreamedBody }
  /** The beginning of a clear-signed text. */
  | { readonly packet: "clear-text"; readonly isDashEscaped: boolean; readonly hashes: readonly number[] }
  /** Nothing that changes anything. */
  | { readonly packet: "other" };

/** The octets of a body in the stream: so many, or up to the next end. */
interface StreamedBody {
  left: number;
  readonly isOpen: boolean;
}

/** Why there is no packet. */
export type PacketFault =
  | { readonly fault: "end" }
  /** `tag`: of a packet that is understood so far. */
  | { readonly fault: "invalid"; readonly tag: number | undefined }
  /** GnuPG knows no such packet, or has no use for it. */
  | { readonly fault: "unknown" }
  | { readonly fault: Exclude<GpgKeyFault, "invalid">; readonly tag: number }
  /** The packet was good, but what it was read from is not. */
  | { readonly fault: "broken-input"; readonly packet: GpgPacket };

/** GnuPG: g10/packet.h MAX_..._PACKET_LENGTH. */
const maxUserId = 2048;
const maxComment = 64 * 1024;
const maxAttribute = 16 * 1024 * 1024;

const streamable: readonly number[] = [
  tags.literal,
  tags.compressed,
  tags.encrypted,
  tags.encryptedIntegrity,
  tags.encryptedAead,
];
const indeterminate: readonly number[] = [tags.literal, tags.compressed, tags.encrypted];

interface Header {
  readonly tag: number;
  readonly length: number;
  readonly isNewFormat: boolean;
  /** The body comes in parts, or is all that follows. */
  readonly isOpen: boolean;
}

/** Reads the next packet. GnuPG: g10/parse-packet.c parse_packet. */
export function readPacket(stream: GpgStream, mark: ControlMark): GpgPacket | PacketFault {
  for (;;) {
    const header = readHeader(stream);
    if ("fault" in header) return header;
    const { tag, length } = header;
    if (tag === tags.trust) {
      skipTrust(new PacketBody(stream, length));
      continue;
    }
    if (tag === 0) {
      stream.pass(length);
      if (stream.hasError) return { fault: "broken-input", packet: { packet: "other" } };
      continue;
    }
    if (tag === tags.gpgControl && length === 0xffffffff) {
      // GnuPG takes this for the output of a broken decompression.
      stream.run.hasExited = true;
      return { fault: "end" };
    }
    const packet = readBody(stream, header, mark);
    return !("fault" in packet) && stream.hasError ? { fault: "broken-input", packet } : packet;
  }
}

/** Passes over what is left in the stream of a packet that nobody read. GnuPG: g10/free-packet.c. */
export function dropBody(stream: GpgStream, packet: GpgPacket): void {
  switch (packet.packet) {
    case "literal":
    case "encrypted": {
      const { body } = packet;
      if (body.isOpen) dropToEnd(stream);
      else {
        let passed = 1;
        while (body.left > 0 && passed > 0) {
          passed = stream.pass(body.left);
          body.left -= passed;
        }
      }
      break;
    }
    case "compressed":
      dropToEnd(stream);
  }
}

/** GnuPG stops only at an end with nothing before it: after an open body it drops what is below, too. */
function dropToEnd(stream: GpgStream): void {
  while (stream.pass(Number.POSITIVE_INFINITY) > 0);
}

/** GnuPG: parse-packet.c parse. */
function readHeader(stream: GpgStream): Header | PacketFault {
  const invalid: PacketFault = { fault: "invalid", tag: undefined };
  const first = stream.next();
  if (first === undefined) return { fault: "end" };
  if ((first & 0x80) === 0) return invalid;
  if ((first & 0x40) === 0) {
    const tag = (first >> 2) & 0xf;
    const lengthType = first & 3;
    if (lengthType === 3) {
      return indeterminate.includes(tag) ? { tag, length: 0, isNewFormat: false, isOpen: true } : invalid;
    }
    const length = readUint(stream, 1 << lengthType);
    return length === undefined ? invalid : { tag, length, isNewFormat: false, isOpen: false };
  }
  const tag = first & 0x3f;
  const octet = stream.next();
  if (octet === undefined) return invalid;
  if (octet >= 224 && octet < 255) {
    if (!streamable.includes(tag)) return invalid;
    stream.push(new PartsFilter(octet));
    return { tag, length: 0, isNewFormat: true, isOpen: true };
  }
  let length: number | undefined = octet;
  if (octet === 255) length = readUint(stream, 4);
  else if (octet >= 192) {
    const second = stream.next();
    length = second === undefined ? undefined : (octet - 192) * 256 + second + 192;
  }
  return length === undefined ? invalid : { tag, length, isNewFormat: true, isOpen: false };
}

function readUint(stream: GpgStream, size: number): number | undefined {
  let value = 0;
  for (let index = 0; index < size; index++) {
    const octet = stream.next();
    if (octet === undefined) return undefined;
    value = value * 256 + octet;
  }
  return value;
}

function readBody(stream: GpgStream, header: Header, mark: ControlMark): GpgPacket | PacketFault {
  const { tag, length, isNewFormat, isOpen } = header;
  const invalid: PacketFault = { fault: "invalid", tag };
  const body = new PacketBody(stream, length);
  switch (tag) {
    case tags.publicKey:
    case tags.publicSubkey:
    case tags.secretKey:
    case tags.secretSubkey: {
      const key = readGpgKey(body, tag);
      if (key === "invalid") return invalid;
      if (typeof key === "string") return { fault: key, tag };
      return { packet: "key", key, isSecret: tag === tags.secretKey || tag === tags.secretSubkey };
    }
    case tags.signature: {
      const signature = readGpgSignature(body);
      if (signature === "ends") return { fault: "end" };
      return signature === "invalid" ? invalid : { packet: "signature", signature };
    }
    case tags.onePassSignature: {
      const hash = readOnePass(body);
      body.skip();
      return hash === undefined ? invalid : { packet: "one-pass", hash };
    }
    case tags.userId:
    case tags.userAttribute: {
      const isAttribute = tag === tags.userAttribute;
      if (length <= (isAttribute ? maxAttribute : maxUserId)) {
        return { packet: "user-id", octets: body.take(length), isAttribute };
      }
      body.skip();
      return invalid;
    }
    case tags.oldComment:
    case tags.comment:
      if (length > maxComment) {
        body.skip();
        return invalid;
      }
      body.take(length);
      return { packet: "other" };
    case tags.literal:
      return readLiteral(body, isOpen) ?? invalid;
    case tags.compressed:
      return { packet: "compressed", algorithm: body.octet() };
    case tags.encrypted:
    case tags.encryptedIntegrity:
    case tags.encryptedAead:
      return readEncrypted(body, header) ?? invalid;
    case tags.publicKeyEncryptedSessionKey:
    case tags.symmetricKeyEncryptedSessionKey: {
      const isForKey = tag === tags.publicKeyEncryptedSessionKey;
      const isValid = isForKey ? readKeyForKey(body) : readKeyForPassphrase(body);
      body.skip();
      return isValid ? { packet: "other" } : invalid;
    }
    case tags.modificationDetection:
      if (!isNewFormat || length !== 20) return invalid;
      body.take(length);
      return { packet: "other" };
    case tags.marker:
      return length === 3 && Buffer.from(body.take(3)).toString("latin1") === "PGP" ? { packet: "other" } : invalid;
    case tags.gpgControl:
      return readControl(body, mark) ?? invalid;
    default:
      body.skip();
      return { fault: "unknown" };
  }
}

/** GnuPG: parse_ring_trust. */
function skipTrust(body: PacketBody): void {
  if (body.left > 0) body.octet();
  if (body.left > 0) body.octet();
  if (body.left > 3) {
    const mark = Buffer.from(body.take(4)).toString("latin1");
    const isOfKeyOrUser = mark === "gpg\x01" || mark === "gpg\x02";
    if (isOfKeyOrUser && body.left >= 6) {
      body.take(5);
      body.take(Math.min(body.octet(), body.left));
    }
  }
  body.skip();
}

/** GnuPG: parse_onepass_sig. */
function readOnePass(body: PacketBody): number | undefined {
  if (body.left < 13 || body.octet() !== 3) return undefined;
  return body.take(12)[1];
}

/** GnuPG: parse_plaintext. */
function readLiteral(body: PacketBody, isOpen: boolean): GpgPacket | undefined {
  if (!isOpen && body.left < 6) return undefined;
  const format = body.octet();
  const nameLength = body.octet();
  if (isOpen) body.name(nameLength);
  else body.take(Math.min(nameLength, body.left - 4));
  body.take(4); // the date
  return { packet: "literal", format, body: { left: isOpen ? 0 : body.left, isOpen } };
}

/** GnuPG: parse_encrypted, parse_encrypted_aead. */
function readEncrypted(body: PacketBody, { tag, length, isOpen }: Header): GpgPacket | undefined {
  // Without a length GnuPG does not count.
  const isCounted = length > 0;
  if (tag === tags.encryptedAead) {
    if (isCounted && length < 19) {
      body.skip();
      return undefined;
    }
    if (body.octet() !== 1) return undefined;
    body.take(3);
  } else {
    if (tag === tags.encryptedIntegrity && body.octet() !== 1) return undefined;
    if (isCounted && body.left < 10) {
      body.skip();
      return undefined;
    }
  }
  return { packet: "encrypted", body: { left: isCounted ? body.left : 0, isOpen } };
}

const encryptingTwice: readonly number[] = [algorithms.elgamal, algorithms.elgamalBoth, algorithms.ecdh];
const encryptingOnce: readonly number[] = [algorithms.rsa, algorithms.rsaEncryptOnly, algorithms.rsaSignOnly];

/** GnuPG: parse_pubkeyenc. */
function readKeyForKey(body: PacketBody): boolean {
  if (body.left < 12) return false;
  const version = body.octet();
  if (version !== 2 && version !== 3) return false;
  body.take(8); // the key ID
  const algorithm = body.octet();
  if (encryptingOnce.includes(algorithm)) return body.mpi() !== undefined;
  if (!encryptingTwice.includes(algorithm)) return true;
  if (body.mpi() === undefined) return false;
  return (algorithm === algorithms.ecdh ? body.sized() : body.mpi()) !== undefined;
}

/** GnuPG: parse_symkeyenc. */
function readKeyForPassphrase(body: PacketBody): boolean {
  if (body.left < 4) return false;
  const version = body.octet();
  if ((version !== 4 && version !== 5) || body.left > 200) return false;
  body.take(version === 5 ? 2 : 1);
  if (body.left < 2) return false;
  const mode = body.octet();
  body.octet(); // the hash
  const saltLengths: Readonly<Record<number, number>> = { 0: 0, 1: 8, 3: 9 };
  const saltLength = saltLengths[mode];
  if (saltLength === undefined) return true;
  if (body.left < saltLength) return false;
  body.take(body.left);
  return true;
}

/** What only the armour writes: see `ControlMark`. GnuPG: parse_gpg_control. */
function readControl(body: PacketBody, mark: ControlMark): GpgPacket | undefined {
  const { length } = mark.octets;
  if (body.left < length + 2 || body.left > 4096 || !equal(body.take(length), mark.octets)) return undefined;
  const [type = 0, isDashEscaped = 0, ...hashes] = body.take(body.left);
  return type === 1 ? { packet: "clear-text", isDashEscaped: isDashEscaped === 1, hashes } : undefined;
}
