import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseSignatureBlob } from "../../src/signature/blob.ts";

const latin1 = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));
const sigstore = (json: string) => latin1(`\0sigstore-json\n${json}`);
const parse = (bytes: Uint8Array) => parseSignatureBlob(bytes, "signature-1");

function outcome(bytes: Uint8Array): string {
  const parsed = parse(bytes);
  return parsed.ok ? parsed.value.format : parsed.problem.code;
}

function envelope(json: string) {
  const parsed = parse(sigstore(json));
  assert.ok(parsed.ok && parsed.value.format === "sigstore", json);
  const { untrustedMimeType, untrustedPayload, untrustedAnnotations } = parsed.value.envelope;
  return {
    mimeType: untrustedMimeType,
    payload: Buffer.from(untrustedPayload).toString("latin1"),
    annotations: Object.fromEntries(untrustedAnnotations),
  };
}

describe("parseSignatureBlob: the format", () => {
  const rows: [bytes: string, outcome: string, why: string][] = [
    ["", "image.signature.empty", "nothing"],
    ["\xa3x", "simple-signing", "a compressed packet"],
    ["\x90x", "simple-signing", "a one-pass signature packet"],
    ["\x92x", "simple-signing", "the same with another length type"],
    ["\x3dx", "simple-signing", "the reference takes '=' for a packet"],
    ["\x93x", "image.signature.format", "and does not take this one"],
    ["\xc4x", "simple-signing", "a new-format one-pass signature packet"],
    ["\x88x", "simple-signing", "a signature packet"],
    ["\xc2x", "simple-signing", "a new-format signature packet"],
    ["\xcbx", "image.signature.format", "a literal packet is not listed"],
    ["-----BEGIN PGP MESSAGE-----", "image.signature.format", "armour is not known"],
    ["\0simple-signing\nanything", "simple-signing", "behind the name anything goes"],
    ["\0simple-signing\n", "simple-signing", "even nothing"],
    ["\0simple-signing", "image.signature.format", "no newline"],
    ["\0Simple-signing\nx", "image.signature.format", "names are exact"],
    ["\0simple-signing\r\nx", "image.signature.format", "also at the end"],
    ["\0\nx", "image.signature.format", "no name"],
    ["\0notation-jws\nx", "image.signature.format", "a name nobody knows"],
    ["\0sigstore-json\n", "image.signature.malformed", "no JSON"],
    ["\0sigstore-json\n{", "image.signature.malformed", "cut off"],
    ["\0sigstore-json\n{}", "sigstore", "everything may be missing"],
    ["\0sigstore-json\nnull", "sigstore", "null is an empty struct"],
    ["\0sigstore-json\n[]", "image.signature.malformed", "a list is none"],
    ["\0sigstore-json\n{} {}", "image.signature.malformed", "trailing data"],
  ];
  for (const [bytes, expected, why] of rows) {
    it(`${JSON.stringify(bytes)}: ${why}`, () => assert.equal(outcome(latin1(bytes)), expected));
  }
});

describe("parseSignatureBlob: the sigstore envelope is as lenient as Go", () => {
  const rows: [json: string, expected: Partial<ReturnType<typeof envelope>>, why: string][] = [
    [
      '{"mimeType":"a","payload":"eHk=","annotations":{"k":"v"}}',
      { mimeType: "a", payload: "xy", annotations: { k: "v" } },
      "plain",
    ],
    ['{"MIMETYPE":"a","PayLoad":"eHk="}', { mimeType: "a", payload: "xy" }, "keys in any letter case"],
    ['{"annotation\u017f":{"k":"v"}}'.replace("\u017f", "\\u017f"), { annotations: { k: "v" } }, "a long s folds to s"],
    ['{"mimeType":"a","mimetype":"b"}', { mimeType: "b" }, "the last duplicate wins"],
    ['{"mimeType":"a","mimeType":null}', { mimeType: "a" }, "but null changes nothing"],
    ['{"annotations":{"a":"1","b":"2"},"annotations":{"b":"3"}}', { annotations: { a: "1", b: "3" } }, "maps merge"],
    ['{"annotations":{"a":"1"},"annotations":null}', { annotations: {} }, "unless null empties them"],
    ['{"annotations":{"a":null}}', { annotations: { a: "" } }, "a null value is an empty string"],
    ['{"payload":[120,121,null]}', { payload: "xy\0" }, "bytes as a list of numbers"],
    ['{"payload":"eH\\nk="}', { payload: "xy" }, "base64 with a newline"],
    ['{"payload":null}', { payload: "" }, "no bytes"],
    ['{"other":1e999,"payload":"eHk="}', { payload: "xy" }, "unknown keys are skipped unread"],
    ['{"annotations":{"__proto__":"x"}}', { annotations: Object.fromEntries([["__proto__", "x"]]) }, "a plain key"],
  ];
  for (const [json, expected, why] of rows) {
    it(`${json}: ${why}`, () => assert.partialDeepStrictEqual(envelope(json), expected));
  }

  const refused = [
    '{"mimeType":1}',
    '{"mimeType":"a","MIMETYPE":[]}',
    '{"payload":"e"}',
    '{"payload":"eHk"}',
    '{"payload":"eH k="}',
    '{"payload":[256]}',
    '{"payload":[-1]}',
    '{"payload":[1.0]}',
    '{"payload":{}}',
    '{"annotations":[]}',
    '{"annotations":{"k":1}}',
    '{"annotations":{"k":{}}}',
  ];
  for (const json of refused) {
    it(`refuses ${json}`, () => assert.equal(outcome(sigstore(json)), "image.signature.malformed"));
  }
});

it("parseSignatureBlob never throws", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void outcome(bytes)));
  fc.assert(fc.property(fc.string(), (text) => void outcome(sigstore(text))));
  fc.assert(fc.property(fc.json(), (json) => void outcome(sigstore(json))));
});
