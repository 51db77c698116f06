import type { ListedImageProblem } from "../inventory/image-list.ts";
import { listedImageProblemText } from "./inventory-words.ts";
/** Of what cannot be judged, what could not be had from a registry stands apart: one fixes that elsewhere. */
export type CheckedKind = "accepted" | "rejected" | "unreachable" | "unverified";

/** What became of an image, in a word or two. */
export const kindWords: Readonly<Record<CheckedKind, string>> = {
  accepted: "accepted",
  rejected: "rejected",
  unreachable: "not reached",
  unverified: "not verified",
};

/** `3,995` */
export function numberText(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}

/** `1 image`, `4,000 images`. */
export function imagesText(count: number): string {
  return `${numberText(count)} ${count === 1 ? "image" : "images"}`;
}

/** `and 3,995 more` */
export function moreText(count: number): string {
  return `and ${numberText(count)} more`;
}

/** `5,000 images: 4,209 accepted, 652 rejected, 139 not reached`. What there was none of is left out, but for the first two. */
export function summaryText(counts: Readonly<Record<CheckedKind, number>>): string {
  const { accepted, rejected, unreachable, unverified } = counts;
  const said = (kind: CheckedKind) => `${numberText(counts[kind])} ${kindWords[kind]}`;
  const rare = (["unreachable", "unverified"] as const).filter((kind) => counts[kind] > 0);
  const parts = [said("accepted"), said("rejected"), ...rare.map(said)];
  return `${imagesText(accepted + rejected + unreachable + unverified)}: ${parts.join(", ")}`;
}

/** Of what was accepted: nobody may take it for verified. */
export function uncheckedText(count: number): string {
  return `${numberText(count)} without any signature checked`;
}

export function interruptedText(done: number, total: number): string {
  return `Interrupted after ${numberText(done)} of ${imagesText(total)}: nothing is known of the other ${numberText(Math.max(0, total - done))}.`;
}

/** What a check of images in registries cannot promise. */
export const unpromised: readonly string[] = [
  "This is what the policy says of what the registries served while they were asked. A tag can be moved afterwards: deploy " +
    "what was judged, by its digest (--pin writes the list).",
  "The check does not replace the policy on the machines that pull these images: enforce it there too.",
];

/** What a signature says of itself was looked at, and is no fact. */
export const claimsWarning = "Anyone can write anything here. Not verified.";

/** Before an explanation that is not word by word the same for all images of its group. */
export const forExample = "One of them:";

/** `2026-11-27 07:38 UTC` */
export function momentText(ms: number): string {
  const text = new Date(ms).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 16)} UTC`;
}

/** `2 minutes 12 seconds`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const units = [
    { count: Math.floor(whole / 3600), noun: "hour" },
    { count: Math.floor((whole % 3600) / 60), noun: "minute" },
    { count: whole % 60, noun: "second" },
  ].filter(({ count }) => count > 0);
  if (units.length === 0) return "less than a second";
  return units
    .slice(0, 2)
    .map(({ count, noun }) => `${count} ${noun}${count === 1 ? "" : "s"}`)
    .join(" ");
}

/** Why a reference does not say which image is to be checked. */
export type ReferenceFlaw = ListedImageProblem | { readonly flaw: "not-a-repository" };

/** A sentence without its full stop. */
export function referenceFlawText(reference: string, flaw: ReferenceFlaw): string {
  return flaw.flaw === "not-a-repository"
    ? "With --all-tags, it has to be a repository in a registry, without tag or digest"
    : listedImageProblemText(reference, flaw);
}
