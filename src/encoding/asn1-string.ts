/** Tag numbers of the ASN.1 string types that Go reads. */
export const asn1StringTag = {
  utf8: 12,
  numeric: 18,
  printable: 19,
  t61: 20,
  ia5: 22,
  general: 27,
  bmp: 30,
} as const;

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The text of an ASN.1 string with this tag number, as Go's encoding/asn1 and crypto/x509 read it.
 *
 * T61String and GeneralString are taken for Latin-1; a PrintableString may hold `*` and `&`.
 */
export function decodeAsn1String(tag: number, content: Uint8Array): string | undefined {
  switch (tag) {
    case asn1StringTag.utf8:
      return decodeUtf8Strictly(content);
    case asn1StringTag.numeric:
      return content.every(isNumeric) ? latin1(content) : undefined;
    case asn1StringTag.printable:
      return content.every(isPrintable) ? latin1(content) : undefined;
    case asn1StringTag.t61:
    case asn1StringTag.general:
      return latin1(content);
    case asn1StringTag.ia5:
      return decodeIa5(content);
    case asn1StringTag.bmp:
      return decodeBmp(content);
    default:
      return undefined;
  }
}

/** The text if all of it is ASCII. */
export function decodeIa5(content: Uint8Array): string | undefined {
  return content.every((byte) => byte < 0x80) ? latin1(content) : undefined;
}

/** The text if it is valid UTF-8; a byte order mark is a character. */
export function decodeUtf8Strictly(content: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(content);
  } catch {
    return undefined;
  }
}

function latin1(content: Uint8Array): string {
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString("latin1");
}

function isNumeric(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x20;
}

const printable = new Set(
  Buffer.from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'()+,-./ :=?*&", "latin1"),
);

function isPrintable(byte: number): boolean {
  return printable.has(byte);
}

/** UCS-2: no surrogates and no non-characters; one terminating zero character is dropped. */
function decodeBmp(content: Uint8Array): string | undefined {
  if (content.length % 2 !== 0) return undefined;
  const units: number[] = [];
  for (let i = 0; i < content.length; i += 2) units.push(((content[i] ?? 0) << 8) | (content[i + 1] ?? 0));
  if (units.at(-1) === 0) units.pop();
  if (units.some(isForbiddenInBmp)) return undefined;
  return Buffer.from(Uint16Array.from(units).buffer).toString("utf16le");
}

function isForbiddenInBmp(unit: number): boolean {
  return unit >= 0xfffe || (unit >= 0xfdd0 && unit <= 0xfdef) || (unit >= 0xd800 && unit <= 0xdfff);
}
