import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { batch as batchCommand } from "../../../../src/cli/commands/batch/batch.ts";
import { exitCodeOf } from "../../../../src/codes.ts";
import { maxRequestLineBytes } from "../../../../src/limits.ts";
import { fixtures } from "../../../support/images.ts";
import { acceptAnything, rejectEverything } from "../../../support/policies.ts";
import { forms, type Runtime, runtimes, sealcheck } from "../../../support/run.ts";
import { fixturePolicyFile, temporaryDirectory } from "../../../support/temporary.ts";

const identity = "registry.example.com/vendor/app:1.0";
const source = join(fixtures, "images", "sigstore-key-tag");
const keyPolicy = fixturePolicyFile("sigstore-key.json");
const accepted = { identity, source, policy: acceptAnything };
const rejected = { identity, source, policy: rejectEverything };
const base64 = (name: string): string => readFileSync(join(source, name)).toString("base64");

function batch(runtime: Runtime, requests: readonly unknown[], ...args: string[]) {
  const input = requests
    .map((request) => `${typeof request === "string" ? request : JSON.stringify(request)}\n`)
    .join("");
  const { code, stdout, stderr } = sealcheck(runtime, ["batch", ...args], { input, env: { HOME: "/nonexistent" } });
  const lines = stdout.split("\n");
  assert.equal(lines.pop(), "", "the last line is whole");
  return { code, stderr, verdicts: lines.map((line) => JSON.parse(line)) };
}

const rows: readonly { what: string; request: unknown; code: string }[] = [
  { what: "a source", request: { identity, source, policy: keyPolicy }, code: "accepted" },
  {
    what: "a source with its transport",
    request: { identity, source: `dir:${source}`, policy: keyPolicy },
    code: "accepted",
  },
  {
    what: "the bytes",
    request: { identity, manifest: base64("manifest.json"), signatures: [base64("signature-1")], policy: keyPolicy },
    code: "accepted",
  },
  {
    what: "the bytes without signature",
    request: { identity, manifest: base64("manifest.json"), signatures: [], policy: keyPolicy },
    code: "requirement.signature.missing",
  },
  {
    what: "a broken signature",
    request: { identity, manifest: base64("manifest.json"), signatures: ["YQ=="], policy: keyPolicy },
    code: "image.signature.format",
  },
  {
    what: "a broken signature that nobody looks at",
    request: { identity, manifest: "", signatures: ["YQ=="], policy: acceptAnything },
    code: "accepted",
  },
  {
    what: "the text of a policy",
    request: { identity, source, policyText: readFileSync(keyPolicy, "utf8") },
    code: "accepted",
  },
  { what: "an empty policy", request: { identity, source, policyText: "" }, code: "policy.json.syntax" },
  { what: "a signature asked for", request: { ...accepted, requireSigned: true }, code: "requirement.signed.missing" },
  {
    what: "a policy that is not there",
    request: { identity, source, policy: "/nonexistent" },
    code: "policy.unreadable",
  },
  {
    what: "a source that is not there",
    request: { ...accepted, source: "/nonexistent" },
    code: "image.source.unreadable",
  },
  { what: "a registry", request: { ...accepted, source: `docker://${identity}` }, code: "usage.source.registry" },
  { what: "a bad identity", request: { ...accepted, identity: "UPPER" }, code: "identity.reference.invalid" },
  { what: "an unknown field", request: { ...accepted, requireSignatures: true }, code: "usage.request.malformed" },
  { what: "a byte order mark", request: `\ufeff${JSON.stringify(accepted)}`, code: "usage.request.malformed" },
  { what: "no JSON", request: "{", code: "usage.request.malformed" },
  { what: "a line that is too long", request: "x".repeat(maxRequestLineBytes + 1), code: "usage.request.malformed" },
  { what: "after all that, a source", request: accepted, code: "accepted" },
];

const endings: readonly { requests: readonly unknown[]; exitCode: number; why: string }[] = [
  { requests: [], exitCode: 2, why: "no request at all" },
  { requests: ["", " \t\r"], exitCode: 2, why: "blank lines are no requests" },
  { requests: ["", accepted, "\r"], exitCode: 0, why: "nor do they count beside one" },
  { requests: [accepted, accepted], exitCode: 0, why: "all accepted" },
  { requests: [accepted, rejected, accepted], exitCode: 1, why: "all judged" },
  { requests: [accepted, "{", rejected], exitCode: 2, why: "one malformed" },
  { requests: ["{", { ...accepted, policy: "/nonexistent" }], exitCode: 3, why: "the highest" },
  {
    requests: [{ ...accepted, source: "/nonexistent" }, { ...accepted, policy: "/nonexistent" }, rejected],
    exitCode: 4,
    why: "the highest",
  },
];

for (const runtime of forms) {
  describe(`batch (${runtime.name})`, () => {
    for (const jobs of ["1", "3"]) {
      it(`judges each line by itself, in order, with ${jobs} jobs`, () => {
        const named = rows.map(({ what, request }) =>
          typeof request === "string" ? request : { id: what, ...(request as object) },
        );
        const { verdicts } = batch(runtime, named, "--jobs", jobs);
        assert.deepEqual(
          verdicts.map(({ id, code }) => ({ id, code })),
          rows.map(({ what, request, code }) => ({ id: typeof request === "string" ? undefined : what, code })),
        );
      });

      it(`keeps the order of many lines with ${jobs} jobs`, () => {
        const requests = Array.from({ length: 1500 }, (_, index) => ({
          id: `${index}`,
          ...(index % 7 === 0 ? rejected : accepted),
        }));
        const { code, verdicts } = batch(runtime, requests, "--jobs", jobs);
        assert.equal(code, 1);
        assert.deepEqual(
          verdicts.map(({ id, outcome }) => ({ id, outcome })),
          requests.map(({ id }, index) => ({ id, outcome: index % 7 === 0 ? "rejected" : "accepted" })),
        );
      });
    }

    for (const { requests, exitCode, why } of endings) {
      it(`ends with ${exitCode}: ${why}`, () => assert.equal(batch(runtime, requests).code, exitCode));
    }

    it("judges by --policy, and with --require-signed, what does not say otherwise", () => {
      const { verdicts } = batch(
        runtime,
        [{ identity, source }, accepted, { ...accepted, requireSigned: false }],
        "--policy",
        keyPolicy,
        "--require-signed",
      );
      assert.deepEqual(
        verdicts.map(({ code }) => code),
        ["accepted", "requirement.signed.missing", "requirement.signed.missing"],
      );
    });

    it("forgets policies that were not used for long, and reads them again", () => {
      const place = temporaryDirectory();
      const requests = Array.from({ length: 60 }, (_, index) => {
        const policy = join(place, `${index % 20}.json`);
        writeFileSync(policy, readFileSync(index % 2 === 0 ? acceptAnything : rejectEverything));
        return { identity, source, policy };
      });
      const { verdicts } = batch(runtime, requests);
      assert.deepEqual(
        verdicts.map(({ outcome }) => outcome),
        requests.map((_, index) => (index % 2 === 0 ? "accepted" : "rejected")),
      );
    });

    it("takes a last line without newline", () => {
      const { code, stdout } = sealcheck(runtime, ["batch"], { input: JSON.stringify(accepted) });
      assert.equal(code, 0);
      assert.equal(JSON.parse(stdout).outcome, "accepted");
    });

    it("answers each line as it comes, and ends at an interruption after a whole line", async () => {
      const [file = "", ...words] = runtime.command;
      for (const jobs of ["1", "2"]) {
        const child = spawn(file, [...words, "batch", "--jobs", jobs], { env: {}, stdio: ["pipe", "pipe", "inherit"] });
        let output = "";
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
          output += text;
        });
        child.stdin.write(`${JSON.stringify(accepted)}\n`);
        await once(child.stdout, "data");
        child.stdin.write(`${JSON.stringify(rejected)}\n{"identity":`);
        await once(child.stdout, "data");
        child.kill("SIGINT");
        const [code] = await once(child, "close");
        assert.equal(code, 130);
        const outcomes = output
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line).outcome);
        assert.deepEqual(outcomes, ["accepted", "rejected"]);
      }
    });

    it("leaves whole lines behind when it is interrupted at work", async () => {
      const [file = "", ...words] = runtime.command;
      for (const jobs of ["1", "2"]) {
        const child = spawn(file, [...words, "batch", "--jobs", jobs], { env: {}, stdio: ["pipe", "pipe", "inherit"] });
        child.stdin.on("error", () => {});
        child.stdin.write(`${JSON.stringify(accepted)}\n`.repeat(50_000));
        let output = "";
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
          output += text;
        });
        await once(child.stdout, "data");
        child.kill("SIGINT");
        const [code] = await once(child, "close");
        assert.equal(code, 130);
        const lines = output.split("\n");
        assert.equal(lines.pop(), "");
        assert.ok(lines.length < 50_000);
        for (const line of lines) assert.equal(JSON.parse(line).outcome, "accepted");
      }
    });

    it("ends quietly when nobody reads on", () => {
      const requests = join(temporaryDirectory(), "requests");
      writeFileSync(requests, `${JSON.stringify(accepted)}\n`.repeat(2000));
      for (const jobs of ["1", "2"]) {
        const shell = `{ "$@" <${requests}; echo $? >&2; } | head -n 1 >/dev/null`;
        assert.equal(sealcheck(runtime, ["batch", "--jobs", jobs], { shell }).stderr, "2\n");
      }
    });

    for (const shell of ['exec "$@" <&-', 'exec "$@" </dev/null', 'printf " \\r\\n\\n" | "$@"']) {
      it(`says that there was no request: ${shell}`, () => {
        const { code, stdout, stderr } = sealcheck(runtime, ["batch"], { shell });
        assert.deepEqual([code, stdout], [exitCodeOf("usage.input.empty"), ""]);
        assert.match(stderr, /^sealcheck: Standard input had no request, .*--allow-empty/);
        const allowed = sealcheck(runtime, ["batch", "--allow-empty"], { shell });
        assert.deepEqual(allowed, { code: 0, stdout: "", stderr: "" });
      });
    }

    it("says why in one line, whatever the outcome", () => {
      const { verdicts } = batch(runtime, [{ identity, source, policy: keyPolicy }, rejected, "{", "\ufeff{}"]);
      const reasons = verdicts.map(({ reason }) => reason);
      for (const reason of reasons) assert.match(reason, /^[^\n]*[^.\n]$/);
      assert.match(reasons[0], /^signature-1: signed by the key in /);
      assert.match(reasons[1], /, its default, rejects every image$/);
      assert.match(reasons[2], /^This line is not a request: not JSON/);
      assert.match(reasons[3], /byte order mark \(BOM\)/);
    });

    it("does not take a directory for an empty list", () => {
      const { code, stdout } = sealcheck(runtime, ["batch"], { shell: 'exec "$@" </' });
      assert.equal(code, 2);
      assert.equal(JSON.parse(stdout).code, "usage.request.malformed");
    });

    it("makes no files", () => {
      const cwd = temporaryDirectory();
      sealcheck(runtime, ["batch"], { cwd, input: JSON.stringify(accepted) });
      assert.deepEqual(readdirSync(cwd), []);
    });
  });
}

describe("batch on a terminal", () => {
  for (const isTerminal of [true, false]) {
    it(`${isTerminal ? "says" : "does not say"} what it waits for`, async () => {
      let said = "";
      const sink = (take: (text: string) => void) => ({
        failure: undefined,
        isTerminal: async () => false,
        write: async (text: string) => {
          take(text);
          return true;
        },
      });
      const code = await batchCommand(
        { "allow-empty": true },
        {
          stdin: async function* () {},
          stdinIsTerminal: async () => isTerminal,
          stdout: sink(() => assert.fail("nothing was asked")),
          stderr: sink((text) => {
            said += text;
          }),
          environment: {},
          now: () => 0,
          onInterrupt: () => {},
          onTermination: () => {},
          startThread: () => assert.fail("one thread is enough"),
          processId: 0,
          serveCalls: () => assert.fail("nothing is served"),
          serveImageProxy: () => assert.fail("nothing is served"),
        },
      );
      assert.equal(code, 0);
      assert.equal(/waiting for requests/.test(said), isTerminal);
    });
  }
});

describe("a policy that changes while batch runs", () => {
  const path = join(temporaryDirectory(), "policy.json");
  const other = (n: number) => join(dirname(path), `${n}.json`);
  const permissive = readFileSync(acceptAnything);
  const strict = readFileSync(rejectEverything);

  /** Gives lines, and after the first verdict does something before it gives the others. */
  async function run(
    args: readonly string[],
    lines: readonly object[],
    change: () => void,
  ): Promise<readonly string[]> {
    const [, executable] = runtimes;
    const [program = "", ...own] = executable.command;
    const child = spawn(program, [...own, "batch", ...args], { env: {}, stdio: ["pipe", "pipe", "inherit"] });
    const [first, ...rest] = lines.map((line) => `${JSON.stringify(line)}\n`);
    let output = "";
    child.stdin.write(first);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (output === "") {
        change();
        child.stdin.end(rest.join(""));
      }
      output += text;
    });
    await once(child, "close");
    return output
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).code);
  }

  for (const jobs of ["1", "2", "4"]) {
    it(`counts as it was first read, with ${jobs} jobs`, async () => {
      writeFileSync(path, strict);
      const lines = Array.from({ length: 500 }, () => ({ identity, source }));
      const codes = await run(["--jobs", jobs, "--policy", path], lines, () => writeFileSync(path, permissive));
      assert.deepEqual(new Set(codes), new Set(["requirement.reject"]));
      assert.equal(codes.length, 500);
    });
  }

  it("or is refused where so many others came between that it has to be read again", async () => {
    writeFileSync(path, strict);
    for (let n = 0; n < 16; n += 1) writeFileSync(other(n), strict);
    const own = { identity, source, policy: path };
    const between = Array.from({ length: 16 }, (_, n) => ({ identity, source, policy: other(n) }));
    const codes = await run(["--jobs=1"], [own, own, ...between, own], () => writeFileSync(path, permissive));
    assert.deepEqual(codes, [...Array(18).fill("requirement.reject"), "policy.unreadable"]);
  });
});
