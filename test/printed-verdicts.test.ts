import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { codes } from "../src/codes.ts";
import { quote } from "../src/words/quote.ts";
import { fixtures } from "./support/images.ts";
import { type Runtime, runtimes, sealcheck } from "./support/run.ts";
import { fixturePolicyFile } from "./support/temporary.ts";
import { isDocumentedVerdict } from "./support/verdict-schema.ts";

const cases: readonly { source: string; identity: string; policy: string }[] = JSON.parse(
  readFileSync(join(fixtures, "cases.json"), "utf8"),
);
const requests = cases.map(({ source, identity, policy }, index) => ({
  id: `${index}`,
  identity: identity.replaceAll("@FIXTURES@", fixtures),
  source: join(fixtures, source),
  policy: fixturePolicyFile(policy.replace(/^policies\//, "")),
}));

function isPublished(line: string): void {
  const verdict: { code: keyof typeof codes; exitCode: number; message: string; reason: string } = JSON.parse(line);
  assert.ok(isDocumentedVerdict(verdict), `${JSON.stringify(isDocumentedVerdict.errors)} in ${line}`);
  assert.equal(codes[verdict.code].exitCode, verdict.exitCode);
  assert.match(verdict.reason, /^[^\p{Cf}\p{Cc}]+$/u);
  assert.match(verdict.message, /^[^\p{Cf}\p{Cc}]+(?:\n[^\p{Cf}\p{Cc}]+)*$/u);
}

/** Command lines that print JSON, with the exit code expected. */
function commandLines(): readonly { readonly args: readonly string[]; readonly code: number }[] {
  const image = join(fixtures, "images/gpg-release-oci");
  const policy = fixturePolicyFile("rhel-like.json");
  const verify = ["verify-installable", "--format=json", `--policy=${policy}`, "--identity"];
  const app = "registry.example.com/vendor/app:1.0";
  const keys = `--public-key-file=${join(fixtures, "keys/gpg/release-rsa4096.gpg")}`;
  const standalone = ["standalone-verify", "--format=json", "--exit-codes=detailed", keys, `${image}/manifest.json`];
  return [
    { args: [...verify, app, image], code: 0 },
    { args: [...verify, app, join(fixtures, "images/gpg-unknown-key")], code: 1 },
    { args: [...verify, app, `docker://${app}`], code: 2 },
    { args: [...verify, app, "docker-daemon:somewhere:1"], code: 2 },
    { args: [...verify, app, "/nowhere\u{1b}[2J\n\u{202e}"], code: 4 },
    { args: [...verify, "\u{1b}]0;title\u{7}", image], code: 2 },
    { args: [...verify, app, image, "superfluous"], code: 2 },
    { args: [...verify, app, "--manifest-out=/nowhere/file", image], code: 2 },
    { args: ["verify-installable", "--format=json", "--identity", app, "--policy=/nowhere", image], code: 3 },
    { args: [...standalone, app, "any", `${image}/signature-1`], code: 0 },
    { args: [...standalone, app, "0".repeat(40), `${image}/signature-1`], code: 1 },
    { args: [...standalone, app, "\u{1b}[2J", "/nowhere"], code: 2 },
    { args: [...standalone, "\u{202e}", "any", "/nowhere"], code: 2 },
    { args: [...standalone, app, "any", "/nowhere\u{9b}2J"], code: 4 },
  ];
}

for (const runtime of runtimes)
  describe(`what is printed as JSON is as published (${runtime.name})`, () => printed(runtime));

function printed(runtime: Runtime): void {
  it("every line of a batch over the recorded cases", () => {
    const input = [...requests.map((request) => JSON.stringify(request)), "not JSON", "{}", ""].join("\n");
    const lines = sealcheck(runtime, ["batch"], { input }).stdout.trimEnd().split("\n");
    assert.equal(lines.length, requests.length + 2);
    lines.forEach(isPublished);
  });

  for (const { args, code } of commandLines()) {
    it(`exit code ${code}: ${quote(args.join(" ").replaceAll(fixtures, ""))}`, () => {
      const outcome = sealcheck(runtime, args);
      assert.equal(outcome.code, code, outcome.stderr);
      assert.match(outcome.stdout, /^[^\n]+\n$/);
      isPublished(outcome.stdout);
    });
  }
}
