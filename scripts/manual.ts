// Makes what the docs have from elsewhere: man/sealcheck.1 from docs/manual.md, the tables of docs/codes.md from
// src/codes.ts. `node scripts/manual.ts` writes them; a test compares.

import { readFileSync, writeFileSync } from "node:fs";
import { codes } from "../src/codes.ts";

const root = new URL("../", import.meta.url);

/** What each generated file should hold, by its path from the root. */
export function generated(): ReadonlyMap<string, string> {
  const version: { version: string } = JSON.parse(read("package.json"));
  return new Map([
    ["man/sealcheck.1", manPage(read("docs/manual.md"), version.version)],
    ["docs/codes.md", withTables(read("docs/codes.md"))],
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

/** Padded as the formatter wants it. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |\n`;
  return [line(header), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("");
}

/** The manual in man(7), from the little Markdown that it is written in. */
function manPage(markdown: string, version: string): string {
  const lines = [`.TH SEALCHECK 1 "" "sealcheck ${version}" "User Commands"`];
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

function inline(text: string): string {
  const escaped = literal(text.replaceAll(/\s+/g, " "));
  return escaped.replaceAll(/`([^`]+)`/g, "\\fB$1\\fR").replaceAll(/\*\*([^*]+)\*\*/g, "\\fB$1\\fR");
}

function literal(line: string): string {
  return line
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("…", "...")
    .replace(/^([.'])/, "\\&$1");
}

if (process.argv[1] === import.meta.filename) {
  for (const [path, content] of generated()) writeFileSync(new URL(path, root), content);
}
