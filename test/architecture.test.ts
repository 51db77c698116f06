import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, it } from "node:test";

/**
 * Who may import from whom: a folder knows those on its line, and no others. The map for people is in CONTRIBUTING.md, which must
 * name the same folders. `types` are arrows for types only.
 */
const leaves = ["result.ts", "codes.ts", "limits.ts", "runtime"];
const arrows: Readonly<Record<string, { readonly may: readonly string[]; readonly types?: readonly string[] }>> = {
  "bin.ts": { may: ["cli", "serve", "host"] },
  "index.ts": {
    may: ["library", "host"],
    types: ["engine", "report", "source", "verdict", "policy", "signature", "crypto", "image", "identity", "encoding"],
  },
  cli: {
    may: [
      ...["report", "words", "engine", "source", "config", "inspect", "judge", "trust", "host"],
      ...["inventory", "record", "audit"],
      ...["policy", "signature", "crypto", "image", "identity", "encoding"],
    ],
    types: ["verdict"],
  },
  serve: {
    may: ["engine", "report", "words", "source", "config", "host", "image", "identity", "encoding"],
    types: ["verdict"],
  },
  audit: {
    may: ["engine", "source", "config", "host", "inventory", "image", "encoding"],
    types: ["verdict", "policy", "crypto"],
  },
  library: {
    may: ["engine", "report", "words", "source", "policy", "crypto", "image", "identity", "host"],
    types: ["verdict", "trust", "encoding"],
  },
  report: {
    may: ["words", "inspect", "crypto", "image", "encoding"],
    types: ["config", "verdict", "policy", "identity", "audit"],
  },
  words: {
    may: ["encoding", "identity", "image"],
    types: ["engine", "record", "audit", "inspect", "inventory", "verdict", "policy", "crypto", "host"],
  },
  engine: {
    may: ["judge", "trust", "source", "config", "policy", "image", "identity", "host", "encoding"],
    types: ["verdict", "crypto"],
  },
  record: { may: ["host"] },
  source: { may: ["config", "host", "signature", "image", "identity", "encoding"], types: ["verdict"] },
  config: { may: ["crypto", "identity", "encoding", "host"], types: ["verdict", "image"] },
  inspect: {
    may: ["config", "judge", "trust", "policy", "crypto", "identity", "encoding"],
    types: ["verdict"],
  },
  judge: { may: ["trust", "policy", "signature", "crypto", "image", "identity", "encoding"], types: ["verdict"] },
  trust: { may: ["crypto"], types: ["verdict", "policy"] },
  verdict: { may: [], types: ["policy", "signature", "crypto", "image", "identity", "encoding"] },
  policy: { may: ["identity", "encoding"] },
  signature: { may: ["encoding"], types: ["image"] },
  crypto: { may: ["encoding"], types: ["image"] },
  image: { may: ["encoding"] },
  inventory: { may: ["identity", "encoding"] },
  identity: { may: ["encoding"] },
  host: { may: ["identity"] },
  encoding: { may: [] },
  runtime: { may: [] },
  "result.ts": { may: [] },
  "codes.ts": { may: [] },
  "limits.ts": { may: [] },
};

const sources = globSync("src/**/*.ts").sort();
const roomOf = (path: string) => path.split("/")[1] ?? "";
const importsOf = (path: string) =>
  [...readFileSync(path, "utf8").matchAll(/(import|export) (type )?[^;]*? from "([^"]+)"|import\("([^"]+)"\)/g)].map(
    (match) => ({
      isType: match[2] !== undefined,
      target: match[3] ?? match[4] ?? "",
    }),
  );
const localImportsOf = (path: string) =>
  importsOf(path).flatMap(({ isType, target }) =>
    target.startsWith(".") ? [{ isType, to: normalize(join(dirname(path), target)) }] : [],
  );

describe("imports follow the arrows", () => {
  assert.ok(sources.length > 50, "the sources were not found");
  for (const path of sources) {
    it(path, () => {
      const room = roomOf(path);
      const from = arrows[room];
      assert.ok(from !== undefined, `${room} is not in the list`);
      for (const { isType, to } of localImportsOf(path)) {
        const target = roomOf(to);
        const isAllowed =
          target === room ||
          leaves.includes(target) ||
          from.may.includes(target) ||
          (isType && from.types?.includes(target));
        assert.ok(isAllowed, `${path} imports ${to}: there is no arrow from ${room} to ${target}`);
      }
    });
  }

  it("every arrow is used", () => {
    const used = new Set(
      sources.flatMap((path) => localImportsOf(path).map(({ to }) => `${roomOf(path)} ${roomOf(to)}`)),
    );
    const listed = Object.entries(arrows).flatMap(([from, { may, types = [] }]) =>
      [...may, ...types].map((to) => `${from} ${to}`),
    );
    assert.deepEqual(
      listed.filter((arrow) => !used.has(arrow)),
      [],
    );
  });

  it("no circle among folders", () => {
    assert.deepEqual(
      circle(new Map(Object.entries(arrows).map(([from, { may, types = [] }]) => [from, [...may, ...types]]))),
      [],
    );
  });

  it("no circle among files", () => {
    assert.deepEqual(circle(new Map(sources.map((path) => [path, localImportsOf(path).map(({ to }) => to)]))), []);
  });
});

/** A path that leads back to where it began; empty if there is none. */
function circle(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const done = new Set<string>();
  const visit = (node: string, path: readonly string[]): readonly string[] => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return [];
    for (const next of graph.get(node) ?? []) {
      const found = visit(next, [...path, node]);
      if (found.length > 0) return found;
    }
    done.add(node);
    return [];
  };
  for (const node of graph.keys()) {
    const found = visit(node, []);
    if (found.length > 0) return found;
  }
  return [];
}

describe("only the shells touch the machine", () => {
  const shells = ["host", "bin.ts"];
  /** Both ends of a thread of `batch` are in one file. */
  const threads = "src/cli/commands/batch/batch-thread.ts";
  const machine = /^node:(fs|net|http|https|child_process|process|os|worker_threads|readline|tty|dgram|cluster)/;
  for (const path of sources.filter((source) => !shells.includes(roomOf(source)) && source !== threads)) {
    it(path, () => {
      for (const { target } of importsOf(path)) assert.doesNotMatch(target, machine);
      const code = readFileSync(path, "utf8")
        .replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "")
        .replaceAll('process.getBuiltinModule("node:crypto")', roomOf(path) === "runtime" ? "" : "$&");
      assert.doesNotMatch(code, /\b(process\.|Date\.now|new Date\(\)|console\.|setTimeout|Math\.random|fetch\()/);
    });
  }
});

it("dependencies are imported in one place each", () => {
  const users = new Map<string, Set<string>>();
  for (const path of sources) {
    for (const { target, isType } of importsOf(path)) {
      if (isType || target.startsWith(".") || target.startsWith("node:")) continue;
      users.set(target, (users.get(target) ?? new Set()).add(path));
    }
  }
  assert.deepEqual([...users.keys()].sort(), [
    ...["aws4fetch", "koffi", "modern-tar", "openpgp", "pg", "pg-boss", "smol-toml", "yaml"],
  ]);
  // docs/decisions/0006-yaml.md: values of a file of settings, and places in a file that is rewritten, have nothing in common.
  const yamlUsers = ["src/config/yaml.ts", "src/inventory/yaml/documents.ts"];
  assert.deepEqual([...(users.get("yaml") ?? [])].sort(), yamlUsers);
  users.delete("yaml");
  for (const [dependency, paths] of users) assert.equal(paths.size, 1, `${dependency}: ${[...paths].join(", ")}`);
});

it("an acceptance is made in one line", () => {
  const makers = sources.filter((path) => /outcome: "accepted",? code/.test(readFileSync(path, "utf8")));
  assert.deepEqual(makers, ["src/judge/judge.ts"]);
});

it("the public names are these", async () => {
  assert.deepEqual(Object.keys(await import("../src/index.ts")).sort(), [
    "codes",
    "errorVerdict",
    "exitCodeOf",
    "explain",
    "hostPathResolver",
    "openEngine",
    "parseIdentity",
    "parsePolicy",
    "prepareVerifier",
    "readDirSource",
    "verdictDocument",
  ]);
});
