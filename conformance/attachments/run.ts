/**
 * Images as cosign, oras and skopeo make them, in a docker-registry: asks containers/image, the skopeo of this machine and
 * sealcheck about each, over plain HTTP, over TLS with a password, and with tokens. `run.ts --cosign-2 FILE --cosign-3 FILE --oras FILE
 * --oracle FILE [--write]`; run.sh beside it builds all of them. `--write` keeps the images for test/source/registry.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { differencesFrom } from "../../test/support/registry/compare.ts";
import {
  account,
  type DockerRegistry,
  type RegistryOptions,
  startDockerRegistry,
} from "../../test/support/registry/docker-registry.ts";
import { type Recorded, recordedSituations } from "../../test/support/registry/recorded.ts";
import { runAside } from "../../test/support/registry/run-aside.ts";
import { buildScene, type Scene } from "../../test/support/registry/situation.ts";
import { toolSituation } from "../../test/support/registry/situations/tool-situation.ts";
import { newTlsMaterial } from "../../test/support/registry/tls.ts";
import { type ToolImages, toolImagesPath } from "../../test/support/registry/tool-images.ts";
import { type ToolQuestion, toolQuestions } from "../../test/support/registry/tool-questions.ts";
import { runtimes } from "../../test/support/run.ts";
import { temporaryDirectory } from "../../test/support/temporary.ts";
import { crawl } from "./crawl.ts";
import { images, makeKeys } from "./images.ts";
import { Tools } from "./tools.ts";

const { values } = parseArgs({
  options: {
    "cosign-2": { type: "string", default: "cosign" },
    "cosign-3": { type: "string", default: "cosign" },
    oras: { type: "string", default: "oras" },
    oracle: { type: "string", default: join(import.meta.dirname, "../bin/mirrors") },
    write: { type: "boolean", default: false },
  },
});

const recorded = recordedSituations();
const tls = newTlsMaterial();
const made = await makeImages();
if (values.write) await write();
else await compare();

type Made = Pick<ToolImages, "signedAt" | "tools" | "keys" | "lookaside"> & { readonly storage: string };

async function makeImages(): Promise<Made> {
  const registry = await startDockerRegistry({ tls, auth: "basic", takesSchema1: true });
  try {
    const programs = { cosign2: values["cosign-2"], cosign3: values["cosign-3"], oras: values.oras };
    const tools = new Tools(programs, registry, tls.ca);
    makeKeys(tools);
    for (const [repository, make] of Object.entries(images)) make(tools, repository);
    const isPublic = (name: string) => /\.(pub|pem)$/.test(name);
    return {
      signedAt: registry.address,
      storage: registry.storage,
      tools: {
        "cosign 2": /GitVersion: *(\S+)/.exec(tools.cosign2(["version"]))?.[1] ?? "",
        "cosign 3": /GitVersion: *(\S+)/.exec(tools.cosign3(["version"]))?.[1] ?? "",
        oras: /Version: *(\S+)/.exec(tools.oras("version"))?.[1] ?? "",
        skopeo: tools.run("skopeo", ["--version"]).trim().split(" ").at(-1) ?? "",
        "docker-registry": tools.run("docker-registry", ["--version"]).trim().split(" ").at(-1) ?? "",
      },
      keys: textsIn(join(tools.directory, "keys"), isPublic, "utf8"),
      lookaside: textsIn(tools.lookaside, () => true, "base64"),
    };
  } finally {
    await registry.stop();
  }
}

function textsIn(directory: string, isWanted: (name: string) => boolean, encoding: "utf8" | "base64") {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => relative(directory, join(parentPath, name))).sort();
  return Object.fromEntries(
    paths.filter(isWanted).map((path) => [path, readFileSync(join(directory, path), encoding)]),
  );
}

async function write(): Promise<void> {
  const { storage, ...rest } = made;
  const registry = await startDockerRegistry({ storage, isReadOnly: true });
  try {
    const kept: ToolImages = { ...rest, ...(await crawl(registry.url, Object.keys(images))) };
    const lines = Object.entries(kept).map(([name, value]) => `${JSON.stringify(name)}: ${oneLineEach(value)}`);
    writeFileSync(toolImagesPath, `{\n${lines.join(",\n")}\n}\n`);
    console.log(`${Object.keys(images).length} repositories kept`);
  } finally {
    await registry.stop();
  }
}

function oneLineEach(value: string | object): string {
  if (typeof value === "string") return JSON.stringify(value);
  const lines = Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${JSON.stringify(each)}`);
  return `{\n${lines.join(",\n")}\n}`;
}

interface Way {
  readonly what: string;
  readonly registry: RegistryOptions;
}

async function compare(): Promise<void> {
  const ways: readonly Way[] = [
    { what: "plain HTTP", registry: {} },
    { what: "TLS, a password", registry: { tls, auth: "basic" } },
    { what: "TLS, tokens", registry: { tls, auth: "token" } },
  ];
  console.log(
    Object.entries(made.tools)
      .map((tool) => tool.join(" "))
      .join(", "),
  );
  let [agreed, all] = [0, 0];
  for (const { what, registry: options } of ways) {
    const registry = await startDockerRegistry({ ...options, storage: made.storage, isReadOnly: true });
    console.log(`\n${what}`);
    for (const question of toolQuestions) {
      const { line, differences } = await ask(question, registry, options);
      console.log([line, ...differences.map((each) => `    ${each}`)].join("\n"));
      all += 1;
      if (differences.length === 0) agreed += 1;
    }
    await registry.stop();
  }
  console.log(`\n${agreed} of ${all} agree`);
  process.exitCode = agreed === all ? 0 : 1;
}

/** What everybody says of one image; the differences are those of sealcheck from containers/image. */
async function ask(question: ToolQuestion, registry: DockerRegistry, options: RegistryOptions) {
  const scene = await sceneOf(question, registry, options);
  try {
    const oracle = await runAside([values.oracle], scene.env, { input: `${JSON.stringify(scene.question)}\n` });
    if (oracle.code !== 0) throw new Error(`the oracle ended with ${oracle.code}: ${oracle.stderr}`);
    const reference: Recorded = { ...JSON.parse(oracle.stdout), requests: {} };
    const differences = recordDiffers(question, reference) ? ["another verdict of containers/image was recorded"] : [];
    const codes: string[] = [];
    for (const { name, command } of runtimes) {
      const ended = await runAside([...command, ...scene.args], scene.env);
      const { verdict } = differencesFrom(reference, ended, {}, (text) => text);
      differences.push(...verdict.map((each) => `${name}: ${each}`));
      codes.push(`${codeOf(ended.stdout)} (${ended.code})`);
    }
    const skopeo = await askSkopeo(question, scene);
    const shown = [reference.outcome, ...(reference.stage === undefined ? [] : [reference.stage])].join(" at ");
    const both = [...new Set(codes)].join(", ");
    return { line: `  ${question.name} | ${shown} | skopeo ${skopeo} | ${both}`, differences };
  } finally {
    await scene.stop();
  }
}

/** `make test` goes by what was recorded. */
function recordDiffers({ name }: ToolQuestion, { outcome, stage }: Recorded): boolean {
  const before = recorded[`by tools: ${name}`];
  return before?.outcome !== outcome || before.stage !== stage;
}

function codeOf(stdout: string): string {
  const { verdict, code }: { verdict?: string; code?: string } = JSON.parse(stdout);
  return code ?? verdict ?? "";
}

/** The questions' server A is the registry. */
function sceneOf(question: ToolQuestion, { address }: DockerRegistry, { tls: material, auth }: RegistryOptions) {
  const { registriesConf, ...situation } = toolSituation(question, made);
  const pair = Buffer.from(`${account.user}:${account.password}`).toString("base64");
  const conf = (registriesConf ?? "").replaceAll("@A@", address);
  return buildScene({
    ...situation,
    registriesConf: material === undefined ? conf : conf.replaceAll("insecure = true\n", ""),
    ...(material === undefined ? {} : { certDir: { "ca.crt": material.ca } }),
    ...(auth === undefined ? {} : { auth: JSON.stringify({ auths: { [address]: { auth: pair } } }) }),
  });
}

async function askSkopeo({ platform = "linux/amd64" }: ToolQuestion, { question, env }: Scene): Promise<string> {
  const [os, arch] = platform.split("/");
  const ended = await runAside(
    [
      "skopeo",
      `--policy=${question.policy}`,
      `--registries.d=${question.registriesD}`,
      `--registries-conf=${question.registriesConf}`,
      ...(platform === "all" ? [] : [`--override-os=${os}`, `--override-arch=${arch}`]),
      ...["copy", "-q", ...(platform === "all" ? ["--all"] : [])],
      ...(question.authFile === "" ? [] : [`--src-authfile=${question.authFile}`]),
      ...(question.certDir === "" ? [] : [`--src-cert-dir=${question.certDir}`]),
      `docker://${question.ref}`,
      `dir:${join(temporaryDirectory(), "copy")}`,
    ],
    { ...env, PATH: "/usr/bin:/bin" },
  );
  if (ended.code === 0) return "accepted";
  // Debian's judges no signature of cosign at all.
  if (/sigstore disabled/.test(ended.stderr)) return "knows no sigstore";
  return /Source image rejected/.test(ended.stderr) ? "rejected" : "error";
}
