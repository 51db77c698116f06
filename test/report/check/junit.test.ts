import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { junitPieces } from "../../../src/report/check/junit.ts";
import type { CheckRun } from "../../../src/report/checked-image.ts";
import { checkedImage, checkRun, hostileRun, runOf } from "../../support/checked-images.ts";
import { readXml, type XmlElement } from "../../support/xml.ts";

const read = (run: CheckRun) => readXml([...junitPieces(run)].join(""));

/** What junit-10.xsd of Jenkins' xUnit plugin allows of that which is used here. */
const schema: Readonly<
  Record<
    string,
    { readonly needs: readonly string[]; readonly may: readonly string[]; readonly holds: readonly string[] }
  >
> = {
  testsuites: { needs: [], may: ["name", "time", "tests", "failures", "errors"], holds: ["testsuite"] },
  testsuite: {
    needs: ["name"],
    may: ["name", "tests", "failures", "errors", "timestamp", "time"],
    holds: ["testcase"],
  },
  testcase: { needs: ["name", "classname"], may: ["name", "classname", "time"], holds: ["failure", "error"] },
  failure: { needs: [], may: ["type", "message"], holds: [] },
  error: { needs: [], may: ["type", "message"], holds: [] },
};

function assertValid(element: XmlElement): void {
  const rule = schema[element.name];
  assert.ok(rule !== undefined, `<${element.name}>`);
  for (const name of rule.needs) assert.ok(Object.hasOwn(element.attributes, name), `${element.name} has no ${name}`);
  for (const name of Object.keys(element.attributes)) assert.ok(rule.may.includes(name), `${element.name} has ${name}`);
  for (const child of element.children) {
    assert.ok(rule.holds.includes(child.name), `<${child.name}> in <${element.name}>`);
    assertValid(child);
  }
}

const runs: Readonly<Record<string, CheckRun>> = {
  "of many kinds": checkRun(2000),
  hostile: hostileRun(),
  "of nothing": checkRun(0),
  interrupted: checkRun(3, { isComplete: false, total: 9 }),
};

describe("JUnit XML of a check", () => {
  for (const [name, run] of Object.entries(runs))
    it(`of a run ${name} is as the schema says`, () => assertValid(read(run)));

  it("has a suite for each registry, a case for each image, and counts that are right", () => {
    const run = checkRun(2000);
    const root = read(run);
    const names = root.children.map(({ attributes: { name } }) => name);
    assert.deepEqual(new Set(names).size, names.length);
    assert.ok(names.includes("mirror.example.net:5000"));
    const cases = root.children.flatMap(({ children }) => children);
    assert.deepEqual(
      new Set(cases.map(({ attributes: { name } }) => name)),
      new Set([...run.results].map(({ reference }) => reference)),
    );
    for (const suite of [root, ...root.children]) {
      const own = suite === root ? cases : suite.children;
      const having = (element: string) => own.filter(({ children }) => children[0]?.name === element).length;
      const { tests, failures, errors } = suite.attributes;
      assert.deepEqual([tests, failures, errors].map(Number), [own.length, having("failure"), having("error")]);
    }
  });

  for (const { code, element } of [
    { code: "accepted", element: undefined },
    { code: "requirement.signature.missing", element: "failure" },
    { code: "source.unreachable", element: "error" },
    { code: "policy.trust.unreadable", element: "error" },
  ]) {
    it(`${code}: ${element ?? "no failure"}`, () => {
      const image = Array.from({ length: 2000 }, (_, number) => checkedImage(number)).find(
        (found) => found.code === code,
      );
      assert.ok(image !== undefined);
      const [found] = read(runOf([image])).children[0]?.children[0]?.children ?? [];
      assert.equal(found?.name, element);
      if (found === undefined) return;
      const { type, message } = found.attributes;
      assert.deepEqual({ type, message, text: found.text }, { type: code, message: image.reason, text: image.message });
    });
  }

  it("of an interrupted run has an error that says so", () => {
    const root = read(checkRun(3, { isComplete: false, total: 9 }));
    const { errors } = root.attributes;
    const { type } = root.children.at(-1)?.children[0]?.children[0]?.attributes ?? {};
    assert.deepEqual({ errors, type }, { errors: "1", type: "interrupted" });
  });

  it("comes in pieces", () => {
    for (const piece of junitPieces(checkRun(2000))) assert.ok(piece.length < 10_000);
  });
});
