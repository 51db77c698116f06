/**
 * How fast a large blob comes through the image proxy, beside the reference's where conformance/image-proxy/run.sh has built that:
 * `image-proxy.ts [MEGABYTES [ROUNDS]]`. Whole processes, in turn; prints MB per second, the median, and the most memory that one had.
 */
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import {
  closeClients,
  ProxyClient,
  type ReceivedReply,
  socketArguments,
} from "../test/support/image-proxy/proxy-client.ts";
import { temporaryDirectory } from "../test/support/temporary.ts";
import { median, most } from "./paired.ts";

const [megabytes = "2000", rounds = "5"] = process.argv.slice(2);
const root = join(import.meta.dirname, "..");
const reference = join(root, "conformance/bin/image-proxy/reference");
const programs = [
  { name: "executable", command: [join(root, "dist/sealcheck"), "experimental-image-proxy"] },
  { name: "Node", command: [process.execPath, join(root, "dist/sealcheck.mjs"), "experimental-image-proxy"] },
  { name: "reference", command: [reference] },
].filter(({ command }) => existsSync(command[0] ?? ""));
const methods = ["GetBlob", "GetRawBlob"] as const;

interface Measured {
  readonly perSecond: number[];
  readonly peakMiB: number[];
}

const { directory, digest, sizeBytes } = makeImage(Number(megabytes) * 1e6);
const policy = join(directory, "policy.json");
writeFileSync(policy, '{"default":[{"type":"insecureAcceptAnything"}]}');
const measured = new Map<string, Measured>();
// The first round is not counted: it brings the files into memory.
for (let round = 0; round <= Number(rounds); round += 1) {
  for (const { name, command } of programs) {
    for (const method of methods) {
      const { seconds, peakMiB } = await measure(command, method);
      const key = `${name}, ${method}`;
      const all = measured.get(key) ?? { perSecond: [], peakMiB: [] };
      measured.set(key, all);
      if (round === 0) continue;
      all.perSecond.push(sizeBytes / 1e6 / seconds);
      all.peakMiB.push(peakMiB);
    }
  }
}
await closeClients();
for (const [name, { perSecond, peakMiB }] of measured) {
  console.log(`${name}: ${Math.round(median(perSecond))} MB/s, ${Math.round(most(peakMiB))} MiB`);
}

async function measure(command: readonly string[], method: (typeof methods)[number]) {
  const client = await ProxyClient.start([...command, "--policy", policy, ...socketArguments], {
    PATH: "/usr/bin:/bin",
    HOME: "/nonexistent",
  });
  await client.call("Initialize");
  const { value } = (await client.call("OpenImage", `dir:${directory}`)).reply;
  const before = performance.now();
  const sized = method === "GetBlob" ? [sizeBytes] : [];
  const drained = drain(await client.call(method, value, digest, ...sized));
  const { pipeId, count } = drained;
  const finish = pipeId === 0 ? undefined : await client.call("FinishPipe", pipeId);
  const bytes = await count;
  const seconds = (performance.now() - before) / 1000;
  if (bytes !== sizeBytes || finish?.reply.success === false) throw new Error(`${command[0]}: ${bytes} bytes came`);
  const status = readFileSync(`/proc/${client.child.pid}/status`, "utf8");
  const peakMiB = Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]) / 1024;
  client.close();
  await client.ended;
  return { seconds, peakMiB };
}

/** Reads the first pipe by another process, which does nothing else with it. */
function drain({ reply, descriptors }: ReceivedReply): { readonly pipeId: number; readonly count: Promise<number> } {
  const [data, errors] = descriptors;
  if (data === undefined) throw new Error(reply.error);
  const child = spawn("wc", ["-c"], { stdio: [data.number, "pipe", "inherit"] });
  data.close();
  errors?.close();
  let counted = "";
  child.stdout?.on("data", (text) => {
    counted += text;
  });
  const count = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve(Number(counted)));
  });
  return { pipeId: reply.pipeid, count };
}

/** An image of one layer, as large as that. */
function makeImage(sizeBytes: number) {
  const directory = join(temporaryDirectory(), "image");
  mkdirSync(directory);
  const hash = createHash("sha256");
  const piece = randomBytes(1_000_000);
  const layer = join(directory, "layer");
  const file = openSync(layer, "w");
  for (let written = 0; written < sizeBytes; written += piece.length) {
    piece.writeUInt32LE(written / piece.length);
    hash.update(piece);
    writeSync(file, piece);
  }
  closeSync(file);
  const hex = hash.digest("hex");
  const config = "{}";
  const configHex = createHash("sha256").update(config).digest("hex");
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const type = (kind: string) => `application/vnd.oci.image.${kind}`;
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: { mediaType: type("config.v1+json"), digest: `sha256:${configHex}`, size: config.length },
    layers: [{ mediaType: type("layer.v1.tar"), digest: `sha256:${hex}`, size: sizeBytes }],
  };
  renameSync(layer, join(directory, hex));
  writeFileSync(join(directory, configHex), config);
  writeFileSync(join(directory, "version"), "Directory Transport Version: 1.1\n");
  writeFileSync(join(directory, "manifest.json"), JSON.stringify(manifest));
  return { directory, digest: `sha256:${hex}`, sizeBytes };
}
