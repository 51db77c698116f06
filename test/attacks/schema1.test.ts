/**
 * A signed schema 1 manifest names the bytes that its digest is of, and nobody checks its signatures: without a key anyone
 * makes one around a manifest that somebody signed, and then its digest is that of the signed manifest.
 */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fixtureImage, fixtures } from "../support/images.ts";
import { runtimes, sealcheck } from "../support/run.ts";
import { fixturePolicyFile, temporaryDirectory } from "../support/temporary.ts";
import { type Attack, attackTable } from "./attack-table.ts";
import { base64, mebibyte, policy, request } from "./requests.ts";

const gpg = { image: "gpg-release-oci", policy: "gpg-keydata.json" };
const sigstore = { image: "sigstore-key-tag", policy: "sigstore-key.json" };
const foreign =
  '"schemaVersion":1,"mediaType":"","name":"vendor/app","tag":"1.0","architecture":"amd64",' +
  '"fsLayers":[{"blobSum":"sha256:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"}],' +
  '"history":[{"v1Compatibility":"{}"}]';
const digest = "sha256:592aa109c62bb091ff31e8a5aadf98312f7e20e59355df6485245ddbee36e6c2";

/** What was signed, with other members behind it, in the body of an envelope that names where the signed part ends. */
function around(signed: Uint8Array): string {
  const text = Buffer.from(signed).toString("utf8");
  const formatLength = text.lastIndexOf("}");
  return `${text.slice(0, formatLength)},${foreign},${signatures(formatLength, text.slice(formatLength))}}`;
}

/** The same, but what was signed is only in the envelope. */
function beside(signed: Uint8Array): string {
  return `{${foreign},${signatures(0, Buffer.from(signed).toString("utf8"))}}`;
}

function signatures(formatLength: number, tail: string): string {
  const header = { formatLength, formatTail: base64Url(tail) };
  return `"signatures":[{"protected":"${base64Url(JSON.stringify(header))}"}]`;
}

function base64Url(text: string): string {
  return Buffer.from(text).toString("base64url");
}

const acceptAnything = policy({ type: "insecureAcceptAnything" });
const attacks: Attack[] = [gpg, sigstore].flatMap((fixture) =>
  [around, beside].flatMap((make) => {
    const manifest = base64(make(fixtureImage(fixture.image).manifest));
    const code = "image.manifest.ambiguous" as const;
    const identity = `docker://registry.example.com/vendor/app@${digest}`;
    return [
      { what: `${make.name} ${fixture.image}`, request: () => request(fixture, { manifest }), code },
      {
        what: `${make.name} ${fixture.image}, by digest`,
        request: () => request(fixture, { manifest, identity }),
        code,
      },
      {
        what: `${make.name} ${fixture.image}, by digest, where anything goes`,
        request: () => request(fixture, { manifest, identity, policyText: acceptAnything, signatures: [] }),
        code,
      },
    ];
  }),
);
attackTable("a made-up schema 1 envelope with a signed manifest", attacks);

const filled = (begin: string, item: string, end: string): object => {
  const count = Math.floor((4 * mebibyte - begin.length - end.length) / (item.length + 1));
  return request(sigstore, { manifest: base64(begin + Array(count).fill(item).join(",") + end) });
};
const begin = '{"schemaVersion":1,"signatures":[';
const jwk = { ...generateKeyPairSync("ec", { namedCurve: "P-521" }).publicKey.export({ format: "jwk" }), kid: "" };
const protectedHeader = (tail: string): string =>
  base64Url(JSON.stringify({ formatLength: 0, formatTail: base64Url(tail) }));
const bombs: Attack[] = [
  ["empty lists for signatures", () => filled(begin, "[]", "]}"), "image.manifest.too-large"],
  ["numbers for signatures", () => filled(begin, "0", "]}"), "image.manifest.too-large"],
  [
    "thousands of signatures with a key each",
    () => filled(begin, JSON.stringify({ header: { jwk }, protected: protectedHeader("{}") }), "]}"),
    "image.manifest.malformed",
  ],
  [
    "an RSA key of 24 million bits",
    () => filled(`${begin}{"header":{"jwk":{"kty":"RSA","kid":"","e":"AQAB","n":"`, "_".repeat(4e6), '"}}}]}'),
    "image.manifest.malformed",
  ],
  [
    "a payload of a million numbers",
    () => filled(`${begin}{"protected":"${protectedHeader(`[${"0,".repeat(1e6)}0]`)}"}],"x":[`, "0", "]}"),
    "image.manifest.too-large",
  ],
  [
    "as many members as are looked at, all with one name",
    () =>
      filled(`${begin}{"protected":"${protectedHeader('{"schemaVersion":1,"":0}')}"}],`, `"":${"0".padEnd(16)}`, "}"),
    "requirement.signature.not-accepted",
  ],
].map(([what, make, code]) => ({ what, request: make, code, seconds: 1.5 }) as Attack);
attackTable("schema 1 manifests that are large", bombs);

for (const runtime of runtimes) {
  describe(`no command takes the digest of such a manifest (${runtime.name})`, () => {
    const directory = temporaryDirectory();
    const path = join(directory, "manifest.json");
    writeFileSync(path, around(fixtureImage(gpg.image).manifest));
    const signature = join(fixtures, "images", gpg.image, "signature-1");
    writeFileSync(join(directory, "signature-1"), readFileSync(signature));
    writeFileSync(join(directory, "version"), "Directory Transport Version: 1.1\n");
    const reference = "registry.example.com/vendor/app:1.0";
    const fingerprint = "D20A9D88224ADAF5CBFF78963ED8CDB920858415";
    const keys = join(fixtures, "keys", "gpg", "release-rsa4096.gpg");
    const outputs = [`--digest-file=${join(directory, "digest")}`, `--manifest-out=${join(directory, "out")}`];
    const asked: [exitCode: number, args: readonly string[]][] = [
      [
        4,
        [
          "verify-installable",
          `--identity=${reference}`,
          `--policy=${fixturePolicyFile(gpg.policy)}`,
          ...outputs,
          directory,
        ],
      ],
      [1, ["standalone-verify", `--public-key-file=${keys}`, path, reference, fingerprint, signature]],
      [
        4,
        [
          "standalone-verify",
          "--system-signature-policy",
          `--load-signatures-from=${directory}`,
          `--policy=${fixturePolicyFile(gpg.policy)}`,
          path,
          reference,
        ],
      ],
      [1, ["standalone-sign", path, reference, fingerprint, `--output=${join(directory, "signed")}`]],
      [1, ["manifest-digest", path]],
    ];
    for (const [exitCode, args] of asked) {
      it(args.slice(0, 2).join(" ").replace(/=.*/, ""), () => {
        const { code, stdout, stderr } = sealcheck(runtime, args);
        assert.equal(code, exitCode, stderr);
        assert.equal(stdout, "");
        assert.match(stderr.replaceAll(/\s+/g, " "), /has "config" as only other kinds/);
        for (const name of ["digest", "out", "signed"]) assert.equal(existsSync(join(directory, name)), false);
      });
    }
  });
}
