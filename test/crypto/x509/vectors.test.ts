/**
 * Verdicts of Go 1.26's crypto/x509, encoding/pem and sigstore's Go library, recorded for generated and mutated input:
 * `vectors.jsonl` has a few cases for each reason that Go gives. They keep this code equal to Go without needing Go.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { WorkBudget } from "../../../src/crypto/budget.ts";
import {
  checkByNodeCrypto,
  checkByWebCrypto,
  checkForOneImage,
  readEcdsaNumbers,
  verifyEcdsaAsn1,
  verifyEcdsaNumbers,
} from "../../../src/crypto/ecdsa-check.ts";
import { parsePublicKeyPem, usableForBlobs, verifyBlob } from "../../../src/crypto/public-key.ts";
import type { PublicKey } from "../../../src/crypto/spki.ts";
import type { Certificate } from "../../../src/crypto/x509/certificate.ts";
import { fulcioIssuer } from "../../../src/crypto/x509/fulcio.ts";
import { verifyHostname } from "../../../src/crypto/x509/hostname.ts";
import { parseCertificate } from "../../../src/crypto/x509/parse-certificate.ts";
import { parseCertificatesPem } from "../../../src/crypto/x509/pem.ts";
import { CertPool, certPoolFromPem } from "../../../src/crypto/x509/pool.ts";
import { verifyChain } from "../../../src/crypto/x509/verify.ts";
import { decodePemBlock } from "../../../src/encoding/pem.ts";
import { maxImageWork, maxTrustWork } from "../../../src/limits.ts";

/** All bytes in base64. */
type Vector = { readonly ok: boolean; readonly why?: string } & (
  | { readonly kind: "cert"; readonly der: string; readonly fields?: object }
  | {
      readonly kind: "verify";
      readonly leaf: string;
      readonly intermediates: readonly string[];
      readonly roots: readonly string[];
      readonly at: number;
      readonly ignoreSan: boolean;
    }
  | { readonly kind: "host"; readonly der: string; readonly host: string }
  | { readonly kind: "key"; readonly pem: string; readonly key?: { readonly kind: string; readonly spki?: string } }
  | { readonly kind: "blob" | "ecdsa"; readonly spki: string; readonly message: string; readonly signature: string }
  | {
      readonly kind: "pem";
      readonly text: string;
      readonly certificates: number | null;
      readonly pool: number;
      /** Type in hex, headers, body if it is short, bytes that follow. */
      readonly blocks: readonly (readonly [string, number, string | null, number])[];
    }
);

const vectors = readFileSync(new URL("vectors.jsonl", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Vector);

for (const kind of ["cert", "verify", "host", "key", "blob", "ecdsa", "pem"]) {
  const ofKind = vectors.filter((vector) => vector.kind === kind);
  describe(`${ofKind.length} recorded verdicts of Go: ${kind}`, () => {
    assert.ok(ofKind.some(({ ok }) => ok) && ofKind.some(({ ok }) => !ok));
    for (const [i, vector] of ofKind.entries()) {
      test(`${i}: ${vector.why ?? (vector.ok ? "good" : "bad")}`, () => check(vector));
    }
  });
}

async function check(vector: Vector): Promise<void> {
  switch (vector.kind) {
    case "cert": {
      const parsed = parseCertificate(bytesOf(vector.der));
      assert.equal(parsed.ok, vector.ok);
      if (parsed.ok) assert.deepEqual(fieldsOf(parsed.value), vector.fields);
      break;
    }
    case "verify": {
      const verified = verifyChain({
        budget: new WorkBudget(maxImageWork),
        leaf: certificateOf(vector.leaf),
        intermediates: vector.intermediates.map(certificateOf),
        roots: new CertPool(vector.roots.map(certificateOf)),
        atSeconds: vector.at,
        ignoreUnhandledCriticalSan: vector.ignoreSan,
      });
      assert.equal(verified.ok, vector.ok);
      break;
    }
    case "host":
      assert.equal(verifyHostname(certificateOf(vector.der), vector.host), vector.ok);
      break;
    case "key": {
      const key = parsePublicKeyPem(bytesOf(vector.pem));
      assert.equal(key.ok, vector.ok);
      if (!key.ok) break;
      assert.equal(key.value.kind, vector.key?.kind);
      if (usableForBlobs(key.value)) assert.equal(base64(key.value.spki), vector.key?.spki);
      break;
    }
    case "blob":
      for (const check of [checkByNodeCrypto, checkForOneImage]) {
        const signature = bytesOf(vector.signature);
        const isGood = await verifyBlob(keyOf(vector.spki), { message: bytesOf(vector.message), signature }, check);
        assert.equal(isGood, vector.ok);
      }
      break;
    case "ecdsa": {
      const key = keyOf(vector.spki);
      assert.ok(key.kind === "ecdsa");
      const signed = { message: bytesOf(vector.message), signature: bytesOf(vector.signature) };
      assert.equal(verifyEcdsaAsn1(key, "sha256", signed), vector.ok);
      const numbers = readEcdsaNumbers(signed.signature);
      if (numbers === undefined) break;
      for (const check of key.curve === "P-224" ? [checkByNodeCrypto] : [checkByNodeCrypto, checkByWebCrypto]) {
        assert.equal(await verifyEcdsaNumbers(key, { message: signed.message, ...numbers }, check), vector.ok);
      }
      break;
    }
    case "pem": {
      const text = bytesOf(vector.text);
      const certificates = parseCertificatesPem(text, new WorkBudget(maxTrustWork));
      assert.equal(certificates.ok ? certificates.value.length : null, vector.certificates);
      assert.equal(certPoolFromPem(text, new WorkBudget(maxTrustWork)).size, vector.pool);
      let rest: Uint8Array = text;
      for (const [type, headers, body, restLength] of vector.blocks) {
        const block = decodePemBlock(rest);
        assert.ok(block !== undefined);
        assert.equal(Buffer.from(block.type, "latin1").toString("hex"), type);
        assert.equal(block.headers.size, headers);
        if (body !== null) assert.equal(base64(block.bytes), body);
        assert.equal(block.rest.length, restLength);
        rest = block.rest;
      }
      assert.equal(decodePemBlock(rest), undefined);
    }
  }
}

/** As Go names and orders them. */
function fieldsOf(certificate: Certificate): object {
  const { basicConstraints, signatureAlgorithm } = certificate;
  const issuer = fulcioIssuer(certificate);
  const hash = signatureAlgorithm && "hash" in signatureAlgorithm ? `/${signatureAlgorithm.hash}` : "";
  const pathLength = basicConstraints?.maxPathLength ?? -1;
  return {
    version: certificate.version,
    serial: BigInt(`0x${certificate.serialHex}`).toString(16),
    nb: certificate.notBeforeSeconds,
    na: certificate.notAfterSeconds,
    ku: certificate.keyUsage,
    bc: basicConstraints === undefined ? "none" : `${basicConstraints.isCa}/${pathLength}`,
    emails: certificate.emailAddresses,
    dns: certificate.dnsNames,
    ips: certificate.ipAddresses.map((ip) => Buffer.from(ip).toString("hex")),
    uris: certificate.uriHosts,
    eku: certificate.extKeyUsages.toSorted(),
    unhandled: certificate.unhandledCriticalExtensions,
    alg: signatureAlgorithm === undefined ? "none" : `${signatureAlgorithm.kind}${hash}`,
    issuer: issuer.ok ? base64(Buffer.from(issuer.value)) : null,
    policies: certificate.policies.identifiers,
    key: certificate.publicKey.kind,
  };
}

function certificateOf(der: string): Certificate {
  const parsed = parseCertificate(bytesOf(der));
  assert.ok(parsed.ok);
  return parsed.value;
}

function keyOf(spki: string): PublicKey {
  const key = parsePublicKeyPem(Buffer.from(`-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----\n`));
  assert.ok(key.ok);
  return key.value;
}

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
