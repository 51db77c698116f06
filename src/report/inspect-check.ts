import { type Code, exitCodeOf } from "../codes.ts";
import type { Finding, Severity } from "../inspect/findings.ts";
import { severityOf } from "../inspect/findings.ts";
import { countText, listText } from "../words/format.ts";
import { findingWords } from "../words/inspect-words.ts";
import { jsonPathText } from "../words/policy-words.ts";
import { line, plain } from "../words/quote.ts";
import { wrap } from "./wrap.ts";

/**
 * What `policy check` prints, for people: the findings with the lines they are about, and how many there are.
 *
 * @param relative paths that begin at the working directory, which is no finding here, and is worth a remark.
 */
export function checkText(
  policyPath: string,
  policyText: string,
  findings: readonly Finding[],
  relative: readonly string[] = [],
): string {
  const lines = policyText.split("\n");
  const blocks = findings.map((finding) => findingText(policyPath, lines[finding.at.line - 1] ?? "", finding));
  return [...blocks, summaryText(policyPath, findings), ...relativeLine(relative)].join("\n");
}

function relativeLine(paths: readonly string[]): readonly string[] {
  if (paths.length === 0) return [];
  const named = listText(paths.map(plain), "and");
  return [
    wrap(
      `Relative paths begin at the directory that a program is started in: write absolute ones for ${named} before the policy is used from elsewhere.`,
    ),
  ];
}

function findingText(policyPath: string, source: string, finding: Finding): string {
  const { at, code, path } = finding;
  const { message, advice } = findingWords(finding);
  const place = path.length === 0 ? "" : ` ${jsonPathText(path)}`;
  return [
    `${plain(policyPath)}:${at.line}:${at.column}: ${severityOf(code)}:${place} [${code}]`,
    wrap(`    ${/[.?]$/.test(message) ? message : `${message}.`}`, "    "),
    ...excerpt(source, at),
    ...(advice === undefined ? [] : [wrap(`    Next: ${advice}${advice.endsWith("?") ? "" : "."}`, "    ")]),
  ].join("\n");
}

/** Shown of a long line, around the place. */
const maxExcerpt = 90;

/** The line with a caret below the place. */
function excerpt(
  source: string,
  { line: number, column }: { readonly line: number; readonly column: number },
): string[] {
  const from = Math.max(0, column - 1 - maxExcerpt / 2);
  const before = shown(source.slice(from, column - 1));
  const after = shown(source.slice(column - 1, from + maxExcerpt));
  const margin = `${number}`.padStart(6);
  return [`${margin} | ${before}${after}`, `${" ".repeat(margin.length)} | ${" ".repeat([...before].length)}^`];
}

function shown(text: string): string {
  return line(text.replaceAll("\t", " ").replaceAll("\r", ""));
}

function summaryText(policyPath: string, findings: readonly Finding[]): string {
  if (findings.length === 0) return `${plain(policyPath)}: nothing to report.`;
  const count = countOf(findings);
  const parts = [countText(count.error, "error"), countText(count.warning, "warning"), countText(count.note, "note")];
  return `${plain(policyPath)}: ${parts.join(", ")}.`;
}

export function countOf(findings: readonly Finding[]): Readonly<Record<Severity, number>> {
  const count = { error: 0, warning: 0, note: 0 };
  for (const { code } of findings) count[severityOf(code)]++;
  return count;
}

/** What `policy check --format json` prints: docs/policy-tools.md. */
export function checkDocument(policyPath: string, findings: readonly Finding[], exitCode: number): object {
  const count = countOf(findings);
  return {
    version: 1,
    policy: { path: policyPath },
    exitCode,
    errors: count.error,
    warnings: count.warning,
    notes: count.note,
    findings: findings.map((finding) => {
      const { message, advice } = findingWords(finding);
      return {
        code: finding.code,
        severity: severityOf(finding.code),
        file: policyPath,
        line: finding.at.line,
        column: finding.at.column,
        path: finding.path,
        message,
        advice: advice ?? null,
      };
    }),
  };
}

/** Why a check did not come to its findings. */
export interface FailedCheck {
  readonly path: string | undefined;
  readonly code: Code;
  readonly message: string;
  readonly advice: string | undefined;
}

/** The same of a check that failed: the reason is the only finding, and has no place in the file. */
export function failedCheckDocument(failure: FailedCheck): object {
  const { path = null, code, message, advice = null } = failure;
  const exitCode = exitCodeOf(code);
  const finding = { code, severity: "error", file: path, line: 1, column: 1, path: [], message, advice };
  return { version: 1, policy: { path }, exitCode, errors: 1, warnings: 0, notes: 0, findings: [finding] };
}
