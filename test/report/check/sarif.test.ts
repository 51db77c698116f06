import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { codes } from "../../../src/codes.ts";
import { sarifPieces } from "../../../src/report/check/sarif.ts";
import type { CheckRun } from "../../../src/report/checked-image.ts";
import { checkedImage, checkRun, hostileRun, runOf } from "../../support/checked-images.ts";

const text = (run: CheckRun) => [...sarifPieces(run, "1.2.3")].join("");
const read = (run: CheckRun) => JSON.parse(text(run));

const message = {
  type: "object",
  required: ["text"],
  properties: { text: { type: "string", minLength: 1 } },
  additionalProperties: false,
};
const name = { type: "string", minLength: 1 };

/** Of sarif-schema-2.1.0.json by OASIS what is used here, and nothing that is not. */
const isSarif = new Ajv2020({ strict: true, allErrors: true }).compile({
  type: "object",
  required: ["version", "runs"],
  additionalProperties: false,
  properties: {
    $schema: { type: "string" },
    version: { const: "2.1.0" },
    runs: {
      type: "array",
      minItems: 1,
      maxItems: 1,
      items: {
        type: "object",
        required: ["tool", "results", "invocations", "columnKind"],
        additionalProperties: false,
        properties: {
          columnKind: { const: "utf16CodeUnits" },
          tool: {
            type: "object",
            required: ["driver"],
            additionalProperties: false,
            properties: {
              driver: {
                type: "object",
                required: ["name", "version", "rules"],
                additionalProperties: false,
                properties: {
                  name,
                  version: name,
                  rules: {
                    type: "array",
                    uniqueItems: true,
                    items: {
                      type: "object",
                      required: ["id", "shortDescription", "help"],
                      additionalProperties: false,
                      properties: {
                        id: name,
                        name,
                        shortDescription: message,
                        help: message,
                        defaultConfiguration: {
                          type: "object",
                          properties: { level: { enum: ["none", "note", "warning", "error"] } },
                          additionalProperties: false,
                        },
                      },
                    },
                  },
                },
              },
            },
          },
          invocations: {
            type: "array",
            items: {
              type: "object",
              required: ["executionSuccessful"],
              additionalProperties: false,
              properties: {
                executionSuccessful: { type: "boolean" },
                startTimeUtc: { type: "string", pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$" },
                endTimeUtc: { type: "string", pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$" },
                toolExecutionNotifications: {
                  type: "array",
                  items: {
                    type: "object",
                    required: ["message"],
                    additionalProperties: false,
                    properties: { message, level: { enum: ["none", "note", "warning", "error"] } },
                  },
                },
              },
            },
          },
          results: {
            type: "array",
            items: {
              type: "object",
              required: ["message", "ruleId", "ruleIndex", "level", "locations", "partialFingerprints"],
              additionalProperties: false,
              properties: {
                ruleId: name,
                ruleIndex: { type: "integer", minimum: 0 },
                level: { enum: ["none", "note", "warning", "error"] },
                message,
                partialFingerprints: { type: "object", additionalProperties: { type: "string" } },
                properties: { type: "object" },
                locations: {
                  type: "array",
                  items: {
                    type: "object",
                    required: ["logicalLocations"],
                    additionalProperties: false,
                    properties: {
                      physicalLocation: {
                        type: "object",
                        required: ["artifactLocation"],
                        additionalProperties: false,
                        properties: {
                          artifactLocation: {
                            type: "object",
                            additionalProperties: false,
                            properties: { uri: { type: "string", pattern: "^[A-Za-z0-9%._~!$&'()*+,;=:@/-]+$" } },
                          },
                          region: {
                            type: "object",
                            additionalProperties: false,
                            properties: { startLine: { type: "integer", minimum: 1 } },
                          },
                        },
                      },
                      logicalLocations: {
                        type: "array",
                        items: {
                          type: "object",
                          additionalProperties: false,
                          properties: { name, fullyQualifiedName: name, kind: { type: "string" } },
                        },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
});

const list = (path: string) => ({ path, lineOf: (index: number) => index + 10 });

const runs: Readonly<Record<string, CheckRun>> = {
  "of many kinds": checkRun(2000),
  "with a list": checkRun(300, { list: list("mirror/images.txt") }),
  hostile: { ...hostileRun(), list: list("a b\u202e/<#?>%.txt") },
  "of nothing": checkRun(0),
  interrupted: checkRun(3, { isComplete: false, total: 9 }),
};

describe("SARIF of a check", () => {
  for (const [name, run] of Object.entries(runs)) {
    it(`of a run ${name} is as the schema says`, () => {
      assert.ok(isSarif(read(run)), JSON.stringify(isSarif.errors?.slice(0, 3)));
    });
  }

  it("has a result for each image that was not accepted, and a rule for each code", () => {
    const run = checkRun(2000);
    const [{ results, tool }] = read(run).runs;
    const refused = [...run.results].filter(({ outcome }) => outcome !== "accepted");
    assert.deepEqual(
      results.map(
        ({ locations }: { locations: { logicalLocations: { name: string }[] }[] }) =>
          locations[0]?.logicalLocations[0]?.name,
      ),
      refused.map(({ reference }) => reference),
    );
    const { rules } = tool.driver;
    assert.equal(rules.length, new Set(refused.map(({ code }) => code)).size);
    for (const { ruleId, ruleIndex } of results) assert.equal(rules[ruleIndex].id, ruleId);
    for (const { id, shortDescription } of rules)
      assert.equal(shortDescription.text, codes[id as keyof typeof codes].meaning);
  });

  for (const { path, uri } of [
    { path: "mirror/images.txt", uri: "mirror/images.txt" },
    { path: "/srv/a b.txt", uri: "file:///srv/a%20b.txt" },
    { path: "odd:name?#%.txt", uri: "odd%3Aname%3F%23%25.txt" },
  ]) {
    it(`the line of an image in ${path}`, () => {
      const [{ results }] = read(checkRun(200, { list: list(path) })).runs;
      const [{ locations }] = results;
      const first = [...checkRun(200).results].findIndex(({ outcome }) => outcome !== "accepted");
      assert.deepEqual(locations[0].physicalLocation, { artifactLocation: { uri }, region: { startLine: first + 10 } });
    });
  }

  it("a finding has the same fingerprint in another run, whatever else was found and said", () => {
    const fingerprints = (run: CheckRun) => {
      const [{ results }] = read(run).runs;
      return results.map(({ partialFingerprints }: { partialFingerprints: object }) =>
        JSON.stringify(partialFingerprints),
      );
    };
    const all = [...checkRun(400).results];
    const refused = all
      .filter(({ outcome }) => outcome !== "accepted")
      .map((image) => ({ ...image, reason: "otherwise" }));
    assert.deepEqual(fingerprints(runOf(refused, { list: list("x") })), fingerprints(runOf(all)));
    assert.equal(new Set(fingerprints(runOf(all))).size, refused.length);
  });

  it("what looks like a link or a placeholder in a message is none", () => {
    const image = { ...checkedImage(6), message: "Rejected: x\nsee [here](https://evil.example/) or {0}" };
    assert.equal(image.outcome, "rejected");
    const [{ results }] = read(runOf([image])).runs;
    assert.ok(
      results[0].message.text.endsWith("see \\[here\\](https://evil.example/) or {{0}}"),
      results[0].message.text,
    );
  });

  it("comes in pieces", () => {
    for (const piece of sarifPieces(checkRun(2000), "1")) assert.ok(piece.length < 20_000);
  });
});
