/** Hex of either letter case to bytes, as Go's `hex.DecodeString`; `undefined` if it is not hex or has an odd length. */
export function decodeHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  return new Uint8Array(Buffer.from(text, "hex"));
}
