/** OpenPGP packets (RFC 4880, section 4), as odd as wanted. */
import { deflateRawSync, deflateSync } from "node:zlib";

export const tag = {
  signature: 2,
  onePass: 4,
  publicKey: 6,
  compressed: 8,
  marker: 10,
  literal: 11,
  userId: 13,
  publicSubkey: 14,
} as const;

export function concat(...parts: readonly (Uint8Array | string)[]): Uint8Array {
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

/** As often as it fits into so many octets. */
export function many(octets: Uint8Array, bytes: number): Uint8Array {
  return Buffer.concat(Array.from({ length: Math.floor(bytes / octets.length) }, () => octets));
}

/** New format, five octets of length. */
export function packet(tagNumber: number, ...body: readonly (Uint8Array | string)[]): Uint8Array {
  const content = concat(...body);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return concat(Uint8Array.of(0xc0 | tagNumber, 0xff), length, content);
}

/** In parts of one octet each. */
export function inSingleOctets(tagNumber: number, body: Uint8Array): Uint8Array {
  const parts = Buffer.alloc(2 * body.length, 0xe0);
  for (const [i, octet] of body.entries()) parts[2 * i + 1] = octet;
  return concat(Uint8Array.of(0xc0 | tagNumber), parts, Uint8Array.of(0));
}

export const onePass = packet(tag.onePass, Uint8Array.of(3, 0, 8, 1), "12345678", Uint8Array.of(1));

export function literal(content: Uint8Array | string): Uint8Array {
  return packet(tag.literal, "b\0\0\0\0\0", content);
}

/** Version 4, RSA, SHA-256, by a key that nobody has; the areas of subpackets are put in as they are. */
export function signature({ type = 0, hashed = created, unhashed = issuer } = {}): Uint8Array {
  const area = (octets: Uint8Array) => concat(Uint8Array.of(octets.length >> 8, octets.length & 0xff), octets);
  return concat(Uint8Array.of(4, type, 1, 8), area(hashed), area(unhashed), Uint8Array.of(0, 0, 0, 8, 0xff));
}

/** When signatures say that they were made; the keys of tests are older. */
export const created: Uint8Array = Uint8Array.of(5, 2, 0x65, 0, 0, 0);
export const issuer = concat(Uint8Array.of(9, 16), "12345678");

/** A subpacket with five octets of length. */
export function subpacket(type: number, body: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 1);
  return concat(Uint8Array.of(0xff), length, Uint8Array.of(type), body);
}

export const message = (content: Uint8Array | string): Uint8Array =>
  concat(onePass, literal(content), packet(tag.signature, signature()));

export const compressions = {
  uncompressed: (octets: Uint8Array) => packet(tag.compressed, Uint8Array.of(0), octets),
  zip: (octets: Uint8Array) => packet(tag.compressed, Uint8Array.of(1), deflateRawSync(octets, { level: 9 })),
  zlib: (octets: Uint8Array) => packet(tag.compressed, Uint8Array.of(2), deflateSync(octets, { level: 9 })),
} as const;

/** A version 4 RSA key whose numbers have these lengths. */
export function rsaKey(modulusBits: number, exponentBits = 17): Uint8Array {
  const number = (bits: number) =>
    concat(Uint8Array.of((bits >> 8) & 0xff, bits & 0xff), Buffer.alloc(Math.ceil(bits / 8), 0xff));
  return concat(Uint8Array.of(4, 0x60, 0, 0, 0, 1), number(modulusBits), number(exponentBits));
}

export const userId = (text: Uint8Array | string): Uint8Array => packet(tag.userId, text);
