import { countText } from "./format.ts";

/** How far a run has come. */
export interface RunCounts {
  readonly total: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly error: number;
}

export type CountedOutcome = "accepted" | "rejected" | "error";

/** What is said of those with an outcome, as a summary says it. */
export function outcomeCountText(outcome: CountedOutcome, count: number): string {
  return `${count} ${outcome === "error" ? "not verified" : outcome}`;
}

/** `12/s`, or in a minute if there is less than one in a second. */
export function rateText(perSecond: number): string {
  return perSecond >= 1 ? `${Math.round(perSecond)}/s` : `${Math.round(perSecond * 60)}/min`;
}

/** `about 3 minutes left`: a guess, and as rough as one. */
export function timeLeftText(seconds: number): string {
  if (seconds < 60) return "less than a minute left";
  if (seconds < 3600) return `about ${countText(Math.round(seconds / 60), "minute")} left`;
  if (seconds < 36_000) return `about ${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min left`;
  return `about ${Math.round(seconds / 3600)} hours left`;
}
