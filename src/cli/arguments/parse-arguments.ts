import { nearest } from "../../policy/nearest.ts";
import { fail, ok, type Result } from "../../result.ts";
import type { CommandProblem, OptionValueFlaw } from "../../words/command-words.ts";
import {
  type CommandName,
  choicesFor,
  commandNamed,
  commandNames,
  commandsOf,
  commandTable,
  type GroupName,
  globalOptions,
  groupNames,
  isGroup,
  isRefused,
  isSkopeos,
  type OptionName,
  optionNames,
  optionTable,
} from "./table.ts";
import { type OptionForm, type OptionToken, splitArguments, type Token } from "./tokens.ts";

/** A command line that makes sense. */
export type Invocation =
  | { readonly kind: "help"; readonly command: CommandName | GroupName | undefined; readonly isAlone: boolean }
  /** `isAlone`: nothing else was asked for, so that it may succeed. */
  | { readonly kind: "version"; readonly isAlone: boolean }
  | {
      readonly kind: "run";
      readonly command: Exclude<CommandName, "help">;
      readonly options: Options;
      /** Those that are required are there, and no more than the command takes. */
      readonly operands: readonly string[];
    };

/** Only options that were given; which may be there depends on the command. */
export type Options = { readonly [Name in OptionName]?: ValueOf<(typeof optionTable)[Name]["takes"]> };

type ValueOf<Takes> = Takes extends "nothing"
  ? boolean
  : Takes extends { kind: "list" }
    ? readonly string[]
    : Takes extends { kind: "choice"; choices: readonly (infer Choice)[] }
      ? Choice
      : Takes extends { kind: "count" }
        ? number
        : string;

type OptionValue = boolean | number | string | readonly string[];

/** A command line, and what can be told of one that makes no sense. */
export interface CommandLine {
  readonly invocation: Result<Invocation, CommandProblem>;
  /** The command that it is about. */
  readonly command: CommandName | undefined;
  /** An error of a command line that asks for JSON is a JSON verdict too. */
  readonly asksForJson: boolean;
  /** Whether every failure is exit code 1, as in skopeo: for its commands, in its forms. */
  readonly failsAsSkopeo: boolean;
}

/**
 * Reads the arguments that follow the program's name. Options may stand before and after the argument; before the command
 * only those that skopeo takes there too. Nothing is guessed: what is unknown, repeated or superfluous is refused.
 */
export function parseArguments(argv: readonly string[]): CommandLine {
  const tokens = splitArguments(argv, optionForms);
  // Both runtimes put U+FFFD for what is not UTF-8, and so a path would name another file.
  const garbled = argv.find((argument) => argument.includes("\ufffd"));
  const invocation =
    garbled === undefined ? readTokens(tokens) : fail({ code: "usage.argument.encoding", argument: garbled } as const);

  const all = withSwallowed(argv, tokens);
  const command = commandIn(all);
  const gives = (name: OptionName, isSo: (value: string | undefined) => boolean) =>
    all.some((token) => token.kind === "option" && token.name === name && isSo(token.value));
  const asksForMore =
    gives("exit-codes", (value) => value === "detailed") ||
    gives("system-signature-policy", (value) => value !== "false");
  return {
    invocation,
    command,
    asksForJson: gives("format", (value) => value === "json" || value === "jsonl"),
    failsAsSkopeo:
      command !== undefined &&
      isSkopeos(command) &&
      !asksForMore &&
      !(invocation.ok && invocation.value.kind !== "run"),
  };
}

/** Where a value was forgotten, the option after it was taken for that, and is one all the same. */
function withSwallowed(argv: readonly string[], tokens: readonly Token[]): readonly Token[] {
  return tokens.flatMap((token) => {
    if (token.kind !== "option" || token.inlineValue !== false || token.value?.startsWith("--") !== true)
      return [token];
    return [token, ...splitArguments(argv.slice(token.index + 1), optionForms)];
  });
}

/** The command that a command line is about, wherever its name stands. */
function commandIn(tokens: readonly Token[]): CommandName | undefined {
  const words = tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : []));
  for (const at of words.keys()) {
    const { command } = commandOf(words.slice(at));
    if (command !== undefined && !isGroup(command)) return command;
  }
  return undefined;
}

function readTokens(tokens: readonly Token[]): CommandLine["invocation"] {
  const positionals = tokens.filter((token) => token.kind === "positional");
  const { command, words } = commandOf(positionals.map((token) => token.value));
  const [first] = positionals;
  const lastWord = positionals[words - 1];

  const options: Partial<Record<OptionName, OptionValue>> = {};
  for (const token of tokens) {
    if (token === first && command === undefined) return fail(unknownCommand(first.value, commandNames));
    if (token.kind !== "option") continue;
    const isBeforeCommand = lastWord === undefined || token.index < lastWord.index;
    const allowed = [
      ...(isBeforeCommand || command === undefined || isGroup(command) ? [] : commandTable[command].options),
      ...globalOptions,
    ];
    const option = allowed.find((name) => name === token.name);
    if (option === undefined) {
      return fail({ code: "usage.option.unknown", option: token.rawName, nearest: nearest(token.name, allowed) });
    }
    const value = optionValue(option, token, command);
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
    positionals.slice(words).map((token) => token.value),
  );
}

/** The command that the first words name, or the group that the first does, and how many words that takes. */
function commandOf([first = "", second = ""]: readonly string[]): {
  readonly command: CommandName | GroupName | undefined;
  readonly words: 0 | 1 | 2;
} {
  const ofTwo = commandNames.find((name) => name === `${first} ${second}`);
  if (ofTwo !== undefined) return { command: ofTwo, words: 2 };
  const ofOne = commandNamed(first) ?? groupNames.find((name) => name === first);
  return { command: ofOne, words: ofOne === undefined ? 0 : 1 };
}

function invocation(
  command: CommandName | GroupName | undefined,
  options: Options,
  operands: readonly string[],
): Result<Invocation, CommandProblem> {
  // A SOURCE that comes from a variable may be "-v", and 0 would say that the image was accepted.
  const isAlone = operands.length === 0 && Object.keys(options).length === 1;
  if (options.version === true) return ok({ kind: "version", isAlone: isAlone && command === undefined });
  if (options.help === true) return ok({ kind: "help", command, isAlone });
  if (command === undefined) return fail({ code: "usage.argument.missing", argument: "COMMAND" });

  if (command === "help") return helpOn(operands);
  if (isGroup(command)) return missingSubcommand(command, operands);
  const { operands: taken, required } = commandTable[command];
  const superfluous = "isVariadic" in commandTable[command] ? undefined : operands[taken.length];
  if (superfluous !== undefined) return fail({ code: "usage.argument.unexpected", argument: superfluous });
  for (const option of required) {
    if (options[option] === undefined) return fail({ code: "usage.option.missing", option });
  }
  for (const [index, { name, required: isRequired }] of taken.entries()) {
    const operand = operands[index] ?? "";
    if (isRequired && operand === "") return fail({ code: "usage.argument.missing", argument: name });
  }
  return ok({ kind: "run", command, options, operands });
}

function missingSubcommand(group: GroupName, [second]: readonly string[]): Result<never, CommandProblem> {
  const known = commandsOf(group);
  if (second === undefined) return fail({ code: "usage.argument.missing", argument: "COMMAND" });
  return fail(unknownCommand(`${group} ${second}`, known));
}

function helpOn(topic: readonly string[]): Result<Invocation, CommandProblem> {
  const { command, words } = commandOf(topic);
  const [unknown] = topic;
  if (unknown !== undefined && command === undefined) return fail(unknownCommand(unknown, commandNames));
  const superfluous = topic[words];
  if (superfluous === undefined) return ok({ kind: "help", command, isAlone: true });
  if (command !== undefined && isGroup(command)) return missingSubcommand(command, [superfluous]);
  return fail({ code: "usage.argument.unexpected", argument: superfluous });
}

function unknownCommand(command: string, known: readonly CommandName[]): CommandProblem {
  return { code: "usage.command.unknown", command, nearest: meantBy(command, known), known };
}

/** A word that is mistyped, cut short (`verify`), or the second of a command (`explain`). */
function meantBy(word: string, known: readonly CommandName[]): CommandName | GroupName | undefined {
  const isAtTop = known === commandNames;
  const near = nearest(word, isAtTop ? [...known, ...groupNames] : known);
  if (near !== undefined || word.length < minCut) return near;
  return known.find((name) => name.startsWith(word)) ?? known.find((name) => isAtTop && name.endsWith(` ${word}`));
}

/** Letters that make a word worth completing. */
const minCut = 3;

function optionValue(
  option: OptionName,
  { value, inlineValue }: OptionToken,
  command: CommandName | GroupName | undefined,
): Result<OptionValue, OptionValueFlaw> {
  if (isRefused(option, command)) return fail({ kind: "no-policy" });
  const { takes } = optionTable[option];
  if (takes === "nothing") {
    if (value === undefined || value === "true") return ok(true);
    return value === "false" ? ok(false) : fail({ kind: "no-flag", value });
  }
  if (value === undefined) return fail({ kind: "missing" });
  // What skopeo would take as the value is more likely an option after a forgotten value.
  if (inlineValue !== true && value.startsWith("-") && value !== "-") return fail({ kind: "looks-like-option", value });
  switch (takes.kind) {
    case "choice": {
      const choices =
        choicesFor(command === undefined || isGroup(command) ? undefined : command, option) ?? takes.choices;
      const choice = choices.find((known) => known === value);
      return choice === undefined ? fail({ kind: "not-among", value, known: choices }) : ok(choice);
    }
    case "list": {
      const chosen = value.split(",");
      const unknown = chosen.find((word) => !takes.choices.some((known) => known === word));
      return unknown === undefined ? ok(chosen) : fail({ kind: "not-among", value: unknown, known: takes.choices });
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

const optionForms = optionNames.map((name): OptionForm => {
  const entry = optionTable[name];
  const takesValue = entry.takes !== "nothing";
  return "short" in entry ? { name, takesValue, short: entry.short } : { name, takesValue };
});
