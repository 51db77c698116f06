// Run with few descriptors allowed (ulimit -n), by scarce.test.ts. Prints what happened, as JSON.

import { closeSync, openSync } from "node:fs";
import { connect } from "node:net";
import { openDescriptors } from "../../../src/host/descriptors/descriptors.ts";
import { threadStart, warm } from "../../support/descriptors.ts";

const [what = "", path = ""] = process.argv.slice(2);
const opened = await openDescriptors(threadStart);
if (!opened.ok) throw new Error(opened.problem.reason);
const descriptors = opened.value;

// The thread is there, and has opened what it opens.
await warm(descriptors);

/** Takes all that are left but some. */
function fill(left: number): () => void {
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync("/dev/null", "r"));
  } catch {
    for (const number of taken.splice(0, left)) closeSync(number);
  }
  return () => {
    for (const number of taken.splice(0)) closeSync(number);
  };
}

if (what === "receive") {
  const pair = descriptors.socketPair("packets");
  const file = descriptors.sealedFile("x", Buffer.from("x"));
  if (!pair.ok || !file.ok) throw new Error("too few to begin with");
  const [one, other] = pair.value;
  await one.send(Buffer.from("cut"), Array(20).fill(file.value));
  await one.send(Buffer.from("whole"), [file.value]);
  const release = fill(5);
  const received = await other.receive(100);
  // What came of them was closed again: as many are left as before.
  const left: number[] = [];
  try {
    for (;;) left.push(openSync("/dev/null", "r"));
  } catch {
    for (const number of left) closeSync(number);
  }
  const next = await other.receive(100);
  release();
  console.log(
    JSON.stringify(
      [received, next]
        .map((result) =>
          result.ok
            ? [
                Buffer.from(result.value.bytes).toString(),
                result.value.descriptors.length,
                result.value.areDescriptorsMissing,
              ]
            : result,
        )
        .concat([[left.length]]),
    ),
  );
} else {
  const listener = descriptors.listen({ path, mode: 0o600 });
  if (!listener.ok) throw new Error(JSON.stringify(listener.problem));
  const client = connect(path);
  await new Promise((resolve) => client.once("connect", resolve));
  const release = fill(0);
  const before = process.cpuUsage();
  const started = performance.now();
  const accepting = listener.value.accept();
  setTimeout(release, 1000);
  const accepted = await accepting;
  const { user, system } = process.cpuUsage(before);
  const pair = descriptors.socketPair("stream");
  console.log(
    JSON.stringify({
      accepted: accepted.ok,
      waited: performance.now() - started,
      busy: (user + system) / 1000,
      works: pair.ok,
    }),
  );
  client.destroy();
  listener.value.close();
}
process.exit();
