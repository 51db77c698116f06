import type { Audit } from "../audit/audits/audit.ts";
import type { Change, ChangeSide, Changes } from "../audit/audits/changes.ts";
import type { AuditCause, AuditRegistry, AuditSigner, Largest } from "../audit/audits/summary.ts";
import { imagesText, momentText, numberText } from "./check-words.ts";
import { plain } from "./quote.ts";

/** What an audit is judged by, for people. */
export interface AuditPolicyFacts {
  readonly path: string | null;
  /** Of the policy and its keys. */
  readonly fingerprint: string;
}

export const outcomeWords = { accepted: "Accepted", rejected: "Rejected", error: "Not verified" } as const;

/** Of a reason, as much as is read in a list; the rest is in the other formats, and with --verbose. */
const maxReason = 400;

function cut(reason: string, isWhole: boolean): string {
  if (isWhole || reason.length <= maxReason) return reason;
  const end = reason.lastIndexOf(" ", maxReason);
  return `${reason.slice(0, end < maxReason / 2 ? maxReason : end)} …`;
}

/** By what it is judged, and since when: a sentence. */
export function auditOriginText(
  { createdMs }: Pick<Audit, "createdMs">,
  { path, fingerprint }: AuditPolicyFacts,
): string {
  const policy = path === null ? "a policy without a file" : `the policy ${plain(path)}`;
  return `Begun ${momentText(createdMs)}, judged by ${policy} (with its keys ${fingerprint.slice(0, 12)}).`;
}

/** Images with one verdict for one reason: a headline, and what is said of them. */
export function causeText(cause: AuditCause, isVerbose: boolean): string {
  const { outcome, code, images, example } = cause;
  const many = images === 1 ? plain(example) : `${imagesText(images)}, such as ${plain(example)}`;
  return `${outcomeWords[outcome]} (${code}): ${many}\n  ${causeReasonText(cause, isVerbose)}`;
}

/** In one line. */
export function causeReasonText({ reason, reasons, isRest }: AuditCause, isWhole = true): string {
  if (reasons === 1) return cut(reason, isWhole);
  return `${numberText(reasons)} ${isRest ? "other " : ""}reasons, such as: ${cut(reason, isWhole)}`;
}

export function leftCausesText(left: number): string {
  return `and ${numberText(left)} more ${left === 1 ? "cause" : "causes"} (--verbose lists more)`;
}

/** A table with its heading. */
export function registriesText({ items, left }: Largest<AuditRegistry>): string {
  const rows = items.map(({ registry, images, accepted, rejected, errors, waiting }) => [
    ...[registryName(registry), numberText(images), numberText(accepted), numberText(rejected), numberText(errors)],
    numberText(waiting),
  ]);
  const heads = ["Registry", "Images", "Accepted", "Rejected", "Not verified", "Waiting"];
  const isWaiting = items.some(({ waiting }) => waiting > 0);
  return tableText([heads, ...rows].map((row) => (isWaiting ? row : row.slice(0, -1)))) + leftText(left);
}

export function registryName(registry: string): string {
  return registry === "" ? "(no registry)" : plain(registry);
}

/** A table with its heading. */
export function signersText({ items, left }: Largest<AuditSigner>): string {
  const rows = items.map(({ signer, images }) => [cut(signerText(signer), false), numberText(images)]);
  return tableText([["Signed by (of those accepted)", "Images"], ...rows]) + leftText(left);
}

export function signerText(signer: string | null): string {
  return signer ?? "nobody: no signature was asked for";
}

function leftText(left: number): string {
  return left === 0 ? "" : `\n  and ${numberText(left)} more (--verbose lists more)`;
}

/** The first column at its left side, numbers at their right. */
function tableText(rows: readonly (readonly string[])[]): string {
  const [heads = []] = rows;
  const widths = heads.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map((row) =>
      row.map((cell, at) => (at === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart((widths[at] ?? 0) + 2))).join(""),
    )
    .join("\n");
}

/** What two audits are, and how much differs. */
export function changesHeadText(
  sides: readonly (readonly [Pick<Audit, "name" | "createdMs">, AuditPolicyFacts])[],
  { images, otherImages }: Pick<Changes, "images" | "otherImages">,
  unjudged: readonly { readonly name: string; readonly images: number }[],
): string {
  const lines = sides.map(
    ([audit, policy], at) =>
      `${at === 0 ? "Before" : "After"}: ${plain(audit.name)}. ${auditOriginText(audit, policy)}`,
  );
  const [before, after] = sides.map(([, policy]) => policy.fingerprint);
  const same = before === after ? "Both have the same policy and keys." : "The policy, or a key of it, is another.";
  return [
    ...lines,
    same,
    ...unjudged.map(
      ({ name, images }) =>
        `${plain(name)} is not finished: ${imagesText(images)} of it ${images === 1 ? "is" : "are"} not judged yet.`,
    ),
    `${imagesText(images)} ${images === 1 ? "has" : "have"} another verdict, or another reason; ${otherText(otherImages)}.`,
  ].join("\n");
}

function otherText(others: number): string {
  if (others === 0) return "where both have judged an image, it was by the same manifest and signatures";
  return `${numberText(others)} of them ${others === 1 ? "is another image" : "are other images"} than before, as the tag was moved or signatures changed`;
}

/** Images that changed in the same way. */
export function changeText(
  { before, after, reasons, images, otherImages, examples }: Change,
  isVerbose: boolean,
): string {
  const [first = "", last] = examples;
  const named =
    last === undefined
      ? plain(first)
      : images === 2
        ? `${plain(first)} and ${plain(last)}`
        : `${plain(first)} … ${plain(last)}`;
  return [
    `${sideName(before)} → ${sideName(after)}: ${imagesText(images)}${otherImages === 0 ? "" : ` (${numberText(otherImages)} other than before)`}`,
    ...(reasons === 1 ? [] : [`  ${numberText(reasons)} reasons, such as:`]),
    ...sideLines("before", before, isVerbose),
    ...sideLines("after", after, isVerbose),
    `  ${named}`,
  ].join("\n");
}

function sideName(side: ChangeSide | null): string {
  if (side === null) return "Not in the audit";
  return side.outcome === null ? "Not judged yet" : outcomeWords[side.outcome];
}

function sideLines(name: string, side: ChangeSide | null, isVerbose: boolean): readonly string[] {
  if (side?.reason === undefined || side.reason === null) return [];
  return [`  ${`${name}:`.padEnd(8)}${cut(side.reason, isVerbose)} (${side.code})`];
}

export function leftChangesText(left: number): string {
  return `and ${numberText(left)} more ${left === 1 ? "kind" : "kinds"} of change (--verbose lists more; --format=jsonl has every image)`;
}

export function noChangesText(before: string, after: string): string {
  return `${plain(before)} and ${plain(after)} say the same of every image.`;
}

/** How what an audit says of an image and what is found now go together: sentences. */
export function keptVerdictText(
  kept: {
    readonly name: string;
    readonly outcome: keyof typeof outcomeWords | null;
    readonly code: string | null;
    readonly judgedMs: number | null;
  },
  why: "same" | "later" | "engine" | "waiting",
): string {
  if (kept.outcome === null || kept.judgedMs === null) {
    return `The audit ${plain(kept.name)} has not judged it yet: this is judged by what it has fetched.`;
  }
  const said = `The audit ${plain(kept.name)} says since ${momentText(kept.judgedMs)}: ${outcomeWords[kept.outcome]} (${kept.code})`;
  if (why === "same") return `${said}.`;
  return `${said}, and that is not what is found now by the same policy and evidence: ${
    why === "later"
      ? "since then something has ended or begun that it depends on, as a key, a signature or a certificate does."
      : "another version of sealcheck judged it, or what the audit recorded was changed."
  }`;
}
