/** An option as it was given, a word that is none, or the `--` after which there are no options. */
export type Token =
  | OptionToken
  | { readonly kind: "positional"; readonly index: number; readonly value: string }
  | { readonly kind: "option-terminator"; readonly index: number };

export interface OptionToken {
  readonly kind: "option";
  /** Of the argument that it stands in. */
  readonly index: number;
  /** As it was written, without a value: `--policy`, `-h`. */
  readonly rawName: string;
  /** The long form, or what follows the hyphens if nothing is known by that. */
  readonly name: string;
  readonly value: string | undefined;
  /** Whether the value stands in the same argument; `undefined` without a value. */
  readonly inlineValue: boolean | undefined;
}

/** An option that there is; a short form is one letter. */
export interface OptionForm {
  readonly name: string;
  readonly takesValue: boolean;
  readonly short?: string;
}

/**
 * Splits arguments as GNU's getopt_long does, and as `parseArgs` of `node:util` if it is not strict: a test holds the two
 * equal. Loading that module would be a tenth of what `--version` takes on Bun (docs/performance.md).
 *
 * `--name`, `--name=value`, `--name value`, `-n`, `-nvalue`, `-n value`, and several letters after one hyphen. An unknown
 * option has no value unless that was given with `=`.
 */
export function splitArguments(argv: readonly string[], forms: readonly OptionForm[]): readonly Token[] {
  const tokens: Token[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] ?? "";
    if (argument === "--") {
      tokens.push({ kind: "option-terminator", index });
      for (index += 1; index < argv.length; index += 1) tokens.push(positional(index, argv[index] ?? ""));
    } else if (argument.startsWith("-") && argument !== "-") {
      const options = argument.startsWith("--") ? [longOption(argument, index)] : shortOptions(argument, index, forms);
      tokens.push(...options);
      const last = options.at(-1);
      const next = argv[index + 1];
      if (last?.value !== undefined || next === undefined || !takesValue(last, forms)) continue;
      // Whatever comes next is the value, even if it looks like an option.
      tokens[tokens.length - 1] = { ...last, value: next, inlineValue: false };
      index += 1;
    } else {
      tokens.push(positional(index, argument));
    }
  }
  return tokens;
}

function positional(index: number, value: string): Token {
  return { kind: "positional", index, value };
}

function takesValue(option: OptionToken | undefined, forms: readonly OptionForm[]): option is OptionToken {
  return forms.some(({ name, takesValue }) => takesValue && name === option?.name);
}

function longOption(argument: string, index: number): OptionToken {
  // `--=x` names an option, and has no value.
  if (!argument.includes("=", 3)) return withoutValue(argument, argument.slice(2), index);
  const equals = argument.indexOf("=");
  const rawName = argument.slice(0, equals);
  const value = argument.slice(equals + 1);
  return { kind: "option", index, rawName, name: rawName.slice(2), value, inlineValue: true };
}

function shortOptions(argument: string, index: number, forms: readonly OptionForm[]): readonly OptionToken[] {
  const options: OptionToken[] = [];
  for (let at = 1; at < argument.length; at += 1) {
    const letter = argument.charAt(at);
    const option = withoutValue(`-${letter}`, forms.find(({ short }) => short === letter)?.name ?? letter, index);
    const rest = argument.slice(at + 1);
    if (rest !== "" && takesValue(option, forms)) return [...options, { ...option, value: rest, inlineValue: true }];
    options.push(option);
  }
  return options;
}

function withoutValue(rawName: string, name: string, index: number): OptionToken {
  return { kind: "option", index, rawName, name, value: undefined, inlineValue: undefined };
}
