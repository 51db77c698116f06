import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { codes } from "../../src/codes.ts";
import type { SqlDatabase } from "../../src/host/sqlite.ts";
import { openRunRecord, type RunRecord } from "../../src/record/run-record.ts";
import { commandProblemText } from "../../src/words/command-words.ts";
import { makeFifo, temporaryDirectory } from "../support/temporary.ts";

const fingerprint = { policy: "sha256:aa", "registries.conf": "sha256:bb", sealcheck: "0.1.0" };
const now = () => 1_790_000_000.25;
const open = (path: string, parts: Readonly<Record<string, string>> = fingerprint) =>
  openRunRecord(path, { fingerprint: parts, now });

function opened(path: string): RunRecord {
  const record = open(path);
  assert.ok(record.ok, JSON.stringify(record));
  return record.value;
}

const line = (reference: string, outcome = "accepted", more: object = {}) =>
  JSON.stringify({
    version: 1,
    outcome,
    code: outcome === "accepted" ? "accepted" : `some.${outcome}`,
    reference,
    ...more,
  });

function newPath(): string {
  return join(temporaryDirectory(), "state");
}

/** A closed record of one accepted image. */
function madePath(): string {
  const path = newPath();
  const record = opened(path);
  record.keep("a", line("a"));
  assert.deepEqual(record.close(), { ok: true, value: undefined });
  return path;
}

const { DatabaseSync } = process.getBuiltinModule("node:sqlite") as unknown as {
  DatabaseSync: new (path: string) => SqlDatabase;
};

function sql<T>(path: string, work: (database: SqlDatabase) => T): T {
  const database = new DatabaseSync(path);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

const root = join(import.meta.dirname, "../..");
const tool = (name: string) =>
  execFileSync("sh", [join(root, "scripts/tool.sh"), name], { encoding: "utf8", cwd: root }).trim();

describe("what is known", () => {
  const rows: readonly (readonly [outcome: string, isKnown: boolean])[] = [
    ["accepted", true],
    ["rejected", true],
    ["error", false],
  ];
  for (const [outcome, isKnown] of rows) {
    it(`${outcome}: ${isKnown}`, () => {
      const path = newPath();
      const record = opened(path);
      const expected = isKnown ? line("a", outcome) : undefined;
      assert.deepEqual(record.keep("a", line("a", outcome)), { ok: true, value: undefined });
      assert.equal(record.known("a"), expected, "at once");
      record.close();
      const next = opened(path);
      assert.equal(next.known("a"), expected, "in the next run");
      assert.equal(next.known("A"), undefined);
      next.close();
    });
  }

  it("an error, and then an acceptance", () => {
    const path = newPath();
    const first = opened(path);
    first.keep("a", line("a", "error"));
    first.close();
    const second = opened(path);
    second.keep("a", line("a"));
    second.close();
    const third = opened(path);
    assert.equal(third.known("a"), line("a"));
    third.close();
  });

  const hours = 3600;
  const ages: readonly (readonly [what: string, seconds: number, isKnown: boolean])[] = [
    ["of a moment ago", 1, true],
    ["of yesterday at this time", 24 * hours, true],
    ["of a moment before that", 24 * hours + 1, false],
    ["of last year", 365 * 24 * hours, false],
    ["of a time that is to come", -1, false],
  ];
  for (const [what, seconds, isKnown] of ages) {
    it(`a verdict ${what}: ${isKnown}`, () => {
      const path = madePath();
      const record = openRunRecord(path, { fingerprint, now: () => now() + seconds });
      assert.ok(record.ok);
      assert.deepEqual([record.value.known("a"), record.value.outdated], isKnown ? [line("a"), 0] : [undefined, 1]);
      record.value.keep("a", line("a", "rejected"));
      assert.equal(record.value.known("a"), line("a", "rejected"));
      record.value.close();
    });
  }

  it("an error is never too old", () => {
    const path = newPath();
    const first = opened(path);
    first.keep("a", line("a", "error"));
    first.close();
    const record = openRunRecord(path, { fingerprint, now: () => now() + 100 * hours });
    assert.ok(record.ok);
    assert.equal(record.value.outdated, 0);
    record.value.close();
  });

  const changes: readonly (readonly [what: string, statement: string])[] = [
    ["a time that is none", "UPDATE results SET checked_at = 'now'"],
    ["an error that a column calls accepted", `UPDATE results SET document = '${line("a", "error")}'`],
    ["the verdict of another reference", `UPDATE results SET document = '${line("b")}'`],
    ["no JSON", "UPDATE results SET document = '{'"],
    ["no text", "UPDATE results SET document = x'00'"],
    ["JSON that is no verdict", "UPDATE results SET document = '[]'"],
  ];
  for (const [what, statement] of changes) {
    it(`not ${what}`, () => {
      const path = madePath();
      sql(path, (database) => database.exec(statement));
      const record = opened(path);
      assert.equal(record.known("a"), undefined);
      record.close();
    });
  }

  it("nothing once it is closed; and nothing is kept then", () => {
    const record = opened(newPath());
    record.keep("a", line("a"));
    record.close();
    assert.equal(record.known("a"), undefined);
    assert.throws(() => record.keep("b", line("b")), /closed/);
    assert.deepEqual(record.close(), { ok: true, value: undefined });
  });

  it("a line of another reference is a mistake of the program", () => {
    const record = opened(newPath());
    for (const wrong of [line("b"), "{}", "", line("a", "perhaps")]) assert.throws(() => record.keep("a", wrong));
    record.close();
  });
});

describe("the tables for audits", () => {
  it("hold runs, what decided, and results", () => {
    const path = newPath();
    const first = opened(path);
    const digest = `sha256:${"0".repeat(64)}`;
    first.keep("a:1", line("a:1", "accepted", { pinned: `a@${digest}`, manifest: { digest } }));
    first.keep("b", line("b", "error", { manifest: null }));
    first.close();
    opened(path).close();
    const at = "2026-09-21T14:13:20.250Z";
    assert.deepEqual(readAll(path, "SELECT * FROM runs"), [
      { id: 1, started_at: at, closed_at: at },
      { id: 2, started_at: at, closed_at: at },
    ]);
    assert.deepEqual(
      readAll(path, "SELECT * FROM decided_by ORDER BY part"),
      Object.entries(fingerprint).map(([part, value]) => ({ part, fingerprint: value })),
    );
    const results = readAll(
      path,
      "SELECT reference, run, outcome, code, pinned, digest, checked_at FROM results ORDER BY reference",
    );
    assert.deepEqual(results, [
      ...[
        {
          reference: "a:1",
          run: 1,
          outcome: "accepted",
          code: "accepted",
          pinned: `a@${digest}`,
          digest,
          checked_at: at,
        },
      ],
      ...[{ reference: "b", run: 1, outcome: "error", code: "some.error", pinned: null, digest: null, checked_at: at }],
    ]);
  });

  it("say of a run that was not closed that it was not", () => {
    const path = newPath();
    const record = opened(path);
    const copy = join(temporaryDirectory(), "copy");
    copyFileSync(path, copy);
    assert.deepEqual(readAll(copy, "SELECT closed_at FROM runs"), [{ closed_at: null }]);
    record.close();
  });

  it("are described in docs/record.md, column by column", () => {
    const text = readFileSync(join(import.meta.dirname, "../../docs/record.md"), "utf8");
    const path = madePath();
    for (const table of ["decided_by", "runs", "results"]) {
      const section = text.split(`### \`${table}\``)[1]?.split("###")[0] ?? "";
      const columns = readAll(path, `SELECT name FROM pragma_table_info('${table}')`).map(({ name }) => name);
      assert.deepEqual(
        [...section.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name),
        columns,
        table,
      );
    }
  });

  it("can be read by the sqlite3 of the system, and leave nothing beside the file", (context) => {
    const path = madePath();
    assert.deepEqual(readdirSync(dirname(path)), ["state"]);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const python = spawnSync(
      "python3",
      [
        "-c",
        "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('select reference from results').fetchall())",
        path,
      ],
      { encoding: "utf8" },
    );
    if (python.error !== undefined) return context.skip("no python3");
    assert.equal(python.stdout, "[('a',)]\n", python.stderr);
  });
});

function readAll(path: string, statement: string): readonly { readonly name?: unknown }[] {
  return sql(path, (database) =>
    database
      .prepare(statement)
      .all()
      .map((row) => ({ ...row })),
  );
}

describe("what is refused", () => {
  const isRoot = process.geteuid?.() === 0;

  interface Refusal {
    readonly what: string;
    readonly make: (path: string) => void;
    readonly why: object;
    readonly says: RegExp;
    readonly needsRoot?: boolean;
  }

  const directory = (path: string) => dirname(path);
  const rows: readonly Refusal[] = [
    {
      what: "a text",
      make: (path) => writeFileSync(path, "images"),
      why: { kind: "not-ours", isDatabase: false },
      says: /is no record of a run, and was left as it is/,
    },
    {
      what: "one byte",
      make: (path) => writeFileSync(path, "\n"),
      why: { kind: "not-ours", isDatabase: false },
      says: /no record/,
    },
    {
      what: "the head of a database and no more",
      make: (path) => writeFileSync(path, "SQLite format 3\0"),
      why: { kind: "not-ours", isDatabase: false },
      says: /no record/,
    },
    {
      what: "another database",
      make: (path) => sql(path, (database) => database.exec("CREATE TABLE t (a)")),
      why: { kind: "not-ours", isDatabase: true },
      says: /a database of another program/,
    },
    {
      what: "another database with our tables",
      make: (path) => {
        copyFileSync(madePath(), path);
        sql(path, (database) => database.exec("PRAGMA application_id = 7"));
      },
      why: { kind: "not-ours", isDatabase: true },
      says: /another program/,
    },
    {
      what: "a record of a later version",
      make: (path) => {
        copyFileSync(madePath(), path);
        sql(path, (database) => database.exec("PRAGMA user_version = 2"));
      },
      why: { kind: "newer", version: 2, known: 1 },
      says: /later version of sealcheck \(its form is 2, and 1 is known here\)/,
    },
    {
      what: "a record of no version",
      make: (path) => {
        copyFileSync(madePath(), path);
        sql(path, (database) => database.exec("PRAGMA user_version = 0"));
      },
      why: { kind: "damaged" },
      says: /is damaged/,
    },
    {
      what: "a record that lacks a table",
      make: (path) => {
        copyFileSync(madePath(), path);
        sql(path, (database) => database.exec("DROP TABLE results"));
      },
      why: { kind: "damaged" },
      says: /is damaged/,
    },
    {
      what: "a record that is cut",
      make: (path) => {
        copyFileSync(madePath(), path);
        truncateSync(path, 20_000);
      },
      why: { kind: "damaged" },
      says: /is damaged/,
    },
    {
      what: "a link to a record",
      make: (path) => symlinkSync(madePath(), path),
      why: { kind: "symlink" },
      says: /symbolic link, which is not followed/,
    },
    {
      what: "a link to nothing",
      make: (path) => symlinkSync("nothing", path),
      why: { kind: "symlink" },
      says: /symbolic link/,
    },
    {
      what: "a directory",
      make: (path) => mkdirSync(path),
      why: { kind: "special", isDirectory: true },
      says: /is a directory/,
    },
    {
      what: "a named pipe",
      make: makeFifo,
      why: { kind: "special", isDirectory: false },
      says: /no regular file/,
    },
    ...[0o620, 0o602].map((mode) => ({
      what: `a file of mode ${mode.toString(8)}`,
      make: (path: string) => {
        copyFileSync(madePath(), path);
        chmodSync(path, mode);
      },
      why: { kind: "writable-by-others" },
      says: /could be changed by somebody else, and its verdicts would be believed: .*state can be written/,
    })),
    ...[0o770, 0o707, 0o1777].map((mode) => ({
      what: `a file in a directory of mode ${mode.toString(8)}`,
      make: (path: string) => {
        copyFileSync(madePath(), path);
        chmodSync(directory(path), mode);
      },
      why: { kind: "writable-by-others" },
      says: /put it into a directory that only you can write/,
    })),
    {
      what: "somebody else's file",
      make: (path) => {
        copyFileSync(madePath(), path);
        chownSync(path, 4711, 4711);
      },
      why: { kind: "foreign-owner", ownerId: 4711 },
      says: /belongs to the user 4711/,
      needsRoot: true,
    },
    {
      what: "a file in somebody else's directory",
      make: (path) => {
        copyFileSync(madePath(), path);
        chownSync(directory(path), 4711, 4711);
      },
      why: { kind: "foreign-owner", ownerId: 4711 },
      says: /belongs to the user 4711/,
      needsRoot: true,
    },
  ];
  for (const { what, make, why, says, needsRoot } of rows) {
    it(what, { skip: needsRoot === true && !isRoot ? "only root gives files away" : false }, () => {
      const path = newPath();
      make(path);
      const content = () => (statSync(path).isFile() ? readFileSync(path) : undefined);
      const before = existsSync(path) ? content() : undefined;
      const result = open(path);
      assert.ok(!result.ok);
      const { problem } = result;
      assert.deepEqual({ ...problem.why, path: undefined }, { ...why, path: undefined });
      assert.equal(problem.code, "usage.state.invalid");
      assert.equal(codes[problem.code].exitCode, 2);
      assert.match(commandProblemText(problem), says);
      if (existsSync(path)) assert.deepEqual(content(), before);
      assert.deepEqual(readdirSync(directory(path)), ["state"]);
    });
  }

  it("a file somewhere below a directory that others can write", () => {
    const top = temporaryDirectory();
    mkdirSync(join(top, "mine"));
    chmodSync(top, 0o777);
    const path = join(top, "mine", "state");
    const result = open(path);
    assert.deepEqual(result.ok || result.problem.why, { kind: "writable-by-others", path: top });
    assert.ok(!existsSync(path));
    chmodSync(top, 0o1777);
    opened(path).close();
  });

  it("by way of a linked directory, the one that it leads to counts", () => {
    const [links, shared] = [temporaryDirectory(), temporaryDirectory()];
    chmodSync(shared, 0o777);
    symlinkSync(shared, join(links, "link"));
    const result = open(join(links, "link", "state"));
    assert.deepEqual(result.ok || result.problem.why, { kind: "writable-by-others", path: shared });
  });

  const missing: readonly (readonly [path: string, reason: string])[] = [
    ["/nonexistent/state", "no such file or directory"],
    ["/etc/passwd/state", "not a directory"],
    ["a\0b", "not a valid path"],
    [`/${"n".repeat(300)}`, "file name too long"],
  ];
  for (const [path, reason] of missing) {
    it(JSON.stringify(path).slice(0, 40), () => {
      const result = open(path);
      assert.deepEqual(result.ok || result.problem.why, { kind: "system", reason });
    });
  }

  it("a path means a file, whatever SQLite calls it", () => {
    const home = process.cwd();
    const place = temporaryDirectory();
    process.chdir(place);
    try {
      for (const path of [":memory:", "file:x?mode=memory"]) opened(path).close();
      assert.deepEqual(readdirSync(place).sort(), [":memory:", "file:x?mode=memory"]);
    } finally {
      process.chdir(home);
    }
  });

  it("an empty file is a new record", () => {
    const path = newPath();
    writeFileSync(path, "");
    opened(path).close();
  });

  it("a second run, for as long as the first has it", () => {
    const path = newPath();
    const first = opened(path);
    const second = open(path);
    assert.deepEqual(second.ok || second.problem.why, { kind: "in-use" });
    assert.ok(!second.ok);
    assert.match(commandProblemText(second.problem), /is in use by another run/);
    assert.deepEqual(first.keep("a", line("a")), { ok: true, value: undefined });
    assert.deepEqual(first.close(), { ok: true, value: undefined });
    opened(path).close();
  });
});

describe("what is refused for what is around it", () => {
  it("a record with another name", () => {
    const path = madePath();
    const other = join(temporaryDirectory(), "other");
    linkSync(path, other);
    const result = open(path);
    assert.deepEqual(result.ok || result.problem.why, { kind: "several-names" });
    assert.match(result.ok ? "" : commandProblemText(result.problem), /has other names/);
  });

  it("any, by a Node without SQLite", () => {
    const { getBuiltinModule } = process;
    const path = newPath();
    process.getBuiltinModule = (() => undefined) as typeof getBuiltinModule;
    try {
      const result = open(path);
      assert.deepEqual(result.ok || result.problem.why, { kind: "no-sqlite" });
      assert.match(result.ok ? "" : commandProblemText(result.problem), /SQLite, which Node has from 22\.13 on/);
    } finally {
      process.getBuiltinModule = getBuiltinModule;
    }
    assert.ok(!existsSync(path));
  });

  it("no other warning is kept from being shown", () => {
    const script = `
      import { sqlite } from "./src/host/sqlite.ts";
      sqlite();
      process.emitWarning("SQLite is another's", "ExperimentalWarning");
      process.emitWarning("another", "DeprecationWarning");`;
    const words = ["--input-type=module", "-e", script];
    const { stderr } = spawnSync(tool("node"), words, { encoding: "utf8", cwd: root });
    assert.match(stderr, /SQLite is another.s[\s\S]*DeprecationWarning: another/);
    assert.doesNotMatch(stderr, /SQLite is an experimental/);
  });
});

describe("a record of something else", () => {
  const rows: readonly (readonly [Readonly<Record<string, string>>, readonly string[]])[] = [
    [{ ...fingerprint, policy: "sha256:cc" }, ["policy"]],
    [{ ...fingerprint, policy: "sha256:cc", sealcheck: "0.2.0" }, ["policy", "sealcheck"]],
    [{ ...fingerprint, "registries.d": "sha256:dd" }, ["registries.d"]],
    [{ policy: "sha256:aa", sealcheck: "0.1.0" }, ["registries.conf"]],
    [{}, ["policy", "registries.conf", "sealcheck"]],
  ];
  for (const [other, parts] of rows) {
    it(parts.join(", "), () => {
      const path = madePath();
      const before = readFileSync(path);
      const result = open(path, other);
      assert.deepEqual(result.ok || result.problem.why, { kind: "differs", parts });
      assert.ok(!result.ok);
      assert.match(commandProblemText(result.problem), new RegExp(`something else: ${parts[0]}`));
      assert.deepEqual(readFileSync(path), before);
    });
  }

  it("the order of the parts is no matter", () => {
    const path = madePath();
    const record = open(path, Object.fromEntries(Object.entries(fingerprint).reverse()));
    assert.ok(record.ok && record.value.known("a") !== undefined);
    record.value.close();
  });
});

describe("a run that ends anyhow", { concurrency: true }, () => {
  const started: { kill(signal: "SIGKILL"): boolean }[] = [];
  after(() => {
    for (const child of started) child.kill("SIGKILL");
  });
  const program = join(import.meta.dirname, "record.run.ts");

  for (const [writer, reader] of [
    ["node", "bun"],
    ["bun", "node"],
  ] as const) {
    it(`killed in ${writer}, read in ${reader}`, { timeout: 60_000 }, async () => {
      const path = newPath();
      let durable = 0;
      for (let round = 0; round < 3; round += 1) {
        const child = spawn(tool(writer), [program, path, "write"], { cwd: root });
        started.push(child);
        let [stdout, stderr] = ["", ""];
        child.stdout.on("data", (chunk) => (stdout += chunk));
        child.stderr.on("data", (chunk) => (stderr += chunk));
        const ended = new Promise((resolve) => child.on("close", resolve));
        while (!stdout.includes("durable") && child.exitCode === null) await sleep(10);
        if (round === 0) {
          const { status, stdout: why } = spawnSync(tool(reader), [program, path, "read"], {
            encoding: "utf8",
            cwd: root,
          });
          assert.deepEqual([status, why], [2, '{"kind":"in-use"}\n'], "a second process meanwhile");
        }
        await sleep(137 * round);
        child.kill("SIGKILL");
        await ended;
        assert.equal(stderr, "", "no warning of the runtime");
        const known = Number(/known (\d+)/.exec(stdout)?.[1]);
        assert.ok(known >= durable, `${known} known of ${durable}`);
        durable = Number([...stdout.matchAll(/durable (\d+)/g)].at(-1)?.[1]);
        assert.ok(durable > known);
      }
      const { status, stdout, stderr } = spawnSync(tool(reader), [program, path, "read"], {
        encoding: "utf8",
        cwd: root,
      });
      assert.deepEqual([status, stderr], [0, ""]);
      assert.ok(Number(/known (\d+)/.exec(stdout)?.[1]) >= durable, stdout);
      assert.deepEqual(readAll(path, "PRAGMA integrity_check"), [{ integrity_check: "ok" }]);
    });
  }

  for (const runtime of ["node", "bun"]) {
    it(`on a full disk, then a read-only one (${runtime})`, { timeout: 60_000 }, (context) => {
      const place = temporaryDirectory();
      const script = `
        mount -t tmpfs -o size=1m,mode=700 none "$1" || exit 77
        "$2" "$3" "$1/state" write; echo "ended $?"
        "$2" "$3" "$1/state" read; echo "ended $?"
        mount -o remount,ro "$1" && "$2" "$3" "$1/state" read; echo "ended $?"`;
      const words = ["-rm", "sh", "-c", script, "sh", place, tool(runtime), program];
      const { status, stdout } = spawnSync("unshare", words, { encoding: "utf8", cwd: root });
      if (process.geteuid?.() !== 0 || status === 77 || status === null) return context.skip("no unshare as root");
      const noSpace = '{"kind":"system","reason":"no space left on device"}';
      const readOnly = '{"kind":"system","reason":"it, or its directory, cannot be written"}';
      assert.deepEqual(
        stdout
          .trim()
          .split("\n")
          .filter((told) => !told.startsWith("durable")),
        [
          ...["known 0", noSpace, "ended 1"],
          // Closing took back what had no room, and so there is some now.
          ...["known 0", "ended 0"],
          ...[readOnly, "ended 2"],
        ],
      );
    });
  }
});
