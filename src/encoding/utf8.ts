const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** U+FFFD in UTF-8. */
const replacement = Uint8Array.of(0xef, 0xbf, 0xbd);

/**
 * Bytes to text as Go's `encoding/json` and `unicode/utf8` read them: every byte that is not part of valid UTF-8
 * becomes one U+FFFD (`TextDecoder` makes one of several bytes), and a byte order mark stays.
 */
export function decodeUtf8AsGo(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return decodeInvalidUtf8(bytes);
  }
}

function decodeInvalidUtf8(bytes: Uint8Array): string {
  const repaired = new Uint8Array(bytes.length * replacement.length);
  let length = 0;
  for (let at = 0; at < bytes.length; ) {
    const width = validWidth(bytes, at);
    const source = width === 0 ? replacement : bytes.subarray(at, at + width);
    repaired.set(source, length);
    length += source.length;
    at += Math.max(width, 1);
  }
  return strictDecoder.decode(repaired.subarray(0, length));
}

/** The number of bytes of the UTF-8 sequence at `at`, or 0 (The Unicode Standard, table 3-7: well-formed sequences). */
function validWidth(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const second = bytes[at + 1] ?? 0;
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  const width = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  for (let i = 2; i < width; i++) {
    const next = bytes[at + i] ?? 0;
    if (next < 0x80 || next > 0xbf) return 0;
  }
  return width;
}
