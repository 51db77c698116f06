import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isPostgresUrl, readPostgresAddress } from "../../src/audit/database/postgres-address.ts";

interface Around {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly userName?: string | undefined;
}

const read = (url: string, { env = {}, files = [], ...more }: Around = {}) =>
  readPostgresAddress(url, {
    environment: env,
    userName: "userName" in more ? more.userName : "me",
    home: "/home/me",
    isFile: (path) => files.includes(path),
    isSocket: (path) => files.includes(path),
  });

const plain = {
  host: "localhost",
  port: 5432,
  user: "me",
  database: "me",
  password: undefined,
  passwordFile: "/home/me/.pgpass",
  applicationName: "sealcheck",
  connectSeconds: 15,
  encryption: { kind: "none" },
};
const noClient = { certificate: undefined, key: undefined };
const full = { kind: "verified", isHostChecked: true, roots: undefined, client: noClient };
const rootFile = "/home/me/.postgresql/root.crt";

describe("what is read", () => {
  const rows: readonly (readonly [url: string, around: Around, expected: object])[] = [
    ["postgres://", {}, {}],
    ["postgresql://", {}, {}],
    ["POSTGRES://", {}, {}],
    ["postgres:///audits", {}, { database: "audits" }],
    ["postgres:///audits", { env: { PGPASSFILE: "/run/pass" } }, { database: "audits", passwordFile: "/run/pass" }],
    ["postgres://u:p%40%2F@localhost:6000/d%20b", {}, { user: "u", password: "p@/", port: 6000, database: "d b" }],
    ["postgres://u@127.0.0.1/", {}, { host: "127.0.0.1", user: "u", database: "u" }],
    ["postgres://[::1]:1/x", {}, { host: "::1", port: 1, database: "x" }],
    ["postgres://%2Frun%2Fpg/x", {}, { host: "/run/pg", database: "x" }],
    [
      "postgres:///x?host=/run/pg&port=7&user=v&password=w",
      {},
      { host: "/run/pg", port: 7, user: "v", password: "w", database: "x" },
    ],
    ["postgres://a@localhost/x?user=b&dbname=y", {}, { user: "b", database: "y" }],
    [
      "postgres:///x?connect_timeout=3&application_name=n",
      {},
      { database: "x", connectSeconds: 3, applicationName: "n" },
    ],
    ["postgres:///", { files: ["/var/run/postgresql/.s.PGSQL.5432"] }, { host: "/var/run/postgresql" }],
    ["postgres://", { files: ["/tmp/.s.PGSQL.5432"] }, { host: "/tmp" }],
    ["postgres://:6000", { files: ["/tmp/.s.PGSQL.5432"] }, { port: 6000 }],
    ["postgres://localhost", { files: ["/tmp/.s.PGSQL.5432"] }, {}],
    [
      "postgres://",
      {
        env: {
          PGHOST: "/s",
          PGPORT: "1",
          PGUSER: "u",
          PGPASSWORD: "p",
          PGDATABASE: "d",
          PGAPPNAME: "n",
          PGCONNECT_TIMEOUT: "9",
        },
      },
      { host: "/s", port: 1, user: "u", password: "p", database: "d", applicationName: "n", connectSeconds: 9 },
    ],
    [
      "postgres://a:b@localhost:2/c",
      { env: { PGHOST: "/s", PGPORT: "1", PGUSER: "u", PGPASSWORD: "p", PGDATABASE: "d" } },
      { user: "a", password: "b", port: 2, database: "c" },
    ],
    // Another machine proves who it is, unless that is waived.
    ["postgres://db.example", {}, { host: "db.example", encryption: full }],
    ["postgres://db.example", { files: [rootFile] }, { host: "db.example", encryption: { ...full, roots: rootFile } }],
    ["postgres://db.example?sslmode=disable", {}, { host: "db.example" }],
    ["postgres://db.example", { env: { PGSSLMODE: "disable" } }, { host: "db.example" }],
    [
      "postgres://db.example?sslmode=prefer",
      {},
      { host: "db.example", encryption: { kind: "unverified", isRequired: false, client: noClient } },
    ],
    [
      "postgres://db.example?sslmode=allow",
      {},
      { host: "db.example", encryption: { kind: "unverified", isRequired: false, client: noClient } },
    ],
    [
      "postgres://db.example?sslmode=require",
      {},
      { host: "db.example", encryption: { kind: "unverified", isRequired: true, client: noClient } },
    ],
    [
      "postgres://db.example?sslmode=require",
      { files: [rootFile] },
      { host: "db.example", encryption: { ...full, isHostChecked: false, roots: rootFile } },
    ],
    [
      "postgres://db.example?sslmode=verify-ca&sslrootcert=/r",
      {},
      { host: "db.example", encryption: { ...full, isHostChecked: false, roots: "/r" } },
    ],
    [
      "postgres://db.example?sslmode=verify-full&sslrootcert=/r",
      {},
      { host: "db.example", encryption: { ...full, roots: "/r" } },
    ],
    ["postgres://db.example?sslrootcert=system", { files: [rootFile] }, { host: "db.example", encryption: full }],
    ["postgres://localhost?sslmode=verify-full", {}, { encryption: full }],
    ["postgres://localhost?sslrootcert=system", {}, { encryption: full }],
    ["postgres://%2Fs?sslmode=verify-full", {}, { host: "/s" }],
    ["postgres://127.0.0.1.example", {}, { host: "127.0.0.1.example", encryption: full }],
    [
      "postgres://db.example?sslcert=/c&sslkey=/k",
      {},
      { host: "db.example", encryption: { ...full, client: { certificate: "/c", key: "/k" } } },
    ],
  ];
  for (const [url, around, expected] of rows) {
    it(`${url} ${JSON.stringify(around)}`, () => {
      assert.deepEqual(read(url, around), { ok: true, value: { ...plain, ...expected } });
    });
  }
});

describe("what is refused, and never with the password", () => {
  const rows: readonly (readonly [url: string, around: Around, reason: RegExp])[] = [
    ["postgres:/x", {}, /not a URL/],
    ["postgres://u:secret@h:port/x", {}, /not a URL/],
    ["postgres://u:secret@h/x#y", {}, /not a URL/],
    ["postgres://u:secret#more@h/x", {}, /not a URL/],
    ["postgres://u:secret@x@h/x", {}, /not a URL/],
    ["postgres://u:secret%@h/x", {}, /not a URL/],
    ["postgres://u:secret%00@h/x", {}, /not a URL/],
    ["postgres://u:secret@a,b/x", {}, /one host/],
    ["postgres://u:secret@a:1,b:2/x", {}, /one host/],
    ["postgres:///x?host=a,b&password=secret", {}, /one host/],
    ["postgres://u:secret@h:0", {}, /port/],
    ["postgres://u:secret@h:65536", {}, /port/],
    ["postgres://u:secret@h?target_session_attrs=any", {}, /"target_session_attrs" is not supported/],
    ["postgres://u:secret@h?constructor=1", {}, /"constructor" is not supported/],
    ["postgres://u:secret@h?sslmode", {}, /not a URL/],
    ["postgres://u:secret@h?sslmode=no-verify", {}, /sslmode is none of/],
    ["postgres://u:secret@h?sslmode=verify-ca", {}, /sslrootcert/],
    ["postgres://u:secret@h?sslmode=require&sslrootcert=system", {}, /verify-full only/],
    ["postgres://u:secret@h?connect_timeout=soon", {}, /connect_timeout/],
    ["postgres://", { env: { PGSERVICE: "x", PGPASSWORD: "secret" } }, /PGSERVICE/],
    ["postgres://", { env: { PGHOSTADDR: "1.2.3.4" } }, /PGHOSTADDR/],
    ["postgres://", { userName: undefined }, /name of the user/],
  ];
  for (const [url, around, reason] of rows) {
    it(`${url} ${JSON.stringify(around)}`, () => {
      const address = read(url, around);
      assert.ok(!address.ok);
      assert.match(address.problem, reason);
      assert.doesNotMatch(address.problem, /secret/);
    });
  }
});

it("what is a URL of a server, and what a file", () => {
  for (const url of ["postgres://x", "postgresql://x", "Postgres:x"]) assert.ok(isPostgresUrl(url), url);
  for (const path of ["postgres", "./postgres:x", "audit.sqlite", "mysql://x"]) assert.ok(!isPostgresUrl(path), path);
});
