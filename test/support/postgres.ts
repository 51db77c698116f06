import { execFile, execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Where Debian and Ubuntu put the programs of the server, the newest first; they are not on PATH. */
const programs = globSync("/usr/lib/postgresql/*/bin/initdb")
  .map((path) => join(path, ".."))
  .sort((a, b) => Number(b.split("/")[4]) - Number(a.split("/")[4]))[0];

export const withoutPostgres: string | undefined =
  programs === undefined ? "there is no PostgreSQL server in /usr/lib/postgresql" : undefined;

/** A server of our own, on a socket in a folder of its own, which is gone when this process ends. */
export interface PostgresServer {
  /** The directory of the socket. */
  readonly directory: string;
  readonly superuser: string;
  /** A new, empty database of the superuser. @returns its name */
  createDatabase(): Promise<string>;
  url(database: string, user?: string): string;
  /** Runs SQL as the superuser, by psql; `files`: of that name. */
  psql(database: string, sql: string): Promise<string>;
  psqlFile(database: string, path: string): Promise<string>;
  /** Ends all connections at once, as a crash does. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** PostgreSQL refuses to be run by root: another user is it then, and who that is does not matter. */
const { PATH: searchPath } = process.env;
const isRoot = process.geteuid?.() === 0;
const serverUser = isRoot ? { uid: 65534, gid: 65534 } : undefined;

export interface PostgresSetup {
  /** It listens on this port of 127.0.0.1 too. */
  readonly port?: number;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Lines of pg_hba.conf before all others. */
  readonly access?: readonly string[];
}

/** Starts one, which ends with this process. */
export async function startPostgres({ port, tls, access = [] }: PostgresSetup = {}): Promise<PostgresServer> {
  if (programs === undefined) throw new Error(withoutPostgres);
  const bin = programs;
  // Short: the name of a socket has at most 107 bytes.
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "sealcheck-pg-")));
  const data = join(directory, "data");
  mkdirSync(data, { mode: 0o700 });
  chmodSync(directory, 0o755);
  if (serverUser !== undefined) for (const path of [directory, data]) chownSync(path, serverUser.uid, serverUser.gid);
  const superuser = "postgres";
  const options = {
    ...serverUser,
    cwd: directory,
    env: { LC_ALL: "C.UTF-8", PATH: searchPath, HOME: directory },
  };
  await run(join(bin, "initdb"), ["-D", data, "-U", superuser, "-A", "trust", "-N", "--encoding=UTF8"], options);
  const hba = join(data, "pg_hba.conf");
  writeFileSync(hba, [...access, readFileSync(hba, "utf8")].join("\n"));
  for (const [name, content] of Object.entries(tls ?? {})) {
    const path = join(data, `server.${name}`);
    writeFileSync(path, content, { mode: 0o600 });
    if (serverUser !== undefined) chownSync(path, serverUser.uid, serverUser.gid);
  }
  writeFileSync(
    join(data, "postgresql.auto.conf"),
    [
      `listen_addresses = '${port === undefined ? "" : "127.0.0.1"}'`,
      ...(port === undefined ? [] : [`port = ${port}`]),
      ...(tls === undefined ? [] : ["ssl = on", "ssl_cert_file = 'server.cert'", "ssl_key_file = 'server.key'"]),
      `unix_socket_directories = '${directory}'`,
      "fsync = off",
      "full_page_writes = off",
      "max_connections = 60",
      "shared_buffers = 64MB",
    ].join("\n"),
  );
  const control = (...words: readonly string[]) =>
    run(join(bin, "pg_ctl"), ["-D", data, "-w", "-s", "-l", join(directory, "log"), ...words], options);
  const start = async () => {
    await control("start", "-t", "120");
  };
  const url = (database: string, user = superuser) =>
    `postgres://${user}@/${database}?host=${encodeURIComponent(directory)}&port=${port ?? 5432}`;
  const psql = async (database: string, words: readonly string[]) => {
    const { stdout } = await run(
      join(bin, "psql"),
      ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", url(database), ...words],
      {
        env: { ...options.env, PGCONNECT_TIMEOUT: "30" },
      },
    );
    return stdout.trim();
  };
  let databases = 0;
  await start();
  process.on("exit", () => {
    try {
      execFileSync(join(bin, "pg_ctl"), ["-D", data, "-s", "-m", "immediate", "stop"], { ...options, stdio: "ignore" });
    } catch {
      // It was stopped already.
    }
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    directory,
    superuser,
    url,
    createDatabase: async () => {
      databases += 1;
      const name = `audit${databases}`;
      await psql("postgres", ["-c", `CREATE DATABASE ${name}`]);
      return name;
    },
    psql: (database, sql) => psql(database, ["-c", sql]),
    psqlFile: (database, path) => psql(database, ["-f", path]),
    stop: async () => {
      await control("-m", "immediate", "stop");
    },
    start,
  };
}
