import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import fc from "fast-check";
import { line, plain, quote, shellWord } from "../../src/words/quote.ts";

const rows: readonly { input: string; expected: string; why: string }[] = [
  { input: "", expected: '""', why: "empty text is seen" },
  { input: "Release <release@example.com>", expected: '"Release <release@example.com>"', why: "ordinary text" },
  { input: 'a"b\\c', expected: '"a\\"b\\\\c"', why: "a quote cannot end the quotation" },
  { input: "x\nAccepted: y\r\t", expected: '"x\\nAccepted: y\\r\\t"', why: "no forged line" },
  { input: "\u001b[2J\u0007\u0000", expected: '"\\u{1b}[2J\\u{7}\\u{0}"', why: "no terminal sequences" },
  { input: "\u009b31m\u007f", expected: '"\\u{9b}31m\\u{7f}"', why: "C1 controls and DEL" },
  { input: "a\u202eb\u2066c\u061cd", expected: '"a\\u{202e}b\\u{2066}c\\u{61c}d"', why: "no change of direction" },
  { input: "a\u200bb\ufeffc\u00add", expected: '"a\\u{200b}b\\u{feff}c\\u{ad}d"', why: "nothing invisible" },
  { input: "a\u2028b\u2029c", expected: '"a\\u{2028}b\\u{2029}c"', why: "line and paragraph separators" },
  { input: "a\u00a0b\u3000c", expected: '"a\\u{a0}b\\u{3000}c"', why: "blanks other than the blank" },
  { input: "\ud83d!", expected: '"\\u{d83d}!"', why: "a surrogate without partner" },
  { input: "a\u{e0041}\u{fe0f}\u{3164}", expected: '"a\\u{e0041}\\u{fe0f}\\u{3164}"', why: "tags, selectors, fillers" },
  { input: "\u0301a", expected: '"\\u{301}a"', why: "a mark must not land on our quotation mark" },
  { input: "José Łukasz 山田 👍", expected: '"José Łukasz 山田 👍"', why: "people's names stay as they are" },
  { input: "z\u0301\u0301\u0301\u0301", expected: '"z\u0301\u0301\u0301\\u{301}"', why: "no piles of marks" },
];

describe("quote", () => {
  for (const { input, expected, why } of rows) {
    it(`${JSON.stringify(input)}: ${why}`, () => assert.equal(quote(input), expected));
  }

  it("long text: cut in the middle, with the mark outside the quotes", () => {
    const shown = quote(`begin${"x".repeat(5_000_000)}end`);
    assert.match(shown, /^"beginx+" \(4999528 more characters\) "x+end"$/);
    assert.ok(shown.length < 600);
  });
});

describe("plain", () => {
  const reference = `registry.example.com:5000/vendor/app:1.0@sha256:${"0".repeat(64)}`;
  for (const input of [reference, "/etc/pki/rpm-gpg/RPM-GPG-KEY-redhat-release", "a@b.example", "*.example.com"]) {
    it(`${input}: as it is`, () => assert.equal(plain(input), input));
  }
  for (const input of ["", "two words", "a,b", "x (accepted)", "a\nb", "ünï", "a".repeat(481)]) {
    it(`${JSON.stringify(input).slice(0, 40)}: quoted`, () => assert.equal(plain(input), quote(input)));
  }
});

describe("line", () => {
  it("keeps quotation marks of ours, escapes the rest", () => {
    assert.equal(line('key "a" \u001b of b\n'), 'key "a" \\u{1b} of b\\n');
  });
});

describe("shellWord", () => {
  const rows: readonly { input: string; expected: string | undefined; why: string }[] = [
    {
      input: "registry.example.com:5000/a/b@sha256:0",
      expected: "registry.example.com:5000/a/b@sha256:0",
      why: "plain",
    },
    { input: "--policy=/etc/p.json", expected: "--policy=/etc/p.json", why: "plain" },
    { input: "", expected: "''", why: "an empty word" },
    { input: "~root", expected: "'~root'", why: "somebody's home" },
    { input: "p 2.json", expected: "'p 2.json'", why: "a blank" },
    { input: "it's", expected: `'it'\\''s'`, why: "an apostrophe" },
    { input: '$(reboot) `x` "$y" \\', expected: `'$(reboot) \`x\` "$y" \\'`, why: "nothing is expanded" },
    { input: "ünï", expected: "'ünï'", why: "letters of any script" },
    { input: "a\nb", expected: undefined, why: "a line end" },
    { input: "a\u202eb", expected: undefined, why: "what changes the direction of writing" },
    { input: "a\u{1b}[2J", expected: undefined, why: "what drives a terminal" },
    { input: "x".repeat(481), expected: undefined, why: "too long to be looked at" },
  ];
  for (const { input, expected, why } of rows) {
    it(`${JSON.stringify(input).slice(0, 40)}: ${why}`, () => assert.equal(shellWord(input), expected));
  }

  it("is read by a shell as what it was", () => {
    const words = fc.array(
      fc.string({
        unit: fc.oneof(fc.string({ minLength: 1, maxLength: 1 }), fc.constantFrom("'", "\\", "$", "~")),
        maxLength: 20,
      }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(words, (all) => {
        const shown = all.filter((word) => shellWord(word) !== undefined);
        const script = `printf '%s\\n' x ${shown.map(shellWord).join(" ")}`;
        const printed = execFileSync("/bin/sh", ["-c", script], { encoding: "utf8" });
        assert.equal(printed, ["x", ...shown].map((word) => `${word}\n`).join(""));
      }),
      { numRuns: 50 },
    );
  });
});

describe("any text", () => {
  const harmful = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
  const hostile = fc.string({
    unit: fc.oneof(
      fc.integer({ min: 0, max: 0x10ffff }).map((point) => String.fromCodePoint(point)),
      fc.constant("\\"),
      fc.constant('"'),
    ),
    maxLength: 600,
  });

  for (const [name, show] of Object.entries({ quote, plain, line })) {
    it(`${name}: one line, no control, bidi or invisible character`, () => {
      fc.assert(fc.property(hostile, (text) => !harmful.test(show(text))));
    });
  }

  it("quote: no quotation mark inside but escaped ones, and different short texts stay different", () => {
    const short = fc.string({ unit: "binary", maxLength: 60 });
    fc.assert(
      fc.property(short, short, (a, b) => {
        assert.match(quote(a), /^"(?:[^"\\]|\\.)*"$/u);
        assert.equal(quote(a) === quote(b), a === b);
      }),
    );
  });
});
