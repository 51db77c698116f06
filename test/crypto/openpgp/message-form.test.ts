import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { messageForm } from "../../../src/crypto/openpgp/message-form.ts";
import { fixtures } from "../../support/images.ts";

const detached = readFileSync(join(fixtures, "images", "gpg-detached-signature", "signature-1"));
const usual = readFileSync(join(fixtures, "images", "gpg-payload-uncompressed", "signature-1"));
/** An old-format literal packet with a name of no octets and no content. */
const literal = Buffer.from([0xac, 0x06, 0x62, 0x00, 0, 0, 0, 0]);

describe("messageForm", () => {
  const rows: readonly { what: string; bytes: Uint8Array; form: string | undefined }[] = [
    { what: "nothing", bytes: Buffer.alloc(0), form: undefined },
    { what: "a usual message", bytes: usual, form: undefined },
    { what: "a literal alone", bytes: literal, form: undefined },
    { what: "a detached signature", bytes: detached, form: "detached" },
    { what: "two of them", bytes: Buffer.concat([detached, detached]), form: "detached" },
    { what: "the signature first", bytes: Buffer.concat([detached, literal]), form: "signature-first" },
    { what: "cut off", bytes: detached.subarray(0, -1), form: undefined },
    { what: "no packets", bytes: Buffer.from("hello"), form: undefined },
  ];
  for (const { what, bytes, form } of rows) it(what, () => assert.equal(messageForm(bytes), form));

  it("any bytes have a form or none", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void messageForm(bytes)));
  });
});
