import { helpText } from "../../report/help.ts";
import {
  type CommandName,
  commandNames,
  commandsOf,
  commandTable,
  type GroupName,
  globalOptions,
  groupTable,
  idleOptions,
  isGroup,
  isRefused,
  type OptionName,
  optionTable,
  summaryFor,
} from "./table.ts";

/** The page of `--help`: general, on a group of commands, or on one command. */
export function helpPage(command: CommandName | GroupName | undefined): string {
  if (command === undefined) {
    return helpText({
      usage: ["sealcheck COMMAND [OPTION]… [ARGUMENT]"],
      description: [
        "Says, off-line, whether container images that somebody already downloaded are acceptable under policy.json, with the verdict of containers/image; and, before a roll-out, which images in registries are (verify-policy).",
      ],
      sections: [
        { title: "Commands", rows: commandRows(commandNames) },
        { title: "Options, before or after the command", rows: optionRows(undefined, globalOptions) },
      ],
      examples: commandTable["verify-installable"].examples,
    });
  }
  return isGroup(command) ? groupPage(command) : commandPage(command);
}

function groupPage(group: GroupName): string {
  return helpText({
    usage: [`sealcheck ${group} COMMAND [OPTION]… [ARGUMENT]`],
    description: [`${groupTable[group].summary}.`],
    sections: [
      { title: "Commands", rows: commandRows(commandsOf(group)) },
      {
        title: "Options",
        rows: [{ name: "-h, --help", text: `print help on one of them: sealcheck ${commandsOf(group)[0]} --help` }],
      },
    ],
    examples: [],
  });
}

function commandPage(command: CommandName): string {
  const { operands, description, summary, options, globals, examples } = commandTable[command];
  return helpText({
    usage: [commandUsage(command)],
    description: [`${summary}.`, ...description],
    sections: [
      {
        title: operands.length === 1 ? "Argument" : "Arguments",
        rows: operands.map(({ name, summary: text }) => ({ name, text })),
      },
      { title: "Options", rows: optionRows(command, [...options, ...globals]) },
    ],
    notes: [idleText(command)],
    examples,
  });
}

/** The options that are taken and say nothing here, in one paragraph; the manual pages have it too. */
export function idleText(command: CommandName): string {
  const idle = idleOptions(command);
  const taken = idle.filter((name) => !isRefused(name, command)).map((name) => `--${name}`);
  const refused = idle.filter((name) => isRefused(name, command)).map((name) => `--${name} is refused.`);
  return [
    `Other options of skopeo and sealcheck are taken here too, without effect: ${taken.join(", ")}.`,
    ...refused,
  ].join(" ");
}

/** What is required, in one line; the manual pages have it too. */
export function commandUsage(command: CommandName): string {
  const entry = commandTable[command];
  const { operands, required } = entry;
  const words = [`sealcheck ${command}`, ...required.map((name) => usageOf(name)), "[OPTION]…"];
  for (const { name, required: isRequired } of operands) words.push(isRequired ? name : `[${name}]`);
  if ("isVariadic" in entry) words.push(`${words.pop()}…`);
  return words.join(" ");
}

function commandRows(names: readonly CommandName[]): readonly { readonly name: string; readonly text: string }[] {
  return names.map((name) => ({ name, text: commandTable[name].summary }));
}

function optionRows(
  command: CommandName | undefined,
  names: readonly OptionName[],
): readonly { readonly name: string; readonly text: string }[] {
  return names.map((name) => {
    const entry = optionTable[name];
    const short = "short" in entry ? `-${entry.short}, ` : "";
    return { name: `${short}${usageOf(name)}`, text: summaryFor(command, name) };
  });
}

function usageOf(name: OptionName): string {
  const { takes } = optionTable[name];
  return takes === "nothing" ? `--${name}` : `--${name}=${takes.name}`;
}
