/** The little DER that is written: keys, in the one form that Go's `x509.MarshalPKIXPublicKey` gives them. */
import { derTag } from "./der.ts";

/** An element with this tag whose content is the parts in order. */
export function encodeDer(tag: number, parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  return Buffer.concat([Uint8Array.of(tag), encodeLength(content.length), content]);
}

/** An INTEGER; `value` must not be negative. */
export function encodeDerInteger(value: bigint): Uint8Array {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  return encodeDer(derTag.integer, (bytes[0] ?? 0) < 0x80 ? [bytes] : [Uint8Array.of(0), bytes]);
}

/** An OBJECT IDENTIFIER from its dotted form, which must be valid. */
export function encodeDerOid(oid: string): Uint8Array {
  const [first = 0, second = 0, ...others] = oid.split(".").map(Number);
  return encodeDer(
    derTag.oid,
    [40 * first + second, ...others].map((component) => Uint8Array.from(base128(component))),
  );
}

function base128(value: number): number[] {
  const bytes = [value % 128];
  for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128)) bytes.unshift(0x80 | (left % 128));
  return bytes;
}

function encodeLength(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const hex = length.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  return Buffer.concat([Uint8Array.of(0x80 | bytes.length), bytes]);
}
