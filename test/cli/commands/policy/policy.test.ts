import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fixtures } from "../../../support/images.ts";
import { forms, type Outcome, sealcheck } from "../../../support/run.ts";
import { fixturePolicyFile, temporaryDirectory } from "../../../support/temporary.ts";

const place = temporaryDirectory();
function file(name: string, content: string | object): string {
  const path = join(place, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content, undefined, 2));
  return path;
}

const gpgKey = join(fixtures, "keys/gpg/release-rsa4096.gpg");
const signedBy = { type: "signedBy", keyType: "GPGKeys", keyPath: gpgKey };
const sigstore = { type: "sigstoreSigned", keyPath: join(fixtures, "keys/sigstore/release.pub") };
const reject = [{ type: "reject" }];
const good = file("good.json", { default: reject, transports: { docker: { "registry.example.com": [signedBy] } } });
const warned = file("warned.json", { default: reject, transports: { docker: { busybox: [signedBy] } } });
const broken = file("broken.json", '{\n  "default": [{"type": "reject"},]\n}\n');
const keyless = file("keyless.json", { default: [{ ...signedBy, keyPath: "/nowhere.gpg" }] });
const matched = { signedIdentity: { type: "matchRepository" } };
const attached = file("attached.json", {
  default: reject,
  transports: { docker: { "registry.example.com": [{ ...sigstore, ...matched }] } },
});
const images = file("images", `# comment\n\nregistry.example.com/app:1.0\nother.example/app:1\n`);
const registries = join(place, "registries.d");
mkdirSync(registries);
writeFileSync(
  join(registries, "a.yaml"),
  "docker:\n  registry.example.com:\n    lookaside: https://sigs.example.com\n",
);
const empty = join(place, "empty.d");
mkdirSync(empty);
const elsewhere = ["--registries.d", empty];

for (const runtime of forms) {
  const run = (...args: readonly string[]): Outcome => sealcheck(runtime, args, { env: { HOME: place } });

  describe(`policy check (${runtime.name})`, () => {
    const rows: readonly { args: readonly string[]; code: number; says: RegExp }[] = [
      { args: [good], code: 0, says: /nothing to report/ },
      { args: ["--policy", good], code: 0, says: /nothing to report/ },
      { args: [good, "--strict"], code: 0, says: /nothing to report/ },
      { args: [warned], code: 0, says: /^\S+warned\.json:9:7: warning: .*\[lint\.scope\.never-matches\]/ },
      { args: [warned, "--strict"], code: 1, says: /Next: write "docker\.io\/library\/busybox"\./ },
      {
        args: [broken],
        code: 3,
        says: /^\S+broken\.json:2:34: error: \[policy\.json\.syntax\]\n.*\n +2 \| .*\n +\| {34}\^\n/,
      },
      { args: [broken], code: 3, says: /remove the comma before it\./ },
      { args: [keyless], code: 3, says: /\[policy\.trust\.unreadable\]/ },
      { args: [keyless, "--strict"], code: 3, says: /1 error, / },
    ];
    for (const { args, code, says } of rows) {
      it(`${args.map((arg) => arg.replace(place, "")).join(" ")}: ${says.source}`, () => {
        const outcome = run("policy", "check", ...elsewhere, ...args);
        assert.match(outcome.stdout, says);
        assert.equal(outcome.code, code, outcome.stderr);
      });
    }

    it("looks into registries.d", () => {
      const outcome = run("--registries.d", registries, "policy", "check", attached, "--format=json");
      const { findings, warnings } = JSON.parse(outcome.stdout);
      assert.deepEqual(
        findings.map(({ code, severity, line }: Record<string, unknown>) => [code, severity, line]),
        [["lint.registries.no-attachments", "warning", 9]],
      );
      assert.equal(warnings, 1);
      assert.equal(outcome.code, 0);
    });

    it("says so where there is no policy", () => {
      const outcome = run("policy", "check", join(place, "none.json"));
      assert.equal(outcome.code, 3);
      assert.match(outcome.stderr, /cannot be read/);
    });

    it("escapes what a policy brings to a terminal", () => {
      const hostile = file("hostile.json", {
        default: reject,
        transports: { docker: { "\u001b[2J\u202e/x ": reject } },
      });
      for (const format of ["text", "json"]) {
        const { stdout, stderr } = run("policy", "check", ...elsewhere, hostile, `--format=${format}`);
        assert.match(stdout, /never-matches/);
        for (const character of ["\u001b", "\u202e"]) assert.ok(!`${stdout}${stderr}`.includes(character));
      }
    });
  });

  describe(`policy explain (${runtime.name})`, () => {
    it("names the scope, the keys and what is needed", () => {
      const { code, stdout } = run("policy", "explain", "registry.example.com/app:1.0", "--policy", good);
      assert.equal(code, 0);
      assert.match(
        stdout,
        /scope docker "registry\.example\.com", decides about docker:\/\/registry\.example\.com\/app:1\.0/,
      );
      assert.match(stdout, /D20A 9D88 224A DAF5 CBFF 7896 3ED8 CDB9 2085 8415/);
      assert.match(stdout, /made for\s+registry\.example\.com\/app:1\.0\./);
    });

    it("prints JSON", () => {
      const args = ["policy", "explain", "registry.example.com/app:1.0", "--policy", good, "--format", "json"];
      const document = JSON.parse(run(...args).stdout);
      assert.equal(document.policy.scope, "registry.example.com");
      assert.equal(document.possible, true);
      assert.equal(document.requirements[0].materials[0].keys[0].usable, true);
    });

    it("refuses what is no identity, and a broken policy", () => {
      assert.equal(run("policy", "explain", "nosuchtransport:x", "--policy", good).code, 2);
      assert.equal(run("policy", "explain", "registry.example.com/app", "--policy", broken).code, 3);
    });
  });

  describe(`policy diff (${runtime.name})`, () => {
    const rows: readonly { args: readonly string[]; code: number; says: RegExp }[] = [
      { args: [good, good], code: 0, says: /No difference for 2 images\./ },
      {
        args: [good, warned],
        code: 1,
        says: /registry\.example\.com\/app:1\.0: another scope.*[\s\S]*Different for 1 of 2/,
      },
      { args: [good, broken], code: 3, says: /^$/ },
    ];
    for (const { args, code, says } of rows) {
      it(`${args.map((arg) => arg.replace(place, "")).join(" ")}: ${code}`, () => {
        const outcome = run("policy", "diff", ...args, "--identities", images);
        assert.match(outcome.stdout, says);
        assert.equal(outcome.code, code, outcome.stderr);
      });
    }

    it("reads standard input, and prints JSON", () => {
      const args = ["policy", "diff", good, warned, "--identities=-", "--format=json"];
      const outcome = sealcheck(runtime, args, { input: "registry.example.com/app:1\n" });
      const { differences, compared } = JSON.parse(outcome.stdout);
      assert.equal(compared, 1);
      assert.equal(differences[0].identity, "docker://registry.example.com/app:1");
      assert.equal(outcome.code, 1);
    });

    for (const list of [join(place, "none"), file("blank", "\n# nothing\n")]) {
      it(`refuses ${list.replace(place, "")}`, () => {
        const outcome = run("policy", "diff", good, good, "--identities", list);
        assert.equal(outcome.code, 2);
        assert.match(outcome.stderr, /--identities/);
      });
    }
  });

  describe(`policy show (${runtime.name})`, () => {
    it("prints a table", () => {
      const { code, stdout } = run("policy", "show", "--registries.d", registries, "--policy", good);
      assert.equal(code, 0);
      const cells = stdout.split("\n").map((line) => line.split(/ {2,}/));
      assert.deepEqual(cells.slice(0, 2), [
        ["TRANSPORT", "NAME", "TYPE", "ID", "UNTIL", "STORE"],
        ["all", "default", "reject"],
      ]);
      const [transport, name, type, id, store] = cells[2] ?? [];
      const row = [
        "docker",
        "registry.example.com",
        "signedBy",
        "release@vendor.example.com",
        "https://sigs.example.com",
      ];
      assert.deepEqual([transport, name, type, id, store], row);
    });

    it("prints JSON of every policy of test/fixtures that is valid", () => {
      for (const name of ["rhel-like.json", "fulcio.json", "pki-email.json", "sigstore-missing-key.json"]) {
        const outcome = run("policy", "show", "--format=json", "--policy", fixturePolicyFile(name));
        assert.ok(JSON.parse(outcome.stdout).requirements.length > 0);
        assert.equal(outcome.code, 0);
      }
    });
  });

  describe(`policy init (${runtime.name})`, () => {
    const wanted = ["--registry", "registry.example.com", "--key", gpgKey];

    it("prints a policy that is sound", () => {
      const { code, stdout, stderr } = run("policy", "init", ...elsewhere, ...wanted);
      assert.equal(code, 0);
      assert.equal(stderr, "");
      assert.deepEqual(JSON.parse(stdout), JSON.parse(readFileSync(good, "utf8")));
    });

    it("writes one for a sigstore key, and does not replace it unless told to", () => {
      const path = join(temporaryDirectory(), "policy.json");
      const args = ["--registry=registry.example.com", "--key-type=sigstore", "--key", sigstore.keyPath, "-o", path];
      assert.equal(run("policy", "init", ...elsewhere, ...args).code, 0);
      assert.deepEqual(JSON.parse(readFileSync(path, "utf8")), JSON.parse(readFileSync(attached, "utf8")));
      writeFileSync(path, "kept");
      const again = run("policy", "init", ...elsewhere, ...args);
      assert.equal(again.code, 2);
      assert.match(again.stderr, /--force/);
      assert.equal(readFileSync(path, "utf8"), "kept");
      assert.equal(run("policy", "init", ...elsewhere, ...args, "--force").code, 0);
      assert.notEqual(readFileSync(path, "utf8"), "kept");
    });

    const refused: readonly { args: readonly string[]; code: number; says: RegExp }[] = [
      { args: [], code: 2, says: /--registry is missing/ },
      { args: ["--registry=a.example"], code: 2, says: /--key is missing/ },
      { args: ["--registry=a.example", "--key=key.gpg"], code: 2, says: /absolute/ },
      { args: ["--registry=a.example", "--key=/nowhere.gpg"], code: 3, says: /policy\.trust\.unreadable/ },
      {
        args: ["--registry=a.example", "--key-type=sigstore", "--key", gpgKey],
        code: 3,
        says: /policy\.trust\.invalid/,
      },
    ];
    for (const { args, code, says } of refused) {
      it(`refuses ${args.map((arg) => arg.replace(fixtures, "")).join(" ")}`, () => {
        const path = join(temporaryDirectory(), "policy.json");
        const outcome = run("policy", "init", ...elsewhere, ...args, "--output", path);
        assert.equal(outcome.code, code);
        assert.match(outcome.stderr, says);
        assert.ok(!existsSync(path));
      });
    }
  });

  describe(`policy (${runtime.name})`, () => {
    it("lists its commands with --help", () => {
      const { code, stdout } = run("policy", "--help");
      assert.equal(code, 0);
      for (const command of ["check", "explain", "diff", "show", "init"])
        assert.match(stdout, new RegExp(`policy ${command}\n`));
    });
  });
}
