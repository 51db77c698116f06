import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { gnupgHome, gpg, lacks } from "../../../support/gpg.ts";
import { fixtures } from "../../../support/images.ts";
import { forms, type Surroundings, sealcheck } from "../../../support/run.ts";
import { fixturePolicyFile, makeFifo, temporaryDirectory } from "../../../support/temporary.ts";

const app = "registry.example.com/vendor/app:1.0";
const digest = "sha256:592aa109c62bb091ff31e8a5aadf98312f7e20e59355df6485245ddbee36e6c2";
const release = "D20A9D88224ADAF5CBFF78963ED8CDB920858415";
const unrelated = "19D9C11A6FFA22E5CF1AC70F4C2B153C75399714";
const subkeyPrimary = "75ED208B03CC0440D8FFF20A24FB5CF8B777A8EB";
const subkey = "0986CEBA1076DDF17586B271B1796E09551222BF";
const verified = (fingerprint: string) => `Signature verified using fingerprint ${fingerprint}, digest ${digest}\n`;

const image = (name: string) => join(fixtures, "images", name);
const manifest = (name: string) => join(image(name), "manifest.json");
const signature = (name: string) => join(image(name), "signature-1");
const keyFile = (name: string) => join(fixtures, "keys", "gpg", name);

interface Row {
  readonly why: string;
  readonly image?: string;
  readonly reference?: string;
  readonly fingerprints?: string;
  readonly keys?: string;
  /** Of the JSON document. */
  readonly code: string;
  /** The code of the signature, if it was looked at. */
  readonly signature?: string;
  /** With --exit-codes=detailed. */
  readonly exit: number;
  readonly fingerprint?: string;
}

const notAccepted = { code: "requirement.signature.not-accepted", exit: 1 } as const;
const accepted = { code: "accepted", exit: 0, signature: "signature.accepted" } as const;
const keyring = "keyring-unrelated-and-release.gpg";

/** Verdicts of the reference: signature/docker.go, with skopeo's handling of the arguments. */
const rows: readonly Row[] = [
  { why: "as it should be", ...accepted, fingerprint: release },
  { why: "an armoured keyring", keys: "release-rsa4096.asc", ...accepted, fingerprint: release },
  { why: "any key of the file", fingerprints: "any", keys: keyring, ...accepted, fingerprint: release },
  { why: "one of several", fingerprints: `${unrelated},${release}`, keys: keyring, ...accepted, fingerprint: release },
  { why: "an empty fingerprint among them", fingerprints: `${release},`, ...accepted, fingerprint: release },
  { why: "nonsense among them", fingerprints: `any,x,${release}`, ...accepted, fingerprint: release },
  {
    why: "any is no key beside others",
    fingerprints: `any,${unrelated}`,
    ...notAccepted,
    signature: "signature.key.not-listed",
  },
  {
    why: "a key of the file that is not listed",
    fingerprints: unrelated,
    keys: keyring,
    ...notAccepted,
    signature: "signature.key.not-listed",
  },
  { why: "a key that is not in the file", keys: "unrelated.gpg", ...notAccepted, signature: "signature.key.unknown" },
  {
    why: "not even with any",
    fingerprints: "any",
    keys: "unrelated.gpg",
    ...notAccepted,
    signature: "signature.key.unknown",
  },
  { why: "in lower case", fingerprints: release.toLowerCase(), ...accepted, fingerprint: release },
  {
    why: "as verdicts print it",
    fingerprints: release.replaceAll(/(.{4})(?=.)/g, "$1 "),
    ...accepted,
    fingerprint: release,
  },
  { why: "as gpg prints it, with 0x", fingerprints: ` 0x${release}, x`, ...accepted, fingerprint: release },
  { why: "nor does a key ID", fingerprints: release.slice(-16), code: "usage.argument.value", exit: 2 },
  {
    why: "another tag",
    reference: "registry.example.com/vendor/app:1.1",
    ...notAccepted,
    signature: "signature.identity.mismatch",
  },
  {
    why: "no tag is added",
    reference: "registry.example.com/vendor/app",
    ...notAccepted,
    signature: "signature.identity.mismatch",
  },
  {
    why: "a digest more than was signed",
    reference: `${app}@${digest}`,
    ...notAccepted,
    signature: "signature.identity.mismatch",
  },
  { why: "no reference", reference: "UPPER/case", code: "identity.reference.invalid", exit: 2 },
  { why: "no scheme is taken", reference: `docker://${app}`, code: "identity.reference.invalid", exit: 2 },
  {
    why: "a name alone, signed as such",
    image: "gpg-payload-reference-without-tag",
    reference: "registry.example.com/vendor/app",
    ...accepted,
    fingerprint: release,
  },
  {
    why: "another manifest",
    image: "gpg-tampered-manifest",
    ...notAccepted,
    signature: "signature.digest.mismatch",
  },
  { why: "a bit flipped", image: "gpg-signature-bit-flipped", ...notAccepted, signature: "signature.invalid" },
  { why: "not OpenPGP", image: "sigstore-key-tag", ...notAccepted, signature: "signature.openpgp.malformed" },
  {
    why: "a format prefix is not taken off",
    image: "gpg-signature-explicit-format",
    ...notAccepted,
    signature: "signature.openpgp.malformed",
  },
  {
    why: "by a subkey, the primary key listed",
    image: "gpg-subkey",
    fingerprints: subkeyPrimary,
    keys: "subkey.gpg",
    ...accepted,
    fingerprint: subkeyPrimary,
  },
  {
    why: "by a subkey, any",
    image: "gpg-subkey",
    fingerprints: "any",
    keys: "subkey.gpg",
    ...accepted,
    fingerprint: subkeyPrimary,
  },
  {
    why: "by a subkey, both listed",
    image: "gpg-subkey",
    fingerprints: `${subkey},${subkeyPrimary}`,
    keys: "subkey.gpg",
    ...accepted,
    fingerprint: subkey,
  },
  {
    why: "by a subkey, only that listed: go-crypto does not know it by that",
    image: "gpg-subkey",
    fingerprints: subkey,
    keys: "subkey.gpg",
    ...notAccepted,
    signature: "signature.key.not-listed",
  },
  {
    why: "an expired key",
    image: "gpg-expired-key",
    fingerprints: "any",
    keys: "expired.gpg",
    ...notAccepted,
    signature: "signature.key.expired",
  },
  { why: "no keys in the file", keys: "empty-keyring.gpg", code: "policy.trust.empty", exit: 3 },
  { why: "no keyring", keys: "garbage-keyring.gpg", code: "policy.trust.invalid", exit: 3 },
  { why: "no file", keys: "nothing.gpg", code: "policy.trust.unreadable", exit: 3 },
  { why: "no manifest", image: "nothing", code: "image.file.unreadable", exit: 4 },
];

function operands(row: Pick<Row, "image" | "reference" | "fingerprints" | "keys">): readonly string[] {
  const name = row.image ?? "gpg-release-oci";
  const keys = row.keys ?? "release-rsa4096.gpg";
  return [
    `--public-key-file=${keyFile(keys)}`,
    ...[manifest(name), row.reference ?? app, row.fingerprints ?? release, signature(name)],
  ];
}

for (const runtime of forms) {
  const run = (args: readonly string[], surroundings: Surroundings = {}) =>
    sealcheck(runtime, ["standalone-verify", ...args], surroundings);

  describe(`standalone-verify with a key file (${runtime.name})`, () => {
    for (const row of rows) {
      it(row.why, () => {
        const text = run(operands(row));
        assert.equal(text.code, row.exit === 0 ? 0 : 1, text.stderr);
        assert.equal(text.stdout, row.fingerprint === undefined ? "" : verified(row.fingerprint));
        assert.match(text.stderr, row.exit === 0 ? /^$/ : /./);

        const json = run(["--format=json", "--exit-codes=detailed", ...operands(row)]);
        const document = JSON.parse(json.stdout);
        assert.deepEqual([document.code, document.exitCode, json.code], [row.code, row.exit, row.exit]);
        const codes = document.requirements.flatMap((requirement: { signatures: { code: string }[] }) =>
          requirement.signatures.map(({ code }) => code),
        );
        assert.deepEqual(codes, row.signature === undefined ? [] : [row.signature]);
        assert.equal(run(["--format=json", ...operands(row)]).code, row.exit === 0 ? 0 : 1);
      });
    }

    it("takes pipes and standard input, and hands over what was verified", () => {
      const place = temporaryDirectory();
      const input = readFileSync(manifest("gpg-release-oci"));
      for (const path of ["-", "/dev/stdin"]) {
        const args = [...operands({}), "--digest-file=digest", "--manifest-out=manifest"].map((word) =>
          word === manifest("gpg-release-oci") ? path : word,
        );
        assert.equal(run(args, { cwd: place, input, shell: '/bin/cat | "$@"' }).stdout, verified(release));
        assert.equal(readFileSync(join(place, "digest"), "utf8"), `${digest}\n`);
        assert.deepEqual(readFileSync(join(place, "manifest")), input);
      }
      const pipes = ["keys", "manifest.json", "signature"].map((name) => join(place, `${name}.pipe`));
      pipes.forEach(makeFifo);
      const [keys = "", manifestPipe = "", signaturePipe = ""] = pipes;
      const feed = [
        `cat '${keyFile("release-rsa4096.gpg")}' >'${keys}' &`,
        `cat '${manifest("gpg-release-oci")}' >'${manifestPipe}' &`,
        `cat '${signature("gpg-release-oci")}' >'${signaturePipe}' &`,
      ].join(" ");
      const piped = run([`--public-key-file=${keys}`, manifestPipe, app, "any", signaturePipe], {
        shell: `${feed} exec "$@"`,
        env: { PATH: "/usr/bin:/bin" },
      });
      assert.equal(piped.stdout, verified(release), piped.stderr);
    });

    it("bounds what it reads", () => {
      const endless = run(["--exit-codes=detailed", "/dev/zero", app, release, signature("gpg-release-oci")]);
      assert.equal(endless.code, 4);
      const keys = ["--exit-codes=detailed", "--public-key-file=/dev/zero", ...operands({}).slice(1)];
      assert.equal(run(keys).code, 3);
      const stream = run(["-", app, release, signature("gpg-release-oci")], { shell: 'exec "$@" </dev/zero' });
      assert.match(stream.stderr, /larger than 4 MiB/);
    });

    it("says nothing with --quiet, and each step with --debug", () => {
      assert.deepEqual(run(["-q", ...operands({})]), { code: 0, stdout: "", stderr: "" });
      assert.deepEqual(run(["-q", ...operands({ keys: "unrelated.gpg" })]), { code: 1, stdout: "", stderr: "" });
      const debug = run(["--debug", ...operands({})]);
      assert.equal(debug.stdout, verified(release));
      assert.match(debug.stderr, /release-rsa4096.gpg: \d+ bytes[\s\S]*verdict: accepted/);
    });

    it("tells who signed if that is not listed, and which fingerprint to give", () => {
      const other = run(operands({ fingerprints: unrelated, keys: keyring }));
      assert.match(
        other.stderr,
        /made by key D20A 9D88 [\s\S]*not among the given\s+fingerprints\nNext: [\s\S]*D20A9D88/,
      );
      const wrong = run(operands({ image: "gpg-subkey", fingerprints: subkey, keys: "subkey.gpg" }));
      assert.match(wrong.stderr, /\nNext: Give the fingerprint of the primary key, 75ED208B/);
    });
  });

  describe(`standalone-verify with the user's keyring (${runtime.name})`, { skip: lacks("gpg") }, () => {
    const ofImage = (name: string, fingerprints: string) => [manifest(name), app, fingerprints, signature(name)];
    const codeOf = (args: readonly string[], env: Record<string, string>) =>
      JSON.parse(run(["--format=json", ...args], { env }).stdout);

    it("finds the key there", () => {
      const { env } = gnupgHome("gpg/release-rsa4096.gpg", "gpg/unrelated.gpg", "gpg/subkey.gpg");
      const found = run(ofImage("gpg-release-oci", `${unrelated},${release}`), { env });
      assert.deepEqual(found, { code: 0, stdout: verified(release), stderr: "" });
      assert.equal(run(ofImage("gpg-subkey", subkeyPrimary), { env }).stdout, verified(subkeyPrimary));
      const other = codeOf(ofImage("gpg-release-oci", unrelated), env);
      assert.equal(other.requirements[0].signatures[0].code, "signature.key.not-listed");
      const none = codeOf(ofImage("gpg-release-oci", "0".repeat(40)), env);
      assert.equal(none.requirements[0].signatures[0].code, "signature.key.not-listed");
      const missing = codeOf(ofImage("gpg-unsigned-literal", "0".repeat(40)), env);
      assert.equal(missing.code, "policy.trust.empty");
    });

    it("refuses a key that the user never trusts, as the reference does", () => {
      const { env, path } = gnupgHome("gpg/release-rsa4096.gpg");
      writeFileSync(join(path, "gpg.conf"), "trust-model direct\n");
      assert.equal(codeOf(ofImage("gpg-release-oci", release), env).code, "accepted");
      gpg(env, ["--import-ownertrust"], `${release}:3:\n`);
      assert.equal(codeOf(ofImage("gpg-release-oci", release), env).code, "policy.trust.empty");
    });

    it("exports keys whole, whatever gpg.conf says", () => {
      const { env, path } = gnupgHome("gpg/revoked.gpg");
      writeFileSync(join(path, "gpg.conf"), "armor\nexport-options export-minimal,export-clean\n");
      const revoked = codeOf(ofImage("gpg-revoked-key", "2E0C53B512AECA034F80406B907A0D0C4D636A60"), env);
      assert.equal(revoked.requirements[0].signatures[0].code, "signature.key.revoked");
    });

    it("takes no option for a fingerprint, and runs no shell", () => {
      const { env } = gnupgHome("gpg/release-rsa4096.gpg");
      const place = temporaryDirectory();
      for (const fingerprints of [`--output=${place}/x,${release}`, `;touch ${place}/x;,${release}`]) {
        const args = ["--", ...ofImage("gpg-release-oci", fingerprints)];
        assert.equal(run(args, { env, cwd: place }).code, 0);
        assert.ok(!existsSync(join(place, "x")));
      }
    });

    it("any is for key files only", () => {
      const { stderr, code } = run(ofImage("gpg-release-oci", "any"));
      assert.equal(code, 1);
      assert.match(stderr, /can be any only with --public-key-file/);
    });
  });

  it(`standalone-verify says that gpg is missing (${runtime.name})`, () => {
    const { stdout } = run(["--format=json", manifest("gpg-release-oci"), app, release, signature("gpg-release-oci")], {
      env: { PATH: temporaryDirectory() },
    });
    const { code, message } = JSON.parse(stdout);
    assert.equal(code, "policy.trust.unreadable");
    assert.match(message, /no gpg/);
  });

  describe(`standalone-verify --system-signature-policy (${runtime.name})`, () => {
    const policy = fixturePolicyFile("rhel-like.json");
    const judge = (directory: string, more: readonly string[] = [], surroundings: Surroundings = {}) =>
      run(
        [
          "--system-signature-policy",
          `--load-signatures-from=${directory}`,
          `--policy=${policy}`,
          ...more,
          manifest("gpg-release-oci"),
          app,
        ],
        surroundings,
      );

    for (const name of [
      "gpg-release-oci",
      "gpg-unknown-key",
      "gpg-garbage-then-valid",
      "dir-version-garbage",
      "unsigned",
    ]) {
      it(`has the verdict and exit code of verify-installable: ${name}`, () => {
        const place = temporaryDirectory();
        cpSync(image(name), place, { recursive: true });
        cpSync(manifest("gpg-release-oci"), join(place, "manifest.json"));
        const judged = judge(place, ["--format=json"]);
        const args = ["verify-installable", "--format=json", `--policy=${policy}`, "--identity", app, place];
        // Where the signatures were found is all that differs.
        const elsewhere = judged.stdout
          .replace('"signaturesFrom":"directory"', '"signaturesFrom":"files"')
          .replace(`\\nSignatures: from ${place}`, "");
        assert.deepEqual({ ...judged, stdout: elsewhere }, sealcheck(runtime, args));
      });
    }

    it("takes the options of verify-installable, and the manifest from standard input", () => {
      const place = temporaryDirectory();
      const from = image("gpg-release-oci");
      const args = ["--system-signature-policy", "--load-signatures-from", from, "--digest-file=digest", "-", app];
      const input = readFileSync(manifest("gpg-release-oci"));
      const judged = sealcheck(runtime, ["--policy", policy, "standalone-verify", ...args], { cwd: place, input });
      assert.match(judged.stdout, /^Accepted: /);
      assert.equal(readFileSync(join(place, "digest"), "utf8"), `${digest}\n`);
      assert.equal(judge(image("unsigned"), ["--require-signed", "-q"]).code, 1);
    });

    it("needs no manifest in the directory, and reads it as carefully", () => {
      const place = temporaryDirectory();
      assert.equal(judge(place).code, 1);
      cpSync(signature("gpg-release-oci"), join(place, "signature-1"));
      assert.equal(judge(place).code, 0);
      const linked = temporaryDirectory();
      symlinkSync(signature("gpg-release-oci"), join(linked, "signature-1"));
      assert.equal(JSON.parse(judge(linked, ["--format=json"]).stdout).code, "image.file.symlink");
      assert.equal(JSON.parse(judge(join(place, "nothing"), ["--format=json"]).stdout).code, "image.source.unreadable");
    });

    it("finds a broken policy before it reads", () => {
      const directory = temporaryDirectory();
      mkdirSync(join(directory, "signature-1"));
      const broken = run([
        ...["--system-signature-policy", `--load-signatures-from=${directory}`, "--policy=/nowhere", "--format=json"],
        ...["/nowhere", app],
      ]);
      assert.deepEqual([broken.code, JSON.parse(broken.stdout).code], [3, "policy.unreadable"]);
    });
  });

  describe(`standalone-verify: command lines that make no sense (${runtime.name})`, () => {
    const usage: readonly { args: readonly string[]; code: string; exit: 1 | 2 }[] = [
      { args: [], code: "usage.argument.missing", exit: 1 },
      { args: ["M", "R"], code: "usage.argument.missing", exit: 1 },
      { args: ["M", "R", release], code: "usage.argument.missing", exit: 1 },
      { args: ["M", "R", release, "S", "X"], code: "usage.argument.unexpected", exit: 1 },
      { args: ["--public-key-fil=x", "M", "R", release, "S"], code: "usage.option.unknown", exit: 1 },
      { args: ["--exit-codes=detailed", "M", "R"], code: "usage.argument.missing", exit: 2 },
      { args: ["--exit-codes=detailed", "M"], code: "usage.argument.missing", exit: 2 },
      { args: ["--exit-codes=all", "M", "R", release, "S"], code: "usage.option.value", exit: 1 },
      { args: ["--load-signatures-from=D", "M", "R"], code: "usage.option.combination", exit: 1 },
      { args: ["--system-signature-policy", "M", "R"], code: "usage.option.combination", exit: 2 },
      { args: ["--system-signature-policy", "M"], code: "usage.argument.missing", exit: 2 },
      {
        args: ["--system-signature-policy", "--load-signatures-from=D", "--public-key-file=K", "M", "R"],
        code: "usage.option.combination",
        exit: 2,
      },
      {
        args: ["--system-signature-policy", "--load-signatures-from=D", "M", "R", release, "S"],
        code: "usage.argument.unexpected",
        exit: 2,
      },
      {
        args: ["--insecure-policy", "--system-signature-policy", "--load-signatures-from=D", "M", "R"],
        code: "usage.option.value",
        exit: 2,
      },
    ];
    for (const { args, code, exit } of usage) {
      it(`${args.join(" ") || "nothing"}: ${code}`, () => {
        const outcome = run(["--format=json", ...args]);
        assert.deepEqual([JSON.parse(outcome.stdout).code, outcome.code], [code, exit]);
      });
    }

    it("--insecure-policy is taken where there is no policy", () => {
      const args = ["--insecure-policy", "--policy=/nowhere", "standalone-verify", ...operands({})];
      assert.equal(sealcheck(runtime, args).stdout, verified(release));
    });
  });
}
