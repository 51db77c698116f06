import assert from "node:assert/strict";
import { describe } from "node:test";
import { fulcioIssuer } from "../../../src/crypto/x509/fulcio.ts";
import { testRows } from "../../identity/rows.ts";
import { certificate, element, extension } from "../../support/certificates.ts";

describe("fulcioIssuer", () => {
  const v1 = (text: string): Uint8Array => extension("1.3.6.1.4.1.57264.1.1", Buffer.from(text, "latin1"));
  const v2 = (der: Uint8Array): Uint8Array => extension("1.3.6.1.4.1.57264.1.8", der);
  const utf8 = (text: string): Uint8Array => element(0x0c, text);
  interface Row {
    readonly what: string;
    readonly extensions: readonly Uint8Array[];
    readonly issuer: string | undefined;
  }
  const rows: readonly Row[] = [
    { what: "v1", extensions: [v1("https://i")], issuer: "https://i" },
    { what: "v2", extensions: [v2(utf8("https://i"))], issuer: "https://i" },
    { what: "both, the same", extensions: [v1("https://i"), v2(utf8("https://i"))], issuer: "https://i" },
    { what: "both, different", extensions: [v1("https://i"), v2(utf8("https://j"))], issuer: undefined },
    { what: "neither", extensions: [], issuer: undefined },
    { what: "v1 good, v2 malformed", extensions: [v1("https://i"), v2(Uint8Array.of(0x0c))], issuer: undefined },
    { what: "v1 is not ASN.1", extensions: [v1("\x0c\x01a")], issuer: "\x0c\x01a" },
    { what: "v1 is not UTF-8", extensions: [v1("\xff")], issuer: undefined },
    { what: "v1 empty", extensions: [v1("")], issuer: "" },
    { what: "v2 as PrintableString", extensions: [v2(element(0x13, "https://i"))], issuer: "https://i" },
    { what: "v2 as IA5String", extensions: [v2(element(0x16, "https://i"))], issuer: "https://i" },
    { what: "v2 as T61String", extensions: [v2(element(0x14, "\xe9"))], issuer: "é" },
    { what: "v2 as OCTET STRING", extensions: [v2(element(0x04, "https://i"))], issuer: undefined },
    { what: "v2 and something behind", extensions: [v2(Buffer.concat([utf8("i"), utf8("j")]))], issuer: undefined },
    { what: "v2 with a long length", extensions: [v2(Uint8Array.of(0x0c, 0x81, 1, 0x69))], issuer: undefined },
  ];
  testRows(
    rows,
    (row) => row.what,
    ({ extensions, issuer }) => {
      const found = fulcioIssuer(certificate({ extensions }));
      assert.equal(found.ok ? found.value : undefined, issuer);
    },
  );
});
