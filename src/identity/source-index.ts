/** The largest `int` of the reference on 64-bit machines. */
const indexMax = 2n ** 63n - 1n;

/**
 * The digits of `@N`, which picks an image by its place in an archive: decimal with an optional sign, as Go's `strconv.Atoi`, and not
 * negative. Returned without sign and leading zeros, or `undefined` if it is not one.
 */
export function parseSourceIndex(text: string): string | undefined {
  const isNegative = text.startsWith("-");
  const digits = isNegative || text.startsWith("+") ? text.slice(1) : text;
  if (!/^[0-9]+$/.test(digits)) return undefined;
  const significant = digits.replace(/^0+/, "");
  if (significant === "") return "0";
  const isTooLong = significant.length > indexMax.toString().length;
  return isNegative || isTooLong || BigInt(significant) > indexMax ? undefined : significant;
}
