import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { decodeBase64AsGo } from "../../src/encoding/base64.ts";
import { testRows } from "../identity/rows.ts";

describe("decodeBase64AsGo", () => {
  const rows: readonly { text: string; hex: string | undefined; why: string }[] = [
    { text: "", hex: "", why: "nothing" },
    { text: "QUJD", hex: "414243", why: "no padding needed" },
    { text: "QUI=", hex: "4142", why: "one padding" },
    { text: "QQ==", hex: "41", why: "two paddings" },
    { text: "+/+/", hex: "fbffbf", why: "both signs" },
    { text: "QR==", hex: "41", why: "bits under two paddings" },
    { text: "QUL=", hex: "4142", why: "bits under one padding" },
    { text: "\r\nQ\nU\rI\n\n=\n", hex: "4142", why: "line ends anywhere" },
    { text: "QQ=\n=", hex: "41", why: "line ends between the paddings" },
    { text: "\n", hex: "", why: "line ends only" },
    { text: "QUI", hex: undefined, why: "padding is missing" },
    { text: "QQ=", hex: undefined, why: "one padding is missing" },
    { text: "Q===", hex: undefined, why: "six bits are no byte" },
    { text: "Q", hex: undefined, why: "six bits" },
    { text: "====", hex: undefined, why: "padding only" },
    { text: "=", hex: undefined, why: "a padding alone" },
    { text: "QUJD====", hex: undefined, why: "padding after a whole group" },
    { text: "QUJD=", hex: undefined, why: "a padding after a whole group" },
    { text: "QQ==QQ==", hex: undefined, why: "something after the padding" },
    { text: "QQ=A", hex: undefined, why: "a letter after a padding" },
    { text: "Q=I=", hex: undefined, why: "padding inside" },
    { text: "QU I", hex: undefined, why: "a blank" },
    { text: "QUI=\t", hex: undefined, why: "a tab" },
    { text: "QU\u2028JD", hex: undefined, why: "another line end" },
    { text: "-_8=", hex: undefined, why: "URL-safe letters" },
    { text: "QUJ\0", hex: undefined, why: "a zero" },
    { text: "QUJé", hex: undefined, why: "no ASCII" },
    { text: "ＱＵＪＤ", hex: undefined, why: "wide letters" },
    { text: "QUJ\u0151", hex: undefined, why: "a letter that is Q in its low byte" },
  ];
  testRows(
    rows,
    (row) => row.text,
    ({ text, hex }) => {
      const bytes = decodeBase64AsGo(text);
      assert.equal(bytes && Buffer.from(bytes).toString("hex"), hex);
    },
  );

  test("any bytes come back, with line ends anywhere", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.array(fc.tuple(fc.nat(), fc.constantFrom("\n", "\r\n"))), (bytes, breaks) => {
        let text = Buffer.from(bytes).toString("base64");
        for (const [at, lineEnd] of breaks) {
          const split = at % (text.length + 1);
          text = text.slice(0, split) + lineEnd + text.slice(split);
        }
        assert.deepEqual(decodeBase64AsGo(text), bytes);
      }),
    );
  });

  test("any text: undefined, or bytes that encode to it but for line ends and bits under the padding", () => {
    const letters = fc.constantFrom(..."AQUJDwxyz09+/=\n-_ ");
    fc.assert(
      fc.property(fc.string({ unit: letters }), (text) => {
        const bytes = decodeBase64AsGo(text);
        if (bytes === undefined) return;
        const plain = text.replaceAll("\n", "");
        const again = Buffer.from(bytes).toString("base64");
        assert.equal(again.length, plain.length);
        assert.equal(again.replace(/.=*$/, ""), plain.replace(/.=*$/, ""));
      }),
      { numRuns: 2000 },
    );
  });
});
