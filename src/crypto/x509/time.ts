/** Times in certificates, as golang.org/x/crypto/cryptobyte reads them: what would not print the same is refused. */
import { type DerReader, derTag } from "../../encoding/der.ts";

/** Seconds since 1970, or `undefined` where the next element is not a valid UTCTime or GeneralizedTime. */
export function readTime(reader: DerReader): number | undefined {
  const element = reader.readAny();
  if (element === undefined) return undefined;
  const text = Buffer.from(element.content).toString("latin1");
  switch (element.tag) {
    case derTag.utcTime:
      return parseUtcTime(text);
    case derTag.generalizedTime:
      return parseTime(text, { yearDigits: 4, hasSeconds: true });
    default:
      return undefined;
  }
}

/** Two digits of a year are 1950 to 2049 (RFC 5280, section 4.1.2.5.1). Go also takes a time without seconds. */
function parseUtcTime(text: string): number | undefined {
  return parseTime(text, { yearDigits: 2, hasSeconds: true }) ?? parseTime(text, { yearDigits: 2, hasSeconds: false });
}

interface TimeFormat {
  readonly yearDigits: 2 | 4;
  readonly hasSeconds: boolean;
}

function parseTime(text: string, { yearDigits, hasSeconds }: TimeFormat): number | undefined {
  const zoneAt = yearDigits + (hasSeconds ? 10 : 8);
  const digits = text.slice(0, zoneAt);
  if (digits.length !== zoneAt || !/^[0-9]*$/.test(digits)) return undefined;
  const written = Number(digits.slice(0, yearDigits));
  const year = yearDigits === 4 ? written : written + (written >= 50 ? 1900 : 2000);
  const field = (index: number): number => Number(digits.slice(yearDigits + 2 * index, yearDigits + 2 * index + 2));
  const [month, day, hour, minute] = [field(0), field(1), field(2), field(3)];
  const second = hasSeconds ? field(4) : 0;
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const offset = parseZone(text.slice(zoneAt));
  if (offset === undefined) return undefined;
  return daysSinceEpoch(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset;
}

/** `Z`, or an offset that is not zero, up to 24:59. Go does not hold to RFC 5280, which wants `Z`. */
function parseZone(zone: string): number | undefined {
  if (zone === "Z") return 0;
  if (!/^[+-][0-9]{4}$/.test(zone)) return undefined;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3));
  if (hours > 24 || minutes > 59 || hours + minutes === 0) return undefined;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 3600 + minutes * 60);
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function daysIn(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** In the Gregorian calendar, extended to the year 0. (`Date.UTC` takes years below 100 for 19xx.) */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime() / 86_400_000;
}
