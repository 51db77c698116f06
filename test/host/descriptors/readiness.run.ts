// Run as a program of its own by readiness.test.ts: ends in the way that its argument says, while a thread waits.

import { openDescriptors } from "../../../src/host/descriptors/descriptors.ts";
import { threadStart } from "../../support/descriptors.ts";

const opened = await openDescriptors(threadStart);
if (!opened.ok) throw new Error(opened.problem.reason);
const pair = opened.value.socketPair("stream");
if (!pair.ok) throw new Error(pair.problem.errno);
const [one, other] = pair.value;
const waiting = one.receive(10);
await new Promise((resolve) => setTimeout(resolve, 300));
const before = process.cpuUsage();
await new Promise((resolve) => setTimeout(resolve, 1000));
const { user, system } = process.cpuUsage(before);
console.log(user + system);
switch (process.argv[2]) {
  case "exit":
    setTimeout(() => process.exit(3));
    break;
  case "throw":
    setTimeout(() => {
      throw new Error("on purpose");
    });
    break;
  case "signal":
    process.kill(process.pid, "SIGTERM");
    break;
  case "close":
    await opened.value.close();
    console.log((await waiting).ok);
    other.close();
    break;
}
