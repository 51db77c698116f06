import { wrap } from "./wrap.ts";

/** A help page, as data. Sections without rows are left out. */
export interface HelpPage {
  readonly usage: readonly string[];
  readonly description: readonly string[];
  readonly sections: readonly {
    readonly title: string;
    readonly rows: readonly { readonly name: string; readonly text: string }[];
  }[];
  /** Paragraphs behind the sections. */
  readonly notes?: readonly string[];
  readonly examples: readonly string[];
}

/** The page for a terminal of 80 columns, with a newline at the end. */
export function helpText({ usage, description, sections, notes = [], examples }: HelpPage): string {
  const blocks = [
    usage.map((line) => `Usage: ${line}`).join("\n"),
    ...description.map((paragraph) => wrap(paragraph, "", width)),
    ...sections
      .filter(({ rows }) => rows.length > 0)
      .map(({ title, rows }) => [`${title}:`, ...rows.map(({ name, text }) => row(name, text))].join("\n")),
    ...notes.map((note) => wrap(note, "", width)),
    ...(examples.length === 0 ? [] : [["Examples:", ...examples.map((example) => `  ${example}`)].join("\n")]),
  ];
  return `${blocks.join("\n\n")}\n`;
}

const width = 80;

function row(name: string, text: string): string {
  return `  ${name}\n${wrap(`      ${text}`, "      ", width)}`;
}
