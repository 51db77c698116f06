import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { explain } from "../../src/report/explain.ts";
import { parseSignatureBlob } from "../../src/signature/blob.ts";
import { mistakenFile } from "../../src/signature/mistaken-file.ts";
import { fixtures } from "../support/images.ts";
import { errored } from "../words/verdicts.ts";

const bundle = readFileSync(join(fixtures, "bundles", "cosign-v3-bundle.sigstore.json"));
const signature = "MEQCIFe/XoIE4lPx3qNmslmLSykqkJ33ZTKixvpD13JFrc5NAiAV0ltPua4HkRpbhGWrbO/OOMRb0am1bKdO12345678==";
const payload =
  '{"critical":{"identity":{"docker-reference":"r.example/a"},"image":{},"type":"cosign container image signature"}}';

const rows: readonly { what: string; content: string | Buffer; said: RegExp }[] = [
  {
    what: "what gpg --enarmor writes",
    content: "-----BEGIN PGP ARMORED FILE-----\n\nx",
    said: /ASCII armour.*gpg --dearmor/,
  },
  { what: "a message in armour", content: "-----BEGIN PGP MESSAGE-----\n\nx", said: /ASCII armour.*gpg --dearmor/ },
  {
    what: "a detached signature in armour",
    content: "-----BEGIN PGP SIGNATURE-----\n\nx",
    said: /a detached OpenPGP signature in ASCII armour.*no conversion helps/,
  },
  { what: "a clear-signed text", content: "-----BEGIN PGP SIGNED MESSAGE-----\n", said: /a clear-signed text/ },
  {
    what: "a bundle of cosign 3",
    content: bundle,
    said: /but a sigstore bundle, as cosign 3.*reads no bundles.*--new-bundle-format=false/,
  },
  {
    what: "a bundle of a version to come",
    content: '{"mediaType":"application/vnd.dev.sigstore.bundle.v9+json"}',
    said: /a sigstore bundle/,
  },
  {
    what: "a bundle of cosign 1",
    content: '{"base64Signature":"x","cert":"x","rekorBundle":{}}',
    said: /a sigstore bundle/,
  },
  {
    what: "the output of cosign download signature",
    content: '{"Base64Signature":"x","Payload":"x","Cert":null}\n{"Base64Signature":"y","Payload":"y"}\n',
    said: /what `cosign download signature` prints.*use-sigstore-attachments: true/,
  },
  { what: "a payload", content: payload, said: /the payload of a signature.*The signature itself is missing/ },
  { what: "a .sig file", content: signature, said: /a bare signature in base64, as cosign writes \.sig files/ },
  { what: "a .sig file with a line end", content: `${signature}\n`, said: /a bare signature in base64/ },
  {
    what: "an attestation",
    content: '{"payloadType":"application/vnd.in-toto+json","payload":"x","signatures":[]}',
    said: /an attestation/,
  },
  {
    what: "an envelope without its first line",
    content: '{"mimeType":"x","payload":"x","annotations":{}}',
    said: /without the line that goes before it.*a NUL, the word sigstore-json/,
  },
  { what: "a manifest", content: '{"schemaVersion":2,"layers":[]}', said: /but a manifest\./ },
  {
    what: "a public key",
    content: "-----BEGIN PUBLIC KEY-----\nx",
    said: /a key or certificate.*belong into the policy/,
  },
  { what: "a web page", content: "\n<!DOCTYPE html><html>", said: /a web page.*server may not have had/ },
  { what: "other JSON", content: "[1]", said: /JSON of another kind/ },
  { what: "JSON that is cut off", content: '{"mediaType":', said: /JSON of another kind/ },
  {
    what: "something else",
    content: "hello",
    said: /no signature of a known format: begins with byte 0x68.*remove the file/,
  },
];

describe("a file of another kind in place of signature-1 is called by its name", () => {
  for (const { what, content, said } of rows) {
    it(what, () => {
      const blob = parseSignatureBlob(Buffer.from(content), "signature-1");
      assert.ok(!blob.ok && blob.problem.code === "image.signature.format");
      const text = explain(errored(blob.problem)).replace(/\s+/g, " ");
      assert.match(text, said);
      assert.doesNotMatch(text, /[Dd]ownload .* again|0x7b/);
    });
  }

  it("any bytes have a kind or none", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void mistakenFile(bytes)));
  });

  it("a large file costs little", () => {
    const began = performance.now();
    for (const unit of ["{", "[", "[[],", '{"a":', "A", " "]) mistakenFile(Buffer.alloc(4 * 1024 * 1024, unit));
    assert.ok(performance.now() - began < 1000);
  });
});
