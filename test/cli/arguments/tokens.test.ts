import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseArgs } from "node:util";
import fc from "fast-check";
import { type OptionForm, splitArguments } from "../../../src/cli/arguments/tokens.ts";

const forms: readonly OptionForm[] = [
  { name: "policy", takesValue: true },
  { name: "output", takesValue: true, short: "o" },
  { name: "quiet", takesValue: false, short: "q" },
  { name: "help", takesValue: false, short: "h" },
];
const options = Object.fromEntries(
  forms.map(({ name, takesValue, short }) => {
    const type = takesValue ? ("string" as const) : ("boolean" as const);
    return [name, short === undefined ? { type } : { type, short }];
  }),
);

/** Without `undefined`, which parseArgs leaves out in some tokens and not in others. */
const plain = (tokens: unknown) => JSON.parse(JSON.stringify(tokens));
const nodes = (args: string[]) =>
  plain(parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true }).tokens);
const ours = (args: readonly string[]) => plain(splitArguments(args, forms));

/** Node takes the hyphen in `-q-h` for the end of all options; here it is an option that there is not. */
const hasInnerHyphen = (argument: string) => /^-[^-].*-/.test(argument);

describe("splitArguments is parseArgs of node:util", () => {
  const rows: readonly string[][] = [
    [],
    ["-"],
    ["--"],
    [""],
    ["-q", "-h", "--quiet", "--help"],
    ["-qh", "x"],
    ["-qqq"],
    ["-oX", "-o=X", "-o", "X", "-o"],
    ["-qoX", "-qo", "X", "-qo"],
    ["-o", "-q"],
    ["-o", ""],
    ["--policy", "P", "--policy=P", "--policy="],
    ["--policy"],
    ["--policy", "--quiet"],
    ["--policy", "--", "x"],
    ["--quiet=yes", "--quiet", "yes"],
    ["--unknown", "x", "--unknown=1", "-x", "-x=1", "-xyz"],
    ["--=x", "--==", "---a", "---=b"],
    ["a", "--", "b", "--", "--quiet", "-q"],
    ["--constructor", "--__proto__=1", "--toString", "x"],
    ["-é1", "--é=1"],
    ["--policy=a=b", "a=b", "=", "-="],
  ];
  for (const args of rows) test(JSON.stringify(args), () => assert.deepEqual(ours(args), nodes(args)));

  test("for any arguments", () => {
    const pieces = ["-", "--", "=", "q", "o", "h", "x", "policy", "output", "quiet", "help", " ", "é", "0"];
    const argument = fc.array(fc.constantFrom(...pieces), { maxLength: 5 }).map((chosen) => chosen.join(""));
    fc.assert(
      fc.property(fc.array(argument, { maxLength: 6 }), (args) => {
        fc.pre(!args.some(hasInnerHyphen));
        assert.deepEqual(ours(args), nodes(args));
      }),
      { numRuns: 20_000 },
    );
  });
});

test("a hyphen among letters is an unknown option, not the end of them", () => {
  assert.deepEqual(
    splitArguments(["-q-h"], forms).map((token) => token.kind === "option" && token.name),
    ["quiet", "-", "help"],
  );
});
