// Runs the tests under node:test and ends with the plain line `N passed, N failed`.
// Usage: node scripts/test.ts [FILE...]   (default: every test/**/*.test.ts)

import { globSync } from "node:fs";
import { run } from "node:test";
import { spec } from "node:test/reporters";

const named = process.argv.slice(2);
const files = (named.length > 0 ? named : globSync("test/**/*.test.ts")).sort();
if (files.length === 0) {
  console.error("no test file found");
  process.exit(1);
}

const count = { passed: 0, failed: 0, skipped: 0 };
const stream = run({ files, concurrency: 2, timeout: 600_000 });
stream.on("test:pass", (event) => {
  if (event.details.type === "suite") return;
  if (event.skip !== undefined || event.todo !== undefined) count.skipped += 1;
  else count.passed += 1;
});
stream.on("test:fail", () => {
  count.failed += 1;
});
stream.on("end", () => {
  process.exitCode = count.failed === 0 && count.passed > 0 ? 0 : 1;
});
stream.compose(spec).pipe(process.stdout);
process.on("exit", () => {
  const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : "";
  console.log(`${count.passed} passed, ${count.failed} failed${skipped}`);
});
