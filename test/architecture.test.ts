import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, it } from "node:test";

/**
 * The layers, from what knows everything to what knows nothing: an import goes only to a later line (or within a room).
 * The map for people is in CONTRIBUTING.md.
 */
const layers: readonly (readonly string[])[] = [
  ["bin.ts", "index.ts"],
  ["cli", "library"],
  ["text"],
  ["verify.ts", "host", "inspect"],
  ["judge"],
  ["policy", "signature", "crypto"],
  ["image", "identity"],
  ["encoding"],
  ["result.ts", "codes.ts", "limits.ts", "runtime"],
];

/** text/ words what others found: it may name any type, but calls nothing of theirs that decides. */
const rank = new Map(layers.flatMap((rooms, index) => rooms.map((room) => [room, index] as const)));

const sources = globSync("src/**/*.ts").sort();
const roomOf = (path: string) => path.split("/")[1] ?? "";
const importsOf = (path: string) =>
  [...readFileSync(path, "utf8").matchAll(/(import|export) (type )?[^;]*? from "([^"]+)"|import\("([^"]+)"\)/g)].map(
    (match) => ({
      isType: match[2] !== undefined,
      target: match[3] ?? match[4] ?? "",
    }),
  );

describe("imports go one way", () => {
  assert.ok(sources.length > 50, "the sources were not found");
  for (const path of sources) {
    it(path, () => {
      const from = rank.get(roomOf(path));
      assert.ok(from !== undefined, `${roomOf(path)} has no layer`);
      for (const { target } of importsOf(path)) {
        if (!target.startsWith(".")) continue;
        const to = normalize(join(dirname(path), target));
        const toRank = rank.get(roomOf(to));
        assert.ok(toRank !== undefined, `${to} has no layer`);
        assert.ok(toRank >= from, `${path} imports ${to}, which is above it`);
      }
    });
  }
});

describe("only the shells touch the machine", () => {
  const shells = ["host", "cli", "bin.ts"];
  const machine = /^node:(fs|net|http|https|child_process|process|os|worker_threads|readline|tty|dgram|cluster)/;
  for (const path of sources.filter((source) => !shells.includes(roomOf(source)))) {
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
  assert.deepEqual([...users.keys()].sort(), ["openpgp", "yaml"]);
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
    "parseIdentity",
    "parsePolicy",
    "prepareVerifier",
    "readDirSource",
    "verdictDocument",
  ]);
});
