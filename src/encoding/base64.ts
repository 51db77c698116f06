/**
 * Standard base64 as Go's `base64.StdEncoding.DecodeString` reads it: `\r` and `\n` anywhere are skipped, padding is
 * required, bits under the padding may be anything; blanks, URL-safe letters and anything after the padding are refused.
 * (`Buffer.from(text, "base64")` alone takes all of these.)
 *
 * @returns the bytes, or `undefined` if `text` is not base64.
 */
export function decodeBase64AsGo(text: string): Uint8Array | undefined {
  return decode(text, notBase64);
}

/** As {@link decodeBase64AsGo}, without ends of lines: where nothing else is said, there are none (RFC 4648, 3.1). */
export function decodeBase64(text: string): Uint8Array | undefined {
  return text.includes("\n") || text.includes("\r") ? undefined : decodeBase64AsGo(text);
}

/** As {@link decodeBase64AsGo}, in the URL-safe alphabet (`base64.URLEncoding`, with padding). */
export function decodeBase64UrlAsGo(text: string): Uint8Array | undefined {
  return decode(text, notBase64Url);
}

function decode(text: string, others: RegExp): Uint8Array | undefined {
  const plain = text.includes("\n") || text.includes("\r") ? text.replaceAll(/[\r\n]/g, "") : text;
  if (plain.length % 4 !== 0) return undefined;
  let letters = plain.length;
  while (letters > plain.length - 2 && plain[letters - 1] === "=") letters -= 1;
  if (others.test(plain.slice(0, letters))) return undefined;
  // Node's decoder takes both alphabets, and either spelling of the end.
  const { buffer, byteOffset, byteLength } = Buffer.from(plain, "base64");
  return new Uint8Array(buffer, byteOffset, byteLength);
}

const notBase64 = /[^A-Za-z0-9+/]/;
const notBase64Url = /[^A-Za-z0-9_-]/;
