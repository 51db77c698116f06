/** UTF-8, as Latin-1, of the blanks outside of ASCII that Go's `unicode.IsSpace` knows. */
const unicodeSpaces = new Set(
  [0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, ...Array.from({ length: 11 }, (_, i) => 0x2000 + i)].map(
    (char) => Buffer.from(String.fromCharCode(char)).toString("latin1"),
  ),
);

/** go: bytes.TrimSpace, which takes the blanks of Unicode away. */
export function trimSpaceAsGo(bytes: Buffer): Buffer {
  let start = 0;
  let end = bytes.length;
  for (let size = 1; size > 0 && start < end; start += size) {
    size =
      asciiSize(bytes[start]) ??
      unicodeSize((length) => bytes.toString("latin1", start, Math.min(start + length, end)));
  }
  for (let size = 1; size > 0 && start < end; end -= size) {
    size =
      asciiSize(bytes[end - 1]) ??
      unicodeSize((length) => bytes.toString("latin1", Math.max(end - length, start), end));
  }
  return start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
}

/** How many bytes long the blank is that this byte is; 0 if it is none, `undefined` if it is part of a longer character. */
function asciiSize(byte = 0): number | undefined {
  if (byte >= 0x80) return undefined;
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) ? 1 : 0;
}

/** How many bytes long the blank is whose UTF-8 is taken, 0 if there is none. */
function unicodeSize(take: (length: number) => string): number {
  return [2, 3].find((length) => unicodeSpaces.has(take(length))) ?? 0;
}
