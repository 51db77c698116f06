import { parseArgs } from "node:util";
import { nearest } from "../policy/nearest.ts";
import { fail, ok, type Result } from "../result.ts";
import type { CommandProblem, OptionValueFlaw } from "../text/command-words.ts";
import {
  type CommandName,
  commandNames,
  commandTable,
  globalOptions,
  type OptionName,
  optionNames,
  optionTable,
} from "./table.ts";

/** A command line that makes sense. */
export type Invocation =
  | { readonly kind: "help"; readonly command: CommandName | undefined }
  | { readonly kind: "version" }
  | {
      readonly kind: "run";
      readonly command: Exclude<CommandName, "help">;
      readonly options: Options;
      readonly argument: string;
    };

/** Only options that were given; which may be there depends on the command. */
export type Options = { readonly [Name in OptionName]?: ValueOf<(typeof optionTable)[Name]["takes"]> };

type ValueOf<Takes> = Takes extends "nothing"
  ? boolean
  : Takes extends { kind: "choice"; choices: readonly (infer Choice)[] }
    ? Choice
    : Takes extends { kind: "count" }
      ? number
      : string;

type OptionToken = {
  readonly rawName: string;
  readonly name: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
};

/**
 * Reads the arguments that follow the program's name. Options may stand before and after the argument; before the command
 * only those that skopeo takes there too. Nothing is guessed: what is unknown, repeated or superfluous is refused.
 */
export function parseArguments(argv: readonly string[]): Result<Invocation, CommandProblem> {
  const { tokens } = parseArgs({
    args: [...argv],
    options: parseArgsOptions,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const positionals = tokens.filter((token) => token.kind === "positional");
  const [first, ...others] = positionals;
  const command = first === undefined ? undefined : commandNames.find((name) => name === first.value);

  const options: Partial<Record<OptionName, boolean | number | string>> = {};
  for (const token of tokens) {
    if (token === first && command === undefined) return fail(unknownCommand(first.value));
    if (token.kind !== "option") continue;
    const isBeforeCommand = first === undefined || token.index < first.index;
    const allowed = [
      ...(isBeforeCommand || command === undefined ? [] : commandTable[command].options),
      ...globalOptions,
    ];
    const option = allowed.find((name) => name === token.name);
    if (option === undefined) {
      return fail({ code: "usage.option.unknown", option: token.rawName, nearest: nearest(token.name, allowed) });
    }
    const value = optionValue(option, token);
    if (!value.ok) return fail({ code: "usage.option.value", option, why: value.problem });
    // A flag that is repeated says nothing new, unless it contradicts itself.
    if (options[option] !== undefined && (optionTable[option].takes !== "nothing" || options[option] !== value.value)) {
      return fail({ code: "usage.option.repeated", option });
    }
    options[option] = value.value;
  }
  // Each value was made by `optionValue` for the option that it belongs to.
  return invocation(
    command,
    options as Options,
    others.map((token) => token.value),
  );
}

function invocation(
  command: CommandName | undefined,
  options: Options,
  operands: readonly string[],
): Result<Invocation, CommandProblem> {
  if (options.version === true) return ok({ kind: "version" });
  if (options.help === true) return ok({ kind: "help", command });
  if (command === undefined) return fail({ code: "usage.argument.missing", argument: "COMMAND" });

  const { argument, required } = commandTable[command];
  const [operand = "", superfluous] = operands;
  if (argument === undefined && operands.length > 0)
    return fail({ code: "usage.argument.unexpected", argument: operand });
  if (superfluous !== undefined) return fail({ code: "usage.argument.unexpected", argument: superfluous });
  if (command === "help") return helpOn(operand);
  for (const option of required) {
    if (options[option] === undefined) return fail({ code: "usage.option.missing", option });
  }
  if (argument?.required === true && operand === "")
    return fail({ code: "usage.argument.missing", argument: argument.name });
  return ok({ kind: "run", command, options, argument: operand });
}

function helpOn(topic: string): Result<Invocation, CommandProblem> {
  const command = commandNames.find((name) => name === topic);
  if (topic === "" || command !== undefined) return ok({ kind: "help", command });
  return fail(unknownCommand(topic));
}

function unknownCommand(command: string): CommandProblem {
  return { code: "usage.command.unknown", command, nearest: nearest(command, commandNames), known: commandNames };
}

function optionValue(
  option: OptionName,
  { value, inlineValue }: OptionToken,
): Result<boolean | number | string, OptionValueFlaw> {
  const entry = optionTable[option];
  if ("fate" in entry && entry.fate === "refused") return fail({ kind: "no-policy" });
  const { takes } = entry;
  if (takes === "nothing") {
    if (value === undefined || value === "true") return ok(true);
    return value === "false" ? ok(false) : fail({ kind: "no-flag", value });
  }
  if (value === undefined) return fail({ kind: "missing" });
  // What skopeo would take as the value is more likely an option after a forgotten value.
  if (inlineValue !== true && value.startsWith("-") && value !== "-") return fail({ kind: "looks-like-option", value });
  switch (takes.kind) {
    case "choice": {
      const choice = takes.choices.find((known) => known === value);
      return choice === undefined ? fail({ kind: "not-among", value, known: takes.choices }) : ok(choice);
    }
    case "count": {
      const isCount = /^[1-9][0-9]{0,3}$/.test(value) && Number(value) <= takes.most;
      return isCount ? ok(Number(value)) : fail({ kind: "no-count", value, most: takes.most });
    }
    case "text":
      // An empty identity has a code of its own.
      return value === "" && option !== "identity" ? fail({ kind: "empty" }) : ok(value);
  }
}

/** Whether a command line, even one that makes no sense, asks for JSON: its error is then a JSON verdict too. */
export function asksForJson(argv: readonly string[]): boolean {
  const separate = argv.indexOf("--format");
  return argv.includes("--format=json") || (separate >= 0 && argv[separate + 1] === "json");
}

const parseArgsOptions = Object.fromEntries(
  optionNames.map((name) => {
    const entry = optionTable[name];
    const type = entry.takes === "nothing" ? ("boolean" as const) : ("string" as const);
    return [name, "short" in entry ? { type, short: entry.short } : { type }];
  }),
);
