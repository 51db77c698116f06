import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { WorkBudget } from "../../../src/crypto/budget.ts";
import { parseCertificatesPem } from "../../../src/crypto/x509/pem.ts";
import { certPoolFromPem } from "../../../src/crypto/x509/pool.ts";
import { maxTrustWork } from "../../../src/limits.ts";
import { testRows } from "../../identity/rows.ts";
import { certificateDer, commonName, pem } from "../../support/certificates.ts";

const one = pem("CERTIFICATE", certificateDer());
const two = pem("CERTIFICATE", certificateDer({ subject: commonName("two") }));
const withHeader = one.replace("\n", "\nA: b\n\n");

interface Row {
  readonly what: string;
  readonly text: string;
  /** Certificates of a chain; absent if it is refused. */
  readonly chain: number | undefined;
  /** Certificates that load as trust roots. */
  readonly roots: number;
}

const rows: readonly Row[] = [
  { what: "one", text: one, chain: 1, roots: 1 },
  { what: "two", text: one + two, chain: 2, roots: 2 },
  { what: "the same twice", text: one + one, chain: 2, roots: 1 },
  { what: "nothing", text: "", chain: 0, roots: 0 },
  { what: "blanks", text: " \r\n\t\u00a0\u3000", chain: 0, roots: 0 },
  { what: "blanks around", text: `\n \n${one}\n\n`, chain: 1, roots: 1 },
  { what: "blanks of Unicode at the end", text: `${one}\u2028\u00a0`, chain: 1, roots: 1 },
  { what: "a zero-width blank at the end", text: `${one}\u200b`, chain: undefined, roots: 1 },
  { what: "text before", text: `text\n${one}`, chain: 1, roots: 1 },
  { what: "text between", text: `${one}text\n${two}`, chain: 2, roots: 2 },
  { what: "text after", text: `${one}text`, chain: undefined, roots: 1 },
  { what: "text only", text: "text", chain: undefined, roots: 0 },
  { what: "another type", text: one.replaceAll("CERTIFICATE", "X"), chain: 1, roots: 0 },
  { what: "headers", text: withHeader, chain: 1, roots: 0 },
  { what: "one good, one bad", text: one + pem("CERTIFICATE", Uint8Array.of(5, 0)), chain: undefined, roots: 1 },
  { what: "one good, one empty", text: `${one}-----BEGIN X-----\n-----END X-----\n`, chain: undefined, roots: 1 },
];

describe("certificates in PEM, for chains and for trust roots", () => {
  testRows(
    rows,
    (row) => row.what,
    ({ text, chain, roots }) => {
      const parsed = parseCertificatesPem(Buffer.from(text), new WorkBudget(maxTrustWork));
      assert.equal(parsed.ok ? parsed.value.length : undefined, chain);
      if (!parsed.ok) assert.equal(parsed.problem.code, "signature.certificate.malformed");
      assert.equal(certPoolFromPem(Buffer.from(text), new WorkBudget(maxTrustWork)).size, roots);
    },
  );

  for (const unit of [" ", "\u3000", "-----BEGIN X-----\n-----END X-----\n"]) {
    test(`four megabytes of ${JSON.stringify(unit)} take no time to speak of`, () => {
      const startedAt = performance.now();
      parseCertificatesPem(Buffer.alloc(4 << 20, unit), new WorkBudget(maxTrustWork));
      certPoolFromPem(Buffer.alloc(4 << 20, unit), new WorkBudget(maxTrustWork));
      assert.ok(performance.now() - startedAt < 20_000);
    });
  }
});
