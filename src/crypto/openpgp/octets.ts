/** Small readings of octet strings, shared by the parsers. Offsets are into the array given; nothing here copies more than it returns. */

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

export function hex(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString("hex").toUpperCase();
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** The unsigned big-endian number in `octets[at, at + size)`; octets beyond the end count as 0. `size` is at most 4. */
export function uint(octets: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let index = 0; index < size; index++) value = value * 256 + (octets[at + index] ?? 0);
  return value;
}

/** A big-endian number without its leading zero octets. */
export function withoutLeadingZeros(number: Uint8Array): Uint8Array {
  let start = 0;
  while (start < number.length && number[start] === 0) start++;
  return number.subarray(start);
}

/** A big-endian number (no leading zeros) in exactly `size` octets, or `undefined` if it does not fit. */
export function padded(number: Uint8Array, size: number): Uint8Array | undefined {
  if (number.length > size) return undefined;
  const out = new Uint8Array(size);
  out.set(number, size - number.length);
  return out;
}

/** The count of significant bits of a big-endian number without leading zeros. */
export function bitLength(number: Uint8Array): number {
  const first = number[0];
  return first === undefined ? 0 : (number.length - 1) * 8 + (32 - Math.clz32(first));
}

/** What is hashed for a key, and what its fingerprint is the SHA-1 of: RFC 4880 sections 5.2.4 and 12.2. */
export function keyHashInput(body: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(0x99, (body.length >> 8) & 0xff, body.length & 0xff), body);
}

/** What is hashed for a user id (0xb4) or a user attribute (0xd1) in a certification: RFC 4880 section 5.2.4. */
export function userHashInput(prefix: 0xb4 | 0xd1, body: Uint8Array): Uint8Array {
  return lengthPrefixed(prefix, body);
}

/** What is hashed for a key of version 6 or 5, and what its fingerprint is the SHA-256 of: RFC 9580 section 5.5.4.3. */
export function laterKeyHashInput(version: 5 | 6, body: Uint8Array): Uint8Array {
  return lengthPrefixed(version === 6 ? 0x9b : 0x9a, body);
}

function lengthPrefixed(prefix: number, body: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(prefix), uint32(body.length), body);
}

/** What is hashed behind the content of a signature, from its fields that are signed: RFC 9580 section 5.2.4. */
export function signatureTrailer(version: 4 | 6, signedFields: Uint8Array): Uint8Array {
  return concat(signedFields, Uint8Array.of(version, 0xff), uint32(signedFields.length));
}

function uint32(number: number): Uint8Array {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(number);
  return octets;
}
