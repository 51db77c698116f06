// Makes everything that is committed and comes from elsewhere: man/sealcheck.1 from docs/manual.md, the tables of
// docs/codes.md from src/codes.ts, the pages of the commands and the shell completions from src/cli/arguments/table.ts,
// the types of the varlink interfaces from docs/varlink/.
// `node scripts/manual.ts` writes it all; a test compares.

import { readFileSync, writeFileSync } from "node:fs";
import { codes } from "../src/codes.ts";
import { lints } from "../src/inspect/findings.ts";
import { completions } from "./completions.ts";
import { commandPages } from "./man-pages.ts";
import { inline, literal, titleLine } from "./roff.ts";
import { varlinkTypes } from "./varlink-types.ts";

const root = new URL("../", import.meta.url);

/** What each generated file should hold, by its path from the root. */
export function generated(): ReadonlyMap<string, string> {
  const version: { version: string } = JSON.parse(read("package.json"));
  return new Map([
    ["man/sealcheck.1", manPage(read("docs/manual.md"), version.version)],
    ["docs/codes.md", withTables(read("docs/codes.md"))],
    ["docs/policy-tools.md", withLints(read("docs/policy-tools.md"))],
    ...commandPages(version.version),
    ...completions(),
    ...varlinkTypes(),
  ]);
}

function read(path: string): string {
  return readFileSync(new URL(path, root), "utf8");
}

/** Fills each table between `<!-- codes: AREA -->` and `<!-- end -->`. */
function withTables(markdown: string): string {
  return markdown.replace(
    /(<!-- codes: (\S+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, begin: string, area: string, end: string) => {
      const rows = Object.entries(codes).filter(([code]) => code === area || code.startsWith(`${area}.`));
      const cells = rows.map(([code, { exitCode, meaning }]) => [`\`${code}\``, `${exitCode}`, meaning]);
      return `${begin}\n${table(["code", "exit", "meaning"], cells)}\n${end}`;
    },
  );
}

/** Fills the table between `<!-- lints -->` and `<!-- end -->`. */
function withLints(markdown: string): string {
  const cells = Object.entries(lints).map(([code, { severity, meaning }]) => [`\`${code}\``, severity, meaning]);
  const filled = `$1\n${table(["code", "severity", "meaning"], cells)}\n$2`;
  return markdown.replace(/(<!-- lints -->\n)[\s\S]*?(<!-- end -->)/, filled);
}

/** Padded as the formatter wants it. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |\n`;
  return [line(header), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("");
}

/** The manual in man(7), from the little Markdown that it is written in. */
function manPage(markdown: string, version: string): string {
  const lines = [titleLine("sealcheck", version)];
  for (const block of blocks(markdown)) {
    if (block.startsWith("# ")) continue;
    else if (block.startsWith("## ")) lines.push(`.SH ${block.slice(3)}`);
    else if (block.startsWith("```"))
      lines.push(".PP", ".RS 4", ".nf", ...block.split("\n").slice(1, -1).map(literal), ".fi", ".RE");
    else if (block.startsWith("- ")) lines.push(...items(block).flatMap(item));
    else lines.push(...(lines.at(-1)?.startsWith(".SH") ? [] : [".PP"]), inline(block));
  }
  return `${lines.join("\n")}\n`;
}

/** Paragraphs, lists, headings and fenced blocks. */
function blocks(markdown: string): readonly string[] {
  return (markdown.match(/```[\s\S]*?```|[^\n]+(?:\n(?!\n)[^\n]+)*/g) ?? []).filter((block) => block.trim() !== "");
}

function items(list: string): readonly string[] {
  return list.split(/^- /m).slice(1);
}

/** `term`, `term`: text */
function item(text: string): readonly string[] {
  const match = /^((?:`[^`]+`(?:, )?)+): ([\s\S]*)$/.exec(text.trim());
  if (match === null) throw new Error(`a list of the manual has an item without term: ${text}`);
  const [, terms = "", description = ""] = match;
  return [".TP", inline(terms), inline(description)];
}

if (process.argv[1] === import.meta.filename) {
  for (const [path, content] of generated()) writeFileSync(new URL(path, root), content);
}
