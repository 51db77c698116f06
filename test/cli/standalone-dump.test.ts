import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fixtures } from "../support/images.ts";
import { runtimes, sealcheck } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const digest = "sha256:592aa109c62bb091ff31e8a5aadf98312f7e20e59355df6485245ddbee36e6c2";
const hostile = '\u{1b}[2J\u{202e}\u{9b}\u{2028}\u{200b}\u{7f}\n<b>&"\\\u{e0041}é';

function sigstoreFile(optional: object | null, annotations: object): string {
  const path = join(temporaryDirectory(), "signature-1");
  const critical = {
    identity: { "docker-reference": hostile },
    image: { "docker-manifest-digest": digest },
    type: "cosign container image signature",
  };
  const payload = Buffer.from(JSON.stringify({ critical, optional })).toString("base64");
  const envelope = { mimeType: hostile, payload, annotations };
  writeFileSync(path, `\0sigstore-json\n${JSON.stringify(envelope)}`);
  return path;
}

for (const runtime of runtimes) {
  const dump = (path: string, ...options: readonly string[]) =>
    sealcheck(runtime, ["untrusted-signature-dump", ...options, path], { env: { TZ: "UTC" } });

  describe(`untrusted-signature-dump (${runtime.name})`, () => {
    it("prints what skopeo prints of simple signing, in the local time zone", () => {
      const path = join(fixtures, "images", "gpg-release-oci", "signature-1");
      const { stdout, stderr, code } = dump(path);
      assert.equal(code, 0);
      assert.match(stderr, /^sealcheck: WARNING: nothing of \S+ has been verified\. [^\n]+\n$/);
      const expected = `{
    "UntrustedDockerManifestDigest": "${digest}",
    "UntrustedDockerReference": "registry.example.com/vendor/app:1.0",
    "UntrustedCreatorID": "atomic 5.40.0-dev",
    "UntrustedTimestamp": "2026-11-23T02:02:31Z",
    "UntrustedShortKeyIdentifier": "3ED8CDB920858415"
}
`;
      assert.equal(stdout, expected);
      const west = sealcheck(runtime, ["untrusted-signature-dump", path], { env: { TZ: "America/St_Johns" } });
      assert.equal(west.stdout, expected.replace("2026-11-23T02:02:31Z", "2026-11-22T22:32:31-03:30"));
    });

    it("prints sigstore too, and nothing in it reaches the terminal", () => {
      const { stdout, code } = dump(
        sigstoreFile({ creator: hostile, timestamp: 1 }, { "dev.x": hostile, __proto__x: "" }),
      );
      assert.equal(code, 0);
      assert.match(stdout, /^[\x20-\x7e\né]+$/);
      assert.doesNotMatch(stdout, /[<>&]/);
      assert.deepEqual(JSON.parse(stdout), {
        UntrustedDockerManifestDigest: digest,
        UntrustedDockerReference: hostile,
        UntrustedCreatorID: hostile,
        UntrustedTimestamp: "1970-01-01T00:00:01Z",
        UntrustedMIMEType: hostile,
        UntrustedAnnotations: { "dev.x": hostile, __proto__x: "" },
      });
    });

    it("says null where the signature says nothing", () => {
      const { UntrustedCreatorID, UntrustedTimestamp } = JSON.parse(dump(sigstoreFile(null, {})).stdout);
      assert.deepEqual([UntrustedCreatorID, UntrustedTimestamp], [null, null]);
    });

    it("reads simple signing with the format before it", () => {
      const { stdout } = dump(join(fixtures, "images", "gpg-signature-explicit-format", "signature-1"));
      assert.equal(JSON.parse(stdout).UntrustedDockerManifestDigest, digest);
    });

    const place = temporaryDirectory();
    const files: readonly { what: string; content: string | Uint8Array; says: RegExp }[] = [
      { what: "nothing", content: "", says: /not a signed OpenPGP message/ },
      { what: "text", content: "text", says: /not a signed OpenPGP message/ },
      { what: "another format", content: `\0${hostile}`, says: /cannot be read: / },
      { what: "broken sigstore", content: "\0sigstore-json\n{", says: /is not JSON/ },
      { what: "no payload", content: "\0sigstore-json\n{}", says: /it is not JSON/ },
      { what: "too much", content: new Uint8Array(4 * 1024 * 1024 + 1), says: /larger than 4 MiB/ },
      {
        what: "a timestamp of the year 10000",
        content: readFileSync(sigstoreFile({ timestamp: 253402300800 }, {})),
        says: /four digits/,
      },
      {
        what: "a timestamp of no year",
        content: readFileSync(sigstoreFile({ timestamp: 1e18 }, {})),
        says: /four digits/,
      },
    ];
    for (const { what, content, says } of files) {
      it(`fails: ${what}`, () => {
        const path = join(place, what);
        writeFileSync(path, content);
        const { code, stdout, stderr } = dump(path);
        assert.deepEqual([code, stdout], [1, ""]);
        assert.match(stderr, says);
        assert.match(stderr, /^[^\p{Cf}\p{Cc}]+\n$/u);
        assert.equal(dump(path, "--exit-codes=detailed").code, 4);
      });
    }
  });

  describe(`manifest-digest (${runtime.name})`, () => {
    const of = (content: string | Uint8Array, ...more: readonly string[]) =>
      sealcheck(runtime, ["manifest-digest", ...more, "-"], { input: content });

    it("is that of the bytes, whatever they are", () => {
      const path = join(fixtures, "images", "gpg-release-oci", "manifest.json");
      assert.deepEqual(sealcheck(runtime, ["manifest-digest", path]), { code: 0, stdout: `${digest}\n`, stderr: "" });
      assert.equal(of(readFileSync(path)).stdout, `${digest}\n`);
      assert.equal(of("").stdout, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n");
    });

    it("is none where the signatures of a schema 1 manifest cannot be taken off: that of the bytes would be wrong", () => {
      // Of the second nothing is left, as in the reference.
      for (const signed of ['{"schemaVersion":1,"signatures":0}', '{"schemaVersion":1,"signatures":[]}']) {
        const outcome = of(signed, "--exit-codes=detailed");
        assert.deepEqual([outcome.code, outcome.stdout], [4, ""]);
        assert.match(outcome.stderr, /^sealcheck: The manifest is malformed/);
        assert.equal(of(signed).code, 1);
      }
    });

    it("is bounded", () => {
      assert.match(of(new Uint8Array(4 * 1024 * 1024 + 1)).stderr, /larger than 4 MiB/);
      assert.equal(of(new Uint8Array(4 * 1024 * 1024)).code, 0);
      assert.equal(sealcheck(runtime, ["manifest-digest", "--exit-codes=detailed", "/"]).code, 4);
      assert.match(sealcheck(runtime, ["manifest-digest", "-"], { shell: 'exec "$@" </' }).stderr, /standard input/);
    });

    it("that nobody hears of is none", () => {
      const path = join(fixtures, "images", "gpg-release-oci", "manifest.json");
      assert.equal(sealcheck(runtime, ["manifest-digest", path], { shell: 'exec "$@" >/dev/full' }).code, 1);
    });
  });
}
