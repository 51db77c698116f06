/**
 * `make bench`: measures sealcheck against its peers and writes the table of docs/performance.md. Every figure is a ratio of
 * whole processes that ran in turn, or of processor time, so that it means the same on another machine.
 * `run.ts [--images N] [--rounds N]`
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { type Command, least, median, most, pairedRatio, runPaired, type Times } from "./paired.ts";
import { makeDirectories, makeScene, policyText, removeFolder, type Scene } from "./scene.ts";

const root = dirname(import.meta.dirname);
const bin = join(root, "bench/bin");
const bundle = join(root, "dist/sealcheck.mjs");
const library = join(root, "dist/lib/index.js");

interface Row {
  readonly what: string;
  readonly ours: string;
  readonly peer: string;
  /** What the target is about: of both figures, or the figure itself. */
  readonly ratio: number;
  /** The same ratio in processor time, which other work on the machine disturbs less. */
  readonly ofProcessorTime?: number;
  readonly unit: "×" | "%" | "MiB" | "MB" | "ms";
  readonly target: { readonly atMost: number } | { readonly atLeast: number };
}

const { values } = parseArgs({
  options: { images: { type: "string", default: "10000" }, rounds: { type: "string", default: "40" } },
});
const rounds = Number(values.rounds);
const folder = mkdtempSync(join(tmpdir(), "bench-"));
// How quickly a file of 100 MB starts depends on how it came into memory: all peers are new copies.
const sealcheck = copied(join(root, "dist/sealcheck"));
const bare = copied(join(bin, "bare"));
const oracle = copied(join(bin, "oracle-openpgp"));
const skopeo = copied(execFileSync("sh", ["-c", "command -v skopeo"], { encoding: "utf8" }).trim());
try {
  const scene = makeScene(join(root, "test/fixtures"), folder);
  const rows = [
    ...measureProcesses(scene),
    ...measureLibrary(scene),
    ...measureBatch(scene, Number(values.images)),
    ...measureAgainstReference(scene, 6_000),
    ...(Number(values.images) >= 60_000 ? measureAgainstReference(scene, 60_000) : []),
    ...measurePolicy(scene),
    ...measureBundle(scene),
  ];
  const table = tableOf(rows);
  console.log(table);
  writeTable(join(root, "docs/performance.md"), table);
} finally {
  removeFolder(folder);
}

function copied(program: string): string {
  const copy = join(folder, basename(program));
  copyFileSync(program, copy);
  return copy;
}

/** One image, one process. */
function measureProcesses(scene: Scene): readonly Row[] {
  const { sigstore, openpgp, identity, gnupgHome } = scene;
  const verify = (policy: string, image: string) => [
    sealcheck,
    "verify-installable",
    "--identity",
    identity,
    "--policy",
    policy,
    image,
  ];
  const ask = ({ policy, image }: { policy: string; image: string }): Pick<Command, "argv" | "stdin"> => ({
    argv: [oracle, "-worker"],
    stdin: `${JSON.stringify({ id: "1", identity: `docker://${identity}`, source: image, policy })}\n`,
  });
  const env = [`GNUPGHOME=${gnupgHome}`, "PATH=/usr/bin:/bin"];
  const { image, fingerprint } = openpgp;
  const standaloneVerify = [
    skopeo,
    "standalone-verify",
    `${image}/manifest.json`,
    identity,
    fingerprint,
    `${image}/signature-1`,
  ];
  const times = runPaired(
    join(bin, "paired"),
    [
      { name: "sigstore", argv: verify(sigstore.policy, sigstore.image) },
      { name: "openpgp", argv: verify(openpgp.policy, openpgp.image) },
      { name: "skopeo", argv: standaloneVerify, env },
      { name: "oracle sigstore", ...ask(sigstore) },
      { name: "oracle openpgp", ...ask(openpgp) },
      { name: "bare", argv: [bare, sigstore.key, join(sigstore.image, "signature-1")] },
      { name: "version", argv: [sealcheck, "--version"] },
      { name: "help", argv: [sealcheck, "--help"] },
      { name: "usage", argv: [sealcheck, "verify"] },
      { name: "skopeo version", argv: [skopeo, "--version"], env },
      { name: "skopeo help", argv: [skopeo, "--help"], env },
      { name: "skopeo usage", argv: [skopeo, "verify"], env },
    ],
    { rounds, exitCodes: { usage: 2, "skopeo usage": 1 } },
  );
  const against = (what: string, ours: string, peer: string, atMost: number): Row =>
    compare(what, named(times, ours), named(times, peer), atMost);
  return [
    against("sigstore, against skopeo with GnuPG", "sigstore", "skopeo", 0.4),
    against("sigstore, against the reference in Go", "sigstore", "oracle sigstore", 1.5),
    against("sigstore, against the bare runtime", "sigstore", "bare", 1.3),
    against("OpenPGP RSA-4096, against skopeo with GnuPG", "openpgp", "skopeo", 0.8),
    against("OpenPGP RSA-4096, against the reference in pure Go", "openpgp", "oracle openpgp", 1.5),
    against("`--version`, against skopeo's", "version", "skopeo version", 1),
    against("`--help`, against skopeo's", "help", "skopeo help", 1),
    against("a usage error, against skopeo's", "usage", "skopeo usage", 1),
    memory("sigstore, peak memory", named(times, "sigstore"), 40),
    memory("OpenPGP, peak memory", named(times, "openpgp"), 64),
  ];
}

/** Many images, one process, everything prepared: evaluations a second of processor time. */
function measureLibrary({ sigstore, openpgp, identity, gnupgHome }: Scene): readonly Row[] {
  const ours = (policy: string, image: string, ...key: string[]): { perSecond: number; barePerSecond: number } =>
    JSON.parse(
      execFileSync(process.execPath, [join(root, "bench/library.ts"), library, policy, image, ...key], {
        encoding: "utf8",
      }),
    );
  const reference = (program: string, { policy, image }: { policy: string; image: string }): number => {
    const input = JSON.stringify({ identity: `docker://${identity}`, source: image, policy, seconds: 4 });
    const env = { ...process.env, GNUPGHOME: gnupgHome, HOME: gnupgHome };
    return JSON.parse(execFileSync(join(bin, program), { input, env, encoding: "utf8" })).perSecond;
  };
  const rate = (what: string, rates: readonly [number, number], atLeast: number): Row => ({
    what,
    ours: `${rates[0].toFixed(0)}/s`,
    peer: `${rates[1].toFixed(0)}/s`,
    ratio: rates[0] / rates[1],
    unit: "×",
    target: { atLeast },
  });
  const p256 = ours(sigstore.policy, sigstore.image, sigstore.key);
  const rsa = ours(openpgp.policy, openpgp.image).perSecond;
  return [
    rate(
      "library, sigstore P-256, against the reference in Go",
      [p256.perSecond, reference("evaluate-openpgp", sigstore)],
      3,
    ),
    {
      what: "library, sigstore P-256, beyond one `crypto.verify` and one SHA-256",
      ours: `${(1e6 / p256.perSecond).toFixed(0)} µs`,
      peer: `${(1e6 / p256.barePerSecond).toFixed(0)} µs`,
      ratio: (p256.barePerSecond / p256.perSecond - 1) * 100,
      unit: "%",
      target: { atMost: 30 },
    },
    rate(
      "library, OpenPGP RSA-4096, against the reference in pure Go",
      [rsa, reference("evaluate-openpgp", openpgp)],
      2,
    ),
    rate(
      "library, OpenPGP RSA-4096, against the reference with GnuPG",
      [rsa, reference("evaluate-gpgme", openpgp)],
      30,
    ),
  ];
}

function measureBatch({ sigstore, identity }: Scene, images: number): readonly Row[] {
  const directories = makeDirectories(sigstore.image, join(folder, "images"), images);
  const requests = directories.map((source) => `${JSON.stringify({ identity, source })}\n`);
  const argv = (jobs: number) => [sealcheck, "batch", `--policy=${sigstore.policy}`, `--jobs=${jobs}`];
  const single = [
    sealcheck,
    "verify-installable",
    "--identity",
    identity,
    "--policy",
    sigstore.policy,
    "--format=json",
  ];
  const times = runPaired(
    join(bin, "paired"),
    [
      { name: "one", argv: argv(1), stdin: requests.join("") },
      { name: "two", argv: argv(2), stdin: requests.join("") },
      ...directories.slice(0, 10).map((source, i) => ({ name: `single ${i}`, argv: [...single, source] })),
    ],
    { rounds: 5 },
  );
  const perSecond = (ms: number) => `${((images * 1000) / ms).toFixed(0)}/s`;
  const one = named(times, "one").wallMs;
  const two = named(times, "two").wallMs;
  const singles = [...times.values()].filter(({ name }) => name.startsWith("single")).flatMap(({ wallMs }) => wallMs);
  return [
    {
      what: `\`batch\` over ${images} directories, against one process each`,
      ours: perSecond(median(one)),
      peer: `${(1000 / median(singles)).toFixed(0)}/s`,
      ratio: (images * median(singles)) / median(one),
      unit: "×",
      target: { atLeast: 10 },
    },
    memory("`batch`, peak memory", named(times, "one"), 150),
    {
      what: "`batch --jobs 2`, against one",
      ours: perSecond(median(two)),
      peer: perSecond(median(one)),
      ratio: pairedRatio(one, two),
      ofProcessorTime: pairedRatio(named(times, "one").cpuMs, named(times, "two").cpuMs),
      unit: "×",
      target: { atLeast: 1.7 },
    },
  ];
}

/** The same directories, read and judged in one process each: ours with one thread and as it comes, the reference with one worker. */
function measureAgainstReference({ sigstore, identity }: Scene, images: number): readonly Row[] {
  const directories = makeDirectories(sigstore.image, join(folder, `images-${images}`), images);
  const lines = (fields: object) =>
    directories
      .map((source, i) => `${JSON.stringify({ id: `${i}`, identity: `docker://${identity}`, source, ...fields })}\n`)
      .join("");
  const stdin = lines({ policy: sigstore.policy });
  const times = runPaired(
    join(bin, "paired"),
    [
      { name: "one", argv: [sealcheck, "batch", "--jobs=1"], stdin },
      { name: "all", argv: [sealcheck, "batch"], stdin },
      { name: "reference", argv: [oracle, "-workers", "1"], stdin },
    ],
    { rounds: 5 },
  );
  const perSecond = (name: string) => `${((images * 1000) / median(named(times, name).wallMs)).toFixed(0)}/s`;
  const against = (what: string, name: string, atLeast: number): Row => ({
    what,
    ours: perSecond(name),
    peer: perSecond("reference"),
    ratio: pairedRatio(named(times, "reference").wallMs, named(times, name).wallMs),
    ofProcessorTime: pairedRatio(named(times, "reference").cpuMs, named(times, name).cpuMs),
    unit: "×",
    target: { atLeast },
  });
  const many = images.toLocaleString("en-US");
  const target = images < 10_000 ? 1.2 : 1.5;
  return [
    against(`\`batch --jobs=1\` over ${many} directories, against the reference in Go with one worker`, "one", target),
    against(`\`batch\` as it comes over the same, against the same`, "all", target),
  ];
}

/** What a large policy costs the executable: reading and parsing, all code still cold. */
function measurePolicy({ sigstore, identity }: Scene): readonly Row[] {
  const argv = (scopes: number): readonly string[] => {
    const policy = join(folder, `policy-${scopes}.json`);
    writeFileSync(policy, policyText(scopes));
    return [sealcheck, "verify-installable", "--identity", identity, "--policy", policy, sigstore.image];
  };
  const times = runPaired(
    join(bin, "paired"),
    [
      { name: "large", argv: argv(5000) },
      { name: "small", argv: argv(1) },
    ],
    { rounds },
  );
  const [large, small] = [named(times, "large").wallMs, named(times, "small").wallMs];
  const parseMs = median(large.map((ms, round) => ms - (small[round] ?? Number.NaN)));
  const judged: { slowdown: number }[] = Array.from({ length: 3 }, () =>
    JSON.parse(
      execFileSync(process.execPath, [join(root, "bench/policy.ts"), library, sigstore.image], { encoding: "utf8" }),
    ),
  );
  return [
    {
      what: "a policy with 5,000 scopes, read and parsed (against one scope)",
      ours: spread(large),
      peer: spread(small),
      ratio: parseMs,
      unit: "ms",
      target: { atMost: 50 },
    },
    {
      what: "… and one image judged by it in the library",
      ours: "",
      peer: "",
      ratio: median(judged.map((run) => run.slowdown)),
      unit: "×",
      target: { atMost: 1.1 },
    },
  ];
}

/** The one file for those who have Node, with the compile cache that Node keeps if it is told where. */
function measureBundle({ sigstore, identity }: Scene): readonly Row[] {
  const env = [`NODE_COMPILE_CACHE=${join(folder, "compile-cache")}`];
  const argv = [process.execPath, bundle, "verify-installable", "--identity", identity, "--policy", sigstore.policy];
  const times = runPaired(
    join(bin, "paired"),
    [
      { name: "bundle", argv: [...argv, sigstore.image], env },
      { name: "node", argv: [process.execPath, "-e", "0"], env },
    ],
    { rounds: Math.ceil(rounds / 2) },
  );
  const megabytes = statSync(bundle).size / 1e6;
  return [
    compare(
      "dist/sealcheck.mjs with the compile cache, against `node -e 0`",
      named(times, "bundle"),
      named(times, "node"),
      1.6,
    ),
    {
      what: "dist/sealcheck.mjs, size",
      ours: `${megabytes.toFixed(2)} MB`,
      peer: "",
      ratio: megabytes,
      unit: "MB",
      target: { atMost: 1.5 },
    },
  ];
}

function compare(what: string, ours: Times, peer: Times, atMost: number): Row {
  const ratio = pairedRatio(ours.wallMs, peer.wallMs);
  const ofProcessorTime = pairedRatio(ours.cpuMs, peer.cpuMs);
  return {
    what,
    ours: spread(ours.wallMs),
    peer: spread(peer.wallMs),
    ratio,
    ofProcessorTime,
    unit: "×",
    target: { atMost },
  };
}

function memory(what: string, times: Times, atMost: number): Row {
  const mebibytes = most(times.peakKiB) / 1024;
  return { what, ours: `${mebibytes.toFixed(1)} MiB`, peer: "", ratio: mebibytes, unit: "MiB", target: { atMost } };
}

function spread(ms: readonly number[]): string {
  return `${least(ms).toFixed(1)} / ${median(ms).toFixed(1)} / ${most(ms).toFixed(1)} ms`;
}

function named(times: ReadonlyMap<string, Times>, name: string): Times {
  const found = times.get(name);
  if (found === undefined) throw new Error(`${name} was not measured`);
  return found;
}

function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(({ what, ours, peer, ratio, ofProcessorTime, unit, target }) => {
    const isMet = "atMost" in target ? ratio <= target.atMost : ratio >= target.atLeast;
    const wanted = "atMost" in target ? `≤ ${target.atMost}` : `≥ ${target.atLeast}`;
    const cpu = ofProcessorTime === undefined ? "" : `, ${ofProcessorTime.toFixed(2)} in processor time`;
    const measured = `${ratio.toFixed(ratio < 10 ? 2 : 0)} ${unit}${cpu}`;
    return `| ${what} | ${ours} | ${peer} | ${measured} | ${wanted} | ${isMet ? "yes" : "no"} |`;
  });
  return ["| what | sealcheck | peer | measured | target | met |", "|---|---|---|---|---|---|", ...lines].join("\n");
}

function writeTable(path: string, table: string): void {
  const [start, end] = ["<!-- bench: begin -->", "<!-- bench: end -->"];
  const text = readFileSync(path, "utf8");
  const [before, rest] = text.split(start);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${path} has no place for the table`);
  writeFileSync(path, `${before}${start}\n${table}\n${end}${after}`);
}
