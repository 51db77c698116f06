/**
 * Verdicts of containers/image recorded for generated keyrings and messages, most with one thing odd in them; v5.41.2 and
 * v5.42.1 say the same of them. `vectors.jsonl`: first the time of the recording, which they are replayed at, then one case a
 * line: what each back end said, and what sealcheck says. What is in the future there is in 2100, so that the reference, whose
 * clock cannot be set, may be asked again on any day.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { type OpenPgpBackEnd, openPgpBackEnds } from "../../../src/crypto/openpgp/back-end.ts";
import { loadKeyring } from "../../../src/crypto/openpgp/keyring.ts";
import { verifyMessage } from "../../../src/crypto/openpgp/message.ts";
import type { KeyringProblem, OpenPgpProblem } from "../../../src/crypto/openpgp/problems.ts";
import { untrusted } from "../../../src/result.ts";

/** `rings` and `message` in base64; `goCrypto`, `gnupg` and `sequoia`: whether that back end of the reference accepted. */
interface Vector {
  readonly name: string;
  readonly rings: readonly string[];
  readonly message: string;
  readonly goCrypto: boolean;
  readonly gnupg: boolean;
  readonly sequoia: boolean;
  readonly expected: string;
}

const [first = "", ...lines] = readFileSync(new URL("vectors.jsonl", import.meta.url), "utf8")
  .trimEnd()
  .split("\n");
const { nowSeconds }: { nowSeconds: number } = JSON.parse(first);
const vectors = lines.map((line): Vector => JSON.parse(line));

const keysInContent: readonly string[] = [
  "seqC2-key2",
  "msgodd-unkkey-3",
  "afterC-cutkey-2partial",
  "beforeC-keyBnosig",
  "msgodd-keyBsub-3",
];

async function problem(
  { rings, message }: Vector,
  atSeconds: number,
  backEnds: readonly OpenPgpBackEnd[],
): Promise<OpenPgpProblem | KeyringProblem | undefined> {
  const keyring = await loadKeyring(
    rings.map((ring) => Buffer.from(ring, "base64")),
    backEnds,
  );
  if (!keyring.ok) return keyring.problem;
  const octets = untrusted(Buffer.from(message, "base64"));
  const verified = await verifyMessage({ message: octets, keyring: keyring.value, nowSeconds: atSeconds });
  return verified.ok ? undefined : verified.problem;
}

async function verdict(
  vector: Vector,
  atSeconds: number,
  backEnds = openPgpBackEnds as readonly OpenPgpBackEnd[],
): Promise<string> {
  return (await problem(vector, atSeconds, backEnds))?.code ?? "accepted";
}

/** Two user ids that say different things at the same time: the order of a map in go-crypto decides, so ours refuses. */
const decidedByChance = "contradicting user ids";

describe("recorded verdicts", () => {
  // Sequoia's standard policy takes DSA until February 2030; nothing else here turns before 2045.
  const later = (vector: Vector) => Date.UTC(vector.name.includes("dsa17") ? 2030 : 2045, 0) / 1000;
  for (const vector of vectors) {
    test(vector.name, async () => {
      assert.equal(await verdict(vector, nowSeconds), vector.expected);
      assert.equal(await verdict(vector, later(vector)), vector.expected, "it depends on the day");
    });
  }

  for (const vector of vectors) {
    test(`${vector.name}, by Sequoia alone`, async () =>
      assert.equal((await verdict(vector, nowSeconds, ["sequoia"])) === "accepted", vector.sequoia));
  }

  for (const vector of vectors) {
    // GnuPG prints the keys that it finds in a message; they become part of the content, which is no payload any more.
    const isPrinted = keysInContent.includes(vector.name);
    test(`${vector.name}, by GnuPG alone`, async () =>
      assert.equal((await problem(vector, nowSeconds, ["gnupg"])) === undefined, vector.gnupg && !isPrinted));
    test(`${vector.name}, by go-crypto alone`, async () => {
      const found = await problem(vector, nowSeconds, ["go"]);
      assert.equal(found === undefined, vector.goCrypto && vector.name !== decidedByChance);
      if (found !== undefined && "fingerprint" in found)
        assert.match(found.fingerprint, /^[0-9A-F]{40}([0-9A-F]{24})?$/);
    });
  }

  test("accepted is what every back end accepted", () => {
    for (const { name, goCrypto, gnupg, sequoia, expected } of vectors) {
      // Keyrings of several armoured blocks are read as GnuPG reads them; a few things are refused on purpose.
      const exempt = name.includes("arm-two") || name === "two-armored second key";
      assert.ok(exempt || expected !== "accepted" || (goCrypto && gnupg && sequoia), name);
    }
    assert.ok(vectors.filter(({ expected }) => expected === "accepted").length > 100);
  });

  for (const code of [
    "policy.trust.empty",
    "policy.trust.invalid",
    "signature.expired",
    "signature.hash.weak",
    "signature.invalid",
    "signature.key.expired",
    "signature.key.revoked",
    "signature.key.unknown",
    "signature.key.unusable",
    "signature.key.weak",
    "signature.openpgp.malformed",
    "signature.openpgp.not-signed",
    "signature.openpgp.several",
    "signature.openpgp.trailing-data",
    "signature.openpgp.unsupported",
    "signature.time.before-key",
    "signature.time.future",
  ]) {
    test(`some are ${code}`, () => assert.ok(vectors.some(({ expected }) => expected === code)));
  }
});
