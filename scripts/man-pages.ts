// The manual page of each command, from the same texts as its `--help`. `node scripts/manual.ts` writes them.

import { commandUsage, idleText } from "../src/cli/arguments/help.ts";
import {
  type CommandName,
  commandNames,
  commandTable,
  type OptionName,
  optionTable,
  summaryFor,
} from "../src/cli/arguments/table.ts";
import { inline, literal, titleLine } from "./roff.ts";

/** The text of each page, by its path from the root. */
export function commandPages(version: string): ReadonlyMap<string, string> {
  return new Map(commandNames.map((command) => [`man/${pageOf(command)}.1`, page(command, version)]));
}

function pageOf(command: CommandName): string {
  return `sealcheck-${command.replace(" ", "-")}`;
}

function page(command: CommandName, version: string): string {
  const { summary, description, options, globals, operands, examples } = commandTable[command];
  // Help has no sections for these; a manual page must.
  const isOnExit = (text: string): boolean => text.startsWith("Exit code");
  const lines = [
    titleLine(pageOf(command), version),
    ".SH NAME",
    `${literal(pageOf(command))} \\- ${inline(summary)}`,
    ".SH SYNOPSIS",
    ...usages(command).flatMap((usage, index) => [...(index === 0 ? [] : [".PP"]), literal(usage)]),
    ".SH DESCRIPTION",
    ...paragraphs([sentence(summary), ...description.filter((text) => !isOnExit(text))]),
    ...operands.flatMap(({ name, summary: text }) => [".TP", `\\fI${literal(name)}\\fR`, inline(text)]),
    ".SH OPTIONS",
    ...[...options, ...globals].flatMap((name) => optionLines(command, name)),
    ".PP",
    inline(idleText(command)),
    ...section("EXIT STATUS", paragraphs(description.filter(isOnExit))),
    ...section("EXAMPLES", examples.flatMap(exampleLines)),
    ".SH SEE ALSO",
    seeAlso(command)
      .map((name) => `\\fB${literal(name)}\\fR(1)`)
      .join(", "),
  ];
  return `${lines.join("\n")}\n`;
}

function usages(command: CommandName): readonly string[] {
  const entry = commandTable[command];
  const usage = commandUsage(command);
  const hasOtherName = "skopeoName" in entry && entry.skopeoName !== command;
  return hasOtherName ? [usage, usage.replace(` ${command} `, ` ${entry.skopeoName} `)] : [usage];
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

function paragraphs(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text, index) => [...(index === 0 ? [] : [".PP"]), inline(text)]);
}

function optionLines(command: CommandName, name: OptionName): readonly string[] {
  const entry = optionTable[name];
  const short = "short" in entry ? `\\fB\\-${entry.short}\\fR, ` : "";
  const value = entry.takes === "nothing" ? "" : `=\\fI${literal(entry.takes.name)}\\fR`;
  return [".TP", `${short}\\fB${literal(`--${name}`)}\\fR${value}`, inline(summaryFor(command, name))];
}

function exampleLines(example: string): readonly string[] {
  return [".PP", ".RS 4", ".nf", literal(example), ".fi", ".RE"];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`.SH ${title}`, ...lines];
}

/** The manual, the rest of the command's group, and the commands that its texts name. */
function seeAlso(command: CommandName): readonly string[] {
  const { description, operands, options } = commandTable[command];
  const texts = [
    ...description,
    ...operands.map(({ summary }) => summary),
    ...options.map((name) => summaryFor(command, name)),
  ];
  const group = command.includes(" ") ? command.replace(/ .*/, " ") : undefined;
  const isNear = (other: CommandName): boolean =>
    (group !== undefined && other.startsWith(group)) ||
    // "batch" and "help" are words of other texts too.
    (/[ -]/.test(other) && texts.some((text) => text.includes(other)));
  return ["sealcheck", ...commandNames.filter((other) => other !== command && isNear(other)).map(pageOf)];
}
