/** A version 4 fingerprint, or one of later versions. */
const fingerprintPattern = /^(?:[0-9A-F]{40}|[0-9A-F]{64})$/;

/**
 * A fingerprint as verdicts, gpg and web pages print it: in groups with blanks or colons, in either letter case, with `0x` before it.
 * The reference compares those of the command line as text with its own, which are upper-case hex alone.
 *
 * @returns upper-case hex, or `undefined` if it is none.
 */
export function parseFingerprint(text: string): string | undefined {
  const digits = text.replaceAll(/[\s:]/g, "").replace(/^0x/i, "").toUpperCase();
  return fingerprintPattern.test(digits) ? digits : undefined;
}
