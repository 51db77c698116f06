/** A run of 40 images with a bar, on a terminal: prints each result above it, and ends as the command does when it is interrupted. */
import { every } from "../../src/host/later.ts";
import { descriptorSink } from "../../src/host/sink.ts";
import { errorTerminal } from "../../src/host/terminal.ts";
import { openProgress } from "../../src/report/progress.ts";

const [stdout, stderr] = [descriptorSink(1), descriptorSink(2)];
const terminal = await errorTerminal();
const now = () => Date.now() / 1000;
const form =
  terminal === undefined
    ? ({ kind: "lines" } as const)
    : ({ kind: "bar", ...terminal, colour: false, now, every } as const);
const progress = openProgress(40, stderr, form);
process.once("SIGINT", async () => {
  await progress.stop();
  process.exit(130);
});
for (let n = 1; n <= 40; n += 1) {
  await new Promise((resolve) => setTimeout(resolve, 50));
  progress.done("accepted", `image-${n}`);
  await progress.printAbove(`result ${n}\n`, stdout);
}
await progress.stop();
