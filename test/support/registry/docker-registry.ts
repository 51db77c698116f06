/** Debian's docker-registry on this machine, for as long as a test needs it. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID, sign } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { join } from "node:path";
import { temporaryDirectory } from "../temporary.ts";
import { newTlsMaterial, type TlsMaterial } from "./tls.ts";

const program = "/usr/bin/docker-registry";

export const hasDockerRegistry = existsSync(program);

/** For `{ skip }` of a test. */
export const withoutDockerRegistry: string | false = hasDockerRegistry ? false : "docker-registry is not installed";

/** Who may do what in the registries that ask. */
export const account = { user: "user", password: "secret" } as const;

/** bcrypt of `account`, as htpasswd -B writes it. */
const htpasswd = "user:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";

export interface RegistryOptions {
  readonly auth?: "basic" | "token";
  readonly tls?: TlsMaterial;
  /** Storage of another registry that has ended or is read only. */
  readonly storage?: string;
  readonly isReadOnly?: boolean;
  /** Takes manifests of schema 1; it gives those that it has in any case. */
  readonly takesSchema1?: boolean;
}

export interface DockerRegistry {
  /** "127.0.0.1:PORT" */
  readonly address: string;
  readonly url: string;
  readonly storage: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts it on a port of its own choice, and waits until it listens. */
export async function startDockerRegistry(options: RegistryOptions = {}): Promise<DockerRegistry> {
  const directory = temporaryDirectory();
  const storage = options.storage ?? join(directory, "storage");
  mkdirSync(storage, { recursive: true });
  const tokens = options.auth === "token" ? await startTokenServer() : undefined;
  const config = join(directory, "config.json");
  writeFileSync(config, JSON.stringify(configOf(options, directory, storage, tokens)));
  // Into a file, not a pipe: nobody empties a pipe while a test waits for a program.
  const log = join(directory, "log");
  const descriptor = openSync(log, "w");
  const child = spawn(program, ["serve", config], {
    stdio: ["ignore", "ignore", descriptor],
    env: { PATH: "/usr/bin:/bin", OTEL_TRACES_EXPORTER: "none" },
  });
  const end = () => child.kill("SIGKILL");
  process.on("exit", end);
  closeSync(descriptor);
  const port = await portOf(child, log);
  return {
    address: `127.0.0.1:${port}`,
    url: `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    storage,
    pid: child.pid ?? 0,
    stop: async () => {
      process.off("exit", end);
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGTERM");
      await ended;
      await tokens?.stop();
    },
  };
}

/** JSON is YAML. */
function configOf(
  options: RegistryOptions,
  directory: string,
  storage: string,
  tokens: TokenServer | undefined,
): object {
  const { auth, tls, isReadOnly = false, takesSchema1 = false } = options;
  const write = (name: string, text: string) => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };
  return {
    version: 0.1,
    log: { level: "info", accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: storage },
      maintenance: { readonly: { enabled: isReadOnly }, uploadpurging: { enabled: false } },
    },
    ...(takesSchema1 ? { compatibility: { schema1: { enabled: true } } } : {}),
    http: {
      addr: "127.0.0.1:0",
      ...(tls === undefined
        ? {}
        : { tls: { certificate: write("tls.crt", tls.cert + tls.ca), key: write("tls.key", tls.key) } }),
    },
    ...(auth === "basic" ? { auth: { htpasswd: { realm: "test", path: write("htpasswd", htpasswd) } } } : {}),
    ...(tokens === undefined
      ? {}
      : { auth: { token: { ...tokens.settings, rootcertbundle: write("tokens.crt", tokens.authority) } } }),
  };
}

async function portOf(child: ChildProcess, log: string): Promise<number> {
  for (let waitedMs = 0; waitedMs < 20_000 && child.exitCode === null; waitedMs += 20) {
    const port = /listening on 127\.0\.0\.1:(\d+)/.exec(readFileSync(log, "utf8"))?.[1];
    if (port !== undefined) return Number(port);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  child.kill("SIGKILL");
  throw new Error(`docker-registry does not listen: ${readFileSync(log, "utf8")}`);
}

interface TokenServer {
  readonly settings: { readonly realm: string; readonly service: string; readonly issuer: string };
  /** PEM of the certificate that tokens are trusted by. */
  readonly authority: string;
  stop(): Promise<void>;
}

/** Gives everybody tokens to pull, and those with an account all that they ask for: docs/spec/auth/token.md of distribution. */
async function startTokenServer(): Promise<TokenServer> {
  const material = newTlsMaterial({ name: "tokens" });
  const [service, issuer] = ["test registry", "test issuer"];
  const server = createServer((request, response) => {
    const token = tokenFor(request, material, service, issuer);
    response.statusCode = token === undefined ? 401 : 200;
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(token === undefined ? { errors: [{ code: "UNAUTHORIZED" }] } : { token }));
  });
  const port = await listening(server);
  return {
    settings: { realm: `http://127.0.0.1:${port}/token`, service, issuer },
    authority: material.ca,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

function tokenFor(request: IncomingMessage, { key, cert }: TlsMaterial, service: string, issuer: string) {
  const query = new URL(request.url ?? "/", "http://localhost").searchParams;
  const { authorization } = request.headers;
  const isKnown = authorization === `Basic ${Buffer.from(`${account.user}:${account.password}`).toString("base64")}`;
  if (authorization !== undefined && !isKnown) return undefined;
  const now = Math.floor(Date.now() / 1000);
  const access = query.getAll("scope").map((scope) => {
    const [type, name, actions = ""] = scope.split(":");
    return { type, name, actions: isKnown ? actions.split(",") : ["pull"] };
  });
  const x5c = [cert.replaceAll(/-----[^-]*-----|\n/g, "")];
  const signed = `${base64url({ typ: "JWT", alg: "ES256", x5c })}.${base64url({
    iss: issuer,
    sub: isKnown ? account.user : "",
    aud: service,
    exp: now + 300,
    nbf: now - 60,
    iat: now,
    jti: randomUUID(),
    access,
  })}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("no port"));
      else resolve(address.port);
    });
  });
}
