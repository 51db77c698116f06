import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withoutUserinfo } from "../../src/encoding/go-url.ts";

describe("an address without a name and password", () => {
  const rows: readonly (readonly [text: string, shown: string])[] = [
    ["https://sigs.example.com", "https://sigs.example.com"],
    ["https://sigs.example.com/a@b?c@d", "https://sigs.example.com/a@b?c@d"],
    ["file:///var/lib/a@b", "file:///var/lib/a@b"],
    ["https://user:Secret@sigs.example.com/a@b", "https://xxxxx@sigs.example.com/a@b"],
    ["https://Secret@sigs.example.com?x=@", "https://xxxxx@sigs.example.com?x=@"],
    ["https://user:Se@cret@sigs.example.com", "https://xxxxx@sigs.example.com"],
    ["//user:Secret@sigs.example.com/", "//xxxxx@sigs.example.com/"],
    ["https://user:Secret@", "https://xxxxx@"],
    ["https://user:Sec/ret@sigs.example.com", "https://xxxxx@sigs.example.com"],
    ["https://us er:Secret@sigs.example.com", "https://xxxxx@sigs.example.com"],
    ["https://user:Secret@sigs example.com", "https://xxxxx@sigs example.com"],
    ["https:user:Secret@sigs.example.com", "xxxxx@sigs.example.com"],
    ["user:Secret@sigs.example.com", "xxxxx@sigs.example.com"],
    ["user:Secret@sigs.example.com//x", "xxxxx@sigs.example.com//x"],
    ["%zz://user:Secret@sigs.example.com", "%zz://xxxxx@sigs.example.com"],
  ];
  for (const [text, shown] of rows) {
    it(text, () => {
      assert.equal(withoutUserinfo(text), shown);
    });
  }
});
