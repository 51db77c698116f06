import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { passwordIn } from "../../src/audit/database/password-file.ts";

const server = { host: "db.example.com", port: 5432, database: "fleet", user: "audit" };

const rows: readonly (readonly [
  name: string,
  text: string,
  expected: string | undefined,
  asked?: Partial<typeof server>,
])[] = [
  ["all that is asked", "db.example.com:5432:fleet:audit:secret", "secret"],
  ["anything", "*:*:*:*:secret", "secret"],
  ["the first that is right", "other:*:*:*:one\n*:*:fleet:*:two\n*:*:*:*:three", "two"],
  ["a comment", "#db.example.com:5432:fleet:audit:no\n*:*:*:audit:yes", "yes"],
  ["ends of lines of Windows", "other:*:*:*:one\r\n*:*:*:*:two\r\n", "two"],
  ["colons in a field", "*:*:*:a\\:b:x", "x", { user: "a:b" }],
  ["a backslash in a field", "*:*:*:a\\\\b:x", "x", { user: "a\\b" }],
  ["colons in the password", "*:*:*:*:a\\:b", "a:b"],
  ["what follows an unmarked colon is another field", "*:*:*:*:a:b", "a"],
  ["a socket where it is by default", "localhost:*:*:*:x", "x", { host: "/var/run/postgresql" }],
  ["a socket elsewhere", "/srv/pg:*:*:*:x", "x", { host: "/srv/pg" }],
  ["an address of IPv6", "\\:\\:1:*:*:*:x", "x", { host: "::1" }],
  ["another host", "db.example.org:*:*:*:x", undefined],
  ["another port", "*:5433:*:*:x", undefined],
  ["another database", "*:*:fleets:*:x", undefined],
  ["another user", "*:*:*:audits:x", undefined],
  ["too few fields", "*:*:*:x", undefined],
  ["nothing", "", undefined],
];

describe("a password file as libpq reads it", () => {
  for (const [name, text, expected, asked = {}] of rows) {
    it(name, () => assert.equal(passwordIn(text, { ...server, ...asked }), expected));
  }
});
