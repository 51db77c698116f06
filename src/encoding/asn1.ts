/**
 * The parts of Go's `encoding/asn1.Unmarshal` that decide verdicts. It is not the same as cryptobyte (`der.ts`): tags
 * above 30 and longer length fields are read, and whatever follows the last known field of a SEQUENCE is ignored.
 */
import { asn1StringTag, decodeAsn1String } from "./asn1-string.ts";
import { type BitString, decodeBitString, decodeInteger, decodeOid } from "./der.ts";

const universal = 0;
const contextSpecific = 2;

export const asn1Tag = { integer: 2, bitString: 3, oid: 6, sequence: 16 } as const;

interface Header {
  readonly tagClass: number;
  readonly tag: number;
  readonly isConstructed: boolean;
  readonly contentAt: number;
  readonly length: number;
}

export interface AlgorithmIdentifier {
  readonly oid: string;
  /** With tag and length; empty if absent. */
  readonly parameters: Uint8Array;
}

export class Asn1Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isEmpty(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The content of the next element, which must be of the universal class and have this tag. */
  read(tag: number): Uint8Array | undefined {
    const header = this.#header(this.#at);
    return header === undefined ? undefined : this.#content(header, tag);
  }

  enter(tag: number): Asn1Reader | undefined {
    const content = this.read(tag);
    return content === undefined ? undefined : new Asn1Reader(content);
  }

  readInteger(): bigint | undefined {
    const content = this.read(asn1Tag.integer);
    return content === undefined ? undefined : decodeInteger(content);
  }

  /** An INTEGER that fits into 64 bits with sign, as Go's `int`. */
  readInt64(): bigint | undefined {
    const value = this.readInteger();
    return value !== undefined && BigInt.asIntN(64, value) === value ? value : undefined;
  }

  readOid(): string | undefined {
    const content = this.read(asn1Tag.oid);
    return content === undefined ? undefined : decodeOid(content);
  }

  readBitString(): BitString | undefined {
    const content = this.read(asn1Tag.bitString);
    return content === undefined ? undefined : decodeBitString(content);
  }

  /** Any element, with tag and length. */
  readRaw(): Uint8Array | undefined {
    const start = this.#at;
    const header = this.#header(start);
    if (header === undefined || !this.#advance(header)) return undefined;
    return this.#bytes.subarray(start, this.#at);
  }

  readAlgorithmIdentifier(): AlgorithmIdentifier | undefined {
    return this.enter(asn1Tag.sequence)?.readAlgorithmFields();
  }

  /** As `readAlgorithmIdentifier`, already inside of the SEQUENCE. */
  readAlgorithmFields(): AlgorithmIdentifier | undefined {
    const oid = this.readOid();
    if (oid === undefined) return undefined;
    if (this.isEmpty) return { oid, parameters: new Uint8Array() };
    const parameters = this.readRaw();
    return parameters === undefined ? undefined : { oid, parameters };
  }

  /** The content of the element inside `[number] EXPLICIT`; `absent` where an optional field would be left out. */
  readExplicit(number: number, tag: number): Uint8Array | "absent" | undefined {
    if (this.isEmpty) return "absent";
    const outer = this.#header(this.#at);
    if (outer === undefined || outer.contentAt === this.#bytes.length) return undefined;
    const matches =
      outer.tagClass === contextSpecific && outer.tag === number && (outer.length === 0 || outer.isConstructed);
    if (!matches) return "absent";
    if (outer.length === 0) return undefined;
    // The outer length is not used any further: the inner element alone says where the field ends.
    const inner = this.#header(outer.contentAt);
    if (inner === undefined) return undefined;
    return isUniversal(inner, tag) ? this.#content(inner, tag) : "absent";
  }

  #content(header: Header, tag: number): Uint8Array | undefined {
    if (!isUniversal(header, tag) || !this.#advance(header)) return undefined;
    return this.#bytes.subarray(header.contentAt, this.#at);
  }

  #advance(header: Header): boolean {
    const end = header.contentAt + header.length;
    if (end > this.#bytes.length) return false;
    this.#at = end;
    return true;
  }

  #header(start: number): Header | undefined {
    const first = this.#bytes[start];
    if (first === undefined) return undefined;
    let at = start + 1;
    let tag = first & 0x1f;
    if (tag === 0x1f) {
      const long = this.#longTag(at);
      if (long === undefined || long.tag < 0x1f) return undefined;
      tag = long.tag;
      at = long.end;
    }
    const length = this.#length(at);
    if (length === undefined) return undefined;
    return {
      tagClass: first >> 6,
      tag,
      isConstructed: (first & 0x20) !== 0,
      contentAt: length.end,
      length: length.value,
    };
  }

  #longTag(start: number): { readonly tag: number; readonly end: number } | undefined {
    let tag = 0;
    for (let i = 0; i < 5; i++) {
      const byte = this.#bytes[start + i];
      if (byte === undefined || (i === 0 && byte === 0x80)) return undefined;
      tag = tag * 128 + (byte & 0x7f);
      if (byte < 0x80) return tag < 2 ** 31 ? { tag, end: start + i + 1 } : undefined;
    }
    return undefined;
  }

  #length(start: number): { readonly value: number; readonly end: number } | undefined {
    const first = this.#bytes[start];
    if (first === undefined) return undefined;
    if (first < 0x80) return { value: first, end: start + 1 };
    const end = start + 1 + (first & 0x7f);
    let value = 0;
    for (let at = start + 1; at < end; at++) {
      const byte = this.#bytes[at];
      if (byte === undefined || value >= 2 ** 23) return undefined;
      value = value * 256 + byte;
      if (value === 0) return undefined; // a leading zero
    }
    // Below 0x80 the short form is required; this is also the indefinite length.
    return value < 0x80 ? undefined : { value, end };
  }
}

function isUniversal(header: Header, tag: number): boolean {
  return header.tagClass === universal && header.tag === tag && header.isConstructed === (tag === asn1Tag.sequence);
}

/** `asn1.Unmarshal` into a Go string, with nothing behind it: any of the string types, not constructed. */
export function unmarshalAsn1String(bytes: Uint8Array): string | undefined {
  for (const tag of Object.values(asn1StringTag)) {
    const reader = new Asn1Reader(bytes);
    const content = reader.read(tag);
    if (content !== undefined) return reader.isEmpty ? decodeAsn1String(tag, content) : undefined;
  }
  return undefined;
}
