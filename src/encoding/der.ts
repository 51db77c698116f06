/**
 * A strict DER reader with the judgement of golang.org/x/crypto/cryptobyte, which Go's crypto/x509 reads
 * certificates with: single-byte tags, definite and minimal lengths of at most four bytes, minimal integers.
 * Each read returns `undefined` where cryptobyte reports failure; the reader is then of no further use.
 */

/** Tags as they stand on the wire, class and constructed bits included. */
export const derTag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The tag `[number]`, primitive. */
export function contextTag(number: number): number {
  return 0x80 | number;
}

/** The tag `[number]`, constructed. */
export function constructedContextTag(number: number): number {
  return 0xa0 | number;
}

export interface DerElement {
  readonly tag: number;
  readonly content: Uint8Array;
  /** Tag and length included. */
  readonly full: Uint8Array;
}

export interface BitString {
  readonly bytes: Uint8Array;
  readonly bitLength: number;
}

export class DerReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isEmpty(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** Whether the next element has this tag; its length is not looked at. */
  isNext(tag: number): boolean {
    return this.#bytes[this.#at] === tag;
  }

  readAny(): DerElement | undefined {
    const tag = this.#bytes[this.#at];
    const lengthByte = this.#bytes[this.#at + 1];
    if (tag === undefined || lengthByte === undefined || (tag & 0x1f) === 0x1f) return undefined;
    let length = lengthByte;
    let contentAt = this.#at + 2;
    if (lengthByte >= 0x80) {
      const lengthLength = lengthByte & 0x7f;
      if (lengthLength === 0 || lengthLength > 4) return undefined;
      length = 0;
      for (let i = 0; i < lengthLength; i++) length = length * 256 + (this.#bytes[contentAt + i] ?? Number.NaN);
      // X.690 10.1: the shortest form only. NaN, a truncated length, fails here too.
      if (!(length >= 0x80 && length >= 256 ** (lengthLength - 1))) return undefined;
      contentAt += lengthLength;
    }
    const end = contentAt + length;
    if (end > this.#bytes.length) return undefined;
    const element = {
      tag,
      content: this.#bytes.subarray(contentAt, end),
      full: this.#bytes.subarray(this.#at, end),
    };
    this.#at = end;
    return element;
  }

  /** The content of the next element, which must have this tag. */
  read(tag: number): Uint8Array | undefined {
    const element = this.readAny();
    return element?.tag === tag ? element.content : undefined;
  }

  /** The next element with its tag and length; it must have this tag. */
  readFull(tag: number): Uint8Array | undefined {
    const element = this.readAny();
    return element?.tag === tag ? element.full : undefined;
  }

  /** A reader of the content of the next element, which must have this tag. */
  enter(tag: number): DerReader | undefined {
    const content = this.read(tag);
    return content === undefined ? undefined : new DerReader(content);
  }

  /** Passes over the next element if it has this tag; `false` if it has and is malformed. */
  skipOptional(tag: number): boolean {
    return !this.isNext(tag) || this.read(tag) !== undefined;
  }

  /** Only 0x00 and 0xff (X.690 11.1). */
  readBoolean(): boolean | undefined {
    const content = this.read(derTag.boolean);
    if (content?.length !== 1) return undefined;
    if (content[0] === 0) return false;
    return content[0] === 0xff ? true : undefined;
  }

  readInteger(tag: number = derTag.integer): bigint | undefined {
    const content = this.read(tag);
    return content === undefined ? undefined : decodeInteger(content);
  }

  /** An INTEGER that fits into 64 bits with sign, as Go's `int`. */
  readInt64(tag: number = derTag.integer): bigint | undefined {
    const value = this.readInteger(tag);
    return value !== undefined && BigInt.asIntN(64, value) === value ? value : undefined;
  }

  /** In dotted form. */
  readOid(): string | undefined {
    const content = this.read(derTag.oid);
    return content === undefined ? undefined : decodeOid(content);
  }

  readBitString(): BitString | undefined {
    const content = this.read(derTag.bitString);
    return content === undefined ? undefined : decodeBitString(content);
  }
}

/** The value of an INTEGER's content: at least one byte, minimal, two's complement. */
export function decodeInteger(content: Uint8Array): bigint | undefined {
  const first = content[0];
  const second = content[1];
  if (first === undefined) return undefined;
  if (second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) return undefined;
  const magnitude = BigInt(`0x${Buffer.from(content).toString("hex")}`);
  return first < 0x80 ? magnitude : BigInt.asIntN(8 * content.length, magnitude);
}

/** An OBJECT IDENTIFIER's content in dotted form: minimal components, each below 2^31. */
export function decodeOid(content: Uint8Array): string | undefined {
  const components: number[] = [];
  let value = 0;
  let isStart = true;
  for (const byte of content) {
    if ((isStart && byte === 0x80) || value >= 2 ** 24) return undefined;
    value = value * 128 + (byte & 0x7f);
    isStart = byte < 0x80;
    if (!isStart) continue;
    components.push(value);
    value = 0;
  }
  const [first, ...others] = components;
  if (!isStart || first === undefined) return undefined;
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - 40 * root, ...others].join(".");
}

/** A BIT STRING's content: at most seven unused bits, which are zero. */
export function decodeBitString(content: Uint8Array): BitString | undefined {
  const unusedBits = content[0];
  if (unusedBits === undefined || unusedBits > 7) return undefined;
  const bytes = content.subarray(1);
  const last = bytes.at(-1);
  if (last === undefined ? unusedBits !== 0 : (last & ((1 << unusedBits) - 1)) !== 0) return undefined;
  return { bytes, bitLength: bytes.length * 8 - unusedBits };
}

/** The bits as bytes, shifted so that unused bits come first: Go's `BitString.RightAlign`. */
export function rightAligned(bits: BitString): Uint8Array {
  const shift = bits.bytes.length * 8 - bits.bitLength;
  if (shift === 0) return bits.bytes;
  return bits.bytes.map((byte, i) => (byte >> shift) | ((bits.bytes[i - 1] ?? 0) << (8 - shift)));
}
