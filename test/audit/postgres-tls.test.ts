import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { dialects, sourceRuntimes } from "../support/audit-databases.ts";
import { type PostgresServer, startPostgres } from "../support/postgres.ts";
import { runAside } from "../support/registry/run-aside.ts";
import { newTlsMaterial } from "../support/registry/tls.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const worker = join(import.meta.dirname, "worker.run.ts");

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error()),
      );
    });
  });
}

const secret = "s3cr3t-of-the-test";
const access = [
  "hostnossl all open 127.0.0.1/32 trust",
  "hostssl all open 127.0.0.1/32 trust",
  "host all knower 127.0.0.1/32 scram-sha-256",
  "local all knower scram-sha-256",
  "host all all 127.0.0.1/32 reject",
];

interface Situation {
  readonly server: PostgresServer;
  readonly port: number;
  /** Of who issued the server's certificate, and of somebody else. */
  readonly ca: string;
  readonly otherCa: string;
}

async function situation(tls: ReturnType<typeof newTlsMaterial> | undefined): Promise<Situation> {
  const port = await freePort();
  const server = await startPostgres({
    port,
    access,
    ...(tls === undefined ? {} : { tls: { key: tls.key, cert: tls.cert } }),
  });
  await server.psql("postgres", `CREATE ROLE open LOGIN; CREATE ROLE knower LOGIN PASSWORD '${secret}'`);
  const file = (content: string) => {
    const path = join(temporaryDirectory(), "root.crt");
    writeFileSync(path, content);
    return path;
  };
  return { server, port, ca: file(tls?.ca ?? ""), otherCa: file(newTlsMaterial({ name: "other" }).ca) };
}

describe("how a server is reached", { skip: dialects[1]?.skip }, () => {
  const places = new Map<string, Situation>();
  before(async () => {
    places.set("with", await situation(newTlsMaterial()));
    places.set("elsewhere", await situation(newTlsMaterial({ isForOtherHost: true })));
    places.set("without", await situation(undefined));
  });

  /** `CA`, `OTHER`: files with certificates; `HOME`: a home with nothing in it. */
  const rows: readonly (readonly [
    server: string,
    who: string,
    env: Readonly<Record<string, string>>,
    expected: object | RegExp,
  ])[] = [
    ["with", "open@127.0.0.1", {}, { ssl: 0, name: "open" }],
    ["with", "open@127.0.0.1", { PGSSLMODE: "disable" }, { ssl: 0, name: "open" }],
    ["with", "open@127.0.0.1", { PGSSLMODE: "prefer" }, { ssl: 1, name: "open" }],
    ["with", "open@127.0.0.1", { PGSSLMODE: "require" }, { ssl: 1, name: "open" }],
    ["with", "open@127.0.0.1", { PGSSLMODE: "require", PGSSLROOTCERT: "OTHER" }, /certificate/],
    ["with", "open@127.0.0.1", { PGSSLMODE: "verify-ca", PGSSLROOTCERT: "CA" }, { ssl: 1, name: "open" }],
    ["with", "open@127.0.0.1", { PGSSLMODE: "verify-ca", PGSSLROOTCERT: "OTHER" }, /certificate/],
    ["with", "open@127.0.0.1", { PGSSLMODE: "verify-full", PGSSLROOTCERT: "CA" }, { ssl: 1, name: "open" }],
    ["with", "open@localhost", { PGSSLMODE: "verify-full", PGSSLROOTCERT: "CA" }, { ssl: 1, name: "open" }],
    ["with", "open@127.0.0.1", { PGSSLMODE: "verify-full", PGSSLROOTCERT: "OTHER" }, /certificate/],
    ["with", "open@127.0.0.1", { PGSSLMODE: "verify-full" }, /certificate/],
    [
      "with",
      "open@127.0.0.1",
      { PGSSLMODE: "verify-full", PGSSLROOTCERT: "/dev/null/missing" },
      /"address".*cannot be used/,
    ],
    ["elsewhere", "open@127.0.0.1", { PGSSLMODE: "verify-ca", PGSSLROOTCERT: "CA" }, { ssl: 1, name: "open" }],
    ["elsewhere", "open@127.0.0.1", { PGSSLMODE: "verify-full", PGSSLROOTCERT: "CA" }, /certificate/],
    ["elsewhere", "open@localhost", { PGSSLMODE: "verify-full", PGSSLROOTCERT: "CA" }, /certificate/],
    ["without", "open@127.0.0.1", { PGSSLMODE: "prefer" }, { ssl: 0, name: "open" }],
    ["without", "open@127.0.0.1", { PGSSLMODE: "allow" }, { ssl: 0, name: "open" }],
    ["without", "open@127.0.0.1", { PGSSLMODE: "require" }, /no TLS/],
    ["without", "open@127.0.0.1", { PGSSLMODE: "verify-full", PGSSLROOTCERT: "CA" }, /no TLS/],
    ["without", `knower:${secret}@127.0.0.1`, {}, { ssl: 0, name: "knower" }],
    ["without", "knower@127.0.0.1", { PGPASSWORD: secret }, { ssl: 0, name: "knower" }],
    ["without", "knower@127.0.0.1", { PGPASSFILE: "PASSES" }, { ssl: 0, name: "knower" }],
    ["without", "knower@127.0.0.1", { HOME: "WITH-PASSES" }, { ssl: 0, name: "knower" }],
    ["without", "knower@127.0.0.1", { PGPASSFILE: "OPEN-PASSES" }, /can be read by others/],
    ["without", "knower@127.0.0.1", {}, /asks for a password/],
    ["without", `knower:${secret}x@127.0.0.1`, {}, /"not-permitted".*authentication failed/],
    ["without", `open:${secret}@127.0.0.1:1`, {}, /"unreachable"/],
    ["without", "other@127.0.0.1", {}, /"not-permitted"/],
    ["without", "open@127.0.0.1/missing", {}, /"system".*missing/],
  ];
  for (const { name: runtime, path } of sourceRuntimes) {
    describe(runtime, () => {
      for (const [name, who, env, expected] of rows) {
        it(`${name} TLS, ${who.replaceAll(secret, "…")}, ${Object.entries(env)
          .map((pair) => pair.join("=").replaceAll(secret, "…"))
          .join(" ")}`, async () => {
          const { port, ca, otherCa } = places.get(name) ?? assert.fail();
          const home = temporaryDirectory();
          const passes = (file: string, mode: number) => {
            writeFileSync(file, `# a comment\n127.0.0.1:${port}:*:knower:${secret}\n`);
            chmodSync(file, mode);
            return file;
          };
          mkdirSync(join(home, "has"));
          passes(join(home, "has", ".pgpass"), 0o600);
          const paths: Readonly<Record<string, string>> = {
            CA: ca,
            OTHER: otherCa,
            PASSES: passes(join(home, "passes"), 0o600),
            "OPEN-PASSES": passes(join(home, "open-passes"), 0o644),
            "WITH-PASSES": join(home, "has"),
          };
          const environment = Object.fromEntries(
            Object.entries({ HOME: home, ...env }).map(([key, value]) => [key, paths[value] ?? value]),
          );
          const [place, database = "postgres"] = who.split("/");
          const url = `postgres://${place}${/:\d+$/.test(place ?? "") ? "" : `:${port}`}/${database}`;
          const { code, stdout, stderr } = await runAside([path, worker, url, "connect"], {
            PATH: "/usr/bin:/bin",
            ...environment,
          });
          assert.equal(code, 0, stderr);
          if (expected instanceof RegExp) assert.match(stdout, expected);
          else assert.deepEqual(JSON.parse(stdout), expected);
          assert.ok(!`${stdout}${stderr}`.includes(secret), "the password was told");
          assert.ok(!stdout.includes('"bug"'), stdout);
        });
      }
    });
  }
});
