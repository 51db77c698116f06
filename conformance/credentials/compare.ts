/**
 * Random files with credentials, directories of certificates and environments with proxies, put to this program and to the reference:
 * containers/image, and golang.org/x/net for proxies.
 *
 *     node conformance/credentials/compare.ts [N [SEED [KIND]]]
 *
 * N questions of each kind, or of one. Needs Go. Each line at the end says `N of M agree`; the exit code is 1 on any disagreement.
 */
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { systemRoots } from "../../src/config/certificates.ts";
import type { CredentialsEnvironment } from "../../src/config/credentials-files.ts";
import { runLines } from "../ask.ts";
import {
  type Answer,
  certificatesDifference,
  credentialsDifference,
  type Difference,
  placesDifference,
  proxyDifference,
} from "./answer.ts";
import { CertificatesGenerator, type Material } from "./generate-certificates.ts";
import { CredentialsGenerator, type CredentialsQuestion, helperScripts } from "./generate-credentials.ts";
import { ProxyGenerator } from "./generate-proxy.ts";
import { Random } from "./random.ts";

const [count = "5000", seed = "1", kind] = process.argv.slice(2);
const bin = join(import.meta.dirname, "..", "bin");
mkdirSync(bin, { recursive: true });
const oracle = join(bin, "credentials");
execFileSync("go", ["build", "-tags", "containers_image_openpgp exclude_graphdriver_btrfs", "-o", oracle, "."], {
  cwd: import.meta.dirname,
  env: { ...process.env, CGO_ENABLED: "0" },
  stdio: "inherit",
});

const root = mkdtempSync(join(tmpdir(), "sealcheck-credentials-"));
process.on("exit", () => rmSync(root, { recursive: true, force: true }));

function write(directory: string, files: Readonly<Record<string, string | null>>, encoding: "utf8" | "latin1"): void {
  mkdirSync(directory, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, name);
    mkdirSync(content === null ? path : dirname(path), { recursive: true });
    if (content === "->") symlinkSync("nowhere", path);
    else if (content !== null) writeFileSync(path, content, encoding);
  }
}

interface Case {
  /** For the reference. */
  readonly line: object;
  readonly shown: unknown;
  difference(theirs: Answer): Promise<Difference> | Difference;
  outcome(theirs: Answer): string;
}

const random = new Random(Number(seed));
const questions = Array.from({ length: Number(count) }, (_, at) => at);
for (const [name, script] of Object.entries(helperScripts)) {
  write(join(root, "helpers"), { [`docker-credential-${name}`]: `#!/bin/sh\n${script}\n` }, "utf8");
  execFileSync("chmod", ["755", join(root, "helpers", `docker-credential-${name}`)]);
}

const credentials = new CredentialsGenerator(random);
await compare(
  "credentials",
  questions.map((at): Case => {
    const written = credentials.question();
    const directory = join(root, `credentials-${at}`);
    const inFull = (text: string) => text.replaceAll("@", directory);
    const question: CredentialsQuestion = {
      ...written,
      environment: Object.fromEntries(Object.entries(written.environment).map(([key, value]) => [key, inFull(value)])),
      authFile: inFull(written.authFile),
    };
    const registries = join(directory, "registries.conf");
    write(
      directory,
      { ...written.files, "registries.conf": `credential-helpers = ${JSON.stringify(written.helpers)}\n` },
      "utf8",
    );
    const { reference, times } = question;
    const environment: CredentialsEnvironment = question.environment;
    // The command reads this variable, and hands the file to the library.
    const authFile = question.authFile || environment.REGISTRY_AUTH_FILE || "";
    return {
      line: { kind: "credentials", environment, authFile, reference, times, registries },
      shown: written,
      difference: (theirs) => credentialsDifference(question, theirs),
      outcome: ({ credentials: all = [] }) => {
        const [first] = all;
        if (all.length > 1) return "one of several";
        if (first?.error !== undefined) return "error";
        if (first?.token) return "token";
        return first?.username || first?.password ? "password" : "none";
      },
    };
  }),
);

const materials: readonly Material[] = JSON.parse(execFileSync(oracle, ["-materials"], { encoding: "utf8" }));
const certificates = new CertificatesGenerator(random, materials);
await compare(
  "certificates",
  questions.map((at): Case => {
    const question = certificates.question();
    const directory = join(root, `certificates-${at}`);
    write(directory, question.files, "latin1");
    return {
      line: { kind: "certificates", environment: {}, directory },
      shown: question,
      difference: (theirs) => certificatesDifference(question, directory, theirs),
      outcome: ({ error, ca = [], client = [] }) =>
        error === undefined ? `${ca.length > 0 ? "CAs" : "no CAs"}, ${client.length} pairs` : "error",
    };
  }),
);

const proxies = new ProxyGenerator(random);
await compare(
  "proxy",
  questions.map((): Case => {
    const question = proxies.question();
    return {
      line: question,
      shown: question,
      difference: (theirs) => proxyDifference(question, theirs),
      outcome: ({ proxy }) => proxy?.outcome ?? "",
    };
  }),
);

// Which variable counts: asked of the reference's own transport, once in a process.
const variables = [
  { HTTP_PROXY: "http://upper", http_proxy: "http://lower" },
  { HTTP_PROXY: "", http_proxy: "http://lower" },
  { http_proxy: "http://lower" },
  { HTTPS_PROXY: "http://upper", https_proxy: "http://lower" },
  { HTTPS_PROXY: "", https_proxy: "http://lower" },
  { https_proxy: "http://lower" },
  { HTTPS_PROXY: "http://upper", NO_PROXY: "x.example", no_proxy: "r.example" },
  { HTTPS_PROXY: "http://upper", NO_PROXY: "", no_proxy: "r.example" },
  { HTTP_PROXY: "http://upper", REQUEST_METHOD: "GET" },
  { HTTP_PROXY: "http://upper", REQUEST_METHOD: "" },
];
await compare(
  "transport",
  variables.flatMap((environment) =>
    ["http://r.example/v2/", "https://r.example/v2/"].map((url): Case => {
      const question = { kind: "proxy", environment, url } as const;
      return {
        line: { ...question, kind: "transport" },
        shown: question,
        difference: (theirs) => proxyDifference(question, theirs),
        outcome: ({ proxy }) => proxy?.outcome ?? "",
      };
    }),
  ),
  { isAlone: true },
);

const users = [0, 1000].flatMap((userId) =>
  [{ HOME: "/h" }, { HOME: "/h", XDG_CONFIG_HOME: "/x" }, { HOME: "/h", XDG_CONFIG_HOME: "" }].map((environment) => ({
    userId,
    environment,
  })),
);
await compare(
  "places",
  users.map(
    (question): Case => ({
      line: { kind: "places", ...question },
      shown: question,
      difference: (theirs) => placesDifference(question, theirs),
      outcome: () => "places",
    }),
  ),
);

// Once in a process of the reference.
const sslDirectory = join(root, "roots");
const [one, two, three] = materials.map(({ certificate }) => certificate);
write(
  sslDirectory,
  { "one.pem": `${one}`, "bundle/two": `${two}`, three: `junk\n${three}${one}`, link: "->", more: "text" },
  "utf8",
);
symlinkSync("../roots/bundle/two", join(sslDirectory, "elsewhere"));
const roots = [
  {},
  { SSL_CERT_DIR: sslDirectory },
  { SSL_CERT_FILE: join(sslDirectory, "three") },
  { SSL_CERT_FILE: join(sslDirectory, "three"), SSL_CERT_DIR: `${join(sslDirectory, "none")}:${sslDirectory}:` },
  { SSL_CERT_FILE: join(sslDirectory, "none"), SSL_CERT_DIR: join(sslDirectory, "none") },
  { SSL_CERT_FILE: sslDirectory, SSL_CERT_DIR: join(sslDirectory, "none") },
];
await compare(
  "roots",
  roots.map(
    (environment): Case => ({
      line: { kind: "roots", environment },
      shown: environment,
      difference: ({ ca = [], error }) => {
        const found = systemRoots(environment)();
        if (!found.ok || error !== undefined) return found.ok === (error === undefined) ? undefined : found;
        const isSame = found.value.length === ca.length;
        return isSame && found.value.every((pem) => new X509Certificate(pem).raw.length > 0)
          ? undefined
          : { ours: found.value.length, theirs: ca.length };
      },
      outcome: ({ ca, error }) => (error === undefined ? `${ca?.length ?? 0} CAs` : "error"),
    }),
  ),
  { isAlone: true },
);

/** `isAlone`: each question has a process of the reference to itself. */
async function compare(name: string, cases: readonly Case[], { isAlone = false } = {}): Promise<void> {
  if (kind !== undefined && kind !== name) return;
  const answers = isAlone ? [] : await ask(name, cases);
  if (isAlone) for (const [at, one] of cases.entries()) answers.push(...(await ask(`${name}-${at}`, [one])));
  const outcomes = new Map<string, number>();
  let agree = 0;
  for (const [at, { shown, difference, outcome }] of cases.entries()) {
    const theirs = answers[at] as Answer;
    outcomes.set(outcome(theirs), (outcomes.get(outcome(theirs)) ?? 0) + 1);
    const ours = await difference(theirs);
    if (ours === undefined) agree += 1;
    else console.log(`${JSON.stringify(shown)}\n  reference ${JSON.stringify(theirs)}\n  ours ${JSON.stringify(ours)}`);
  }
  console.log([...outcomes].map(([outcome, times]) => `${outcome}: ${times}`).join("; "));
  console.log(`${name}: ${agree} of ${cases.length} agree`);
  if (agree < cases.length) process.exitCode = 1;
}

async function ask(name: string, cases: readonly Case[]): Promise<Answer[]> {
  const input = join(bin, `credentials-${name}-${seed}-${count}.questions.jsonl`);
  writeFileSync(input, cases.map(({ line }) => `${JSON.stringify(line)}\n`).join(""));
  const answers = await runLines<Answer>([oracle], input, input.replace("questions", "answers"));
  if (answers.length !== cases.length) throw new Error("the reference did not answer every question");
  return answers;
}
