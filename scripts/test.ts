// Runs the tests under node:test. Prints those that fail, with the reason, and what was skipped, with the reason; the last
// line is `N passed, N failed`. Usage: node scripts/test.ts [FILE...] (default: every test/**/*.test.ts)
// VERBOSE=1 prints every test, and all that they print.

import { globSync } from "node:fs";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { Outcomes } from "./test-outcomes.ts";

const named = process.argv.slice(2);
const files = (named.length > 0 ? named : globSync("test/**/*.test.ts")).sort();
if (files.length === 0) {
  console.error("no test file found");
  process.exit(1);
}

const { VERBOSE } = process.env;
const outcomes = new Outcomes(process.cwd());
let finished = 0;
const showProgress = (line: string): void => {
  if (!VERBOSE && process.stderr.isTTY) process.stderr.write(`\r\u{1b}[K${line}`);
};

const stream = run({ files, concurrency: 2, timeout: 600_000 });
stream.on("test:start", (event) => outcomes.start(event));
stream.on("test:pass", (event) => outcomes.pass(event));
stream.on("test:fail", (event) => {
  const text = outcomes.fail(event);
  if (VERBOSE || text === "") return;
  showProgress("");
  console.log(text);
});
stream.on("test:stdout", ({ file, message }) => outcomes.print(file, message));
stream.on("test:stderr", ({ file, message }) => outcomes.print(file, message));
stream.on("test:summary", ({ file }) => {
  if (file === undefined) return;
  finished += 1;
  showProgress(`${finished} of ${files.length} files: ${outcomes.total}`);
});
process.exitCode = 1;
stream.on("end", () => {
  process.exitCode = outcomes.areGood ? 0 : 1;
});
if (VERBOSE) stream.compose(spec).pipe(process.stdout);
else stream.resume();

process.on("exit", () => {
  showProgress("");
  if (!VERBOSE) process.stdout.write(outcomes.summary);
  console.log(outcomes.total);
});
