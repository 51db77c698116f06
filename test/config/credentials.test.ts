import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import type { Credential } from "../../src/config/credential.ts";
import { openCredentials } from "../../src/config/credentials.ts";
import { askCredentialHelper } from "../../src/host/credential-helper.ts";
import { parseNormalizedNamed } from "../../src/identity/docker-reference.ts";
import type { ConfigProblem } from "../../src/image/access-problem.ts";
import { maxCredentialsFileBytes, maxCredentialsValues, maxHelperOutputBytes } from "../../src/limits.ts";
import type { Result } from "../../src/result.ts";
import { makeFifo, temporaryDirectory } from "../support/temporary.ts";

/** In every secret of these tests, and so in no message. */
const secret = "hunter2";
const base64 = (text: string) => Buffer.from(text).toString("base64");
const entry = (user: string) => ({ auth: base64(`${user}:${secret}`) });
const file = (auths: object, more: object = {}) => JSON.stringify({ auths, ...more });

/** A home, with files in it by their path. */
function home(files: Readonly<Record<string, string>> = {}): string {
  const root = temporaryDirectory();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
    if (content.startsWith("#!")) chmodSync(join(root, name), 0o755);
  }
  return root;
}

async function ask(
  root: string,
  reference: string,
  {
    environment = {},
    ...options
  }: { authFile?: string; credentialHelpers?: readonly string[]; environment?: Record<string, string> } = {},
): Promise<Result<Credential | undefined, ConfigProblem>> {
  const parsed = parseNormalizedNamed(reference);
  assert.ok(parsed.ok);
  // An id that nobody has: there must be no file of that user.
  const credentials = openCredentials({
    ...options,
    environment: { HOME: root, PATH: join(root, "bin"), ...environment },
    userId: 4_000_000_000,
  });
  const found = await credentials.find(parsed.value);
  if (!found.ok) {
    assert.equal(found.problem.code, "config.credentials.invalid");
    assert.ok(!JSON.stringify(found.problem).includes(secret), "a secret in a message");
    for (const part of [secret, `u:${secret}`]) assert.ok(!JSON.stringify(found.problem).includes(base64(part)));
  }
  return found;
}

/** The user name that is found; `undefined` for none. */
async function userOf(...question: Parameters<typeof ask>): Promise<string | undefined> {
  const found = await ask(...question);
  assert.ok(found.ok, JSON.stringify(found));
  if (found.value === undefined) return undefined;
  assert.ok(found.value.kind === "password");
  assert.equal(found.value.password, secret);
  return found.value.username;
}

const auth = ".config/containers/auth.json";

describe("credentials: keys", () => {
  const rows: readonly [auths: object, reference: string, user: string | undefined][] = [
    [{}, "r.example/a", undefined],
    [{ "r.example": entry("u") }, "r.example/a/b:1", "u"],
    [{ "r.example:5000": entry("u") }, "r.example:5000/a", "u"],
    [{ "r.example": entry("u") }, "r.example:5000/a", undefined],
    [{ "r.example:5000": entry("u") }, "r.example/a", undefined],
    [{ "r.example/a/b": entry("ab"), "r.example/a": entry("a"), "r.example": entry("r") }, "r.example/a/b", "ab"],
    [{ "r.example/a/b": entry("ab"), "r.example/a": entry("a"), "r.example": entry("r") }, "r.example/a/c", "a"],
    [{ "r.example/a/b": entry("ab"), "r.example/a": entry("a"), "r.example": entry("r") }, "r.example/ab", "r"],
    [{ "r.example/a:1": entry("u") }, "r.example/a:1", undefined],
    [{ "R.example": entry("u") }, "r.example/a", undefined],
    [{ "r.example/": entry("u") }, "r.example/a", undefined],
    [{ "https://r.example/v1/": entry("u") }, "r.example/a", "u"],
    [{ "http://r.example": entry("u") }, "r.example/a", "u"],
    [{ "http://https://r.example": entry("u") }, "r.example/a", "u"],
    [{ "https://http://r.example": entry("u") }, "r.example/a", undefined],
    [{ "HTTPS://r.example": entry("u") }, "r.example/a", undefined],
    [{ "https://r.example/a": entry("u") }, "r.example/b", "u"],
    [{ "https://r.example": entry("u"), "r.example": entry("r") }, "r.example/a", "r"],
    [{ "https://r.example/v1/": {}, "https://r.example/v2/": entry("u") }, "r.example/a", "u"],
    [{ "docker.io": entry("u") }, "busybox", "u"],
    [{ "docker.io/library": entry("u") }, "busybox", "u"],
    [{ "docker.io/busybox": entry("u") }, "busybox", undefined],
    [{ "https://index.docker.io/v1/": entry("u") }, "busybox", "u"],
    [{ "index.docker.io": entry("u") }, "busybox", "u"],
    [{ "registry-1.docker.io": entry("u") }, "busybox", "u"],
    [{ "r.example/a": {}, "r.example": entry("r") }, "r.example/a", undefined],
    [{ "r.example/a": null, "r.example": entry("r") }, "r.example/a", undefined],
    [{ __proto__: entry("u"), constructor: entry("u") }, "r.example/a", undefined],
  ];
  for (const [auths, reference, user] of rows) {
    it(`${Object.keys(auths)} for ${reference}: ${user}`, async () => {
      assert.equal(await userOf(home({ [auth]: file(auths) }), reference), user);
    });
  }
});

describe("credentials: what an entry says", () => {
  const password = (username: string, password: string) => ({ kind: "password", username, password });
  const token = (username: string, password: string) => ({ kind: "identity-token", token: "t", username, password });
  const rows: readonly [written: string, expected: object | undefined][] = [
    [`{"auth": "${base64("u:p")}"}`, password("u", "p")],
    [`{"auth": "${base64("u:p:q")}"}`, password("u", "p:q")],
    [`{"auth": "${base64(":p")}"}`, password("", "p")],
    [`{"auth": "${base64("u:")}"}`, password("u", "")],
    [`{"auth": "${base64("u:\0\0p\0")}"}`, password("u", "p")],
    [`{"auth": "${base64("u:\0\0")}"}`, password("u", "")],
    [`{"auth": "${base64("ü:\ufeffp")}"}`, password("ü", "\ufeffp")],
    [`{"auth": "${base64("u:p").slice(0, 2)}\\n${base64("u:p").slice(2)}"}`, password("u", "p")],
    [`{"AUTH": "${base64("u:p")}"}`, password("u", "p")],
    [`{"auth": "${base64("u:p")}", "auth": null}`, password("u", "p")],
    [`{"auth": "${base64("u:p")}", "Auth": "${base64("v:q")}"}`, password("v", "q")],
    [`{"auth": "${base64(":")}"}`, undefined],
    [`{"auth": "${base64("no colon")}"}`, undefined],
    [`{"auth": ""}`, undefined],
    ["{}", undefined],
    ["null", undefined],
    [`{"username": "u", "password": "p"}`, undefined],
    [`{"identitytoken": "t"}`, undefined],
    [`{"auth": "${base64("u:")}", "identitytoken": "t"}`, token("u", "")],
    [`{"auth": "${base64(":")}", "identityToken": "t"}`, token("", "")],
    [`{"auth": "${base64("u:p")}", "identitytoken": "t"}`, token("u", "p")],
  ];
  for (const [written, expected] of rows) {
    it(JSON.stringify(written), async () => {
      assert.deepEqual(await ask(home({ [auth]: `{"auths": {"r.example": ${written}}}` }), "r.example/a"), {
        ok: true,
        value: expected,
      });
    });
  }
});

describe("credentials: the first file that knows the registry", () => {
  const files = {
    "run/containers/auth.json": file({ "run.example": entry("run"), "all.example": entry("run") }),
    [auth]: file({ "config.example": entry("config"), "all.example": entry("config") }),
    "xdg/containers/auth.json": file({ "xdg.example": entry("xdg"), "all.example": entry("xdg") }),
    ".docker/config.json": file({ "docker.example": entry("docker"), "all.example": entry("docker") }),
    "docker/config.json": file({ "dir.example": entry("dir"), "all.example": entry("dir") }),
    ".dockercfg": JSON.stringify({
      "https://legacy.example/v1/": entry("legacy"),
      "deep.example/path": entry("deep"),
      "all.example": entry("legacy"),
    }),
    "named.json": file({ "named.example": entry("named") }),
    "other.json": file({ "other.example": entry("other") }),
  };
  const root = home(files);
  const at = (name: string) => join(root, name);
  const rows: readonly [reference: string, options: Parameters<typeof ask>[2], user: string | undefined][] = [
    ["all.example/a", { environment: { XDG_RUNTIME_DIR: at("run") } }, "run"],
    ["all.example/a", {}, "config"],
    ["all.example/a", { environment: { XDG_CONFIG_HOME: at("xdg") } }, "xdg"],
    ["all.example/a", { environment: { XDG_CONFIG_HOME: at("none") } }, "docker"],
    ["all.example/a", { environment: { XDG_CONFIG_HOME: at("none"), DOCKER_CONFIG: at("docker") } }, "dir"],
    ["all.example/a", { environment: { XDG_CONFIG_HOME: at("none"), DOCKER_CONFIG: at("none") } }, "legacy"],
    ["config.example/a", { environment: { XDG_RUNTIME_DIR: at("run"), XDG_CONFIG_HOME: "" } }, "config"],
    ["config.example/a", { environment: { XDG_RUNTIME_DIR: at("none") } }, "config"],
    ["config.example/a", { environment: { XDG_RUNTIME_DIR: "relative-and-missing" } }, "config"],
    ["config.example/a", { environment: { XDG_CONFIG_HOME: at("xdg") } }, undefined],
    ["docker.example/a", {}, "docker"],
    ["docker.example/a", { environment: { DOCKER_CONFIG: at("docker") } }, undefined],
    ["legacy.example/a", {}, "legacy"],
    ["deep.example/a", {}, "deep"],
    ["deep.example/path", {}, "deep"],
    ["named.example/a", { environment: { REGISTRY_AUTH_FILE: at("named.json") } }, "named"],
    ["all.example/a", { environment: { REGISTRY_AUTH_FILE: at("named.json") } }, undefined],
    ["all.example/a", { environment: { REGISTRY_AUTH_FILE: "" } }, "config"],
    ["all.example/a", { environment: { REGISTRY_AUTH_FILE: at("missing.json") } }, undefined],
    ["other.example/a", { authFile: at("other.json"), environment: { REGISTRY_AUTH_FILE: at("named.json") } }, "other"],
    [
      "named.example/a",
      { authFile: at("other.json"), environment: { REGISTRY_AUTH_FILE: at("named.json") } },
      undefined,
    ],
    ["all.example/a", { authFile: at("missing.json") }, undefined],
  ];
  for (const [reference, options, user] of rows) {
    it(`${reference} with ${JSON.stringify(options).replaceAll(root, "")}: ${user}`, async () => {
      assert.equal(await userOf(root, reference, options), user);
    });
  }

  it("an entry without anything in it leaves it to the next file", async () => {
    const both = home({ [auth]: file({ "r.example": {} }), ".docker/config.json": file({ "r.example": entry("u") }) });
    assert.equal(await userOf(both, "r.example/a"), "u");
  });
});

describe("credentials: a file that is reached and cannot be used is a problem, without its content", () => {
  const rows: readonly [content: string, place: { line?: number; column?: number }][] = [
    ["", { line: 1, column: 1 }],
    [`{"auths": {"r.example": {"auth": "${secret}`, { line: 1, column: 34 }],
    [`{"auths":\n {"r.example": ${secret}}}`, { line: 2, column: 16 }],
    [`{"auths": {}} ${secret}`, { line: 1, column: 15 }],
    [`\ufeff{}`, { line: 1, column: 1 }],
    [`[]`, {}],
    [`"${secret}"`, {}],
    [`{"auths": ["${secret}"]}`, {}],
    [`{"auths": {"r.example": "${secret}"}}`, {}],
    [`{"auths": {"other.example": {"auth": 1}}}`, {}],
    [`{"auths": {"other.example": {"identitytoken": ["${secret}"]}}}`, {}],
    [`{"credHelpers": "${secret}"}`, {}],
    [`{"credHelpers": {"other.example": {"${secret}": 1}}}`, {}],
    [`{"auths": {"r.example": {"auth": "${secret}!"}}}`, {}],
    [`{"auths": {"r.example": {"auth": "${base64(`u:${secret}`)}="}}}`, {}],
    [`{"auths": {"https://${secret}@r.example/": {}, "https://r.example/${secret}": {"auth": "!"}}}`, {}],
    [`{"auths": {"r.example": {"auth": "${Buffer.from(`u\xff:${secret}`, "latin1").toString("base64")}"}}}`, {}],
    [" ".repeat(maxCredentialsFileBytes + 1), {}],
    [`[${"0,".repeat(maxCredentialsValues)}0]`, { line: 1, column: 2 * maxCredentialsValues }],
    [`${"[".repeat(10_001)}`, { line: 1, column: 10_001 }],
  ];
  for (const [content, place] of rows) {
    it(JSON.stringify(content.slice(0, 80)), async () => {
      const root = home({ [auth]: content });
      const found = await ask(root, "r.example/a");
      assert.ok(!found.ok);
      const { path, line, column } = found.problem;
      assert.deepEqual(
        { path, line, column },
        { path: join(root, auth), line: undefined, column: undefined, ...place },
      );
    });
  }

  it("a directory, a named pipe, a link that leads nowhere", async () => {
    const root = home();
    mkdirSync(join(root, "directory"));
    makeFifo(join(root, "fifo"));
    symlinkSync("nowhere", join(root, "link"));
    symlinkSync("loop", join(root, "loop"));
    for (const [name, reason] of [
      ["directory", "not a regular file"],
      ["fifo", "not a regular file"],
      ["loop", "too many levels of symbolic links"],
      ["directory/x\0", "not a valid path"],
    ] as const) {
      const found = await ask(root, "r.example/a", { authFile: join(root, name) });
      assert.equal(found.ok ? undefined : found.problem.reason, reason, name);
    }
    assert.equal(await userOf(root, "r.example/a", { authFile: join(root, "link") }), undefined);
  });

  it("one that is not reached is not looked at", async () => {
    const root = home({ [auth]: file({ "r.example": entry("u") }), ".docker/config.json": "broken" });
    assert.equal(await userOf(root, "r.example/a"), "u");
    assert.ok(!(await ask(root, "s.example/a")).ok);
  });

  it("a directory that is named relative to where one stands", async () => {
    for (const name of ["XDG_CONFIG_HOME", "DOCKER_CONFIG", "HOME"]) {
      const found = await ask(home(), "r.example/a", { environment: { [name]: "relative" } });
      assert.equal(found.ok ? undefined : found.problem.reason, "not an absolute path", name);
    }
  });
});

it("credentials: each file is read once", async () => {
  const root = home({ [auth]: file({ "r.example": entry("u") }) });
  const credentials = openCredentials({ environment: { HOME: root }, userId: 4_000_000_000 });
  const parsed = parseNormalizedNamed("r.example/a");
  assert.ok(parsed.ok);
  const first = await credentials.find(parsed.value);
  rmSync(join(root, auth));
  assert.deepEqual(await credentials.find(parsed.value), first);
});

/** A helper that says what it was asked, and keeps count. */
const answering = (json: string) =>
  `#!/bin/sh\nread -r host\necho "$0 $* $host" >>"$HOME/asked"\nprintf '%s' '${json}'\n`;
const saying = (text: string, code: number) => `#!/bin/sh\nprintf '%s' '${text}'\necho "sorry" >&2\nexit ${code}\n`;

describe("credentials: helpers", () => {
  const helpers = {
    "bin/docker-credential-good": answering(JSON.stringify({ ServerURL: "x", Username: "u", Secret: secret })),
    "bin/docker-credential-token": answering(JSON.stringify({ Username: "<token>", Secret: secret })),
    "bin/docker-credential-blank": answering("{}"),
    "bin/docker-credential-none": saying("credentials not found in native keychain\n", 1),
    "bin/docker-credential-failing": saying(`${secret}`, 3),
    "bin/docker-credential-nourl": saying("no credentials server URL", 1),
    "bin/docker-credential-zero": saying("credentials not found in native keychain", 0),
    "bin/docker-credential-garbage": answering(secret),
    "bin/docker-credential-list": answering(`["${secret}"]`),
    "bin/docker-credential-wrong": answering(`{"Username": "u", "Secret": {"${secret}": 1}}`),
    "bin/docker-credential-trailing": answering(`{"username": "u", "SECRET": "${secret}"} and more`),
    "bin/docker-credential-killed": "#!/bin/sh\nkill -9 $$\n",
    "bin/docker-credential-noisy": `#!/bin/sh\ni=0\nwhile [ $i -lt 3000 ]; do echo "a long line of complaint" >&2; i=$((i+1)); done\nexit 1\n`,
    "bin/docker-credential-deaf": answering("").replace("read -r host\n", "exec </dev/null\n"),
    outside: answering(JSON.stringify({ Username: "u", Secret: secret })),
  };
  const good = { kind: "password", username: "u", password: secret };
  const rows: readonly [helper: string, expected: object | undefined | string][] = [
    ["good", good],
    ["token", { kind: "identity-token", token: secret, username: "", password: "" }],
    ["trailing", good],
    ["blank", undefined],
    ["none", undefined],
    ["failing", "it ended with exit code 3"],
    ["nourl", "it ended with exit code 1"],
    ["zero", "what it printed is not JSON"],
    ["garbage", "what it printed is not JSON"],
    ["list", "what it printed is not a user name and a secret"],
    ["wrong", "what it printed is not a user name and a secret"],
    ["deaf", "what it printed is not JSON"],
    ["killed", "it was ended by SIGKILL"],
    ["missing", "there is no such program in PATH"],
    ["", "there is no such program in PATH"],
    ["../../outside", "it is not the name of a program"],
    ["x/../good", "it is not the name of a program"],
    ["good\0", "it is not the name of a program"],
    ["good; touch here", "there is no such program in PATH"],
  ];
  const root = home({ ...helpers, ".config/containers/auth.json": "not reached" });
  for (const [helper, expected] of rows) {
    for (const where of ["registries.conf", "credHelpers"] as const) {
      it(`${JSON.stringify(helper)} of ${where}`, async () => {
        const authFile = join(root, "named.json");
        writeFileSync(
          authFile,
          file({ "r.example:5000": entry("other") }, { credHelpers: { "r.example:5000": helper } }),
        );
        const options = where === "credHelpers" ? { authFile } : { credentialHelpers: [helper] };
        const found = await ask(root, "r.example:5000/a/b", options);
        if (typeof expected === "string") {
          assert.ok(!found.ok);
          assert.deepEqual([found.problem.path, found.problem.reason], [`docker-credential-${helper}`, expected]);
        } else assert.deepEqual(found, { ok: true, value: expected });
      });
    }
  }

  it("gets `get` and the host alone, once for each registry", async () => {
    const root = home(helpers);
    const credentials = openCredentials({
      credentialHelpers: ["good"],
      environment: { HOME: root, PATH: join(root, "bin") },
      userId: 4_000_000_000,
    });
    const references = ["r.example:5000/a", "r.example:5000/b/c:1", "r.example/a", "busybox"].map((text) => {
      const parsed = parseNormalizedNamed(text);
      assert.ok(parsed.ok);
      return parsed.value;
    });
    await Promise.all(references.map((reference) => credentials.find(reference)));
    const asked = readFileSync(join(root, "asked"), "utf8").trimEnd().split("\n").sort();
    const program = join(root, "bin", "docker-credential-good");
    assert.deepEqual(
      asked,
      ["docker.io", "r.example", "r.example:5000"].map((host) => `${program} get ${host}`),
    );
  });

  it("credHelpers is by host only, and one that knows nothing leaves it to the next file", async () => {
    const root = home({
      ...helpers,
      [auth]: file({ "r.example/a": entry("a") }, { credHelpers: { "r.example": "none", "s.example/a": "good" } }),
      ".docker/config.json": file({ "r.example": entry("docker") }),
    });
    assert.equal(await userOf(root, "r.example/a"), "docker");
    assert.equal(await userOf(root, "s.example/a"), undefined);
  });

  it("those of registries.conf in order; what fails counts only if none knows", async () => {
    const root = home({ ...helpers, [auth]: file({ "r.example": entry("file") }) });
    const of = (...credentialHelpers: readonly string[]) => ask(root, "r.example/a", { credentialHelpers });
    const user = async (...names: readonly string[]) => {
      const found = await of(...names);
      return found.ok && found.value?.kind === "password" ? found.value.username : found;
    };
    assert.equal(await user(), "file");
    assert.equal(await user("containers-auth.json"), "file");
    assert.equal(await user("good", "containers-auth.json"), "u");
    assert.equal(await user("none", "containers-auth.json"), "file");
    assert.equal(await user("missing", "failing", "containers-auth.json"), "file");
    assert.deepEqual(await user("none"), { ok: true, value: undefined });
    const failed = await of("none", "missing", "failing", "blank");
    assert.equal(failed.ok ? undefined : failed.problem.path, "docker-credential-missing");
  });

  it("what is found and is not UTF-8 ends the search: nobody is somebody else then", async () => {
    const auth = Buffer.from(`u\xff:${secret}`, "latin1").toString("base64");
    const root = home({ ...helpers, ".config/containers/auth.json": file({ "r.example": { auth } }) });
    for (const credentialHelpers of [
      ["containers-auth.json", "good"],
      ["missing", "containers-auth.json"],
    ]) {
      const found = await ask(root, "r.example/a", { credentialHelpers });
      assert.match(found.ok ? "" : found.problem.reason, /not UTF-8/);
    }
  });

  it("what it says on its standard error is not told", async () => {
    const found = await ask(root, "r.example/a", { credentialHelpers: ["noisy"] });
    assert.ok(!found.ok);
    assert.ok(found.problem.reason.length < 1200);
    assert.match(found.problem.reason, /^it ended with exit code 1$/);
  });
});

describe("askCredentialHelper", () => {
  const at = (root: string, ...directories: readonly string[]) => ({
    environment: { PATH: directories.map((name) => join(root, name)).join(":") },
  });
  const script = "#!/bin/sh\nprintf found\n";
  const outcome = async (...question: Parameters<typeof askCredentialHelper>) => {
    const found = await askCredentialHelper(...question);
    return found.ok ? Buffer.from(found.value.output).toString() : found.problem;
  };

  it("passes over a directory and a file that is not executable", async () => {
    const root = home({ "plain/docker-credential-x": "text", "bin/docker-credential-x": script });
    mkdirSync(join(root, "dir/docker-credential-x"), { recursive: true });
    assert.equal(await outcome("x", "r", at(root, "dir", "plain", "missing", "bin")), "found");
  });

  it("does not run one that is found where one stands, nor another behind it", async () => {
    const root = home({ "bin/docker-credential-x": script });
    const here = process.cwd();
    process.chdir(join(root, "bin"));
    try {
      for (const path of [".", "", "../bin"]) {
        const environment = { PATH: `${join(root, "none")}:${path}:${join(root, "bin")}` };
        assert.match(await outcome("x", "r", { environment }), /not run from there/, path);
      }
      assert.match(await outcome("x", "r", { environment: {} }), /no such program/);
      assert.match(await outcome("x", "r", { environment: { PATH: "" } }), /no such program/);
    } finally {
      process.chdir(here);
    }
  });

  it("a program that cannot be run", async () => {
    const root = home({ "bin/docker-credential-x": "#!/nowhere/at/all\n" });
    assert.equal(await outcome("x", "r", at(root, "bin")), "it cannot be run: no such file or directory");
  });

  it("does not wait longer than it is told, even for what the helper left behind", async () => {
    const root = home({
      "bin/docker-credential-slow": "#!/bin/sh\nexec /bin/sleep 100\n",
      "bin/docker-credential-parent": "#!/bin/sh\n/bin/sleep 5 &\nprintf x\n",
    });
    const started = performance.now();
    for (const name of ["slow", "parent"]) {
      assert.equal(
        await outcome(name, "r", { ...at(root, "bin"), maxSeconds: 0.3 }),
        "it did not answer within 0.3 seconds",
      );
    }
    assert.ok(performance.now() - started < 4000);
  });

  it("blocks nobody meanwhile", async () => {
    const root = home({ "bin/docker-credential-slow": "#!/bin/sh\n/bin/sleep 0.5\nprintf x\n" });
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 10);
    await Promise.all([1, 2, 3].map(() => askCredentialHelper("slow", "r", at(root, "bin"))));
    clearInterval(timer);
    assert.ok(turns > 5);
  });

  it("gives up one that prints without end", async () => {
    const root = home({ "bin/docker-credential-x": "#!/bin/sh\nwhile :; do printf '%01000d' 0; done\n" });
    assert.equal(await outcome("x", "r", at(root, "bin")), `it printed more than ${maxHelperOutputBytes} bytes`);
  });
});
