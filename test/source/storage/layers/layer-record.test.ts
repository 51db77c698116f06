import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { maxLayerListValues } from "../../../../src/limits.ts";
import { parseLayerList } from "../../../../src/source/storage/layers/layer-record.ts";

const a = "a".repeat(64);
const b = "b".repeat(64);

describe("parseLayerList", () => {
  const rows: readonly (readonly [text: string, expected: string])[] = [
    ["", ""],
    ["[]", ""],
    ["null", ""],
    [`[{"id":"${a}"}]`, "a: size 0"],
    [`[{"id":"${a}","diff-size":5,"parent":"${b}"}]`, "a: parent b, size 5"],
    [`[{"ID":"${a}","Diff-Size":5}]`, "a: size 5"],
    [`[{"id":"${a}","diff-size":5,"diff-size":6}]`, "a: size 6"],
    [`[{"id":"${a}","diff-size":5,"diff-size":null}]`, "a: size 5"],
    [`[{"id":"${a}","diff-size":1},{"id":"${a}","diff-size":2}]`, "a: size 1"],
    [`[{"id":"${a}","flags":{"incomplete":true}},{"id":"${b}"}]`, "b: size 0"],
    [`[{"id":"${a}","flags":{"incomplete":"true"}}]`, "a: size 0"],
    [`[{"id":"${a}","flags":{"incomplete":true,"incomplete":false}}]`, "a: size 0"],
    [`[{"id":"${a}","flags":{"incomplete":true},"flags":null}]`, "a: size 0"],
    [`[{"id":"${a}","flags":{"incomplete":true}},{"id":"${a}","diff-size":3}]`, ""],
    [`[{"id":"../x"},{"id":""},{},null,{"id":"${a.toUpperCase()}"},{"id":"${b}"}]`, "b: size 0"],
    ["{}", "a value of the wrong type"],
    ["[1]", "a value of the wrong type"],
    [`[{"id":"${a}","diff-size":1.5}]`, "a value of the wrong type"],
    [`[{"id":"${a}","diff-size":"5"}]`, "a value of the wrong type"],
    [`[{"id":1}]`, "a value of the wrong type"],
    [`[{"id":"${a}","flags":[]}]`, "a value of the wrong type"],
    [`[{"id":"${a}","flags":{"x":1e999}}]`, "a value of the wrong type"],
    [`[{"id":"${a}"}`, "not JSON"],
    ["[]]", "not JSON"],
    [`[${"0,".repeat(maxLayerListValues)}0]`, `more than ${maxLayerListValues} values`],
  ];
  for (const [text, expected] of rows) {
    it(text.slice(0, 200), () => {
      const listed = parseLayerList(Buffer.from(text), "layers.json");
      if (!listed.ok) {
        const { problem } = listed;
        assert.deepEqual(problem, { code: "image.source.malformed", name: "layers.json", detail: expected });
        return;
      }
      const said = listed.value.map(({ id, untrustedParent, sizeBytes }) => {
        const parent = untrustedParent === "" ? "" : `parent ${untrustedParent.slice(0, 1)}, `;
        return `${id.slice(0, 1)}: ${parent}size ${sizeBytes}`;
      });
      assert.equal(said.join("; "), expected);
    });
  }
});
