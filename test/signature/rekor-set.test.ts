import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseRekorPayload, parseRekorSet } from "../../src/signature/rekor-set.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const hash = "00ff".repeat(16);
const body =
  `{"apiVersion":"0.0.1","kind":"hashedrekord","spec":{"data":{"hash":{"algorithm":"sha256","value":"${hash}"}},` +
  `"signature":{"content":"${base64("sig")}","publicKey":{"content":"${base64("pem")}"}}}}`;

const payloadText = (integratedTime = "1600000000", logID = '"c0"', entry = body) =>
  `{"body":"${base64(entry)}","integratedTime":${integratedTime},"logID":${logID},"logIndex":7}`;

function canonical(payload: string): string | undefined {
  const set = parseRekorSet(`{"SignedEntryTimestamp":"${base64("set")}","Payload":${payload}}`);
  return set.ok ? Buffer.from(set.value.untrustedCanonicalPayload).toString() : undefined;
}

describe("parseRekorSet: the bundle is strict", () => {
  const rows: [text: string, accepted: boolean, why: string][] = [
    ['{"SignedEntryTimestamp":"AA==","Payload":{}}', true, "both keys"],
    ['{"Payload":{},"SignedEntryTimestamp":"AA=="}', true, "in any order"],
    ['{"SignedEntryTimestamp":[1,2],"Payload":{}}', true, "bytes as a list"],
    ['{"SignedEntryTimestamp":null,"Payload":{}}', true, "no bytes, which verify nothing"],
    ['{"signedEntryTimestamp":"AA==","Payload":{}}', false, "letter case"],
    ['{"SignedEntryTimestamp":"AA==","Payload":{},"more":1}', false, "an unknown key"],
    ['{"SignedEntryTimestamp":"AA==","Payload":{},"Payload":{}}', false, "a duplicate"],
    ['{"SignedEntryTimestamp":"AA=="}', false, "a missing key"],
    ['{"SignedEntryTimestamp":"A","Payload":{}}', false, "no base64"],
    ['{"SignedEntryTimestamp":"AA==","Payload":null}', false, "nothing to canonicalize"],
    ['{"SignedEntryTimestamp":"AA==","Payload":"{}"}', false, "nor in a string"],
    ["", false, "nothing"],
  ];
  for (const [text, accepted, why] of rows) {
    it(`${text}: ${why}`, () => assert.equal(parseRekorSet(text).ok, accepted));
  }
});

describe("parseRekorSet: the canonical form is what was signed", () => {
  const rows: [payload: string, expected: string | undefined, why: string][] = [
    ['{ "b" : 1, "a" : 2 }', '{"a":2,"b":1}', "keys are sorted, blanks go"],
    ['{"\\u0061":1}', '{"a":1}', "escapes go"],
    ['{"a":"\\u0000\\u001f\\n\\u00e9\\/"}', '{"a":"\\u0000\\u001f\\n\u00e9/"}', "but where they must stay"],
    ['{"a":1.6e9}', '{"a":1600000000}', "numbers are respelt"],
    ['{"a":16000000000e-1}', '{"a":1600000000}', "whatever the exponent"],
    ['{"a":1e21}', '{"a":1e+21}', "as ECMAScript prints them"],
    ['{"a":-0}', '{"a":0}', "minus zero"],
    ['{"a":1e400}', undefined, "beyond float64"],
    ['{"a":1,"a":1}', undefined, "a duplicate"],
    ['{"a":1,"\\u0061":1}', undefined, "a duplicate in disguise"],
    ['{"a":"\\ud800"}', undefined, "a lone surrogate"],
    ['{"a":"\\ud800x"}', undefined, "before anything but an escape"],
    ['{"a":"\\ud800\\u0041"}', '{"a":"\ufffd"}', "the reference swallows an escape after it"],
    ['{"a":"\\ud83d\\ude00"}', '{"a":"\u{1f600}"}', "a pair is a character"],
    ['{"\u{1f600}":1,"\ufb33":2}', '{"\u{1f600}":1,"\ufb33":2}', "sorted by UTF-16 units"],
    ['{"a":[1,{"c":1,"b":[]}]}', '{"a":[1,{"b":[],"c":1}]}', "nested"],
    [`{"a":${"[".repeat(100)}${"]".repeat(100)}}`, undefined, "too deep"],
  ];
  for (const [payload, expected, why] of rows) {
    it(`${payload.slice(0, 60)}: ${why}`, () => assert.equal(canonical(payload), expected));
  }
  it("is a fixed point", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue()), (value) => {
        const once = canonical(JSON.stringify(value));
        assert.ok(once !== undefined);
        assert.equal(canonical(once), once);
        assert.deepEqual(JSON.parse(once), JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe("parseRekorPayload: strict outside, lenient in the body", () => {
  const edited = (from: string, to: string) => {
    assert.ok(body.includes(from), from);
    return payloadText(undefined, undefined, body.replace(from, to));
  };
  const rows: [
    payload: string,
    outcome: "ok" | "signature.rekor.malformed" | "signature.rekor.unsupported",
    why: string,
  ][] = [
    [payloadText(), "ok", "valid"],
    [payloadText("1600000000.0"), "signature.rekor.malformed", "a fraction (before canonicalization)"],
    [payloadText("1e21"), "signature.rekor.malformed", "no integer any more"],
    [payloadText("100000000000000000000"), "signature.rekor.malformed", "too many digits for int64"],
    [payloadText("null"), "ok", "null is 0"],
    [payloadText(undefined, "null"), "ok", "logID may be null"],
    [payloadText(undefined, '""'), "ok", "or empty"],
    [payloadText(undefined, "1"), "signature.rekor.malformed", "but no number"],
    [payloadText().replace('"logIndex"', '"logindex"'), "signature.rekor.malformed", "keys are exact"],
    [edited('"apiVersion"', '"APIVERSION"'), "ok", "any letter case in the body"],
    [edited('"kind":"hashedrekord"', '"kind":"rekord","kind":"hashedrekord"'), "ok", "the last duplicate wins"],
    [
      edited('"kind":"hashedrekord"', '"kind":"hashedrekord","kind":"rekord"'),
      "signature.rekor.unsupported",
      "whichever it is",
    ],
    [edited('"spec"', '"more":1,"spec"'), "ok", "unknown keys"],
    [edited('"0.0.1"', '"0.0.2"'), "signature.rekor.unsupported", "another version"],
    [edited('"0.0.1"', "null"), "signature.rekor.unsupported", "no version"],
    [edited('"hashedrekord"', '"intoto"'), "signature.rekor.unsupported", "another kind"],
    [edited('"sha256"', '"sha512"'), "signature.rekor.unsupported", "another hash"],
    [edited(`"${hash}"`, `"${hash.toUpperCase()}"`), "ok", "upper-case hex"],
    [edited(`"${hash}"`, '"0"'), "signature.rekor.malformed", "no hex"],
    [edited(`"value":"${hash}"`, '"value":null'), "signature.rekor.malformed", "no value"],
    [edited('"data":', '"data":{"hash":null},"data":'), "ok", "a later object fills what null emptied"],
    [edited('"signature":', '"data":null,"signature":'), "signature.rekor.malformed", "null takes away"],
    [edited('"publicKey":', '"publickey":null,"publicKey":'), "ok", "and an object brings back"],
    [edited('"content"', '"content":1,"content"'), "signature.rekor.malformed", "a wrong type anywhere"],
    [payloadText(undefined, undefined, "null"), "signature.rekor.unsupported", "a null body has no kind"],
    [payloadText(undefined, undefined, ""), "signature.rekor.malformed", "an empty body"],
  ];
  for (const [payload, expected, why] of rows) {
    it(`${why}: ${payload.slice(-90)}`, () => {
      const parsed = parseRekorPayload(Buffer.from(payload));
      assert.equal(parsed.ok ? "ok" : parsed.problem.code, expected);
    });
  }
  it("gives what the entry is about", () => {
    const parsed = parseRekorPayload(Buffer.from(payloadText()));
    assert.ok(parsed.ok);
    assert.equal(parsed.value.integratedTimeSeconds, 1600000000);
    assert.equal(Buffer.from(parsed.value.publicKey).toString(), "pem");
    assert.equal(Buffer.from(parsed.value.signature).toString(), "sig");
    assert.equal(Buffer.from(parsed.value.payloadSha256).toString("hex"), hash);
  });
  it("never throws", () => {
    fc.assert(fc.property(fc.json(), (text) => void parseRekorSet(text)));
    fc.assert(fc.property(fc.json(), (text) => void parseRekorPayload(Buffer.from(payloadText("1", '""', text)))));
  });
});
