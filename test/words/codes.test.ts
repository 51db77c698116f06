import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Code, codes } from "../../src/codes.ts";
import { explain } from "../../src/report/explain.ts";
import type { SignatureRejection } from "../../src/verdict/signature-outcome.ts";
import type { ErrorProblem, RejectionProblem } from "../../src/verdict/verdict.ts";
import type { CommandProblem } from "../../src/words/command-words.ts";
import { reasonText } from "../../src/words/reason.ts";
import { badSignature, errored, refused, signedBy, signers } from "../words/verdicts.ts";

type Worded = ErrorProblem | RejectionProblem | SignatureRejection | CommandProblem;
type Success = "accepted" | "requirement.satisfied" | "signature.accepted";
// Each of these unions has a table of words that is complete (`satisfies Words<…>`). Does not compile if a code is in none.
const unworded: readonly Exclude<Code, Worded["code"] | Success>[] = [];

const hostile = 'x"\n\u{1b}[2JRejected: y\u{202e}\u{200b}\u{7f}';

const digest = { algorithm: "sha256", hex: "00" };

/** Facts of every problem whose facts are texts and numbers; a problem takes what it has. */
const facts = {
  ...{ detail: hostile, reason: hostile, path: hostile, name: hostile, source: hostile, transport: hostile },
  ...{ searched: [hostile, hostile], maxBytes: 1, maxCount: 1, keyType: hostile, untrustedVersion: hostile },
  ...{ fingerprint: hostile, userId: hostile, atSeconds: 1e300, untrustedKeyId: hostile, untrustedMimeType: hostile },
  ...{
    signedDigest: hostile,
    signedReference: hostile,
    annotation: hostile,
    untrustedSubject: hostile,
    untrustedKey: hostile,
  },
  mismatch: {
    wanted: { kind: "exact", reference: hostile },
    cause: { kind: "other-tag", signedTag: hostile },
    remap: undefined,
    remedy: undefined,
  },
  ...{ algorithm: "sha256", wanted: hostile, untrustedNames: [hostile], count: 2, untrustedName: hostile },
  ...{ digest: digest, platform: hostile, untrustedPlatforms: [hostile], missing: [hostile], corrupt: [hostile] },
  ...{ flaw: "path", expected: digest, actual: digest },
  ...{ required: hostile, found: undefined, known: [hostile], uris: [hostile], requiresUri: true, isForUri: true },
};

function isQuiet(text: string): void {
  assert.doesNotMatch(text, /[\p{Cf}\u{1b}\u{7f}]|undefined|\[object|NaN/u);
  assert.equal(text.match(/^Rejected/gm)?.length ?? 0, text.startsWith("Rejected") ? 1 : 0);
}

function isOneLine(reason: string): void {
  assert.match(reason, /^[^\p{Cf}\p{Cc}]+$/u);
}

describe("every code has words, and they keep hostile facts in their place", () => {
  it("there is no code without words", () => assert.deepEqual(unworded, []));

  for (const code of Object.keys(codes)) {
    if (/^signature\.(?!accepted)/.test(code)) {
      it(code, () => {
        const found = code === "signature.certificate.email" ? [hostile] : hostile;
        // The facts of all rejections at once: TypeScript cannot tell them apart by a code that it does not know.
        const rejection = { ...facts, found, code } as unknown as SignatureRejection;
        for (const signer of [
          undefined,
          { ...signers.openpgp, userId: hostile },
          { ...signers.key, source: hostile },
        ]) {
          const verdict = refused(signedBy, badSignature(hostile, rejection, signer));
          isQuiet(explain(verdict));
          isOneLine(reasonText(verdict));
        }
      });
    }
    if (/^(image|policy\.(trust|missing|unreadable|too-large)|usage\.(source|request)|internal)/.test(code)) {
      it(code, () => {
        const flaw = code === "usage.source.invalid" ? { flaw: "image-name", name: hostile } : facts.flaw;
        const verdict = errored({ ...facts, flaw, code } as unknown as ErrorProblem);
        isQuiet(explain(verdict));
        isOneLine(reasonText(verdict));
      });
    }
  }
});
