import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { maxSecretForms } from "../../../src/limits.ts";
import { Secrets } from "../../../src/source/registry/secrets.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("what servers say, without secrets", () => {
  const password = `Pass"w+rd/1?`;
  const basic = base64(`user:${password}`);
  const rows: readonly (readonly [said: string, shown: string])[] = [
    ["authentication required", "authentication required"],
    [`wrong: ${password}.`, "wrong: xxxxx."],
    [`${password}${password}`, "xxxxxxxxxx"],
    [`got Basic ${basic}`, "got Basic xxxxx"],
    [`got ${basic.replace(/=+$/, "")}`, "got xxxxx"],
    [`got ${Buffer.from(`user:${password}`).toString("base64url")}`, "got xxxxx"],
    [`got ${base64(password).replace(/=+$/, "")}!`, "got xxxxx!"],
    [JSON.stringify({ password }), '{"password":"xxxxx"}'],
    [`/?p=${encodeURIComponent(password)}&x`, "/?p=xxxxx&x"],
    [new URLSearchParams({ password }).toString(), "password=xxxxx"],
    [password.toUpperCase(), "xxxxx"],
    ["token-of-BEARER", "xxxxx"],
    ["token-of-bearer-and-more", "xxxxx"],
    ["a-token-of-bearer", "a-xxxxx"],
    ["token-of-", "token-of-"],
    ["\u0130 token-of-bearer", "\u0130 xxxxx"],
  ];
  for (const [said, shown] of rows) {
    it(said, () => {
      const secrets = new Secrets();
      secrets.addAuthorization(`Basic ${basic}`);
      secrets.addAuthorization("Bearer token-of-bearer");
      secrets.add("bearer-and-more");
      assert.equal(secrets.redacted(said), shown);
    });
  }

  it("a password of a letter or none is in every text", () => {
    const secrets = new Secrets();
    for (const short of ["", "a", "abc"]) secrets.addAuthorization(`Basic ${base64(`user:${short}`)}`);
    assert.equal(secrets.redacted("abc of a user"), "abc of a user");
    assert.equal(secrets.redacted(`abc ${base64("user:abc")}`), "abc xxxxx==".replace("==", ""));
  });

  it("no beginning of one where a long text is cut off", () => {
    const secrets = new Secrets();
    const long = "0123456789".repeat(200);
    secrets.add(long);
    for (let before = 0; before < 5000; before += 7) {
      const shown = secrets.redacted(`${"-".repeat(before)}${long}${long}${"-".repeat(5000)}`);
      assert.doesNotMatch(shown, /0123/);
    }
  });

  it("the latest of many", () => {
    const secrets = new Secrets();
    for (let at = 0; at < maxSecretForms; at += 1) secrets.add(`token ${at}`);
    assert.equal(secrets.redacted(`token ${maxSecretForms - 1}`), "xxxxx");
    assert.equal(secrets.redacted("token 0"), "token 0");
  });
});
