import assert from "node:assert/strict";
import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fixtures } from "../../support/images.ts";
import { acceptAnything } from "../../support/policies.ts";
import { runtimes, sealcheck } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const identity = "registry.example.com/vendor/app:1.0";
const image = (name: string) => join(fixtures, "images", name);
const layout = (name: string) => join(fixtures, "layouts", name);
const store = (name: string) => `containers-storage:[vfs@${join(fixtures, "stores", name)}]`;

const amd64 = "sha256:592aa109c62bb091ff31e8a5aadf98312f7e20e59355df6485245ddbee36e6c2";
const arm64 = "sha256:7ad660e7b396bb1413e82660c21bff898a869643ddbf256fee96322fc64f3e12";
const index = "sha256:a0ac1eb491450efd7d5686ee7bfb708a6ba56cecb8ea1222429cbcd957750394";
const zeros = `sha256:${"0".repeat(64)}`;

function policyFile(policy: unknown): string {
  const path = join(temporaryDirectory(), "policy.json");
  writeFileSync(path, JSON.stringify(policy));
  return path;
}

const signedIdentity = { type: "exactRepository", dockerRepository: "registry.example.com/vendor/app" };
const gpgKey = join(fixtures, "keys", "gpg", "release-rsa4096.gpg");
const gpg = policyFile({ default: [{ type: "signedBy", keyType: "GPGKeys", keyPath: gpgKey, signedIdentity }] });

function copyOf(path: string, change: (copy: string) => void): string {
  const copy = join(temporaryDirectory(), "copy");
  cpSync(path, copy, { recursive: true });
  change(copy);
  return copy;
}

/** What Flatpak hands to its helper: a layout with the signatures in its root. */
const flatpak = copyOf(layout("app-oci"), (copy) =>
  cpSync(join(image("gpg-release-oci"), "signature-1"), join(copy, "signature-1")),
);
const layer = "0ef5398cdae23ca98d22d4e06c08ee99b633a2846b260bbfa73c82934bf1ef5f";
const blobIn = (copy: string) => join(copy, "blobs", "sha256", layer);
const withoutBlob = copyOf(layout("app-oci"), (copy) => rmSync(blobIn(copy)));
const longerBlob = copyOf(layout("app-oci"), (copy) => appendFileSync(blobIn(copy), "\0"));
const withoutArm64 = copyOf(image("gpg-index-only-instances-signed"), (copy) =>
  rmSync(join(copy, `${arm64.slice("sha256:".length)}.manifest.json`)),
);

interface Row {
  readonly what: string;
  readonly args: readonly string[];
  readonly code: string;
  readonly exitCode: number;
  /** Of the verdict in JSON. */
  readonly has?: object;
  /** What people are told. */
  readonly says?: RegExp;
}

const accepted = { code: "accepted", exitCode: 0 };
const digestOnly = { manifest: { digest: amd64, mediaType: null, size: null } };
const bytes = { checked: 3, missing: [], corrupt: [] };

const rows: readonly Row[] = [
  // Layouts, archives and storages
  {
    what: "a layout without signatures",
    args: ["--policy", gpg, `oci:${layout("app-oci")}`],
    code: "requirement.signature.missing",
    exitCode: 1,
  },
  { what: "signatures in the root of a layout", args: ["--policy", gpg, `oci:${flatpak}`], ...accepted },
  {
    what: "signatures of another directory",
    args: ["--policy", gpg, "--load-signatures-from", image("gpg-release-oci"), `oci:${layout("app-oci")}`],
    ...accepted,
    has: { signaturesFrom: "directory" },
  },
  {
    what: "the same for an archive",
    args: ["--policy", gpg, "--load-signatures-from", image("gpg-release-oci"), `oci-archive:${layout("app.oci.tar")}`],
    ...accepted,
  },
  {
    what: "signatures of another image",
    args: ["--policy", gpg, "--load-signatures-from", image("gpg-index"), `oci:${layout("app-oci")}`],
    code: "requirement.signature.not-accepted",
    exitCode: 1,
  },
  {
    what: "a Docker archive, which has no signatures",
    args: ["--policy", gpg, `docker-archive:${layout("app.docker.tar")}`],
    code: "requirement.signature.missing",
    exitCode: 1,
  },
  {
    what: "what was pulled",
    args: ["--policy", gpg, `${store("signed")}registry.example.com/app:1.0`],
    ...accepted,
    has: { signaturesFrom: "storage", manifest: { digest: amd64 } },
  },
  {
    what: "a name that is not in the storage",
    args: ["--policy", gpg, `${store("signed")}registry.example.com/app:2.0`],
    code: "image.source.not-found",
    exitCode: 4,
  },
  {
    what: "a number that is not in the layout",
    args: ["--policy", gpg, `oci:${layout("app-oci")}:@7`],
    code: "image.source.not-found",
    exitCode: 4,
  },
  {
    what: "a directory that is no layout",
    args: ["--policy", gpg, `oci:${image("unsigned")}`],
    code: "image.source.malformed",
    exitCode: 4,
  },
  // A digest alone
  {
    what: "the digest that was signed",
    args: ["--policy", gpg, "--manifest-digest", amd64, image("gpg-release-oci")],
    ...accepted,
    has: digestOnly,
    says: /only its digest was given/,
  },
  {
    what: "the same in a layout without its manifest",
    args: [
      "--policy",
      gpg,
      "--manifest-digest",
      amd64,
      `oci:${copyOf(flatpak, (copy) => rmSync(join(copy, "blobs"), { recursive: true }))}`,
    ],
    ...accepted,
    has: digestOnly,
  },
  {
    what: "the same by a name that the layout has",
    args: ["--policy", gpg, "--manifest-digest", amd64, `oci:${flatpak}:1.0`],
    ...accepted,
    has: digestOnly,
  },
  {
    what: "a name that the layout does not have",
    args: ["--policy", acceptAnything, "--manifest-digest", amd64, `oci:${flatpak}:2.0`],
    code: "image.source.not-found",
    exitCode: 4,
  },
  {
    what: "the name of another digest",
    args: ["--policy", acceptAnything, "--manifest-digest", zeros, `oci:${flatpak}:1.0`],
    code: "image.manifest.digest-mismatch",
    exitCode: 4,
  },
  {
    what: "the same in a storage without its manifest",
    args: [
      ...["--policy", gpg, "--manifest-digest", amd64],
      `containers-storage:[vfs@${copyOf(join(fixtures, "stores", "signed"), (copy) => {
        const [own] = readdirSync(join(copy, "vfs-images")).filter((name) => name.startsWith("1ccd"));
        rmSync(join(copy, "vfs-images", own ?? "", "manifest"));
      })}]registry.example.com/app:1.0`,
    ],
    ...accepted,
    has: digestOnly,
  },
  {
    what: "another digest",
    args: ["--policy", gpg, "--manifest-digest", zeros, image("gpg-release-oci")],
    code: "requirement.signature.not-accepted",
    exitCode: 1,
  },
  {
    what: "a digest that the identity does not have",
    args: ["--policy", acceptAnything, "--manifest-digest", zeros, image("gpg-release-oci")],
    code: "accepted",
    exitCode: 0,
  },
  {
    what: "a digest that is none",
    args: ["--policy", gpg, "--manifest-digest", amd64.toUpperCase(), image("gpg-release-oci")],
    code: "usage.option.value",
    exitCode: 2,
  },
  // Several architectures
  {
    what: "an index, judged itself",
    args: ["--policy", gpg, image("gpg-index")],
    ...accepted,
    has: { manifest: { digest: index } },
    says: /index/,
  },
  {
    what: "an index that is signed, for a platform",
    args: ["--policy", gpg, "--platform", "linux/arm64", image("gpg-index-only-list-signed")],
    ...accepted,
    has: { manifest: { digest: arm64 }, boundBy: "index", index: { digest: index } },
  },
  {
    what: "an image of an index that is not signed",
    args: [
      "--policy",
      gpg,
      "--override-arch",
      "arm64",
      "--override-os",
      "linux",
      image("gpg-index-only-instances-signed"),
    ],
    ...accepted,
    has: { manifest: { digest: arm64 }, boundBy: "instance", index: { digest: index } },
  },
  {
    what: "all images of an index that is not signed",
    args: ["--policy", gpg, "--platform", "all", image("gpg-index-only-instances-signed")],
    ...accepted,
    has: { boundBy: "instance" },
  },
  {
    what: "one of them is missing",
    args: ["--policy", gpg, "--platform", "all", withoutArm64],
    code: "image.instance.missing",
    exitCode: 4,
  },
  {
    what: "it is not the one",
    args: ["--policy", gpg, "--platform", "linux/amd64", withoutArm64],
    ...accepted,
    has: { manifest: { digest: amd64 } },
  },
  {
    what: "it is the one",
    args: ["--policy", gpg, "--platform", "linux/arm64", withoutArm64],
    code: "image.instance.missing",
    exitCode: 4,
  },
  {
    what: "a platform that is not listed",
    args: ["--policy", gpg, "--platform", "linux/riscv64", image("gpg-index")],
    code: "image.platform.missing",
    exitCode: 4,
  },
  {
    what: "a platform in a layout",
    args: ["--policy", acceptAnything, "--platform", "linux/arm64", `oci:${layout("multi-oci")}`],
    ...accepted,
    has: { manifest: { digest: arm64 }, boundBy: "index" },
  },
  // Blobs
  {
    what: "all blobs of a layout",
    args: ["--policy", acceptAnything, "--blobs", "all", `oci:${layout("app-oci")}`],
    ...accepted,
    has: { blobs: bytes },
  },
  {
    what: "those of an archive",
    args: ["--policy", acceptAnything, "--blobs", "all", `oci-archive:${layout("app.oci.tar")}`],
    ...accepted,
    has: { blobs: bytes },
  },
  {
    what: "one is missing",
    args: ["--policy", acceptAnything, "--blobs", "all", `oci:${withoutBlob}`],
    code: "image.blob.missing",
    exitCode: 4,
    says: new RegExp(layer),
  },
  {
    what: "one is missing, and need not be there",
    args: ["--policy", acceptAnything, "--blobs", "present", `oci:${withoutBlob}`],
    ...accepted,
    has: { blobs: { checked: 2, missing: [`sha256:${layer}`], corrupt: [] } },
    says: /2 blobs compared with the digests in the manifest; 1 not there/,
  },
  {
    what: "one is longer",
    args: ["--policy", acceptAnything, "--blobs", "present", `oci:${longerBlob}`],
    code: "image.blob.corrupt",
    exitCode: 4,
    says: new RegExp(layer),
  },
  {
    what: "one is longer, and nobody asked",
    args: ["--policy", acceptAnything, `oci:${longerBlob}`],
    ...accepted,
  },
  {
    what: "one is longer, of an image that is rejected",
    args: ["--policy", gpg, "--blobs", "all", `oci:${longerBlob}`],
    code: "requirement.signature.missing",
    exitCode: 1,
  },
  // What does not go together
  ...[
    ["--manifest-digest", amd64, "--platform", "host"],
    ["--manifest-digest", amd64, "--override-arch", "arm64"],
    ["--manifest-digest", amd64, "--blobs", "all"],
    ["--manifest-digest", amd64, "--manifest-out", "/nonexistent/manifest"],
    ["--platform", "linux/arm64", "--override-arch", "arm64"],
    ["--layout-signatures"],
    ["--layout-signatures", "--load-signatures-from", "/nonexistent"],
    ["--as-stored"],
    ["--allow-empty"],
  ].map((args) => ({
    what: `${args.join(" ")} dir:…`,
    args: ["--policy", acceptAnything, ...args, image("unsigned")],
    code: "usage.option.combination",
    exitCode: 2,
  })),
];

for (const runtime of runtimes) {
  const verify = (...args: string[]) => sealcheck(runtime, ["verify-installable", "--identity", identity, ...args]);

  describe(`verify-installable of a source (${runtime.name})`, () => {
    for (const { what, args, code, exitCode, has, says } of rows) {
      it(what, () => {
        const json = verify("--format=json", ...args);
        const verdict = JSON.parse(json.stdout);
        assert.deepEqual([verdict.code, verdict.exitCode, json.code], [code, exitCode, exitCode]);
        if (has !== undefined) assert.partialDeepStrictEqual(verdict, has);
        if (says === undefined) return;
        const text = verify(...args);
        assert.equal(text.code, exitCode);
        assert.match(text.stdout + text.stderr, says);
      });
    }

    it("writes the manifest that was judged, and its digest", () => {
      const directory = temporaryDirectory();
      const [manifest, digest] = [join(directory, "manifest"), join(directory, "digest")];
      const outputs = ["--manifest-out", manifest, "--digest-file", digest];
      const source = image("gpg-index-only-list-signed");
      const { code } = verify("--policy", gpg, "--platform", "linux/arm64", ...outputs, source);
      assert.equal(code, 0);
      assert.equal(readFileSync(digest, "utf8"), `${arm64}\n`);
      const own = join(source, `${arm64.slice("sha256:".length)}.manifest.json`);
      assert.deepEqual(readFileSync(manifest), readFileSync(own));
    });

    it("the digest also where only that was given", () => {
      const digest = join(temporaryDirectory(), "digest");
      writeFileSync(digest, "old");
      const source = image("gpg-release-oci");
      assert.equal(verify("--policy", gpg, "--manifest-digest", amd64, "--digest-file", digest, source).code, 0);
      assert.equal(readFileSync(digest, "utf8"), `${amd64}\n`);
    });

    it("and nothing where blobs are corrupt", () => {
      const manifest = join(temporaryDirectory(), "manifest");
      const { code } = verify(
        "--policy",
        acceptAnything,
        "--blobs=all",
        "--manifest-out",
        manifest,
        `oci:${longerBlob}`,
      );
      assert.equal(code, 4);
      assert.equal(existsSync(manifest), false);
    });

    it("takes what cosign attached, if it is asked to", () => {
      const saved = join(fixtures, "layouts-by-tool", "cosign");
      assert.ok(existsSync(saved));
      const cases: readonly { source: string; signed: { how: string; key: string; reference: string } | null }[] =
        JSON.parse(readFileSync(join(fixtures, "layouts-by-tool", "cases.json"), "utf8"));
      const attached = cases.find(
        ({ signed, source }) =>
          signed?.how.includes("attach") === true && source.startsWith("oci:") && signed.reference,
      );
      assert.ok(attached?.signed != null, JSON.stringify(cases.map(({ signed }) => signed)));
      const key = join(fixtures, attached.signed.key);
      const policy = policyFile({
        default: [{ type: "sigstoreSigned", keyPath: key, signedIdentity: { type: "matchRepository" } }],
      });
      const source = attached.source.replace(":test/", `:${join(fixtures, "..", "..")}/test/`);
      const judge = (...args: string[]) =>
        sealcheck(runtime, [
          "verify-installable",
          ...["--identity", `docker://${attached.signed?.reference}`, "--policy", policy, ...args, source],
        ]).code;
      assert.deepEqual([judge(), judge("--layout-signatures")], [1, 0]);
    });
  });

  describe(`batch of sources (${runtime.name})`, () => {
    const batch = (request: object, ...args: string[]) => {
      const input = `${JSON.stringify({ identity, ...request })}\n`;
      const { code, stdout } = sealcheck(runtime, ["batch", ...args], { input });
      const verdict = JSON.parse(stdout);
      return [verdict.code, code];
    };
    const manifest = readFileSync(join(image("unsigned"), "manifest.json")).toString("base64");

    it("takes a digest in place of a manifest", () => {
      const source = image("gpg-release-oci");
      const signatures = [readFileSync(join(source, "signature-1")).toString("base64")];
      assert.deepEqual(batch({ source, manifestDigest: amd64 }, "--policy", gpg), ["accepted", 0]);
      assert.deepEqual(batch({ manifestDigest: amd64, signatures }, "--policy", gpg), ["accepted", 0]);
      assert.deepEqual(batch({ manifestDigest: zeros, signatures }, "--policy", gpg), [
        "requirement.signature.not-accepted",
        1,
      ]);
    });

    for (const [args, request] of [
      [["--platform=host"], { source: image("unsigned"), manifestDigest: amd64 }],
      [["--platform=host"], { manifestDigest: amd64, signatures: [] }],
      [["--blobs=present"], { source: image("unsigned"), manifestDigest: amd64 }],
      [["--blobs=all"], { manifest, signatures: [] }],
    ] as const) {
      it(`refuses ${args.join(" ")} where it cannot be met: ${Object.keys(request).join(", ")}`, () => {
        assert.deepEqual(batch(request, "--policy", acceptAnything, ...args), ["usage.request.malformed", 2]);
      });
    }

    it("chooses an image, and compares blobs", () => {
      const source = `oci:${layout("multi-oci")}`;
      assert.deepEqual(batch({ source }, "--policy", acceptAnything, "--platform=linux/arm64", "--blobs=all"), [
        "accepted",
        0,
      ]);
      assert.deepEqual(batch({ source: `oci:${longerBlob}` }, "--policy", acceptAnything, "--blobs=all"), [
        "image.blob.corrupt",
        4,
      ]);
    });
  });
}
