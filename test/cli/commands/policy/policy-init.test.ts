import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { commandTable, optionTable } from "../../../../src/cli/arguments/table.ts";
import { presetPolicy } from "../../../../src/inspect/presets.ts";
import { parsePolicy } from "../../../../src/policy/parse-policy.ts";
import { lacks } from "../../../support/gpg.ts";
import { fixtures } from "../../../support/images.ts";
import { forms, type Outcome, type Runtime, sealcheck } from "../../../support/run.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const place = temporaryDirectory();
const noRegistries = ["--registries.d", place];
const key = (path: string) => join(fixtures, "keys", path);
const presets = optionTable.preset.takes.choices;

describe("the presets", () => {
  for (const name of presets) {
    it(`${name} is a valid policy for Red Hat's registries`, () => {
      const policy = parsePolicy(Buffer.from(presetPolicy(name)), {});
      assert.ok(policy.ok, JSON.stringify(policy));
      assert.deepEqual(
        [...(policy.value.transports.get("docker")?.keys() ?? [])],
        ["registry.access.redhat.com", "registry.redhat.io"],
      );
      assert.deepEqual(policy.value.default, [{ type: "insecureAcceptAnything" }]);
    });
  }

  it("fedora asks for sigstore signatures with an entry in the log", () => {
    const { transports } = JSON.parse(presetPolicy("fedora"));
    for (const requirements of Object.values(transports.docker)) {
      assert.deepEqual(requirements, [
        {
          type: "sigstoreSigned",
          keyPath: "/etc/pki/sigstore/SIGSTORE-redhat-release3",
          rekorPublicKeyPath: "/etc/pki/sigstore/REKOR-signing-key",
        },
      ]);
    }
  });
});

/** Runs `policy init` on a terminal, and presses these keys when it asks. */
function onTerminal(runtime: Runtime, args: readonly string[], answers: readonly string[]): Promise<Outcome> {
  const command = [...runtime.command, "policy", "init", ...noRegistries, ...args].map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["-qec", command, "/dev/null"], { env: { HOME: place, TERM: "dumb" } });
  let stdout = "";
  let answered = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    // A question ends in ": " and the cursor waits behind it.
    const asked = stdout.split(/\(registry\.example\.com\/vendor\): |signs them: /).length - 1;
    while (answered < asked && answered < answers.length) child.stdin.write(answers[answered++] ?? "");
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr: "" })));
}

for (const runtime of forms) {
  const run = (...args: readonly string[]): Outcome =>
    sealcheck(runtime, ["policy", "init", ...noRegistries, ...args], { env: { HOME: place } });

  describe(`policy init on a terminal (${runtime.name})`, { skip: lacks("script") }, () => {
    const bug = /bug|internal|Abort|report/i;

    it("Ctrl-C is no bug", async () => {
      const { code, stdout } = await onTerminal(runtime, [], ["\u0003"]);
      assert.match(stdout, /Interrupted; nothing was written\./);
      assert.doesNotMatch(stdout, bug);
      assert.equal(code, 130);
    });

    it("Ctrl-C at the second question is none either", async () => {
      const { code, stdout } = await onTerminal(runtime, [], ["registry.example.com\r", "\u0003"]);
      assert.match(stdout, /Interrupted; nothing was written\./);
      assert.equal(code, 130);
    });

    it("Ctrl-D leaves the answer missing", async () => {
      const { code, stdout } = await onTerminal(runtime, [], ["\u0004"]);
      assert.match(stdout, /--registry is missing/);
      assert.doesNotMatch(stdout, bug);
      assert.equal(code, 2);
    });

    it("takes the answers", async () => {
      const answers = ["registry.example.com\r", `${key("gpg/release-rsa4096.gpg")}\r`];
      const { code, stdout } = await onTerminal(runtime, [], answers);
      assert.match(stdout, /"registry\.example\.com": \[/);
      assert.equal(code, 0);
    });
  });

  describe(`policy init (${runtime.name})`, () => {
    it("does without answers where nobody can give any", () => {
      const { code, stderr } = run();
      assert.match(stderr, /--registry is missing/);
      assert.equal(code, 2);
    });

    it("refuses presets together with what they say already", () => {
      for (const [option, value] of [
        ["registry", "a.example"],
        ["key", "/k"],
        ["key-type", "gpg"],
      ]) {
        const { code, stderr } = run("--preset=fedora", `--${option}=${value}`);
        assert.match(stderr, new RegExp(`--${option} and --preset do not go together`));
        assert.equal(code, 2);
      }
    });

    it("refuses other presets, and says which there are", () => {
      const { code, stderr } = run("--preset=debian");
      assert.match(stderr, /--preset is fedora or rhel9, and not "debian"/);
      assert.equal(code, 2);
    });

    it("gives a preset without its keys only to who insists", { skip: existsSync("/etc/pki/sigstore") }, () => {
      const refused = run("--preset=fedora");
      assert.match(refused.stderr, /policy\.trust\.unreadable[\s\S]*Nothing was written[\s\S]*--force/);
      assert.deepEqual([refused.code, refused.stdout], [3, ""]);
      const forced = run("--preset=fedora", "--force");
      assert.deepEqual([forced.code, forced.stdout], [0, presetPolicy("fedora")]);
    });

    const wanted = ["--registry=registry.example.com", `--key=${key("gpg/release-rsa4096.gpg")}`];
    const hopeless: readonly { why: string; args: readonly string[]; says: RegExp }[] = [
      {
        why: "a registry that no image is of",
        args: ["--registry=busybox", wanted[1] ?? ""],
        says: /scope\.never-matches/,
      },
      { why: "a URL", args: ["--registry=https://a.example", wanted[1] ?? ""], says: /scope\.never-matches/ },
      { why: "a revoked key", args: [wanted[0] ?? "", `--key=${key("gpg/revoked.gpg")}`], says: /no-usable-key/ },
      { why: "a missing key", args: [wanted[0] ?? "", "--key=/nowhere.gpg"], says: /trust\.unreadable/ },
      {
        why: "a key of the other kind",
        args: [wanted[0] ?? "", `--key=${key("sigstore/release.pub")}`],
        says: /is a public key in PEM, such as cosign\.pub, not an OpenPGP keyring/,
      },
    ];
    for (const { why, args, says } of hopeless) {
      it(`refuses ${why}, unless told to`, () => {
        const path = join(temporaryDirectory(), "policy.json");
        const refused = run(...args, "--output", path);
        assert.match(refused.stderr.replaceAll(/\s+/g, " "), says);
        assert.match(refused.stderr, /Nothing was written/);
        assert.equal(refused.code, 3);
        assert.ok(!existsSync(path));
        assert.equal(run(...args, "--output", path, "--force").code, 0);
        assert.ok(JSON.parse(readFileSync(path, "utf8")).transports.docker);
      });
    }
  });

  describe(`the other policy commands (${runtime.name})`, () => {
    const command = (...args: readonly string[]): Outcome => sealcheck(runtime, args, { env: { HOME: place } });
    const broken = join(place, "broken.json");
    writeFileSync(broken, "{");
    const failing: readonly (readonly string[])[] = [
      ["policy", "check", "/nowhere.json"],
      ["policy", "explain", "a.example/b:1", "--policy=/nowhere.json"],
      ["policy", "explain", "a.example/b:1", "--policy", broken],
      ["policy", "explain", "nosuchtransport:x", "--policy", broken],
      ["policy", "show", "--policy", broken],
      ["policy", "diff", broken, broken, "--identities=-"],
    ];
    for (const args of failing) {
      it(`${args.join(" ").replace(place, "")}: says what is wrong, and nothing of an image`, () => {
        for (const format of ["text", "json"]) {
          const outcome = sealcheck(runtime, [...args, `--format=${format}`], {
            env: { HOME: place },
            ...(args.includes("--identities=-") ? { input: "a.example/b:1\n" } : {}),
          });
          assert.doesNotMatch(`${outcome.stdout}${outcome.stderr}`, /Not verified/);
          assert.match(
            format === "text" ? outcome.stderr : outcome.stdout,
            format === "text" ? /^sealcheck: ./ : /"message"/,
          );
          assert.ok(outcome.code === 2 || outcome.code === 3);
        }
      });
    }

    const shapes: readonly { args: readonly string[]; code: string; exit: number }[] = [
      { args: ["/nowhere.json"], code: "policy.unreadable", exit: 3 },
      { args: ["--policy=A", "B"], code: "usage.option.combination", exit: 2 },
      { args: ["--nosuch"], code: "usage.option.unknown", exit: 2 },
      { args: [broken], code: "policy.json.syntax", exit: 3 },
    ];
    for (const { args, code, exit } of shapes) {
      it(`policy check --format=json ${args.join(" ").replace(place, "")} keeps its shape`, () => {
        const outcome = command("policy", "check", "--format=json", ...noRegistries, ...args);
        const document = JSON.parse(outcome.stdout);
        assert.deepEqual(Object.keys(document), [
          "version",
          "policy",
          "exitCode",
          "errors",
          "warnings",
          "notes",
          "findings",
        ]);
        assert.equal(document.findings[0].code, code);
        const fields = ["code", "severity", "file", "line", "column", "path", "message", "advice"];
        assert.deepEqual(Object.keys(document.findings[0]), fields);
        assert.deepEqual([outcome.code, document.exitCode, document.errors], [exit, exit, 1]);
      });
    }

    it("policy check refuses two policies", () => {
      const { code, stderr } = command("policy", "check", "--policy=A", "B");
      assert.match(stderr, /--policy and FILE name the same thing/);
      assert.equal(code, 2);
    });

    it("policy check and explain tell of files that every user can change, and of relative paths", () => {
      const cwd = temporaryDirectory();
      const open = join(cwd, "open.gpg");
      writeFileSync(open, readFileSync(key("gpg/release-rsa4096.gpg")), { mode: 0o666 });
      chmodSync(open, 0o666);
      const policy = { default: [{ type: "signedBy", keyType: "GPGKeys", keyPath: "open.gpg" }] };
      writeFileSync(join(cwd, "p.json"), JSON.stringify(policy));
      const here = sealcheck(runtime, ["policy", "check", ...noRegistries, "p.json"], { cwd });
      assert.match(here.stdout, /\[lint\.file\.writable\]/);
      assert.match(here.stdout, /Relative paths begin at the directory/);
      assert.doesNotMatch(here.stdout, /relative-path/);
      const elsewhere = sealcheck(runtime, ["policy", "check", ...noRegistries, join(cwd, "p.json")], { cwd });
      assert.match(elsewhere.stdout, /\[lint\.key\.relative-path\]/);
      const explained = sealcheck(runtime, ["policy", "explain", "a.example/b:1", "--policy=p.json"], { cwd });
      assert.match(explained.stdout, /Every user of this machine can change that file/);
    });

    it("help lists what a command uses, and the rest in one paragraph", () => {
      for (const [name, { options, globals }] of Object.entries(commandTable)) {
        const { stdout } = command(...name.split(" "), "--help");
        const listed = [...stdout.matchAll(/^ {2}(?:-[a-z], )?--([a-z.-]+)/gm)].map(([, option]) => option);
        assert.deepEqual(listed, [...options, ...globals], name);
        assert.match(stdout, /\nOther options of skopeo and sealcheck are taken here too, without effect:/);
      }
    });
  });
}
