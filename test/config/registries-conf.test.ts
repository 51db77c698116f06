import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { type Location, locationsOf } from "../../src/config/locations.ts";
import { type RegistriesConfEnvironment, readRegistriesConf } from "../../src/config/registries-conf.ts";
import { parseNormalizedNamed, referenceText } from "../../src/identity/docker-reference.ts";
import { maxDropInFiles, maxRegistriesConfBytes, maxRegistryEndpoints } from "../../src/limits.ts";
import { makeFifo, temporaryDirectory } from "../support/temporary.ts";

type Texts = Readonly<Record<string, string>>;

const etc = "etc/containers/registries.conf";
const share = "usr/share/containers/registries.conf";
const user = "home/.config/containers/registries.conf";
const digest = `sha256:${"a".repeat(64)}`;

/** A tree of files, read as root; `@ROOT@` at the beginning of a value of the environment is where it is. */
async function read(files: Texts, environment: Texts = {}, path?: string, userId = 0) {
  const root = temporaryDirectory();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  const variables: RegistriesConfEnvironment = Object.fromEntries(
    Object.entries({ HOME: "@ROOT@/home", ...environment }).map(([name, value]) => [
      name,
      value.replace("@ROOT@", root),
    ]),
  );
  const conf = await readRegistriesConf(path === undefined ? undefined : join(root, path), variables, userId, root);
  return { conf, root };
}

/** The prefixes of the rules that hold. */
async function prefixes(files: Texts, environment: Texts = {}, path?: string, userId = 0): Promise<string> {
  const { conf } = await read(files, environment, path, userId);
  assert.ok(conf.ok, JSON.stringify(conf));
  return conf.value.rules.map(({ prefix }) => prefix).join(" ");
}

/** `reference` or `reference!` for an insecure one, `blocked`, or `tag and digest`; what is wrong. */
async function locations(toml: string, image: string): Promise<readonly string[]> {
  const { conf } = await read({ [etc]: toml });
  assert.ok(conf.ok, JSON.stringify(conf));
  const reference = parseNormalizedNamed(image);
  assert.ok(reference.ok);
  const found = locationsOf(conf.value, reference.value);
  if (!found.ok) return [found.problem.code];
  assert.deepEqual(
    found.value.map(({ isMirror }) => isMirror),
    found.value.map((_, at) => at + 1 < found.value.length),
  );
  return found.value.map(shown);
}

function shown({ reference, isInsecure, namespaceProxy, refusal }: Location): string {
  if (refusal !== undefined) return refusal.code;
  return `${referenceText(reference)}${isInsecure ? "!" : ""}${namespaceProxy === undefined ? "" : ` ns=${namespaceProxy}`}`;
}

const rule = (text: string) => `[[registry]]\n${text}\n`;
const mirror = (text: string) => `[[registry.mirror]]\n${text}\n`;
const vendor = 'prefix = "vendor.example"\nlocation = "vendor.example"';

// Each of these was asked of containers/image v5.42.1.
describe("locationsOf", () => {
  const rows: readonly { toml: string; image: string; expected: readonly string[] }[] = [
    { toml: "", image: "vendor.example/app:1", expected: ["vendor.example/app:1"] },
    { toml: rule(vendor), image: "vendor.example/app:1", expected: ["vendor.example/app:1"] },
    { toml: rule(vendor), image: "vendor.example.com/app:1", expected: ["vendor.example.com/app:1"] },
    { toml: rule('location = "a.example"'), image: "a.example/app:1", expected: ["a.example/app:1"] },
    {
      toml: rule(vendor) + mirror('location = "m.example/x"'),
      image: "vendor.example/app:1",
      expected: ["m.example/x/app:1", "vendor.example/app:1"],
    },
    {
      toml: rule('prefix = "vendor.example/app"\nlocation = "b.example/y"'),
      image: `vendor.example/app@${digest}`,
      expected: [`b.example/y@${digest}`],
    },
    {
      toml: rule('prefix = "vendor.example/app"\nlocation = "b.example"'),
      image: "vendor.example/apple:1",
      expected: ["vendor.example/apple:1"],
    },
    // Mirrors for some references.
    {
      toml: rule(`${vendor}\nmirror-by-digest-only = true`) + mirror('location = "m.example"'),
      image: "vendor.example/app:1",
      expected: ["vendor.example/app:1"],
    },
    {
      toml: rule(`${vendor}\nmirror-by-digest-only = true`) + mirror('location = "m.example"'),
      image: `vendor.example/app@${digest}`,
      expected: [`m.example/app@${digest}`, `vendor.example/app@${digest}`],
    },
    ...(
      [
        ["all", "m.example/app:1", `m.example/app@${digest}`],
        ["digest-only", undefined, `m.example/app@${digest}`],
        ["tag-only", "m.example/app:1", undefined],
      ] as const
    ).flatMap(([which, byTag, byDigest]) => {
      const toml = rule(vendor) + mirror(`location = "m.example"\npull-from-mirror = "${which}"`);
      return [
        {
          toml,
          image: "vendor.example/app:1",
          expected: [byTag, "vendor.example/app:1"].filter((text) => text !== undefined),
        },
        {
          toml,
          image: `vendor.example/app@${digest}`,
          expected: [byDigest, `vendor.example/app@${digest}`].filter((text) => text !== undefined),
        },
      ];
    }),
    // Fact 6 and the namespace of a proxy: each endpoint has its own.
    {
      toml:
        rule(`${vendor}\ninsecure = true`) +
        mirror('location = "m.example"') +
        mirror('location = "n.example"\ninsecure = true\nnamespace-proxy = "up.example"'),
      image: "vendor.example/app:1",
      expected: ["m.example/app:1", "n.example/app:1! ns=up.example", "vendor.example/app:1!"],
    },
    // Blocked goes by the name that is accessed.
    { toml: rule(`${vendor}\nblocked = true`), image: "vendor.example/app:1", expected: ["source.blocked"] },
    {
      toml: rule('prefix = "vendor.example"\nlocation = "b.example"\nblocked = true'),
      image: "vendor.example/app:1",
      expected: ["b.example/app:1"],
    },
    {
      toml:
        rule('prefix = "vendor.example"\nlocation = "b.example"') + rule('location = "b.example/app"\nblocked = true'),
      image: "vendor.example/app:1",
      expected: ["source.blocked"],
    },
    {
      toml: rule(`${vendor}\nblocked = true`) + mirror('location = "m.example"'),
      image: "vendor.example/app:1",
      expected: ["m.example/app:1", "source.blocked"],
    },
    {
      toml: rule(vendor) + mirror('location = "m.example"') + rule('location = "m.example"\nblocked = true'),
      image: "vendor.example/app:1",
      expected: ["source.blocked", "vendor.example/app:1"],
    },
    // A port is no part of a host's prefix, and breaks everything.
    {
      toml: rule('prefix = "vendor.example"\nlocation = "b.example/x"'),
      image: "vendor.example:8443/app:1",
      expected: ["config.location.invalid"],
    },
    {
      toml: rule('prefix = "vendor.example"\nlocation = "b.example"'),
      image: "vendor.example:8443/app:1",
      expected: ["b.example:8443/app:1"],
    },
    {
      toml: rule(vendor) + mirror('location = "m.example/x"') + mirror('location = "m.example/x:1"'),
      image: "vendor.example/app:1",
      expected: ["config.location.invalid"],
    },
    {
      toml:
        rule('prefix = "vendor.example/app"\nlocation = "vendor.example/app"') + mirror('location = "m.example/x:1"'),
      image: "vendor.example/app:1",
      expected: ["config.location.invalid"],
    },
    {
      toml:
        rule('prefix = "vendor.example/app"\nlocation = "vendor.example/app"') + mirror('location = "m.example/x:1"'),
      image: `vendor.example/app@${digest}`,
      expected: ["config.location.invalid", `vendor.example/app@${digest}`],
    },
    {
      toml: rule('prefix = "vendor.example/app"\nlocation = "busybox"'),
      image: "vendor.example/app:1",
      expected: ["config.location.invalid"],
    },
    // A prefix with a tag is of no image; that of docker.io needs the namespace.
    {
      toml: rule('prefix = "vendor.example/app:1"\nlocation = "b.example"'),
      image: "vendor.example/app:1",
      expected: ["vendor.example/app:1"],
    },
    {
      toml: rule('prefix = "docker.io/app"\nlocation = "b.example"'),
      image: "app:1",
      expected: ["docker.io/library/app:1"],
    },
    {
      toml: rule('prefix = "docker.io/library/app"\nlocation = "b.example/app"'),
      image: "app:1",
      expected: ["b.example/app:1"],
    },
    // Which rule: the longest prefix, the first of those that are written twice; a wildcard of the same length first.
    {
      toml:
        rule('prefix = "vendor.example"\nlocation = "b.example"') +
        rule('prefix = "vendor.example/app"\nlocation = "c.example"'),
      image: "vendor.example/app/x:1",
      expected: ["c.example/x:1"],
    },
    {
      toml:
        rule('prefix = "vendor.example"\nlocation = "b.example"') +
        rule('prefix = "vendor.example/"\nlocation = "c.example"'),
      image: "vendor.example/app:1",
      expected: ["b.example/app:1"],
    },
    {
      toml:
        rule('prefix = "a.vendor.example"\nlocation = "b.example"') +
        rule('prefix = "*.vendor.example"\nlocation = "c.example"'),
      image: "a.vendor.example/app:1",
      expected: ["c.example/app:1"],
    },
    // Wildcards.
    { toml: rule('prefix = "*.example"\nlocation = "b.test"'), image: "a.b.example/app:1", expected: ["b.test/app:1"] },
    {
      toml: rule('prefix = "*.example"\ninsecure = true'),
      image: "a.b.example:5000/app:1",
      expected: ["a.b.example:5000/app:1!"],
    },
    {
      toml: rule('prefix = "*.example"\nlocation = "b.test"'),
      image: "b.test/a.example/app:1",
      expected: ["b.test/a.example/app:1"],
    },
    {
      toml: rule('prefix = "*.example"\nlocation = "b.test"'),
      image: "a.example.com.example/app:1",
      expected: ["a.example.com.example/app:1"],
    },
    {
      toml: rule('prefix = "*.vendor.example"\nlocation = "b.test"'),
      image: "vendor.example/app:1",
      expected: ["vendor.example/app:1"],
    },
    // How it may be written.
    {
      toml: rule('prefix = "vendor.example//"\nlocation = "b.example///"'),
      image: "vendor.example/app:1",
      expected: ["b.example/app:1"],
    },
    {
      toml: '[[REGISTRY]]\nPrefix = "vendor.example"\n"locatIon" = "b.example"\n',
      image: "vendor.example/app:1",
      expected: ["b.example/app:1"],
    },
    {
      toml: '[[registry]]\n"in\\u017fecure" = true\nlocation = "vendor.example"\n',
      image: "vendor.example/app:1",
      expected: ["vendor.example/app:1!"],
    },
    {
      toml: `\ufeff${rule(vendor)}`.replaceAll("\n", "\r\n"),
      image: "vendor.example/app:1",
      expected: ["vendor.example/app:1"],
    },
    {
      toml: 'unknown = 2026-01-01\nregistry = [{ location = "vendor.example", mirror = [{ location = "m.example", x = 1 }] }]\n[other]\na.b = 1.5\n',
      image: "vendor.example/app:1",
      expected: ["m.example/app:1", "vendor.example/app:1"],
    },
    {
      toml: "[registries]\n[registries.search]\n[registries.other]\nregistries = []\n",
      image: "a.example/app:1",
      expected: ["a.example/app:1"],
    },
    { toml: 'aliases = 1\nshort-name-mode = ""\n', image: "a.example/app:1", expected: ["a.example/app:1"] },
    {
      toml: '[aliases]\n"app" = "a.example/app"\n"x/y" = ""\n"z" = "localhost/z"\n',
      image: "a.example/app:1",
      expected: ["a.example/app:1"],
    },
  ];
  for (const { toml, image, expected } of rows) {
    it(`${image} with ${JSON.stringify(toml)}`, async () => assert.deepEqual(await locations(toml, image), expected));
  }
});

describe("readRegistriesConf refuses, as a whole,", () => {
  const rows: readonly { toml: string; reason: RegExp }[] = [
    { toml: rule(""), reason: /neither a prefix nor a location/ },
    { toml: rule('prefix = "a.example"'), reason: /has no location/ },
    { toml: rule('location = "http://a.example"'), reason: /scheme/ },
    { toml: rule('location = "a.example"\nprefix = "https://a.example"'), reason: /scheme/ },
    { toml: rule('location = "a.example"\npull-from-mirror = "all"'), reason: /for mirrors/ },
    { toml: rule(vendor) + mirror(""), reason: /a mirror has no location/ },
    { toml: rule(vendor) + mirror('location = "https://m.example"'), reason: /scheme/ },
    { toml: rule(vendor) + mirror('location = "m.example"\npull-from-mirror = "All"'), reason: /unknown value/ },
    {
      toml: rule(`${vendor}\nmirror-by-digest-only = true`) + mirror('location = "m"\npull-from-mirror = "all"'),
      reason: /mirror-by-digest-only/,
    },
    { toml: rule('prefix = "*.example/x"\nlocation = "a.example"'), reason: /not of the form/ },
    { toml: rule('prefix = "*.example:1"'), reason: /not of the form/ },
    {
      toml:
        rule('prefix = "a"\nlocation = "x.example"\ninsecure = true') + rule('prefix = "b"\nlocation = "x.example/"'),
      reason: /x\.example is both insecure and not/,
    },
    {
      toml: rule('prefix = "a"\nlocation = "x.example"\nblocked = true') + rule('prefix = "b"\nlocation = "x.example"'),
      reason: /x\.example is both blocked and not/,
    },
    { toml: '[registries.search]\nregistries = ["a.example"]\n', reason: /version 1/ },
    { toml: `${rule(vendor)}[registries.block]\nregistries = []\n`, reason: /version 1/ },
    { toml: "registries = 1\n", reason: /registries is not a table/ },
    { toml: "[registries]\nsearch = 1\n", reason: /search is not a table/ },
    { toml: rule(`${vendor}\ninsecure = "true"`), reason: /insecure is neither/ },
    { toml: rule(`${vendor}\nblocked = 1`), reason: /blocked is neither/ },
    { toml: rule("location = 1"), reason: /location is not a text/ },
    { toml: "[registry]\nlocation = 1\n", reason: /registry is not a list of tables/ },
    { toml: "registry = [[]]\n", reason: /registry is not a list of tables/ },
    { toml: rule('location = "a"\nLocation = "b"'), reason: /location is there 2 times/ },
    { toml: rule('location = "a"\nlocation = "b"'), reason: /already defined/ },
    { toml: "x = 9223372036854775808\n", reason: /number is too large/ },
    { toml: 'credential-helpers = "pass"\n', reason: /credential-helpers is not a list/ },
    { toml: 'unqualified-search-registries = ["https://a"]\n', reason: /not a host/ },
    { toml: 'unqualified-search-registries = ["a/b"]\n', reason: /not a host/ },
    { toml: 'short-name-mode = "prompt"\n', reason: /short-name-mode is prompt/ },
    { toml: "additional-layer-store-auth-helper = 1\n", reason: /not a text/ },
    { toml: '[aliases]\n"a.example/x" = "a.example/x"\n', reason: /not a short name/ },
    { toml: '[aliases]\n"app:1" = "a.example/x"\n', reason: /not a short name/ },
    { toml: '[aliases]\napp = "app"\n', reason: /not a registry and a repository/ },
    { toml: '[aliases]\napp = "a.example/app:1"\n', reason: /not a registry and a repository/ },
    { toml: "[aliases]\napp = 1\n", reason: /not a text/ },
    { toml: "\ufeff\ufeff", reason: /key/ },
    { toml: "# \u0000", reason: /./ },
    { toml: "a = 1\rb = 2", reason: /./ },
    { toml: "#".repeat(maxRegistriesConfBytes + 1), reason: /larger than/ },
    { toml: rule(vendor) + mirror('location = "m"').repeat(maxRegistryEndpoints), reason: /more than 5000 registries/ },
  ];
  for (const { toml, reason } of rows) {
    it(JSON.stringify(toml.slice(0, 100)), async () => {
      const { conf, root } = await read({ [etc]: toml });
      assert.ok(!conf.ok);
      assert.equal(conf.problem.code, "config.registries.invalid");
      assert.equal(conf.problem.path, join(root, etc));
      assert.match(conf.problem.reason, reason);
    });
  }

  it("what is not TOML, and says where", async () => {
    const { conf } = await read({ [etc]: "a = 1\nb = tru\n" });
    assert.ok(!conf.ok);
    assert.deepEqual([conf.problem.line, conf.problem.column], [2, 5]);
  });

  it("a file that is not UTF-8", async () => {
    const root = temporaryDirectory();
    writeFileSync(join(root, "x"), Buffer.from([0x23, 0xff]));
    const conf = await readRegistriesConf(join(root, "x"), { HOME: root }, 0, root);
    assert.ok(!conf.ok);
    assert.equal(conf.problem.reason, "not UTF-8");
  });

  it("a drop-in of version 1", async () => {
    const { conf, root } = await read({ [`${etc}.d/a.conf`]: '[registries.search]\nregistries = ["a"]\n' });
    assert.ok(!conf.ok);
    assert.equal(conf.problem.path, join(root, `${etc}.d/a.conf`));
  });
});

describe("readRegistriesConf reads", () => {
  const of = (name: string) => rule(`location = "${name}"`);
  const all = { [etc]: of("etc"), [share]: of("share"), [user]: of("user"), named: of("named") };
  const dropIns = { [`${etc}.d/a.conf`]: of("etc.d"), [`${user}.d/b.conf`]: of("user.d") };
  const rows: readonly {
    what: string;
    files: Texts;
    environment?: Texts;
    path?: string;
    userId?: number;
    expected: string;
  }[] = [
    { what: "nothing", files: {}, expected: "" },
    { what: "the user's file alone", files: all, expected: "user" },
    { what: "the system's alone", files: { [etc]: of("etc"), [share]: of("share") }, expected: "etc" },
    { what: "the distribution's", files: { [share]: of("share") }, expected: "share" },
    {
      what: "the named one, with the drop-ins",
      files: { ...all, ...dropIns },
      path: "named",
      expected: "etc.d named user.d",
    },
    {
      what: "that of the variable, without",
      files: { ...all, ...dropIns },
      environment: { CONTAINERS_REGISTRIES_CONF: "@ROOT@/named" },
      expected: "named",
    },
    {
      what: "the named one before that of the variable",
      files: { ...all, ...dropIns },
      environment: { CONTAINERS_REGISTRIES_CONF: "@ROOT@/nowhere" },
      path: "named",
      expected: "etc.d named user.d",
    },
    {
      what: "an empty variable as none",
      files: all,
      environment: { CONTAINERS_REGISTRIES_CONF: "" },
      expected: "user",
    },
    {
      what: "the override last",
      files: { ...all, ...dropIns },
      environment: { CONTAINERS_REGISTRIES_CONF_OVERRIDE: "@ROOT@/named" },
      expected: "etc.d named user user.d",
    },
    {
      what: "the user's directory elsewhere",
      files: { ...all, "x/containers/registries.conf": of("x") },
      environment: { XDG_CONFIG_HOME: "@ROOT@/x" },
      expected: "x",
    },
    {
      what: "of drop-ins with the same name the user's",
      files: {
        [`${etc}.d/a.conf`]: of("etc.d"),
        [`${user}.d/a.conf`]: of("user.d"),
        [`${share}.d/a.conf`]: of("share.d"),
      },
      expected: "user.d",
    },
    {
      what: "drop-ins for root",
      files: {
        "etc/containers/registries.rootful.conf.d/r.conf": of("r"),
        "etc/containers/registries.rootless.conf.d/u.conf": of("u"),
      },
      expected: "r",
    },
    {
      what: "drop-ins for users",
      files: {
        "etc/containers/registries.rootful.conf.d/r.conf": of("r"),
        "etc/containers/registries.rootless.conf.d/u.conf": of("u"),
        "etc/containers/registries.rootless.conf.d/1000/v.conf": of("v"),
      },
      userId: 1000,
      expected: "u v",
    },
    {
      what: "drop-ins for the user outside of podman unshare",
      files: { "etc/containers/registries.rootless.conf.d/u.conf": of("u") },
      environment: { _CONTAINERS_ROOTLESS_UID: "1000" },
      expected: "u",
    },
    {
      what: "no drop-in of another name",
      files: { [`${etc}.d/a.toml`]: of("a"), [`${etc}.d/a.conf~`]: "[" },
      expected: "",
    },
  ];
  for (const { what, files, environment, path, userId, expected } of rows) {
    it(what, async () => assert.equal(await prefixes(files, environment, path, userId), expected));
  }

  it("a drop-in's rule in place of an earlier one's, as a whole", async () => {
    const { conf } = await read({
      [etc]: rule('location = "a.example"\ninsecure = true') + mirror('location = "m.example"'),
      [`${etc}.d/a.conf`]: of("a.example"),
    });
    assert.ok(conf.ok);
    assert.deepEqual(
      conf.value.rules.map(({ isInsecure, mirrors }) => [isInsecure, mirrors]),
      [[false, []]],
    );
  });

  it("helpers: the last list, and the files where it is empty", async () => {
    const list = (...files: string[]) =>
      read(Object.fromEntries(files.map((text, at) => [`${etc}.d/${at}.conf`, text]))).then(
        ({ conf }) => conf.ok && conf.value.credentialHelpers,
      );
    assert.deepEqual(await list('credential-helpers = ["pass"]\n', "# nothing\n"), ["pass"]);
    assert.deepEqual(await list('credential-helpers = ["pass"]\n', "credential-helpers = []\n"), [
      "containers-auth.json",
    ]);
    assert.deepEqual(await list(), ["containers-auth.json"]);
  });

  const missing: readonly { what: string; environment?: Texts; path?: string }[] = [
    { what: "a named file", path: "nowhere" },
    { what: "that of the variable", environment: { CONTAINERS_REGISTRIES_CONF: "/nowhere" } },
    { what: "the override", environment: { CONTAINERS_REGISTRIES_CONF_OVERRIDE: "/nowhere" } },
  ];
  for (const { what, environment, path } of missing) {
    it(`not without ${what}, if it is missing`, async () => {
      const { conf } = await read({ [etc]: "" }, environment, path);
      assert.ok(!conf.ok);
      assert.equal(conf.problem.reason, "no such file or directory");
    });
  }

  const strange: readonly { what: string; environment: Texts; reason: RegExp }[] = [
    { what: "a relative HOME", environment: { HOME: "home" }, reason: /not an absolute path/ },
    { what: "a relative XDG_CONFIG_HOME", environment: { XDG_CONFIG_HOME: "x" }, reason: /not an absolute path/ },
    { what: "a name that is not UTF-8", environment: { CONTAINERS_REGISTRIES_CONF: "/\ufffd" }, reason: /not UTF-8/ },
  ];
  for (const { what, environment, reason } of strange) {
    it(`not with ${what}`, async () => {
      const { conf } = await read({}, environment);
      assert.ok(!conf.ok);
      assert.match(conf.problem.reason, reason);
    });
  }

  it("no more drop-ins than are allowed", async () => {
    const many = Array.from({ length: maxDropInFiles + 1 }, (_, at) => [`${etc}.d/${at}.conf`, ""]);
    const { conf } = await read(Object.fromEntries(many));
    assert.ok(!conf.ok);
    assert.match(conf.problem.reason, /more than 1000 files/);
  });

  it("no pipe that stands where a file is looked for", async () => {
    const root = temporaryDirectory();
    mkdirSync(join(root, "etc/containers"), { recursive: true });
    makeFifo(join(root, etc));
    const conf = await readRegistriesConf(undefined, { HOME: root }, 0, root);
    assert.ok(!conf.ok);
    assert.equal(conf.problem.reason, "not a regular file");
  });
});
