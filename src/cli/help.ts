import { helpText } from "../text/help.ts";
import { type CommandName, commandNames, commandTable, globalOptions, type OptionName, optionTable } from "./table.ts";

/** The page of `--help`: general, or on one command. */
export function helpPage(command: CommandName | undefined): string {
  if (command === undefined) {
    return helpText({
      usage: ["sealcheck COMMAND [OPTION]… [ARGUMENT]"],
      description: [
        "Says, off-line, whether container images that somebody already downloaded are acceptable under policy.json, with the verdict of containers/image.",
      ],
      sections: [
        { title: "Commands", rows: commandNames.map((name) => ({ name, text: commandTable[name].summary })) },
        { title: "Options, before or after the command", rows: optionRows(globalOptions) },
      ],
      examples: commandTable["verify-installable"].examples,
    });
  }
  const { argument, description, summary, options, required, examples } = commandTable[command];
  const words = [`sealcheck ${command}`, ...required.map((name) => usageOf(name)), "[OPTION]…"];
  if (argument !== undefined) words.push(argument.required ? argument.name : `[${argument.name}]`);
  return helpText({
    usage: [words.join(" ")],
    description: [`${summary}.`, ...description],
    sections: [
      { title: "Argument", rows: argument === undefined ? [] : [{ name: argument.name, text: argument.summary }] },
      { title: "Options", rows: optionRows(options) },
      { title: "Options of every command", rows: optionRows(globalOptions) },
    ],
    examples,
  });
}

function optionRows(names: readonly OptionName[]): readonly { readonly name: string; readonly text: string }[] {
  return names.map((name) => {
    const entry = optionTable[name];
    const short = "short" in entry ? `-${entry.short}, ` : "";
    return { name: `${short}${usageOf(name)}`, text: entry.summary };
  });
}

function usageOf(name: OptionName): string {
  const { takes } = optionTable[name];
  return takes === "nothing" ? `--${name}` : `--${name}=${takes.name}`;
}
