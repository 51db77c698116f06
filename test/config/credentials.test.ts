import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import type { AuthEnvironment } from "../../src/config/auth-files.ts";
import { Credentials } from "../../src/config/credentials.ts";
import { maxAuthFileBytes, maxHelperOutputBytes } from "../../src/limits.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const encoded = (text: string) => Buffer.from(text).toString("base64");
const entry = (pair: string) => ({ auth: encoded(pair) });
const auths = (entries: Readonly<Record<string, unknown>>) => JSON.stringify({ auths: entries });
const image = "host.example.com:5000/vendor/app";

/** "user:password", "token TOKEN", "none", or "error" and the reason. */
async function found(
  name: string,
  {
    files = {},
    scripts = {},
    authFile,
    helpers = ["containers-auth.json"],
    environment = {},
  }: {
    /** Below the home directory. */
    files?: Readonly<Record<string, string>>;
    /** Credential helpers. */
    scripts?: Readonly<Record<string, string>>;
    authFile?: string;
    helpers?: readonly string[];
    environment?: AuthEnvironment;
  },
): Promise<string> {
  const home = temporaryDirectory();
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, file)), { recursive: true });
    writeFileSync(join(home, file), text);
  }
  const bin = temporaryDirectory();
  for (const [helper, script] of Object.entries(scripts)) {
    writeFileSync(join(bin, `docker-credential-${helper}`), script);
    chmodSync(join(bin, `docker-credential-${helper}`), 0o755);
  }
  const expanded = Object.entries(environment).map(([key, value]) => [key, value?.replaceAll("@HOME@", home)]);
  const credentials = new Credentials({
    authFile: authFile?.replaceAll("@HOME@", home),
    helpers,
    environment: { HOME: home, PATH: bin, ...Object.fromEntries(expanded) },
    userId: 4_000_000,
  });
  const result = await credentials.find({ name });
  // Asked again, it is the same, and no helper runs twice.
  assert.deepEqual(await credentials.find({ name }), result);
  if (!result.ok) return `error ${result.problem.reason}`;
  if (result.value === undefined) return "none";
  const { username, password, identityToken } = result.value;
  return identityToken === "" ? `${username}:${password}` : `token ${identityToken}`;
}

const user = ".config/containers/auth.json";
const one = (text: string) => ({ files: { [user]: text } });

describe("keys of auth.json", { concurrency: 8 }, () => {
  const rows: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
    ["the repository", { [image]: entry("a:b") }, "a:b"],
    ["a namespace", { "host.example.com:5000/vendor": entry("a:b") }, "a:b"],
    ["the host and port", { "host.example.com:5000": entry("a:b") }, "a:b"],
    [
      "the most specific one",
      { "host.example.com:5000": entry("h:h"), "host.example.com:5000/vendor": entry("n:n"), [image]: entry("r:r") },
      "r:r",
    ],
    [
      "the namespace before the host",
      { "host.example.com:5000": entry("h:h"), "host.example.com:5000/vendor": entry("n:n") },
      "n:n",
    ],
    ["the most specific one, though it says nothing", { "host.example.com:5000": entry("h:h"), [image]: {} }, "none"],
    ["part of a name", { "host.example.com:5000/vend": entry("a:b") }, "none"],
    ["a longer name", { [`${image}/more`]: entry("a:b") }, "none"],
    ["with a tag", { [`${image}:1.0`]: entry("a:b") }, "none"],
    ["without the port", { "host.example.com": entry("a:b") }, "none"],
    ["another port", { "host.example.com:5001": entry("a:b") }, "none"],
    ["https:// and /v1/", { "https://host.example.com:5000/v1/": entry("a:b") }, "a:b"],
    ["https:// and another path", { "https://host.example.com:5000/other": entry("a:b") }, "a:b"],
    ["http://", { "http://host.example.com:5000": entry("a:b") }, "a:b"],
    ["https:// without the port", { "https://host.example.com/v1/": entry("a:b") }, "none"],
    ["a domain above", { "example.com:5000": entry("a:b") }, "none"],
    ["capitals", { "HOST.example.com:5000": entry("a:b") }, "none"],
    ["nothing at all", {}, "none"],
  ];
  for (const [what, entries, expected] of rows) {
    it(what, async () => assert.equal(await found(image, one(auths(entries))), expected));
  }

  const hub: readonly (readonly [string, string])[] = [
    ["docker.io", "a:b"],
    ["https://index.docker.io/v1/", "a:b"],
    ["index.docker.io", "a:b"],
    ["registry-1.docker.io", "a:b"],
    ["docker.io/library", "a:b"],
    ["docker.com", "none"],
  ];
  for (const [key, expected] of hub) {
    it(`of docker.io: ${key}`, async () => {
      assert.equal(await found("docker.io/library/nginx", one(auths({ [key]: entry("a:b") }))), expected);
    });
  }
});

describe("entries of auth.json", { concurrency: 8 }, () => {
  const rows: readonly (readonly [string, unknown, string])[] = [
    ["two colons", entry("a:b:c"), "a:b:c"],
    ["an empty password", entry("a:"), "a:"],
    ["an empty user", entry(":b"), ":b"],
    ["both empty", entry(":"), "none"],
    ["no colon", entry("ab"), "none"],
    ["an empty auth", { auth: "" }, "none"],
    ["no auth", { email: "x" }, "none"],
    ["NUL behind the password", entry("a:b\0\0"), "a:b"],
    ["username and password are not read", { username: "a", password: "b" }, "none"],
    ["registrytoken is not read", { registrytoken: "x" }, "none"],
    ["identitytoken", { ...entry("a:"), identitytoken: "T" }, "token T"],
    ["keys in capitals", { AUTH: encoded("a:b") }, "a:b"],
    ["null", null, "none"],
    ["no base64", { auth: "!" }, "error an entry in it is not base64"],
    [
      "base64 for URLs",
      { auth: Buffer.from("a:\xff?>", "latin1").toString("base64url") },
      "error an entry in it is not base64",
    ],
    [
      "no UTF-8",
      { auth: Buffer.from("a:\xff", "latin1").toString("base64") },
      "error a user or password in it is not UTF-8",
    ],
    ["a number", { auth: 1 }, "error a value in it is of the wrong type"],
    ["a text", "a:b", "error a value in it is of the wrong type"],
  ];
  for (const [what, value, expected] of rows) {
    it(what, async () => assert.equal(await found(image, one(auths({ "host.example.com:5000": value }))), expected));
  }

  it("what is broken in an entry of another host does not matter", async () => {
    const entries = { other: { auth: "!" }, "host.example.com:5000": entry("a:b") };
    assert.equal(await found(image, one(auths(entries))), "a:b");
  });
});

describe("files", { concurrency: 8 }, () => {
  const ours = auths({ "host.example.com:5000": entry("a:b") });
  const wrong = auths({ "host.example.com:5000": entry("wrong:wrong") });
  const legacy = JSON.stringify({ "https://host.example.com:5000/v1/": entry("a:b") });
  const notJson = "error it is not JSON";
  const rows: readonly (readonly [string, Parameters<typeof found>[1], string])[] = [
    ["none", {}, "none"],
    ["of the user", { files: { [user]: ours } }, "a:b"],
    ["of docker", { files: { ".docker/config.json": ours } }, "a:b"],
    ["of old docker", { files: { ".dockercfg": legacy } }, "a:b"],
    ["of old docker, in the new form", { files: { ".dockercfg": ours } }, "none"],
    [
      "the first that knows the host, wrong or not",
      { files: { [user]: wrong, ".docker/config.json": ours } },
      "wrong:wrong",
    ],
    [
      "one that does not know it is passed over",
      { files: { [user]: auths({ x: entry("x:x") }), ".docker/config.json": ours } },
      "a:b",
    ],
    [
      "one that says nothing of it is passed over",
      { files: { [user]: auths({ "host.example.com:5000": {} }), ".docker/config.json": ours } },
      "a:b",
    ],
    ["a broken one that is reached", { files: { [user]: "{", ".docker/config.json": ours } }, notJson],
    ["a broken one that is not reached", { files: { [user]: ours, ".docker/config.json": "{" } }, "a:b"],
    [
      "XDG_CONFIG_HOME",
      { files: { "x/containers/auth.json": ours, [user]: wrong }, environment: { XDG_CONFIG_HOME: "@HOME@/x" } },
      "a:b",
    ],
    [
      "XDG_RUNTIME_DIR before all",
      { files: { "run/containers/auth.json": ours, [user]: wrong }, environment: { XDG_RUNTIME_DIR: "@HOME@/run" } },
      "a:b",
    ],
    [
      "XDG_RUNTIME_DIR that is not there",
      { files: { [user]: ours }, environment: { XDG_RUNTIME_DIR: "@HOME@/nowhere" } },
      "a:b",
    ],
    [
      "DOCKER_CONFIG",
      { files: { "d/config.json": ours, ".docker/config.json": wrong }, environment: { DOCKER_CONFIG: "@HOME@/d" } },
      "a:b",
    ],
    [
      "REGISTRY_AUTH_FILE hides all others",
      { files: { [user]: ours, x: auths({}) }, environment: { REGISTRY_AUTH_FILE: "@HOME@/x" } },
      "none",
    ],
    [
      "REGISTRY_AUTH_FILE that is not there counts as empty",
      { files: { [user]: ours }, environment: { REGISTRY_AUTH_FILE: "@HOME@/x" } },
      "none",
    ],
    ["--authfile hides all others", { files: { [user]: ours, x: auths({}) }, authFile: "@HOME@/x" }, "none"],
    [
      "--authfile before REGISTRY_AUTH_FILE",
      { files: { x: ours, y: wrong }, authFile: "@HOME@/x", environment: { REGISTRY_AUTH_FILE: "@HOME@/y" } },
      "a:b",
    ],
    ["--authfile that is not there counts as empty", { files: { [user]: ours }, authFile: "@HOME@/x" }, "none"],
    ["--authfile that is a directory", { files: { [user]: ours }, authFile: "@HOME@" }, "error not a regular file"],
    ["an empty file", one(""), notJson],
    ["something behind it", one(`${ours}x`), notJson],
    ["a list", one("[]"), "error a value in it is of the wrong type"],
    [
      "one that is too large",
      one(`${ours}${" ".repeat(maxAuthFileBytes)}`),
      `error larger than ${maxAuthFileBytes} bytes`,
    ],
    ["keys in capitals", one(ours.replace("auths", "AUTHS")), "a:b"],
    ["credsStore is not read", one(JSON.stringify({ credsStore: "missing", auths: JSON.parse(ours).auths })), "a:b"],
  ];
  for (const [what, options, expected] of rows) {
    it(what, async () => assert.equal(await found(image, options), expected));
  }
});

describe("credential helpers", { concurrency: 8 }, () => {
  const answers = (text: string, code = 0) => `#!/bin/sh\n/bin/cat >/dev/null\nprintf '%s' '${text}'\nexit ${code}\n`;
  const good = answers('{"ServerURL":"x","Username":"u","Secret":"s"}');
  const missing = answers("credentials not found in native keychain\n", 1);
  const notOne = "error what it answers is not what a helper answers";
  const noCredentials = "error it has no credentials for host.example.com:5000, and fails";

  const rows: readonly (readonly [string, string, string])[] = [
    ["user and secret", good, "u:s"],
    ["an identity token", answers('{"Username":"<token>","Secret":"T"}'), "token T"],
    ["keys in other capitals", answers('{"username":"u","SECRET":"s"}'), "u:s"],
    ["no secret", answers('{"Username":"u"}'), "u:"],
    ["nothing", answers("{}"), "none"],
    ["empty texts", answers('{"Username":"","Secret":""}'), "none"],
    ["not found", missing, "none"],
    ["not found, and a success", answers("credentials not found in native keychain"), notOne],
    ["another failure", answers("no", 1), noCredentials],
    ["what it should give, and a failure", answers('{"Username":"u","Secret":"s"}', 1), noCredentials],
    ["no JSON", answers("garbage"), notOne],
    ["no output", answers(""), notOne],
    ["a list", answers("[]"), notOne],
    ["a number for a secret", answers('{"Username":"u","Secret":1}'), notOne],
    ["a secret of two lines", answers('{"Username":"u","Secret":"a\\nb"}'), "u:a\nb"],
    ["it does not read what it is asked", `#!/bin/sh\nprintf '{"Username":"u","Secret":"s"}'\n`, "u:s"],
    [
      "too much",
      `#!/bin/sh\nexec /usr/bin/head -c ${maxHelperOutputBytes + 1} /dev/zero\n`,
      "error its answer is too large",
    ],
    ["it is killed", "#!/bin/sh\nkill -9 $$\n", noCredentials],
    [
      "it gets get, and the host and port",
      `#!/bin/sh\nprintf '{"Username":"%s","Secret":"%s"}' "$*" "$(/bin/cat)"\n`,
      "get:host.example.com:5000",
    ],
  ];
  for (const [what, script, expected] of rows) {
    it(what, async () => {
      const text = JSON.stringify({ credHelpers: { "host.example.com:5000": "h" } });
      assert.equal(await found(image, { ...one(text), scripts: { h: script } }), expected);
      assert.equal(await found(image, { scripts: { h: script }, helpers: ["h"] }), expected, "of registries.conf");
    });
  }

  const ours = { "host.example.com:5000": entry("a:b"), [image]: entry("r:r") };
  const places: readonly (readonly [string, Parameters<typeof found>[1], string])[] = [
    [
      "credHelpers before auths",
      one(JSON.stringify({ credHelpers: { "host.example.com:5000": "h" }, auths: ours })),
      "u:s",
    ],
    ["by host only", one(JSON.stringify({ credHelpers: { [image]: "h" }, auths: ours })), "r:r"],
    ["of another host", one(JSON.stringify({ credHelpers: { other: "missing" }, auths: ours })), "r:r"],
    [
      "a missing program",
      one(JSON.stringify({ credHelpers: { "host.example.com:5000": "nowhere" }, auths: ours })),
      "error there is no such program in $PATH",
    ],
    [
      "a name with a slash",
      one(JSON.stringify({ credHelpers: { "host.example.com:5000": "../h" } })),
      "error its name has a slash in it",
    ],
    [
      "no PATH",
      { ...one(JSON.stringify({ credHelpers: { "host.example.com:5000": "h" } })), environment: { PATH: "" } },
      "error there is no such program in $PATH",
    ],
    [
      "a PATH that is relative",
      { ...one(JSON.stringify({ credHelpers: { "host.example.com:5000": "h" } })), environment: { PATH: ".:bin" } },
      "error there is no such program in $PATH",
    ],
    ["of registries.conf, in place of files", { ...one(auths(ours)), helpers: ["no"] }, "none"],
    ["of registries.conf, then files", { ...one(auths(ours)), helpers: ["no", "containers-auth.json"] }, "r:r"],
    ["files, then one of registries.conf", { ...one(auths(ours)), helpers: ["containers-auth.json", "h"] }, "r:r"],
    ["files that know nothing, then one of registries.conf", { helpers: ["containers-auth.json", "h"] }, "u:s"],
    ["one that fails, then one that knows", { helpers: ["bad", "h"] }, "u:s"],
    ["one that fails, then one that does not know", { helpers: ["bad", "no"] }, noCredentials],
  ];
  for (const [what, options, expected] of places) {
    it(what, async () => {
      const scripts = { h: good, no: missing, bad: answers("no", 1) };
      assert.equal(await found(image, { scripts, ...options }), expected);
    });
  }

  it("it is asked once for a host", async () => {
    const log = join(temporaryDirectory(), "log");
    const script = `#!/bin/sh\nread -r host; echo "$host" >>${log}\nprintf '{"Username":"u","Secret":"s"}'\n`;
    assert.equal(await found(image, { scripts: { h: script }, helpers: ["h"] }), "u:s");
    assert.equal(readFileSync(log, "utf8"), "host.example.com:5000\n");
  });
});
