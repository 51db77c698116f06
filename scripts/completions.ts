// Shell completions, from the tables that `--help` comes from. `node scripts/manual.ts` writes them. They offer what can
// be of use: not skopeo's options that have no effect, nor its other names of commands, though both are understood.

import {
  type CommandName,
  choicesFor,
  commandNames,
  commandsOf,
  commandTable,
  globalOptions,
  groupNames,
  groupTable,
  type OptionName,
  optionNames,
  optionTable,
  summaryFor,
} from "../src/cli/arguments/table.ts";

/** The completions of each shell, by path from the root. */
export function completions(): ReadonlyMap<string, string> {
  return new Map([
    ["completions/sealcheck.bash", bash()],
    ["completions/_sealcheck", zsh()],
    ["completions/sealcheck.fish", fish()],
  ]);
}

const header = "Made by scripts/manual.ts from src/cli/arguments/table.ts: change that.";

/** What stands for a name in the tables. A source is a directory, as PATH or dir:PATH. */
type Kind = "text" | "file" | "directory" | "source" | "command" | "subcommand";

type Operand = (typeof commandTable)[CommandName]["operands"][number]["name"];
type Takes = (typeof optionTable)[OptionName]["takes"];
type OptionValue = Extract<Takes, { kind: "text" }>["name"];

/** A new name in the tables does not compile until it is said here what it is. */
const kinds = {
  FILE: "file",
  STATE: "file",
  DIR: "directory",
  DIGEST: "text",
  PLATFORM: "text",
  SOURCE: "source",
  MANIFEST: "file",
  SIGNATURE: "file",
  OLD: "file",
  NEW: "file",
  COMMAND: "command",
  SUBCOMMAND: "subcommand",
  IDENTITY: "text",
  REF: "text",
  SCOPE: "text",
  "DOCKER-REFERENCE": "text",
  "KEY-FINGERPRINT": "text",
  "KEY-FINGERPRINTS": "text",
  DURATION: "text",
  N: "text",
  ADDRESS: "text",
  MODE: "text",
  OWNER: "text",
  CREDENTIALS: "text",
  USER: "text",
  PASSWORD: "text",
  TOKEN: "text",
  PREFIX: "text",
  ARCH: "text",
  OS: "text",
  VARIANT: "text",
  WHERE: "file",
  NAME: "text",
  PLACE: "directory",
  "N[/UNIT]": "text",
  BEFORE: "text",
  AFTER: "text",
} as const satisfies Record<Operand | OptionValue, Kind>;

const firstWords: readonly { readonly word: string; readonly summary: string }[] = [
  ...commandNames.filter((name) => !name.includes(" ")).map((word) => ({ word, summary: commandTable[word].summary })),
  ...groupNames.map((word) => ({ word, summary: groupTable[word].summary })),
];

const groups = groupNames.map((group) => ({
  group,
  members: commandsOf(group).map((name) => ({
    name,
    word: name.slice(group.length + 1),
    summary: commandTable[name].summary,
  })),
}));

/** What each option offers, and to whom. */
const options = optionNames.map((name) => {
  const entry = optionTable[name];
  const { takes } = entry;
  return {
    name,
    short: "short" in entry ? entry.short : undefined,
    summary: entry.summary as string,
    spellings: [`--${name}`, ...("short" in entry ? [`-${entry.short}`] : [])],
    takesValue: takes !== "nothing",
    valueName: takes === "nothing" ? "" : takes.name,
    choices: (takes !== "nothing" && "choices" in takes ? takes.choices : []) as readonly string[],
    kind: takes !== "nothing" && takes.kind === "text" ? kinds[takes.name] : "text",
    isOffered: !("fate" in entry),
    isGlobal: globalOptions.includes(name),
  } as const;
});

const offeredGlobals = options.filter(({ isGlobal, isOffered }) => isGlobal && isOffered);

function ownOptions(command: CommandName): typeof options {
  const own: readonly OptionName[] = commandTable[command].options;
  return options
    .filter(({ name, isOffered, isGlobal }) => own.includes(name) && isOffered && !isGlobal)
    .map((option) => ({
      ...option,
      summary: summaryFor(command, option.name),
      choices: choicesFor(command, option.name) ?? option.choices,
    }));
}

/** Other names of commands, which skopeo has. */
const aliases = commandNames.flatMap((name) => {
  const entry = commandTable[name];
  return "skopeoName" in entry && entry.skopeoName !== name ? [{ name, alias: entry.skopeoName }] : [];
});

function bash(): string {
  const names = (of: typeof options): string => of.map(({ name }) => `--${name}`).join(" ");
  const operandCases = commandNames.flatMap((command) =>
    commandTable[command].operands.map(({ name }, index) => ({ at: `${command}:${index}`, kind: kinds[name] })),
  );
  const casesOf = (kind: Kind): string =>
    operandCases
      .filter((operand) => operand.kind === kind)
      .map(({ at }) => bashWord(at))
      .join(" | ");
  const spellings = (of: typeof options): string => of.flatMap((option) => option.spellings).join(" | ");
  const withKind = (kind: Kind): string =>
    spellings(options.filter((option) => option.takesValue && option.kind === kind && option.choices.length === 0));
  return `# bash completion for sealcheck. ${header}

_sealcheck() {
  COMPREPLY=()
  local IFS=$' \\t\\n'
  local raw=\${COMP_WORDS[COMP_CWORD]}
  local words=() word joins="" i
  # readline parts words at = and : too; here they are whole.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ \${#words[@]} -gt 0 && -n $word && ( -n $joins || $word == [=:]* ) ]]; then
      words[\${#words[@]} - 1]+=$word
    else
      words+=("$word")
    fi
    joins=""
    if [[ -n $word && $word != *[!=:]* ]]; then joins=1; fi
  done
  local last=$((\${#words[@]} - 1))
  local current=\${words[last]}

  local command="" option="" ended="" operand="" operands=0 given=" "
  for ((i = 0; i < last; i++)); do
    word=\${words[i]}
    if [[ -n $option ]]; then
      option=""
    elif [[ -z $ended && $word == -?* ]]; then
      case $word in
        --) ended=1 ;;
        ${spellings(options.filter(({ takesValue }) => takesValue))}) option=$word ;;
      esac
      given+="\${word%%=*} "
    else
      case $command in
        "")
          case $word in
            ${firstWords.map(({ word }) => word).join(" | ")}) command=$word ;;
${aliases.map(({ name, alias }) => `            ${alias}) command=${name} ;;\n`).join("")}            *) return 0 ;;
          esac
          ;;
        ${groupNames.join(" | ")}) command="$command $word" ;;
        *) operand=$word operands=$((operands + 1)) ;;
      esac
    fi
  done

  local kind="" choices="" prefix=""
  if [[ -z $option && -z $ended && $current == --*=* ]]; then
    option=\${current%%=*}
    prefix=$option=
  fi
  if [[ -n $option ]]; then
    case $command:$option in
${commandNames
  .flatMap((command) => ownOptions(command).map((option) => ({ command, ...option })))
  .filter(({ choices }) => choices.length > 0)
  .map(
    ({ command, spellings: own, choices }) =>
      `      ${own.map((spelling) => bashWord(`${command}:${spelling}`)).join(" | ")}) kind=choices choices="${choices.join(" ")}" ;;\n`,
  )
  .join("")}    esac
    case $option in
      ${withKind("file")}) kind=file ;;
      ${withKind("directory")}) kind=directory ;;
    esac
  elif [[ -z $ended && $current == -* ]]; then
    kind=options
  else
    case $command:$operands in
      :0 | ${casesOf("command")}) kind=choices choices="${firstWords.map(({ word }) => word).join(" ")}" ;;
${groups
  .map(
    ({ group, members }) =>
      `      ${bashWord(`${group}:0`)}) kind=choices choices="${members.map(({ word }) => word).join(" ")}" ;;\n`,
  )
  .join("")}      ${casesOf("subcommand")})
        case $operand in
${groups
  .map(
    ({ group, members }) =>
      `          ${group}) kind=choices choices="${members.map(({ word }) => word).join(" ")}" ;;\n`,
  )
  .join("")}        esac
        ;;
      ${casesOf("source")}) kind=source ;;
      ${casesOf("file")}) kind=file ;;
      ${casesOf("text")}) ;;
      *) if [[ -z $ended ]]; then kind=options; fi ;;
    esac
  fi

  if [[ $kind == options ]]; then
    case $command in
${commandNames
  .filter((command) => ownOptions(command).length > 0)
  .map((command) => `      ${bashWord(command)}) choices="${names(ownOptions(command))}" ;;\n`)
  .join("")}    esac
    # None may be given twice.
    for word in $choices ${names(offeredGlobals)}; do
      if [[ $given != *" $word "* && $word == "$current"* ]]; then COMPREPLY+=("$word"); fi
    done
    return 0
  fi

  if [[ $kind == source ]]; then
    kind=directory
    if [[ $current == dir:* ]]; then prefix=dir:; fi
  fi
  local value=\${current#"$prefix"}
  # readline replaces only what follows the last = or :, if it parted the word there.
  local kept=\${current%"$raw"}
  if [[ -n $raw && $raw != *[!=:]* ]]; then kept=$current; fi
  while IFS= read -r word; do
    word=$prefix$word
    COMPREPLY+=("\${word#"$kept"}")
  done < <(
    case $kind in
      (choices) compgen -W "$choices" -- "$value" ;;
      (file) compgen -f -- "$value" ;;
      (directory) compgen -d -- "$value" ;;
    esac
  )
  case $kind in
    # Only within a completion, and not before bash 4, is there a compopt.
    file | directory) compopt -o filenames 2>/dev/null || true ;;
  esac
}

complete -F _sealcheck sealcheck
`;
}

function bashWord(word: string): string {
  return word.includes(" ") ? `"${word}"` : word;
}

function zsh(): string {
  const action = (kind: Kind): string =>
    ({
      text: " ",
      file: "_files",
      directory: "_files -/",
      source: "_sealcheck_source",
      command: "_sealcheck_commands",
      subcommand: "_sealcheck_subcommands",
    })[kind];
  const optionSpecs = (of: typeof options): readonly string[] =>
    of.map(({ name, short, summary, takesValue, valueName, choices, kind }) => {
      const value = choices.length > 0 ? `(${choices.join(" ")})` : action(kind);
      const text = `[${zshText(summary)}]${takesValue ? `:${zshText(valueName)}:${value}` : ""}`;
      const long = `--${name}${takesValue ? "=" : ""}`;
      return short === undefined
        ? quoted(`${long}${text}`)
        : // Either, and not the other then.
          `${quoted(`(-${short} --${name})`)}{-${short}${takesValue ? "+" : ""},${long}}${quoted(text)}`;
    });
  const operandSpecs = (command: CommandName): readonly string[] =>
    commandTable[command].operands.map(({ name, required }, index, { length }) => {
      const isRepeated = "isVariadic" in commandTable[command] && index + 1 === length;
      return quoted(`${isRepeated ? "*" : index + 1}:${required ? "" : ":"}${zshText(name)}:${action(kinds[name])}`);
    });
  const call = (command: CommandName, indent: string): string =>
    ["_arguments -s -S $globals", ...optionSpecs(ownOptions(command)), ...operandSpecs(command)].join(
      ` \\\n${indent}  `,
    );
  const described = (words: readonly { readonly word: string; readonly summary: string }[]): string =>
    words.map(({ word, summary }) => `    ${quoted(`${word}:${summary}`)}\n`).join("");
  return `#compdef sealcheck
# zsh completion for sealcheck. ${header}

_sealcheck() {
  local curcontext=$curcontext state line
  local -a globals
  globals=(
${optionSpecs(offeredGlobals)
  .map((spec) => `    ${spec}\n`)
  .join("")}  )
  _arguments -C -s -S $globals '1:COMMAND:_sealcheck_commands' '*:: :->rest' && return
  [[ $state == rest ]] || return
  case $words[1] in
${firstWords
  .filter(({ word }) => !groupNames.some((group) => group === word))
  .flatMap(({ word }) => commandNames.filter((name) => name === word))
  .map((name) => {
    const names = [name, ...aliases.filter((alias) => alias.name === name).map(({ alias }) => alias)];
    return `    ${names.join(" | ")})\n      ${call(name, "      ")}\n      ;;\n`;
  })
  .join("")}${groups
  .map(
    ({ group, members }) => `    ${group})
      _arguments -C -s -S $globals '1:COMMAND:_sealcheck_${group}_commands' '*:: :->member' && return
      [[ $state == member ]] || return
      case $words[1] in
${members.map(({ name, word }) => `        ${word})\n          ${call(name, "          ")}\n          ;;\n`).join("")}      esac
      ;;
`,
  )
  .join("")}  esac
}

_sealcheck_commands() {
  local -a commands
  commands=(
${described(firstWords)}  )
  _describe -t commands command commands
}

${groups
  .map(
    ({ group, members }) => `_sealcheck_${group}_commands() {
  local -a commands
  commands=(
${described(members)}  )
  _describe -t commands command commands
}

`,
  )
  .join("")}_sealcheck_subcommands() {
  case $line[1] in
${groups.map(({ group }) => `    ${group}) _sealcheck_${group}_commands ;;\n`).join("")}  esac
}

_sealcheck_source() {
  compset -P dir:
  _files -/
}

_sealcheck "$@"
`;
}

/** A text within a specification of _arguments. */
function zshText(text: string): string {
  return text.replaceAll(/[\\:[\]]/g, "\\$&");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fish(): string {
  const lines: string[] = [];
  const add = (condition: string, rest: string): void => {
    lines.push(`complete -c sealcheck ${condition === "" ? "" : `-n ${fishText(condition)} `}${rest}`);
  };
  const directories = "-a '(__fish_complete_directories (commandline -ct))'";
  const value = (kind: Kind): string =>
    kind === "file" ? "-F" : kind === "directory" || kind === "source" ? directories : "";
  const option = (condition: string, of: (typeof options)[number]): void => {
    const offered = of.choices.length > 0 ? `-a ${fishText(of.choices.join(" "))}` : value(of.kind);
    const takes = of.takesValue ? ` ${of.kind === "file" ? "-r" : "-x"} ${offered}`.trimEnd() : "";
    const short = of.short === undefined ? "" : `-s ${of.short} `;
    add(condition, `${short}-l ${of.name}${takes} -d ${fishText(of.summary)}`);
  };
  const words = (condition: string, offered: readonly { readonly word: string; readonly summary: string }[]): void => {
    for (const { word, summary } of offered) add(condition, `-a ${word} -d ${fishText(summary)}`);
  };

  for (const global of offeredGlobals) option("", global);
  words("__sealcheck_at 0", firstWords);
  for (const { group, members } of groups) words(`__sealcheck_at 0 ${group}`, members);
  for (const command of commandNames) {
    for (const own of ownOptions(command)) option(`__sealcheck_in ${command}`, own);
    for (const [index, { name }] of commandTable[command].operands.entries()) {
      const condition = `__sealcheck_at ${index} ${command}`;
      const kind = kinds[name];
      if (kind === "command") words(condition, firstWords);
      else if (kind === "subcommand") {
        for (const { group, members } of groups) words(`${condition}; and __sealcheck_after ${group}`, members);
      } else if (kind !== "text") add(condition, value(kind));
    }
  }
  return `# fish completion for sealcheck. ${header}

# Prints the words that are no options: the command, one word or two as one line, then what it was given.
function __sealcheck_words
    set -l words
    set -l skip
    set -l ended
    for token in (commandline -opc)[2..-1]
        if test -n "$skip"
            set skip
        else if test -z "$ended"; and string match -q -- '-?*' $token
            switch $token
                case --
                    set ended 1
                case ${options
                  .filter(({ takesValue }) => takesValue)
                  .flatMap(({ spellings }) => spellings)
                  .join(" ")}
                    set skip 1
            end
        else if test (count $words) -eq 1; and contains -- "$words[1]" ${groupNames.join(" ")}
            set words "$words[1] $token"
${aliases.map(({ name, alias }) => `        else if test (count $words) -eq 0; and test "$token" = ${alias}\n            set words ${name}\n`).join("")}        else
            set -a words $token
        end
    end
    string join -- \\n $words
end

# Whether the command is the one of these words.
function __sealcheck_in
    set -l words (__sealcheck_words)
    test "$words[1]" = "$argv"
end

# Whether the command is the one of the words after the first, which is how many arguments it was given.
function __sealcheck_at
    set -l words (__sealcheck_words)
    set -l given (math (count $words) - 1)
    if test (count $argv) -eq 1
        test (count $words) -eq 0
    else
        test "$words[1]" = "$argv[2..-1]"; and test $given -eq $argv[1]
    end
end

# Whether this is the argument before.
function __sealcheck_after
    set -l words (__sealcheck_words)
    test "$words[-1]" = "$argv[1]"
end

complete -c sealcheck -f
${lines.map((line) => `${line.trimEnd()}\n`).join("")}`;
}

function fishText(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}
