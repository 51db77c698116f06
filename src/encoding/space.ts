/** UTF-8, as Latin-1, of the blanks outside of ASCII that Go's `unicode.IsSpace` knows. */
const unicodeSpaces = new Set(
  [0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, ...Array.from({ length: 11 }, (_, i) => 0x2000 + i)].map(
    (char) => Buffer.from(String.fromCharCode(char)).toString("latin1"),
  ),
);

/** go: bytes.TrimSpace, which takes the blanks of Unicode away. */
export function trimSpaceAsGo(bytes: Uint8Array): Uint8Array {
  let start = 0;
  let end = bytes.length;
  for (let size = 1; size > 0 && start < end; start += size) {
    size = spaceSize(bytes[start] ?? 0, (length) => bytes.subarray(start, Math.min(start + length, end)));
  }
  for (let size = 1; size > 0 && start < end; end -= size) {
    size = spaceSize(bytes[end - 1] ?? 0, (length) => bytes.subarray(Math.max(end - length, start), end));
  }
  return bytes.subarray(start, end);
}

/** How many bytes long the blank is that has this byte at its outer end; 0 if there is none. */
function spaceSize(byte: number, take: (length: number) => Uint8Array): number {
  if (byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)) return 1;
  if (byte < 0x80) return 0;
  return [2, 3].find((length) => unicodeSpaces.has(Buffer.from(take(length)).toString("latin1"))) ?? 0;
}
