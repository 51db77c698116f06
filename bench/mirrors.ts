/**
 * `verify-policy` against registries on this machine: `node bench/mirrors.ts [--images 5000] [--references 100000]
 * [--sample 200] [--sealcheck dist/sealcheck] [--storage DIR]`. Two questions:
 * - a docker-registry with signed images that share small layers: how many a second, against a loop of `skopeo copy`? They are
 *   signed with OpenPGP, for Debian's skopeo knows no sigstore.
 * - a stub registry with very many references: does memory stay flat?
 * `--storage` keeps what was pushed for the next run. Needs docker-registry, skopeo and `make build`.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createCipheriv, createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { digestOf, madeOfDescribed, signaturesContent } from "../test/support/registry/content.ts";
import { hasDockerRegistry, startDockerRegistry } from "../test/support/registry/docker-registry.ts";
import { Pusher, writeLookaside } from "../test/support/registry/fill.ts";
import { newOpenpgpSigner } from "../test/support/registry/sign.ts";
import { startStubRegistry } from "../test/support/registry/start-stub-registry.ts";

const root = join(import.meta.dirname, "..");
const { values } = parseArgs({
  options: {
    images: { type: "string", default: "5000" },
    references: { type: "string", default: "100000" },
    sample: { type: "string", default: "200" },
    sealcheck: { type: "string", default: join(root, "dist/sealcheck") },
    skopeo: { type: "string", default: "/usr/bin/skopeo" },
    storage: { type: "string" },
  },
});
const folder = mkdtempSync(join(tmpdir(), "bench-mirrors-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const host = "registry.example.com";
const layerCount = 300;
const layerBytes = 1024 * 1024;
const imagesPerRepository = 250;

if (Number(values.images) > 0 && !hasDockerRegistry) throw new Error("docker-registry is not installed");
if (Number(values.images) > 0) await measureRegistry(Number(values.images), Number(values.sample));
if (Number(values.references) > 0) await measureStub(Number(values.references));

async function measureRegistry(images: number, sample: number): Promise<void> {
  const storage = values.storage ?? join(folder, "storage");
  const key = join(storage, "key.gpg");
  const list = Array.from({ length: images }, (_, i) => referenceOf(i));
  if (!existsSync(key)) await fill(storage, images);
  const registry = await startDockerRegistry({ storage, isReadOnly: true });
  const settings = settingsFor(
    join(folder, "registry"),
    registry.address,
    { type: "signedBy", keyType: "GPGKeys", keyData: readFileSync(key).toString("base64") },
    `lookaside: file://${storage}/sigs`,
  );
  const options = ["--policy", settings.policy, "--registries.d", settings.registriesD];
  const ours = async (blobs: string, references: readonly string[]) => {
    const file = join(folder, "list");
    writeFileSync(file, `${references.join("\n")}\n`);
    const args = ["verify-policy", ...options, "--registries-conf", settings.registriesConf, `--blobs=${blobs}`];
    return measured([values.sealcheck, ...args, "--format=jsonl", `--images=${file}`], references.length);
  };
  const sampled = Array.from({ length: sample }, (_, i) => list[Math.floor((i * images) / sample)] ?? "");
  console.log(`docker-registry, ${images} references, ${layerCount} layers of ${layerBytes} bytes`);
  report("sealcheck verify-policy --blobs=none, all", await ours("none", list));
  report("sealcheck verify-policy --blobs=head, all", await ours("head", list));
  report(`sealcheck verify-policy --blobs=none, ${sample}`, await ours("none", sampled));
  report(`sealcheck verify-policy --blobs=head, ${sample}`, await ours("head", sampled));
  report(`sealcheck verify-policy --blobs=full, ${sample}`, await ours("full", sampled));
  report(`skopeo copy … dir:, one after the other, ${sample}`, await skopeoLoop(sampled, settings));
  await registry.stop();
}

function referenceOf(index: number): string {
  return `${host}/${repositoryOf(index)}:${tagOf(index)}`;
}

function repositoryOf(index: number): string {
  return `team/app${Math.floor(index / imagesPerRepository)}`;
}

function tagOf(index: number): string {
  return `v${index % imagesPerRepository}`;
}

/** Layers that do not compress and are the same each time. */
function layerOf(index: number): Uint8Array {
  const key = createHash("md5").update(`layer ${index}`).digest();
  return createCipheriv("aes-128-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(layerBytes));
}

async function fill(storage: string, images: number): Promise<void> {
  mkdirSync(storage, { recursive: true });
  const registry = await startDockerRegistry({ storage });
  const pushers = Array.from({ length: 4 }, () => new Pusher({ url: registry.url }));
  const layers = Array.from({ length: layerCount }, (_, i) => layerOf(i));
  const signer = await newOpenpgpSigner();
  const started = performance.now();
  const shared = "team/shared";
  await Promise.all(
    pushers.map(async (pusher, lane) => {
      for (let i = lane; i < layerCount; i += pushers.length) {
        const layer = layers[i] ?? new Uint8Array();
        await pusher.pushBlob(shared, digestOf(layer), layer);
      }
    }),
  );
  const digests = layers.map(digestOf);
  await Promise.all(
    pushers.map(async (pusher, lane) => {
      for (let repository = lane; repository * imagesPerRepository < images; repository += pushers.length) {
        const first = repository * imagesPerRepository;
        const mounted = new Set<string>();
        for (let i = first; i < Math.min(images, first + imagesPerRepository); i += 1) {
          const chosen = [i, i * 7 + 1, i * 13 + 2].map((number) => number % layerCount);
          for (const each of chosen) {
            const digest = digests[each] ?? "";
            if (!mounted.has(digest)) await pusher.mountBlob(repositoryOf(i), digest, shared);
            mounted.add(digest);
          }
          const described = chosen.map((each) => ({ digest: digests[each] ?? "", size: layerBytes }));
          const image = madeOfDescribed(described, tagOf(i), referenceOf(i));
          const manifest = image.manifests.get(tagOf(i));
          const digest = digestOf(manifest?.bytes ?? "");
          await pusher.push(repositoryOf(i), image);
          const signature = await signer.sign(digest, referenceOf(i));
          writeLookaside(join(storage, "sigs"), repositoryOf(i), signaturesContent(digest, [signature]));
        }
      }
    }),
  );
  for (const pusher of pushers) pusher.close();
  await registry.stop();
  writeFileSync(join(storage, "key.gpg"), signer.publicKey);
  console.log(`${images} images pushed in ${((performance.now() - started) / 1000).toFixed(0)} s`);
}

interface Settings {
  readonly policy: string;
  readonly registriesConf: string;
  readonly registriesD: string;
}

function settingsFor(directory: string, address: string, requirement: object, signatures: string): Settings {
  mkdirSync(join(directory, "registries.d"), { recursive: true });
  const write = (name: string, text: string) => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  write("registries.d/default.yaml", `default-docker:\n  ${signatures}\n`);
  const policy = { default: [{ type: "reject" }], transports: { docker: { [host]: [requirement] } } };
  return {
    policy: write("policy.json", JSON.stringify(policy)),
    registriesConf: write(
      "registries.conf",
      `[[registry]]\nprefix = "${host}"\nlocation = "${address}"\ninsecure = true\n`,
    ),
    registriesD: join(directory, "registries.d"),
  };
}

interface Measure {
  readonly images: number;
  readonly seconds: number;
  readonly peakKiB: number;
  /** Resident memory over time. */
  readonly residentKiB: readonly number[];
}

/** Runs a program and watches its memory in /proc. Every image must have been accepted. */
async function measured(argv: readonly string[], images: number): Promise<Measure> {
  const [file = "", ...args] = argv;
  const started = performance.now();
  const child = spawn(file, args, {
    env: { HOME: folder, PATH: "/usr/bin:/bin" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const watch = watchMemory(child);
  let [lines, accepted, rest] = [0, 0, ""];
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    lines += parts.length;
    for (const part of parts) if (part.includes('"outcome":"accepted"')) accepted += 1;
  });
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const seconds = (performance.now() - started) / 1000;
  if (code !== 0 || lines !== images) {
    throw new Error(
      `${argv.slice(0, 2).join(" ")} ended with ${code}, ${accepted} of ${lines} lines accepted, ${images} asked`,
    );
  }
  return { images, seconds, ...watch.end() };
}

function watchMemory(child: ChildProcess): { end(): { peakKiB: number; residentKiB: readonly number[] } } {
  let peakKiB = 0;
  const residentKiB: number[] = [];
  const look = () => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      peakKiB = Math.max(peakKiB, Number(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? 0));
      residentKiB.push(Number(/VmRSS:\s*(\d+)/.exec(status)?.[1] ?? 0));
    } catch {
      // It has ended.
    }
  };
  look();
  const timer = setInterval(look, 100);
  return {
    end: () => {
      clearInterval(timer);
      return { peakKiB, residentKiB };
    },
  };
}

/** As a script would: one process for each image, what was copied is thrown away. */
async function skopeoLoop(references: readonly string[], settings: Settings): Promise<Measure> {
  const script = join(folder, "loop.sh");
  writeFileSync(
    script,
    `i=0; for ref in "$@"; do
  i=$((i + 1))
  ${values.skopeo} --registries-conf ${settings.registriesConf} --policy ${settings.policy} --registries.d ${settings.registriesD} copy -q "docker://$ref" dir:${folder}/out || exit 1
  rm -rf ${folder}/out
done\n`,
  );
  const args = [script, ...references];
  const time = existsSync("/usr/bin/time") ? ["/usr/bin/time", "-f", "%M", "-o", `${folder}/peak`, "sh"] : ["/bin/sh"];
  const started = performance.now();
  const [file = "", ...rest] = [...time, ...args];
  const { status, stderr } = spawnSync(file, rest, {
    env: { HOME: folder, PATH: "/usr/bin:/bin" },
    encoding: "utf8",
  });
  const seconds = (performance.now() - started) / 1000;
  if (status !== 0) throw new Error(`the loop ended with ${status}: ${stderr}`);
  const peak = join(folder, "peak");
  return {
    images: references.length,
    seconds,
    peakKiB: existsSync(peak) ? Number(readFileSync(peak, "utf8")) : Number.NaN,
    residentKiB: [],
  };
}

async function measureStub(references: number): Promise<void> {
  const stub = await startStubRegistry();
  const settings = settingsFor(
    join(folder, "stub"),
    stub.address,
    { type: "sigstoreSigned", keyData: Buffer.from(stub.publicPem).toString("base64") },
    `use-sigstore-attachments: true\n  lookaside: file://${folder}/none`,
  );
  const file = join(folder, "references");
  const list = Array.from({ length: references }, (_, i) => `${host}/app/${`${i}`.padStart(6, "0")}:1.0`);
  writeFileSync(file, `${list.join("\n")}\n`);
  const args = ["verify-policy", "--policy", settings.policy, "--registries-conf", settings.registriesConf];
  const options = ["--registries.d", settings.registriesD, "--blobs=none", "--format=jsonl", `--images=${file}`];
  console.log(`a stub registry, ${references} references`);
  const result = await measured([values.sealcheck, ...args, ...options], references);
  report("sealcheck verify-policy", result);
  console.log(`  requests: ${JSON.stringify(await stub.counts())}`);
  const tenth = Math.floor(result.residentKiB.length / 10);
  const at = (i: number) => median(result.residentKiB.slice(i * tenth, (i + 1) * tenth));
  const growth = at(9) / at(2) - 1;
  console.log(
    `  resident memory by tenths of the time, MiB: ${Array.from({ length: 10 }, (_, i) => (at(i) / 1024).toFixed(0)).join(" ")}`,
  );
  console.log(`  from the third to the last tenth: ${(growth * 100).toFixed(1)} % (flat: at most 10 %)`);
  if (growth > 0.1) process.exitCode = 1;
  await stub.stop();
}

function report(what: string, { images, seconds, peakKiB }: Measure): void {
  console.log(
    `  ${what}: ${(images / seconds).toFixed(1)} images/s, ${seconds.toFixed(1)} s, peak ${(peakKiB / 1024).toFixed(0)} MiB`,
  );
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
