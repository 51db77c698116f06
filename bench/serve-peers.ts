/**
 * The service among peers that behave badly: `serve-peers.ts [--connections N] [--readers N]`. First many connections are opened and closed: with
 * a call, with garbage, with half a message, with nothing, and by peers that do not wait for their answer; memory and descriptors are printed
 * as they go. Then some peers send calls and read no answer, and how long the others wait is printed without and with them.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { removeFolder } from "./scene.ts";
import { Client } from "./serve-client.ts";
import { latencyText, residentText, root, serveScene } from "./serve-scene.ts";

const { values } = parseArgs({
  options: { connections: { type: "string", default: "10000" }, readers: { type: "string", default: "100" } },
});
const folder = mkdtempSync(join(tmpdir(), "bench-serve-"));
const { call, policy } = serveScene(folder);
/** What peers send, and whether they wait for what the service does then. */
const peers = [
  { sends: call, waits: true },
  { sends: Buffer.from("GET / HTTP/1.1\r\n\r\n\0"), waits: true },
  { sends: Buffer.from("{}\0"), waits: true },
  { sends: Buffer.alloc(4096), waits: true },
  { sends: call.subarray(0, call.length / 2), waits: false },
  { sends: call, waits: false },
  { sends: Buffer.alloc(0), waits: false },
];

try {
  await measure("executable", [join(root, "dist/sealcheck")]);
  await measure("Node", [process.execPath, join(root, "dist/sealcheck.mjs")]);
} finally {
  removeFolder(folder);
}

async function measure(name: string, [file = "", ...args]: readonly string[]): Promise<void> {
  const socket = join(folder, "socket");
  const serve = ["serve", `--listen=unix:${socket}`, `--policy=${policy}`];
  const service = spawn(file, [...args, ...serve], { stdio: ["ignore", "ignore", "pipe"] });
  try {
    await new Promise((resolve) => service.stderr.once("data", resolve));
    const total = Number(values.connections);
    for (let done = 0; done < total; done += total / 5) {
      await openAndClose(socket, total / 5);
      console.log(`${name}: after ${done + total / 5} connections: ${stateOf(service)}`);
    }
    const others = await Promise.all(Array.from({ length: 8 }, () => Client.open(socket, call)));
    await askAgain(others, 1000);
    console.log(`${name}: 8 connections alone: ${await askAgain(others, 3000)}`);
    const silent = Array.from({ length: Number(values.readers) }, () => silentReader(socket));
    await new Promise((resolve) => setTimeout(resolve, 2000));
    console.log(
      `${name}: beside ${silent.length} that read nothing: ${await askAgain(others, 3000)}, ${stateOf(service)}`,
    );
    for (const reader of silent) reader.destroy();
    for (const other of others) other.close();
    await new Promise((resolve) => setTimeout(resolve, 500));
    console.log(`${name}: when all are gone: ${stateOf(service)}`);
  } finally {
    service.kill("SIGTERM");
  }
}

async function openAndClose(path: string, count: number): Promise<void> {
  let begun = 0;
  const next = async (): Promise<void> => {
    while (begun < count) {
      const peer = peers[begun % peers.length];
      begun += 1;
      if (peer !== undefined) await once(path, peer);
    }
  };
  await Promise.all(Array.from({ length: 16 }, next));
}

function once(path: string, { sends, waits }: { readonly sends: Uint8Array; readonly waits: boolean }): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.write(sends, () => {
        if (!waits) socket.destroy();
      });
    });
    socket.on("data", () => socket.destroy());
    socket.on("error", () => {});
    socket.on("close", () => resolve());
  });
}

/** Sends calls for as long as the service takes them, and reads no answer. */
function silentReader(path: string): ReturnType<typeof connect> {
  const socket = connect(path, () => {
    for (let sent = 0; sent < 100; sent++) socket.write(call);
  });
  socket.on("error", () => {});
  socket.pause();
  return socket;
}

async function askAgain(clients: readonly Client[], duration: number): Promise<string> {
  return latencyText(await Client.askAtOnce(clients, duration), duration);
}

function stateOf({ pid }: ChildProcess): string {
  return `${residentText(pid)}, ${readdirSync(`/proc/${pid}/fd`).length} descriptors`;
}
