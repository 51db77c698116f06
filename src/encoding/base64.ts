/**
 * Standard base64 as Go's `base64.StdEncoding.DecodeString` reads it: `\r` and `\n` anywhere are skipped, padding is
 * required, bits under the padding may be anything; blanks, URL-safe letters and anything after the padding are refused.
 * (`Buffer.from(text, "base64")` alone takes all of these.)
 *
 * @returns the bytes, or `undefined` if `text` is not base64.
 */
export function decodeBase64AsGo(text: string): Uint8Array | undefined {
  return decode(text, isBase64Letter);
}

/** As {@link decodeBase64AsGo}, in the URL-safe alphabet (`base64.URLEncoding`, with padding). */
export function decodeBase64UrlAsGo(text: string): Uint8Array | undefined {
  return decode(text, isBase64UrlLetter);
}

function decode(text: string, isLetter: (char: number) => boolean): Uint8Array | undefined {
  const plain = text.includes("\n") || text.includes("\r") ? text.replaceAll(/[\r\n]/g, "") : text;
  if (plain.length % 4 !== 0) return undefined;
  let letters = plain.length;
  while (letters > plain.length - 2 && plain[letters - 1] === "=") letters -= 1;
  for (let i = 0; i < letters; i++) {
    if (!isLetter(plain.charCodeAt(i))) return undefined;
  }
  // Node's decoder takes both alphabets, and either spelling of the end.
  return new Uint8Array(Buffer.from(plain, "base64"));
}

function isBase64Letter(char: number): boolean {
  return isAlphanumeric(char) || char === 0x2b /* + */ || char === 0x2f /* / */;
}

function isBase64UrlLetter(char: number): boolean {
  return isAlphanumeric(char) || char === 0x2d /* - */ || char === 0x5f /* _ */;
}

function isAlphanumeric(char: number): boolean {
  return (char >= 0x41 && char <= 0x5a) || (char >= 0x61 && char <= 0x7a) || (char >= 0x30 && char <= 0x39);
}
