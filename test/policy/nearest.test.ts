import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { nearest } from "../../src/policy/nearest.ts";
import { testRows } from "../identity/rows.ts";

const keys = ["type", "keyType", "keyPath", "keyPaths", "keyData", "fulcio", "pki", "signedIdentity"];

describe("nearest", () => {
  const rows: readonly { word: string; expected: string | undefined; why: string }[] = [
    { word: "keypath", expected: "keyPath", why: "letter case" },
    { word: "KEYPATHS", expected: "keyPaths", why: "letter case beats keyPath" },
    { word: "keyPth", expected: "keyPath", why: "a letter left out" },
    { word: "keyPathh", expected: "keyPath", why: "a letter too many; keyPaths is as near, and later" },
    { word: "keyPahts", expected: "keyPaths", why: "two letters swapped" },
    { word: "keyDate", expected: "keyData", why: "a wrong letter" },
    { word: "keyFile", expected: undefined, why: "another word" },
    { word: "signed-identity", expected: "signedIdentity", why: "another way to join words" },
    { word: "PKI", expected: "pki", why: "letter case of a short word" },
    { word: "pkcs", expected: undefined, why: "half of a short word is too much" },
    { word: "tpye", expected: "type", why: "two letters swapped in a short word" },
    { word: "name", expected: undefined, why: "as long as type, and nothing like it" },
    { word: "", expected: undefined, why: "nothing is near nothing" },
    { word: "K\u212aeyPath", expected: "keyPath", why: "KELVIN SIGN is a letter like others" },
    { word: "k".repeat(65), expected: undefined, why: "too long to be looked at" },
  ];
  testRows(
    rows,
    (row) => row.word,
    ({ word, expected }) => assert.equal(nearest(word, keys), expected),
  );

  test("a word that is known is nearest to itself", () => {
    for (const key of keys) assert.equal(nearest(key, keys), key);
  });
});
