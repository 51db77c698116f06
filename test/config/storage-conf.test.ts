import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { readStorageConf, storeConfigOf } from "../../src/config/storage-conf.ts";
import { parseStoreSpec } from "../../src/identity/store-spec.ts";
import { maxStorageConfBytes } from "../../src/limits.ts";
import { temporaryDirectory } from "../support/temporary.ts";

type Texts = Readonly<Record<string, string>>;

interface Row {
  readonly what: string;
  /** By path below the root; `~` is the user's home. */
  readonly files?: Texts;
  readonly environment?: Texts;
  readonly userId?: number;
  /** driver, graphRoot, imageStore, additional image stores; or what is wrong. */
  readonly expected: readonly [string, string, string, ...(readonly string[])] | RegExp;
}

const etc = "etc/containers/storage.conf";
const share = "usr/share/containers/storage.conf";
const user = "~/.config/containers/storage.conf";
const root = (path: string) => `[storage]\ngraphroot = "${path}"\n`;
const stores = (list: string) => `[storage.options]\nadditionalimagestores = ${list}\n`;
const rootful = "/var/lib/containers/storage";

// Each of these, but those that are said to be stricter, was asked of containers/storage 1.65.1, types.LoadStoreOptions.
const rows: readonly Row[] = [
  { what: "nothing", expected: ["", rootful, ""] },
  { what: "nothing, for a user", userId: 1000, expected: ["", "@ROOT@/~/.local/share/containers/storage", ""] },
  {
    what: "nothing, for a user with a data directory",
    userId: 1000,
    environment: { XDG_DATA_HOME: "/data" },
    expected: ["", "/data/containers/storage", ""],
  },
  {
    what: "root inside podman unshare",
    environment: { _CONTAINERS_ROOTLESS_UID: "1000" },
    expected: ["", "@ROOT@/~/.local/share/containers/storage", ""],
  },
  { what: "the distribution's file", files: { [share]: root("/share") }, expected: ["", "/share", ""] },
  {
    what: "the system's file alone",
    files: { [etc]: '[storage]\ndriver = "vfs"\n', [share]: root("/share") },
    expected: ["vfs", rootful, ""],
  },
  {
    what: "the user's file alone",
    files: { [user]: root("/user"), [etc]: '[storage]\ndriver = "vfs"\n' },
    expected: ["", "/user", ""],
  },
  {
    what: "the user's file elsewhere",
    files: { "~/x/containers/storage.conf": root("/user"), [user]: root("/y") },
    environment: { XDG_CONFIG_HOME: "@ROOT@/~/x" },
    expected: ["", "/user", ""],
  },
  {
    what: "a file that is named",
    files: { named: root("/named"), [etc]: root("/etc"), [`${etc}.d/a.conf`]: root("/d") },
    environment: { CONTAINERS_STORAGE_CONF: "@ROOT@/named" },
    expected: ["", "/named", ""],
  },
  {
    what: "a file that is named and not there",
    environment: { CONTAINERS_STORAGE_CONF: "@ROOT@/named" },
    expected: /no such file/,
  },
  {
    what: "an empty name",
    files: { [etc]: root("/etc") },
    environment: { CONTAINERS_STORAGE_CONF: "" },
    expected: ["", "/etc", ""],
  },
  {
    what: "the override",
    files: { last: root("/last"), [etc]: '[storage]\ndriver = "vfs"\n' },
    environment: { CONTAINERS_STORAGE_CONF_OVERRIDE: "@ROOT@/last" },
    expected: ["vfs", "/last", ""],
  },
  {
    what: "the override over a file that is named",
    files: { last: root("/last"), named: root("/named") },
    environment: { CONTAINERS_STORAGE_CONF: "@ROOT@/named", CONTAINERS_STORAGE_CONF_OVERRIDE: "@ROOT@/last" },
    expected: ["", "/last", ""],
  },
  {
    what: "an override that is not there",
    environment: { CONTAINERS_STORAGE_CONF_OVERRIDE: "@ROOT@/last" },
    expected: /no such file/,
  },
  {
    what: "files of a directory, in order of their names",
    files: { [`${etc}.d/b.conf`]: root("/b"), [`${etc}.d/a.conf`]: '[storage]\ngraphroot = "/a"\ndriver = "vfs"\n' },
    expected: ["vfs", "/b", ""],
  },
  {
    what: "files of a directory over the user's file",
    files: { [user]: root("/user"), [`${share}.d/a.conf`]: root("/a") },
    expected: ["", "/a", ""],
  },
  {
    what: "of those with the same name the user's",
    files: { [`${user}.d/a.conf`]: root("/user"), [`${etc}.d/a.conf`]: root("/etc") },
    expected: ["", "/user", ""],
  },
  {
    what: "of those with the same name the system's",
    files: { [`${share}.d/a.conf`]: root("/share"), [`${etc}.d/a.conf`]: root("/etc") },
    expected: ["", "/etc", ""],
  },
  {
    what: "those for root before those for all",
    files: { "etc/containers/storage.rootful.conf.d/a.conf": root("/rootful"), [`${etc}.d/a.conf`]: root("/all") },
    expected: ["", "/rootful", ""],
  },
  {
    what: "those for root by name only",
    files: { "etc/containers/storage.rootful.conf.d/a.conf": root("/rootful"), [`${etc}.d/b.conf`]: root("/all") },
    expected: ["", "/all", ""],
  },
  {
    what: "not those for users",
    files: { "etc/containers/storage.rootless.conf.d/a.conf": root("/x") },
    expected: ["", rootful, ""],
  },
  {
    what: "those for users",
    userId: 1000,
    files: {
      "etc/containers/storage.rootless.conf.d/a.conf": root("/users"),
      "etc/containers/storage.rootful.conf.d/a.conf": root("/x"),
    },
    expected: ["", "/users", ""],
  },
  {
    what: "those for one user",
    userId: 1000,
    files: {
      "etc/containers/storage.rootless.conf.d/1000/a.conf": root("/one"),
      "etc/containers/storage.rootless.conf.d/a.conf": root("/users"),
    },
    expected: ["", "/one", ""],
  },
  { what: "files with other endings", files: { [`${etc}.d/a.conf.bak`]: root("/x") }, expected: ["", rootful, ""] },
  {
    what: "a graph root with a variable",
    userId: 1000,
    files: { [etc]: root(`/s/$UID/$A-\${B}/c`) },
    environment: { A: "a", B: "b" },
    expected: ["", "/s/1000/a-b/c", ""],
  },
  {
    what: "a graph root with an unset variable",
    files: { [etc]: root("/s/$NOTHING/../c") },
    expected: ["", "/c", ""],
  },
  {
    what: "a graph root behind a link",
    files: { [etc]: root("$HOME/link/x"), "~/real/x/y": "" },
    expected: ["", "@ROOT@/~/real/x", ""],
  },
  {
    what: "the old setting for users",
    userId: 1000,
    files: { [etc]: '[storage]\nrootless_storage_path = "/old/$UID"\n' },
    expected: ["", "/old/1000", ""],
  },
  {
    what: "the old setting for users, for root",
    files: { [etc]: '[storage]\nrootless_storage_path = "/old"\n' },
    expected: ["", rootful, ""],
  },
  {
    what: "the old setting for users, and the new",
    userId: 1000,
    files: { [etc]: '[storage]\nrootless_storage_path = "/old"\ngraphroot = "/new"\n' },
    expected: ["", "/new", ""],
  },
  { what: "overlay2", files: { [etc]: '[storage]\ndriver = "overlay2"\n' }, expected: ["overlay", rootful, ""] },
  {
    what: "the driver of the environment",
    files: { [etc]: '[storage]\ndriver = "overlay"\n' },
    environment: { STORAGE_DRIVER: "vfs" },
    expected: ["vfs", rootful, ""],
  },
  { what: "keys in other letter case", files: { [etc]: '[Storage]\nGraphRoot = "/x"\n' }, expected: ["", "/x", ""] },
  {
    what: "an image store",
    files: { [etc]: '[storage]\nimagestore = "/images"\n' },
    expected: ["", rootful, "/images"],
  },
  {
    what: "an image store that is the graph root",
    files: { [etc]: `${root("/x")}imagestore = "/x"\n` },
    expected: /the same/,
  },
  {
    what: "an image store among the options counts for nothing",
    files: { [etc]: '[storage.options]\nimagestore = "/images"\n' },
    expected: ["", rootful, ""],
  },
  { what: "additional stores", files: { [etc]: stores('["/a", "/b"]') }, expected: ["", rootful, "", "/a", "/b"] },
  {
    what: "additional stores of a later file",
    files: { [etc]: stores('["/a"]'), [`${etc}.d/a.conf`]: stores('["/b"]') },
    expected: ["", rootful, "", "/b"],
  },
  {
    what: "additional stores appended",
    files: { [etc]: stores('["/a"]'), [`${etc}.d/a.conf`]: stores('["/b", {append = true}]') },
    expected: ["", rootful, "", "/a", "/b"],
  },
  {
    what: "additional stores appended from then on",
    files: { [etc]: stores('["/a", {append = true}]'), [`${etc}.d/a.conf`]: stores('["/b"]') },
    expected: ["", rootful, "", "/a", "/b"],
  },
  {
    what: "additional stores no longer appended",
    files: { [etc]: stores('["/a", {append = true}]'), [`${etc}.d/a.conf`]: stores('["/b", {append = false}]') },
    expected: ["", rootful, "", "/b"],
  },
  {
    what: "additional stores with another attribute",
    files: { [etc]: stores('["/a", {prepend = true}]') },
    expected: /prepend/,
  },
  { what: "an additional store that is a number", files: { [etc]: stores("[1]") }, expected: /additionalimagestores/ },
  { what: "additional stores that are a text", files: { [etc]: stores('"/a"') }, expected: /additionalimagestores/ },
  {
    what: "options of the environment",
    files: { [etc]: stores('["/a"]') },
    environment: { STORAGE_OPTS: "imagestore=/b,overlay.mountopt=nodev" },
    expected: ["", rootful, "", "/b"],
  },
  {
    what: "no options of the environment",
    files: { [etc]: stores('["/a"]') },
    environment: { STORAGE_OPTS: "" },
    expected: ["", rootful, ""],
  },
  { what: "a graph root that is a number", files: { [etc]: "[storage]\ngraphroot = 1\n" }, expected: /graphroot/ },
  { what: "storage that is a text", files: { [etc]: 'storage = "x"\n' }, expected: /storage/ },
  { what: "tables in a row", files: { [etc]: '[[storage]]\ngraphroot = "/x"\n' }, expected: /storage/ },
  { what: "a file that is no TOML", files: { [etc]: "graphroot: /x\n" }, expected: /./ },
  { what: "a broken file of a directory", files: { [`${etc}.d/a.conf`]: "[" }, expected: /./ },
  {
    what: "what is not needed",
    files: {
      [etc]: `unknown = 1979-05-27T07:32:00Z\n${root("/x")}[storage.options.overlay]\nmountopt = "nodev"\n[other]\n`,
    },
    expected: ["", "/x", ""],
  },
];

const stricter: readonly Row[] = [
  { what: "a relative graph root", files: { [etc]: root("x") }, expected: /not an absolute path/ },
  { what: "a relative graph root by a variable", files: { [etc]: root("$NOTHING") }, expected: /not an absolute path/ },
  {
    what: "a relative image store",
    files: { [etc]: '[storage]\nimagestore = "x"\n' },
    expected: /not an absolute path/,
  },
  { what: "a relative additional store", files: { [etc]: stores('["x"]') }, expected: /not an absolute path/ },
  { what: "a relative directory of the user", environment: { XDG_CONFIG_HOME: "x" }, expected: /not an absolute path/ },
  {
    what: "a relative data directory",
    userId: 1000,
    environment: { XDG_DATA_HOME: "x" },
    expected: /not an absolute path/,
  },
  {
    what: "a graph root that is not UTF-8",
    userId: 1000,
    environment: { XDG_DATA_HOME: "/\ufffd" },
    expected: /not UTF-8/,
  },
  { what: "an unknown driver", files: { [etc]: '[storage]\ndriver = "../x"\n' }, expected: /no storage driver/ },
  { what: "a key in two letter cases", files: { [etc]: `${root("/x")}Graphroot = "/y"\n` }, expected: /2 times/ },
  { what: "a file that is too large", files: { [etc]: `#${"x".repeat(maxStorageConfBytes)}` }, expected: /larger/ },
  { what: "a file that is a directory", files: { [`${etc}/x`]: "" }, expected: /not a regular file/ },
  { what: "a file that is not UTF-8", files: { [etc]: "latin1" }, expected: /./ },
];

function prepare({ files = {}, environment = {} }: Row): { readonly path: string; readonly environment: Texts } {
  const path = temporaryDirectory();
  mkdirSync(join(path, "~"));
  symlinkSync(join(path, "~/real"), join(path, "~/link"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text === "latin1" ? Buffer.from("# \xe9\n", "latin1") : text);
  }
  const entries = Object.entries({ HOME: "@ROOT@/~", ...environment });
  return { path, environment: Object.fromEntries(entries.map(([name, text]) => [name, text.replace("@ROOT@", path)])) };
}

describe("readStorageConf", () => {
  for (const row of [...rows, ...stricter]) {
    it(row.what, async () => {
      const { path, environment } = prepare(row);
      const found = await readStorageConf(environment, row.userId ?? 0, path);
      const { expected } = row;
      if (expected instanceof RegExp) {
        assert.match(found.ok ? "found" : found.problem.reason, expected);
        assert.equal(found.ok, false);
        return;
      }
      assert.ok(found.ok, JSON.stringify(found));
      const { driver = "", graphRoot, imageStore = "", additionalImageStores } = found.value;
      const [expectedDriver, expectedRoot, ...more] = expected;
      assert.deepEqual(
        [driver, graphRoot, imageStore, ...additionalImageStores],
        [expectedDriver, expectedRoot.replace("@ROOT@", path), ...more],
      );
    });
  }
});

describe("storeConfigOf", () => {
  const conf =
    '[storage]\ndriver = "overlay"\ngraphroot = "/conf"\nimagestore = "/images"\n[storage.options]\nadditionalimagestores = ["/more"]\n';
  const rows: readonly { reference: string; expected: object | RegExp }[] = [
    {
      reference: "app",
      expected: { driver: "overlay", graphRoot: "/conf", imageStore: "/images", additionalImageStores: ["/more"] },
    },
    { reference: "[vfs@/x+/y]app", expected: { driver: "vfs", graphRoot: "/x", additionalImageStores: [] } },
    { reference: "[/x/]app", expected: { driver: undefined, graphRoot: "/x", additionalImageStores: [] } },
    { reference: "[overlay2@/x]app", expected: { driver: "overlay", graphRoot: "/x", additionalImageStores: [] } },
    { reference: "[vfs@+/y]app", expected: { driver: "vfs", graphRoot: "/conf", additionalImageStores: [] } },
    {
      reference: "[vfs@/x:imagestore=/a,.imagestore=/b,VFS.imagestore=/c,mountopt=d]app",
      expected: { driver: "vfs", graphRoot: "/x", additionalImageStores: ["/a", "/b", "/c"] },
    },
    {
      reference: "[vfs@/x:overlay.imagestore=/a,additionalimagestore=/b]app",
      expected: { driver: "vfs", graphRoot: "/x", additionalImageStores: [] },
    },
    {
      reference: "[overlay@/x:overlay2.imagestore=/a,additionalimagestore=/b,imagestore=]app",
      expected: { driver: "overlay", graphRoot: "/x", additionalImageStores: ["/a", "/b"] },
    },
    { reference: "[vfs@/x:imagestore=a]app", expected: /not an absolute path/ },
  ];
  const environment = { CONTAINERS_STORAGE_CONF: join(temporaryDirectory(), "storage.conf") };
  writeFileSync(environment.CONTAINERS_STORAGE_CONF, conf);
  for (const { reference, expected } of rows) {
    it(reference, async () => {
      const spec = parseStoreSpec(reference);
      assert.ok(spec.ok);
      const found = await storeConfigOf(spec.value.written, environment, 0);
      if (expected instanceof RegExp) assert.match(found.ok ? "" : found.problem.reason, expected);
      else assert.deepEqual(found, { ok: true, value: expected });
    });
  }
});
