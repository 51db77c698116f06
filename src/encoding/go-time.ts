const pattern =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:[.,]([0-9]+))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))$/;
const daysOfMonths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Whether Go takes what stands between the quotation marks of a JSON string, escapes and all, as a time (time.Time UnmarshalJSON):
 * RFC 3339, but as its `Parse` reads it, which also takes hours of one digit, a comma before the fraction, and offsets of 24 hours and
 * of 60 minutes.
 */
export function isGoTime(text: string): boolean {
  return readGoTime(text) !== undefined;
}

/**
 * Such a time as Go prints it (time.Time MarshalJSON): to the nanosecond, without zeros at the end. `printed` is `undefined` for an offset
 * of 24 hours and more, which is read but not printed.
 *
 * @returns `undefined` if it is not a time.
 */
export function readGoTime(text: string): { readonly printed: string | undefined } | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, years = "", months = "", days = "", hours = "", minutes = "", seconds = "", fraction = "", sign = "+"] =
    match;
  const [year, month, day] = [Number(years), Number(months), Number(days)];
  const [offsetHours = 0, offsetMinutes = 0] = match.slice(9).map((digits = "0") => Number(digits));
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined;
  if (Number(hours) >= 24 || Number(minutes) >= 60 || Number(seconds) >= 60) return undefined;
  if (offsetHours > 24 || offsetMinutes > 60) return undefined;
  const offset = printOffset(sign, offsetHours * 60 + offsetMinutes);
  if (offset === undefined) return { printed: undefined };
  const clock = `${hours.padStart(2, "0")}:${minutes}:${seconds}`;
  return { printed: `${years}-${months}-${days}T${clock}${printFraction(fraction)}${offset}` };
}

function printFraction(digits: string): string {
  const nanoseconds = digits.slice(0, 9);
  let length = nanoseconds.length;
  while (length > 0 && nanoseconds[length - 1] === "0") length -= 1;
  return length === 0 ? "" : `.${nanoseconds.slice(0, length)}`;
}

function printOffset(sign: string, minutes: number): string | undefined {
  if (minutes === 0) return "Z";
  if (minutes >= 24 * 60) return undefined;
  const twoDigits = (number: number) => String(number).padStart(2, "0");
  return `${sign}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
}

function daysOf(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeap ? 29 : (daysOfMonths[month - 1] ?? 0);
}
