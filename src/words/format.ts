import { line } from "./quote.ts";

/** A moment in UTC, ISO 8601 to the second; `@` and the Unix time where the year does not have four digits. */
export function timeText(seconds: number): string {
  const inFourDigits = seconds >= -62_167_219_200 && seconds <= 253_402_300_799;
  if (!inFourDigits) return `@${seconds}`;
  return `${new Date(Math.floor(seconds) * 1000).toISOString().slice(0, 19)}Z`;
}

/** Hex in groups of four, as people compare fingerprints. */
export function groupedHex(hex: string): string {
  return (line(hex).match(/.{1,4}/g) ?? []).join(" ");
}

/** `a`, `a or b`, `a, b or c`; of a long list the first sixteen and the number of the others. */
export function listText(items: readonly string[], conjunction: "or" | "and"): string {
  const maxItems = 16;
  const shown = items.length > maxItems ? [...items.slice(0, maxItems), `${items.length - maxItems} more`] : items;
  const last = shown.at(-1) ?? "";
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(", ")} ${conjunction} ${last}`;
}

/** `1 signature`, `2 signatures`. */
export function countText(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}

/** A limit in the unit that people know it by. */
export function sizeText(bytes: number): string {
  const mebibyte = 1024 * 1024;
  return bytes % mebibyte === 0 && bytes > 0 ? `${bytes / mebibyte} MiB` : countText(bytes, "byte");
}

/** `: detail`, or nothing if there is no detail. */
export function because(detail: string): string {
  return detail === "" ? "" : `: ${line(detail)}`;
}
