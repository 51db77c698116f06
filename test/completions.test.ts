import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { completions } from "../scripts/completions.ts";
import { commandNames, commandTable, globalOptions, groupNames, optionTable } from "../src/cli/arguments/table.ts";

// That the committed files are the generated ones is held by docs.test.ts.

const root = fileURLToPath(new URL("../", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "sealcheck-completions-"));
after(() => rmSync(directory, { recursive: true }));
mkdirSync(join(directory, "download"));
mkdirSync(join(directory, "policy"));
for (const name of ["manifest.json", "new policy.json"]) writeFileSync(join(directory, name), "");

const firstWords = [...commandNames.filter((name) => !name.includes(" ")), ...groupNames];
const subcommands = commandNames.flatMap((name) => (name.startsWith("policy ") ? [name.slice(7)] : []));
const files = ["download", "manifest.json", "new policy.json", "policy"];
const directories = ["download", "policy"];
const offered = (names: readonly (keyof typeof optionTable)[]): readonly string[] =>
  names.filter((name) => !("fate" in optionTable[name])).map((name) => `--${name}`);
const globals = offered(globalOptions);
const optionsOf = (command: keyof typeof commandTable): readonly string[] => [
  ...offered(commandTable[command].options),
  ...globals,
];

interface Row {
  /** The words after "sealcheck" as readline parts them; the cursor is at the end of the last. */
  readonly words: readonly string[];
  readonly expected: readonly string[];
  readonly why: string;
}

const rows: readonly Row[] = [
  { words: [""], expected: firstWords, why: "first a command" },
  { words: ["standalone-"], expected: ["standalone-verify", "standalone-sign"], why: "those that begin so" },
  { words: ["nonsense", ""], expected: [], why: "nothing is known of an unknown command" },
  { words: ["-"], expected: globals, why: "before the command only global options, and none without effect" },
  { words: ["--policy", ""], expected: files, why: "a global option takes a value before the command too" },
  { words: ["--policy", "p.json", "pol"], expected: ["policy"], why: "its value is no command" },
  { words: ["--policy", "=", "p.json", "pol"], expected: ["policy"], why: "nor is it in one word" },
  { words: ["--policy=p.json", "pol"], expected: ["policy"], why: "the same where readline does not part at =" },
  { words: ["--tmpdir", "x", "batch", "--j"], expected: ["--jobs"], why: "options without effect take values too" },

  { words: ["policy", ""], expected: subcommands, why: "the second word" },
  { words: ["policy", "s"], expected: ["show"], why: "the second word, begun" },
  { words: ["policy", "--debug", "e"], expected: ["explain"], why: "a global option between the words" },
  { words: ["policy", "-"], expected: globals, why: "a group has no options of its own" },
  { words: ["policy", "check", "--s"], expected: ["--strict"], why: "an option of a command of two words" },
  { words: ["policy", "check", "m"], expected: ["manifest.json"], why: "its operand" },
  { words: ["policy", "diff", "a", ""], expected: files, why: "its second operand" },
  { words: ["policy", "nonsense", "-"], expected: globals, why: "an unknown second word has only the global ones" },

  ...commandNames.map((command) => ({
    words: [...command.split(" "), "-"],
    expected: optionsOf(command),
    why: "every option of every command",
  })),
  {
    words: ["verify-installable", "--format", "=", "json", "--debug", "-"],
    expected: optionsOf("verify-installable").filter((option) => option !== "--format" && option !== "--debug"),
    why: "options that are there are not offered again",
  },
  { words: ["batch", ""], expected: optionsOf("batch"), why: "a command that takes no argument" },
  { words: ["batch", "--", ""], expected: [], why: "nothing can follow" },

  {
    words: ["verify-installable", "--format", ""],
    expected: ["text", "json", "jsonl"],
    why: "a choice, as the next word",
  },
  { words: ["verify-installable", "--format", "j"], expected: ["json", "jsonl"], why: "a choice, begun" },
  { words: ["verify-installable", "--format", "="], expected: ["text", "json", "jsonl"], why: "a choice after =" },
  { words: ["verify-installable", "--format", "=", "j"], expected: ["json", "jsonl"], why: "a choice after =, begun" },
  {
    words: ["verify-installable", "--format="],
    expected: ["--format=text", "--format=json", "--format=jsonl"],
    why: "= does not part",
  },
  {
    words: ["verify-installable", "--format=j"],
    expected: ["--format=json", "--format=jsonl"],
    why: "= does not part",
  },
  { words: ["verify-policy", "--format", "s"], expected: ["sarif"], why: "what other commands do not have" },
  { words: ["verify-policy", "--blobs", ""], expected: ["none", "head", "full"], why: "and without what it has not" },
  { words: ["policy", "show", "--format", ""], expected: ["text", "json"], why: "a command of two words" },
  { words: ["policy", "init", "--key-type", ""], expected: ["gpg", "sigstore"], why: "another choice" },
  { words: ["verify-installable", "--identity", ""], expected: [], why: "free text is not guessed" },

  { words: ["verify-installable", ""], expected: directories, why: "a source is a directory" },
  { words: ["verify-installable", "dir", ":", "d"], expected: ["download"], why: "dir: stays as it is" },
  { words: ["verify-installable", "dir", ":"], expected: directories, why: "the cursor is behind dir:" },
  { words: ["verify-installable", "dir:d"], expected: ["dir:download"], why: ": does not part" },
  { words: ["verify-installable", "--digest-file", "=", "m"], expected: ["manifest.json"], why: "a file after =" },
  { words: ["verify-installable", "--", "d"], expected: ["download"], why: "after --" },
  { words: ["verify-installable", "--", "-"], expected: [], why: "after -- nothing is an option" },
  {
    words: ["verify-installable", "--identity", "=", "registry.example.com/app", ":", "1.0", "d"],
    expected: ["download"],
    why: "an identity with a tag is one word",
  },
  {
    words: ["standalone-verify", "manifest.json", "registry.example.com:5000/app:1.0", ""],
    expected: [],
    why: "the third argument is fingerprints",
  },
  {
    words: ["standalone-verify", "-", "registry.example.com", ":", "5000/app", ":", "1.0", "any", "new"],
    expected: ["new policy.json"],
    why: "the fourth is a file; its name may have a space",
  },
  {
    words: ["standalone-verify", "manifest.json", "registry.example.com/app", ":", ""],
    expected: [],
    why: "an empty word after : is a word of its own",
  },
  { words: ["standalone-verify", "--load-signatures-from", ""], expected: directories, why: "a directory" },
  { words: ["standalone-sign", "-o", "m"], expected: ["manifest.json"], why: "a short option takes a file" },
  {
    words: ["untrusted-signature-dump-without-verification", "m"],
    expected: ["manifest.json"],
    why: "skopeo's name of a command is understood",
  },
  { words: ["help", "p"], expected: ["policy"], why: "help takes a command" },
  { words: ["help", "policy", ""], expected: subcommands, why: "and its second word" },
  { words: ["help", "batch", ""], expected: [], why: "which only a group has" },
];

describe("bash completes", { skip: missing("bash") }, () => {
  const script = `
    source "$1"; shift
    COMP_WORDS=(sealcheck "$@"); COMP_CWORD=$#; COMPREPLY=(stale)
    set -u
    _sealcheck sealcheck "\${!#}" || exit
    [ "\${#COMPREPLY[@]}" -eq 0 ] || printf '%s\\n' "\${COMPREPLY[@]}"`;
  for (const { words, expected, why } of rows) {
    it(`sealcheck ${words.join(" ")}| (${why})`, () => {
      const file = join(root, "completions/sealcheck.bash");
      const printed = execFileSync("bash", ["--norc", "-c", script, "bash", file, ...words], {
        cwd: directory,
        encoding: "utf8",
      });
      assert.deepEqual(printed.split("\n").slice(0, -1).sort(), [...expected].sort());
    });
  }

  it("for the program's name", () => {
    const file = join(root, "completions/sealcheck.bash");
    const printed = execFileSync("bash", ["--norc", "-c", 'source "$1"; complete -p', "bash", file], {
      encoding: "utf8",
    });
    assert.equal(printed, "complete -F _sealcheck sealcheck\n");
  });
});

describe("fish completes", () => {
  // It takes a whole line, and adds "/" to directories.
  const lines: readonly { readonly line: string; readonly expected: readonly string[] }[] = [
    { line: "", expected: firstWords },
    { line: "--policy p.json pol", expected: ["policy"] },
    { line: "policy ", expected: subcommands },
    { line: "help policy ", expected: subcommands },
    { line: "policy check m", expected: ["manifest.json"] },
    { line: "verify-installable --format ", expected: ["text", "json", "jsonl"] },
    { line: "verify-policy --format ", expected: ["text", "json", "jsonl", "junit", "sarif"] },
    { line: "verify-installable --format=j", expected: ["--format=json", "--format=jsonl"] },
    { line: "verify-installable --identity ", expected: [] },
    { line: "verify-installable --identity registry.example.com/app:1.0 ", expected: ["download/", "policy/"] },
    { line: "standalone-verify manifest.json registry.example.com/app:1.0 ", expected: [] },
    { line: "standalone-sign -o m", expected: ["manifest.json"] },
    ...commandNames.map((command) => ({ line: `${command} --`, expected: optionsOf(command) })),
  ];
  for (const { line, expected } of lines) {
    it(`sealcheck ${line}|`, { skip: missing("fish") }, () => {
      const script = 'source $argv[1]; complete -C "sealcheck $argv[2]"';
      const file = join(root, "completions/sealcheck.fish");
      const printed = execFileSync("fish", ["--no-config", "-c", script, file, line], {
        cwd: directory,
        encoding: "utf8",
        env: { ...process.env, HOME: directory },
      });
      const words = printed.split("\n").flatMap((offer) => offer.split("\t")[0] || []);
      assert.deepEqual(words.sort(), [...expected].sort());
    });
  }
});

describe("each shell can parse its file", () => {
  for (const path of completions().keys()) {
    const shell = /\.(?:bash|fish)$/.exec(path)?.[0].slice(1) ?? "zsh";
    it(`${shell} -n ${path}`, { skip: missing(shell) }, () => {
      const { status, stderr } = spawnSync(shell, ["-n", join(root, path)], { encoding: "utf8" });
      assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    });
  }
});

function missing(program: string): string | false {
  return spawnSync(program, ["--version"]).error === undefined ? false : `${program} is not installed`;
}
