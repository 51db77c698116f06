const prefix = "Directory Transport Version: ";
const newest = { major: 1n, minor: 2n };
const int64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n };

/**
 * Whether the `version` file of a directory is one that is known: the exact text with its final newline, up to 1.2. The
 * numbers are integers as Go prints them, compared as such: 0.99 and -1.1 are older, 1.10 is newer.
 *
 * Source: image/v5: directory/version.go parseVersion, isGreaterThan.
 */
export function isSupportedDirVersion(untrustedText: string): boolean {
  if (!untrustedText.startsWith(prefix) || !untrustedText.endsWith("\n")) return false;
  const numbers = untrustedText.slice(prefix.length, -1).split(".");
  const [major, minor] = numbers.map(goInteger);
  if (numbers.length !== 2 || major === undefined || minor === undefined) return false;
  return major === newest.major ? minor <= newest.minor : major < newest.major;
}

/** An int64 spelled as Go's `%d` does. */
function goInteger(text: string): bigint | undefined {
  if (!/^-?[0-9]{1,19}$/.test(text)) return undefined;
  const value = BigInt(text);
  return value.toString() === text && value >= int64.least && value <= int64.most ? value : undefined;
}
