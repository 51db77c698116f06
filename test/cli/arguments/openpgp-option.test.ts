import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openPgpOf } from "../../../src/cli/arguments/openpgp-option.ts";
import { parseArguments } from "../../../src/cli/arguments/parse-arguments.ts";
import { fixtures } from "../../support/images.ts";
import { developer, forms, type Runtime, sealcheck } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { isDocumentedVerdict } from "../../support/verdict-schema.ts";

const identity = "registry.example.com/vendor/app:1.0";
const image = (name: string) => join(fixtures, "images", name);
const key = (name: string) => join(fixtures, "keys", "gpg", name);
const policies = temporaryDirectory();

/** A policy that asks for a signature by the key of this name. */
function keyPolicy(name: string): string {
  const path = join(policies, `${name}.json`);
  const requirement = { type: "signedBy", keyType: "GPGKeys", keyPath: key(`${name}.gpg`) };
  writeFileSync(path, JSON.stringify({ default: [requirement] }));
  return path;
}

describe("--openpgp", () => {
  const takes: readonly { value: string | undefined; asks: readonly string[] }[] = [
    { value: undefined, asks: ["gnupg", "go", "sequoia"] },
    { value: "all", asks: ["gnupg", "go", "sequoia"] },
    { value: "gnupg", asks: ["gnupg"] },
    { value: "go", asks: ["go"] },
    { value: "sequoia", asks: ["sequoia"] },
    { value: "sequoia,gnupg", asks: ["gnupg", "sequoia"] },
    { value: "go,sequoia,gnupg", asks: ["gnupg", "go", "sequoia"] },
    { value: "go,go", asks: ["go"] },
    // Not less than all: what is named twice over is asked.
    { value: "all,go", asks: ["gnupg", "go", "sequoia"] },
  ];
  for (const { value, asks } of takes) {
    it(`${value ?? "not given"}: asks ${asks.join()}`, () => {
      const option = value === undefined ? [] : [`--openpgp=${value}`];
      const parsed = parseArguments(["verify-installable", "--identity=REF", ...option, "DIR"]).invocation;
      assert.ok(parsed.ok && parsed.value.kind === "run", JSON.stringify(parsed));
      assert.deepEqual(openPgpOf(parsed.value.options), asks);
    });
  }

  const refuses: readonly { args: readonly string[]; code: string; why: string }[] = [
    { args: ["--openpgp="], code: "usage.option.value", why: "nobody would be asked" },
    { args: ["--openpgp=,"], code: "usage.option.value", why: "nor here" },
    { args: ["--openpgp=go,"], code: "usage.option.value", why: "an empty name" },
    { args: ["--openpgp=gpgme"], code: "usage.option.value", why: "no such name" },
    { args: ["--openpgp=GnuPG"], code: "usage.option.value", why: "names are lower-case" },
    { args: ["--openpgp=go, gnupg"], code: "usage.option.value", why: "a blank in it" },
    { args: ["--openpgp=none"], code: "usage.option.value", why: "there is no way around all of them" },
    { args: ["--openpgp=go,toString"], code: "usage.option.value", why: "what every object has is no name" },
    { args: ["--openpgp", "--format=json"], code: "usage.option.value", why: "its value was forgotten" },
    { args: ["--openpgp=go", "--openpgp=go"], code: "usage.option.repeated", why: "twice, even the same" },
    { args: ["--openpgp=sequoia", "--openpgp=all"], code: "usage.option.repeated", why: "which one counts?" },
  ];
  const commands: readonly { command: string; operands: readonly string[] }[] = [
    { command: "verify-installable", operands: ["--identity=REF", "DIR"] },
    { command: "batch", operands: [] },
    { command: "standalone-verify", operands: ["MANIFEST", "REF", "any", "SIGNATURE"] },
  ];
  for (const { command, operands } of commands) {
    for (const { args, code, why } of refuses) {
      it(`${command} ${args.join(" ")}: ${why}`, () => {
        const parsed = parseArguments([command, ...args, ...operands]).invocation;
        assert.equal(parsed.ok ? "accepted" : parsed.problem.code, code);
      });
    }
  }

  const others = ["--openpgp=go verify-installable --identity=REF DIR", "policy check --openpgp=go F", "--openpgp=go"];
  for (const line of others) {
    it(`is an option of commands that judge, behind them: ${line}`, () => {
      const parsed = parseArguments(line.split(" ")).invocation;
      assert.equal(parsed.ok ? "accepted" : parsed.problem.code, "usage.option.unknown");
    });
  }
});

/** Who accepts: an image, the key that the policy names, and what each back end says of it. */
const rows = [
  { image: "gpg-release-oci", key: "release-rsa4096", gnupg: "accepted", go: "accepted", sequoia: "accepted" },
  {
    image: "gpg-payload-sha1",
    key: "release-rsa4096",
    gnupg: "accepted",
    go: "accepted",
    sequoia: "signature.hash.weak",
  },
  { image: "gpg-rsa1024", key: "rsa1024", gnupg: "accepted", go: "accepted", sequoia: "signature.key.weak" },
  {
    image: "gpg-expired-key",
    key: "expired",
    gnupg: "signature.key.expired",
    go: "signature.key.expired",
    sequoia: "accepted",
  },
] as const;

interface Document {
  readonly outcome: string;
  readonly code: string;
  readonly message: string;
  readonly requirements: readonly {
    readonly signatures: readonly {
      readonly accepted: boolean;
      readonly code: string;
      readonly backEnds: readonly { readonly name: string; readonly accepted: boolean; readonly code?: string }[];
    }[];
  }[];
}

const names = ["gnupg", "go", "sequoia"] as const;
const lists: readonly (readonly (typeof names)[number][])[] = [
  ["gnupg"],
  ["go"],
  ["sequoia"],
  ["gnupg", "go"],
  ["gnupg", "sequoia"],
  ["gnupg", "go", "sequoia"],
];

/** What must come out: accepted exactly if each that was asked accepts, and what each says. */
function check(printed: string, row: (typeof rows)[number], asked: readonly (typeof names)[number][]): void {
  const document: Document = JSON.parse(printed);
  assert.ok(isDocumentedVerdict(document), JSON.stringify(isDocumentedVerdict.errors));
  const expected = asked.map((name) => ({
    name,
    accepted: row[name] === "accepted",
    code: row[name] === "accepted" ? undefined : row[name],
  }));
  const [signature] = document.requirements[0]?.signatures ?? [];
  const said = signature?.backEnds.map(({ name, accepted, code }) => ({ name, accepted, code }));
  assert.deepEqual(said, expected);
  assert.equal(
    document.outcome,
    expected.every(({ accepted }) => accepted) ? "accepted" : "rejected",
    document.message,
  );
}

for (const runtime of forms) {
  describe(`--openpgp decides who is asked (${runtime.name})`, () => {
    for (const asked of lists) {
      it(`batch --openpgp=${asked.join()}, for all of its requests`, () => {
        const requests = rows.map((row) => ({ identity, source: image(row.image), policy: keyPolicy(row.key) }));
        const { stdout, code } = batch(runtime, [`--openpgp=${asked.join()}`], requests);
        const lines = stdout.trimEnd().split("\n");
        assert.equal(lines.length, rows.length);
        for (const [index, row] of rows.entries()) check(lines[index] ?? "", row, asked);
        assert.equal(code, 1);
      });
    }

    for (const row of rows) {
      for (const asked of [["sequoia"], ["gnupg", "go"]] as const) {
        it(`verify-installable and standalone-verify, ${asked.join()}: ${row.image}`, () => {
          const option = `--openpgp=${asked.join()}`;
          const policyFile = keyPolicy(row.key);
          const verify = ["verify-installable", option, "--format=json", `--policy=${policyFile}`];
          check(sealcheck(runtime, [...verify, `--identity=${identity}`, image(row.image)]).stdout, row, asked);
          const files = [
            join(image(row.image), "manifest.json"),
            identity,
            "any",
            join(image(row.image), "signature-1"),
          ];
          const alone = ["standalone-verify", option, "--format=json", `--public-key-file=${key(`${row.key}.gpg`)}`];
          check(sealcheck(runtime, [...alone, ...files]).stdout, row, asked);
        });
      }
    }

    it("standalone-verify by policy asks them too", () => {
      const args = ["standalone-verify", "--openpgp=sequoia", "--system-signature-policy", "--format=json"];
      const directory = image("gpg-payload-sha1");
      const operands = [join(directory, "manifest.json"), identity];
      const policyFile = keyPolicy("release-rsa4096");
      const run = sealcheck(runtime, [
        ...args,
        `--policy=${policyFile}`,
        `--load-signatures-from=${directory}`,
        ...operands,
      ]);
      check(run.stdout, rows[1], ["sequoia"]);
      assert.equal(run.code, 1);
    });

    const fields = ["openpgp", "openPgp", "backEnds", "--openpgp"];
    it("no request can ask for less: such a field is unknown", () => {
      const requests = fields.map((field) => ({
        identity,
        source: image("gpg-payload-sha1"),
        policy: keyPolicy("release-rsa4096"),
        [field]: "gnupg",
      }));
      const { stdout, code } = batch(runtime, [], requests);
      const said = stdout
        .trimEnd()
        .split("\n")
        .map((line): string => JSON.parse(line).code);
      assert.deepEqual(
        said,
        fields.map(() => "usage.request.malformed"),
      );
      assert.equal(code, 2);
    });
  });
}

function batch(runtime: Runtime, options: readonly string[], requests: readonly object[]) {
  const input = requests.map((request) => `${JSON.stringify(request)}\n`).join("");
  return sealcheck(runtime, ["batch", ...options], { input, env: developer });
}
