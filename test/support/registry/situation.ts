/**
 * A situation: servers, settings and a reference. Both who asks the reference implementation (conformance/mirrors) and who
 * tests ours build the same servers and files of it; test/fixtures/registry/situations.json has what the former was told.
 */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fixtures } from "../images.ts";
import { temporaryDirectory } from "../temporary.ts";
import { type FaultServer, headerOf, type SeenRequest, type ServerScript, startFaultServer } from "./fault-server.ts";

/**
 * Texts may have these in them: `@A@`, the address of server A; `@A.port@`; `@A.localhost@`, the same server by its other
 * name; `@DIR@`, a folder of this situation; `@FIXTURES@`.
 */
export interface Situation {
  /** What is so, and what follows. */
  readonly name: string;
  /** By letter. */
  readonly servers: Readonly<Record<string, ServerScript>>;
  /** Default: the name that the images in test/fixtures are signed for. */
  readonly ref?: string;
  readonly policy: string;
  readonly requireSigned?: boolean;
  readonly registriesConf?: string | null;
  readonly registriesD?: Readonly<Record<string, string>>;
  readonly auth?: string;
  /** Below `@DIR@`. The home directory is `@DIR@/home`; what is in `bin` can be run. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Files of `--cert-dir`. */
  readonly certDir?: Readonly<Record<string, string>>;
  readonly tlsVerify?: boolean;
  /** Default "linux/amd64". */
  readonly platform?: string;
  readonly blobs?: "full";
  readonly env?: Readonly<Record<string, string>>;
  /** The reference would wait for ever. */
  readonly hangs?: boolean;
  readonly needs?: "ipv6";
}

export const signedName = "registry.example.com/vendor/app:1.0";

/** The question for conformance/mirrors/main.go. */
export interface Question {
  readonly ref: string;
  readonly policy: string;
  readonly requireSigned: boolean;
  readonly registriesConf: string;
  readonly registriesD: string;
  readonly authFile: string;
  readonly certDir: string;
  readonly tlsVerify: boolean | null;
  readonly os: string;
  readonly arch: string;
  readonly variant: string;
  readonly mode: "instance" | "all";
  readonly blobs: boolean;
  readonly timeoutMs: number;
}

export interface Scene {
  /** The command line for `sealcheck`, and the whole environment. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly question: Question;
  /** By letter, in the order in which they came: method, path and query, and what matters of the headers. */
  requests(): Readonly<Record<string, readonly string[]>>;
  /** Every request as it came, for questions about headers. */
  seen(): Readonly<Record<string, readonly SeenRequest[]>>;
  /** Addresses and folders replaced by their placeholders. */
  normalize(text: string): string;
  stop(): Promise<void>;
}

/** Starts the servers and writes the files. */
export async function buildScene(situation: Situation): Promise<Scene> {
  const directory = temporaryDirectory();
  const servers = new Map<string, FaultServer>();
  const expand = (text: string) =>
    text
      .replaceAll("@DIR@", directory)
      .replaceAll("@FIXTURES@", fixtures)
      .replaceAll(/@([A-Z])(\.port|\.localhost)?@/g, (whole, letter: string, what: string | undefined) => {
        const server = servers.get(letter);
        if (server === undefined) return whole;
        if (what === ".port") return `${server.port}`;
        return what === ".localhost" ? `localhost:${server.port}` : server.address;
      });
  for (const [letter, script] of Object.entries(situation.servers)) {
    servers.set(letter, await startFaultServer(script, expand));
  }
  const paths = writeFiles(situation, directory, expand);
  const question = questionOf(situation, paths, expand);
  const ofServers = <T>(value: (server: FaultServer) => T) =>
    Object.fromEntries([...servers].map(([letter, server]) => [letter, value(server)]));
  return {
    question,
    args: argsOf(situation, question),
    env: { HOME: paths.home, ...mapValues(situation.env ?? {}, expand) },
    requests: () => ofServers(({ seen }) => seen.map((each) => normalizer(servers, directory)(lineOf(each)))),
    seen: () => ofServers(({ seen }) => seen),
    normalize: normalizer(servers, directory),
    stop: async () => {
      await Promise.all([...servers.values()].map((server) => server.stop()));
    },
  };
}

interface Paths {
  readonly home: string;
  readonly policy: string;
  readonly registriesConf: string;
  readonly registriesD: string;
  readonly auth: string;
  readonly certDir: string;
}

function writeFiles(situation: Situation, directory: string, expand: (text: string) => string): Paths {
  const write = (name: string, content: string | Uint8Array): string => {
    const path = join(directory, expand(name));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === "string" ? expand(content) : content);
    if (name.startsWith("bin/")) chmodSync(path, 0o755);
    return path;
  };
  const { policy, registriesConf, registriesD = {}, auth, certDir, files = {} } = situation;
  for (const [name, content] of Object.entries(registriesD)) write(`registries.d/${name}`, content);
  for (const [name, content] of Object.entries(certDir ?? {})) write(`certs/${name}`, content);
  for (const [name, content] of Object.entries(files)) write(name, content);
  mkdirSync(join(directory, "home"), { recursive: true });
  return {
    home: join(directory, "home"),
    policy: write("policy.json", policy),
    registriesConf: registriesConf === null ? "" : write("registries.conf", registriesConf ?? ""),
    registriesD: join(directory, "registries.d"),
    auth: auth === undefined ? "" : write("auth.json", auth),
    certDir: certDir === undefined ? "" : join(directory, "certs"),
  };
}

function questionOf(situation: Situation, paths: Paths, expand: (text: string) => string): Question {
  const { ref = signedName, requireSigned = false, tlsVerify, platform = "linux/amd64", blobs, hangs } = situation;
  const [os = "", arch = "", variant = ""] = platform === "all" ? [] : platform.split("/");
  return {
    ref: expand(ref),
    policy: paths.policy,
    requireSigned,
    registriesConf: paths.registriesConf,
    registriesD: paths.registriesD,
    authFile: paths.auth,
    certDir: paths.certDir,
    tlsVerify: tlsVerify ?? null,
    os,
    arch,
    variant,
    mode: platform === "all" ? "all" : "instance",
    blobs: blobs === "full",
    timeoutMs: hangs ? 3_000 : 40_000,
  };
}

function argsOf({ platform = "linux/amd64" }: Situation, question: Question): readonly string[] {
  const option = (name: string, value: string) => (value === "" ? [] : [name, value]);
  return [
    "verify-policy",
    ...option("--policy", question.policy),
    ...(question.requireSigned ? ["--require-signed"] : []),
    ...option("--registries-conf", question.registriesConf),
    ...option("--registries.d", question.registriesD),
    ...option("--authfile", question.authFile),
    ...option("--cert-dir", question.certDir),
    ...(question.tlsVerify === null ? [] : [`--tls-verify=${question.tlsVerify}`]),
    ...option("--platform", platform),
    ...option("--blobs", question.blobs ? "full" : "none"),
    "--format=jsonl",
    `docker://${question.ref}`,
  ];
}

function lineOf(request: SeenRequest): string {
  const notes = [
    ...authorizationOf(request),
    ...(headerOf(request, "range") === undefined ? [] : [`Range ${headerOf(request, "range")}`]),
    ...(request.body === "" ? [] : [`body ${request.body}`]),
  ];
  return [`${request.method} ${request.target}`, ...notes.map((note) => `[${note}]`)].join(" ");
}

function authorizationOf(request: SeenRequest): readonly string[] {
  return ["authorization", "proxy-authorization", "cookie"].flatMap((name) => {
    const value = headerOf(request, name);
    if (value === undefined) return [];
    const [scheme, rest = ""] = value.split(" ");
    const shown = scheme === "Basic" ? `Basic ${Buffer.from(rest, "base64").toString()}` : value;
    return [name === "authorization" ? shown : `${name}: ${shown}`];
  });
}

function normalizer(servers: ReadonlyMap<string, FaultServer>, directory: string): (text: string) => string {
  return (text) => {
    let result = text.replaceAll(directory, "@DIR@").replaceAll(fixtures, "@FIXTURES@");
    for (const [letter, { address, port }] of servers) {
      result = result
        .replaceAll(address, `@${letter}@`)
        .replaceAll(`localhost:${port}`, `@${letter}.localhost@`)
        .replaceAll(encodeURIComponent(address), `@${letter}@`);
    }
    return result.replaceAll(/(sha256[:=-])([0-9a-f]{12})[0-9a-f]{52}/g, "$1$2…");
  };
}

function mapValues(record: Readonly<Record<string, string>>, map: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
