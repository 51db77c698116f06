/**
 * The service under load, on one processor: `serve.ts [--seconds N] [--rate N] [--connections N]`. A client on another processor asks
 * for VerifyBytes of a signed image on many connections at once. Prints, for the executable and for Node: how many calls a second are
 * answered when each connection asks again at once; how long answers take when so many calls a second are asked for, evenly; and how
 * long they take on one connection, call after call. Processor time is that of the service.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { removeFolder } from "./scene.ts";
import { Client } from "./serve-client.ts";
import { latencyText, residentText, root, serveScene } from "./serve-scene.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "10" },
    rate: { type: "string", default: "5000" },
    connections: { type: "string", default: "64" },
    image: { type: "string", default: "cosign-key-rsa" },
    policy: { type: "string", default: "sigstore-rsa.json" },
  },
});
const milliseconds = Number(values.seconds) * 1000;
const connections = Number(values.connections);
const folder = mkdtempSync(join(tmpdir(), "bench-serve-"));
const { call, policy } = serveScene(folder, values);
// Real time of this process, and the service alone on its processor.
const processors = execFileSync("nproc", { encoding: "utf8" }).trim() === "1" ? ["0", "0"] : ["0", "1"];
execFileSync("taskset", ["-pc", `${processors[0]}`, `${process.pid}`], { stdio: "ignore" });
try {
  await measure("executable", [join(root, "dist/sealcheck")]);
  await measure("Node", [process.execPath, join(root, "dist/sealcheck.mjs")]);
} finally {
  removeFolder(folder);
}

async function measure(name: string, command: readonly string[]): Promise<void> {
  const socket = join(folder, "socket");
  const args = [...command, "serve", `--listen=unix:${socket}`, `--policy=${policy}`];
  const service = spawn("taskset", ["-c", `${processors[1]}`, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  try {
    await new Promise<void>((resolve, reject) => {
      service.stderr.once("data", () => resolve());
      service.once("exit", (code) => reject(new Error(`the service ended with ${code}`)));
    });
    const clients = await Promise.all(Array.from({ length: connections }, () => Client.open(socket, call)));
    await Client.askAtOnce(clients, 5000);
    report(
      `${name}, ${connections} connections, as many as it can`,
      service,
      await timed(service, () => Client.askAtOnce(clients, milliseconds)),
    );
    const evenly = () => askEvenly(clients, milliseconds, Number(values.rate));
    report(`${name}, ${connections} connections, ${values.rate} calls a second`, service, await timed(service, evenly));
    report(
      `${name}, one connection`,
      service,
      await timed(service, () => Client.askAtOnce(clients.slice(0, 1), milliseconds)),
    );
    for (const client of clients) client.close();
  } finally {
    service.kill("SIGTERM");
  }
}

/** Asks when it is due, whether earlier calls have been answered or not: a service that is too slow gets a queue. */
async function askEvenly(clients: readonly Client[], duration: number, rate: number): Promise<number[]> {
  const took: number[] = [];
  const start = performance.now();
  const total = Math.floor((duration / 1000) * rate);
  let asked = 0;
  await new Promise<void>((resolve) => {
    for (const client of clients) {
      client.onAnswer = (time) => {
        took.push(time);
        if (took.length === total) resolve();
      };
    }
    const tick = (): void => {
      const due = Math.min(total, Math.floor(((performance.now() - start) / 1000) * rate));
      for (; asked < due; asked++) clients[asked % clients.length]?.ask(start + ((asked + 1) * 1000) / rate);
      if (asked < total) setImmediate(tick);
    };
    tick();
  });
  return took;
}

interface Timed {
  readonly took: readonly number[];
  readonly wallMs: number;
  readonly processorMs: number;
}

async function timed({ pid }: ChildProcess, run: () => Promise<number[]>): Promise<Timed> {
  const before = { wall: performance.now(), processor: processorMs(pid) };
  const took = await run();
  return { took, wallMs: performance.now() - before.wall, processorMs: processorMs(pid) - before.processor };
}

/** proc_pid_stat(5): user and system time, of a clock of 100 Hz. */
function processorMs(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function report(what: string, { pid }: ChildProcess, { took, wallMs, processorMs: used }: Timed): void {
  const each = Math.round((used * 1000) / took.length);
  console.log(`${what}: ${latencyText(took, wallMs)}, ${each} µs of processor time a call, ${residentText(pid)}`);
}
