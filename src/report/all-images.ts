import { countText } from "../words/format.ts";
import { plain } from "../words/quote.ts";
import type { VerdictDocument } from "./document.ts";

/** What was said of an image of a storage under one of its names. */
export interface StoredVerdict {
  readonly name: string | undefined;
  readonly id: string;
  readonly document: VerdictDocument;
}

/** What podman shows of an ID. */
const shownIdLength = 12;

/** A line for each: the outcome, the beginning of the ID, the name, and why. */
export function storedTable(verdicts: readonly StoredVerdict[]): string {
  const rows = verdicts.map(({ name, id, document }) => ({
    outcome: document.outcome,
    id: plain(id.slice(0, shownIdLength)),
    name: name === undefined ? "(no name)" : plain(name),
    reason: document.reason,
  }));
  const width = Math.max(0, ...rows.map(({ name }) => name.length));
  const outcomeWidth = "accepted".length;
  return rows
    .map(
      ({ outcome, id, name, reason }) => `${outcome.padEnd(outcomeWidth)}  ${id}  ${name.padEnd(width)}  ${reason}\n`,
    )
    .join("");
}

export function summaryOf(verdicts: readonly StoredVerdict[]): string {
  const count = (outcome: VerdictDocument["outcome"]) =>
    verdicts.filter(({ document }) => document.outcome === outcome).length;
  const images = new Set(verdicts.map(({ id }) => id)).size;
  const errors = count("error");
  return (
    `${countText(images, "image")} under ${countText(verdicts.length, "name")}: ` +
    `${count("accepted")} accepted, ${count("rejected")} rejected${errors === 0 ? "" : `, ${errors} not verified`}`
  );
}
