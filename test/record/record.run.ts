/**
 * A run that is to be killed: keeps verdicts of `image-0`, `image-1`, …, and prints each number from `known` on and, a second and a half after it was
 * kept, each that must be on disk.
 *
 * Usage: record.run.ts STATE (write | read)
 */
import { openRunRecord } from "../../src/record/run-record.ts";

const [path = "", what] = process.argv.slice(2);
const opened = openRunRecord(path, { fingerprint: { policy: "p" }, now: () => Date.now() / 1000 });
if (!opened.ok) {
  console.log(JSON.stringify(opened.problem.why));
  process.exit(2);
}
const record = opened.value;
let known = 0;
while (record.known(`image-${known}`) !== undefined) known += 1;
console.log(`known ${known}`);
if (what === "read") process.exit(record.close().ok ? 0 : 1);

const filler = "x".repeat(1500);
for (let next = known; ; ) {
  for (const end = next + 50; next < end; next += 1) {
    const reference = `image-${next}`;
    const document = { reference, outcome: "accepted", code: "accepted", filler };
    const kept = record.keep(reference, JSON.stringify(document));
    if (kept.ok) continue;
    console.log(JSON.stringify(kept.problem.why));
    process.exit(record.close().ok ? 0 : 1);
  }
  const kept = next;
  setTimeout(() => console.log(`durable ${kept}`), 1500);
  await new Promise((resolve) => setTimeout(resolve, 5));
}
