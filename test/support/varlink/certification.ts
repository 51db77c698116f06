import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type Implementation, implement } from "../../../src/serve/varlink/implement.ts";
import { type Call, errorReply, reply } from "../../../src/serve/varlink/interface.ts";
import { org_varlink_certification } from "./org-varlink-certification.ts";

const struct = { bool: false, int: 2, float: Math.PI, string: "a lot of string" };
const map = { foo: "Foo", bar: "Bar" };
const mytype = {
  object: { method: "org.varlink.certification.Test09", parameters: { map } },
  enum: "two",
  struct: { first: 1, second: "2" },
  array: ["one", "two", "three"],
  dictionary: map,
  stringset: { one: {}, two: {}, three: {} },
  nullable: null,
  nullable_array_struct: null,
  interface: {
    foo: [null, { foo: "foo", bar: "bar" }, null, { one: "foo", two: "bar" }],
    anon: { foo: true, bar: false },
  },
} as const;
const replies = Array.from({ length: 10 }, (_, index) => `Reply number ${index + 1}`);

/** org.varlink.certification, which expects its methods in their order, each with what the one before replied. */
export function certification(): Implementation {
  const expected = new Map<string, string>();

  /** What is wrong with a call, if anything. */
  const wrong = (method: string, next: string, call: Call<{ readonly client_id: string }>, wants: object) => {
    const { client_id, ...got } = call.parameters;
    const wanted = expected.get(client_id);
    expected.delete(client_id);
    if (wanted === undefined) return errorReply("ClientIdError", {});
    if (wanted !== method || !isSame(got, wants)) {
      return errorReply("CertificationError", { wants: { method: wanted, ...wants }, got: { method, ...got } });
    }
    expected.set(client_id, next);
    return undefined;
  };

  return implement(org_varlink_certification, {
    Start: () => {
      const client_id = randomUUID();
      expected.set(client_id, "Test01");
      return reply({ client_id });
    },
    Test01: (call) => wrong("Test01", "Test02", call, {}) ?? reply({ bool: true }),
    Test02: (call) => wrong("Test02", "Test03", call, { bool: true }) ?? reply({ int: 1 }),
    Test03: (call) => wrong("Test03", "Test04", call, { int: 1 }) ?? reply({ float: 1.0 }),
    Test04: (call) => wrong("Test04", "Test05", call, { float: 1.0 }) ?? reply({ string: "ping" }),
    Test05: (call) => wrong("Test05", "Test06", call, { string: "ping" }) ?? reply(struct),
    Test06: (call) => wrong("Test06", "Test07", call, struct) ?? reply({ struct }),
    Test07: (call) => wrong("Test07", "Test08", call, { struct }) ?? reply({ map }),
    Test08: (call) => wrong("Test08", "Test09", call, { map }) ?? reply({ set: { one: {}, two: {}, three: {} } }),
    Test09: (call) => wrong("Test09", "Test10", call, { set: { one: {}, two: {}, three: {} } }) ?? reply({ mytype }),
    Test10: async function* (call) {
      const problem = wrong("Test10", "Test11", call, { mytype });
      if (problem !== undefined) return problem;
      for (const string of replies.slice(0, -1)) yield reply({ string });
      return reply({ string: replies.at(-1) ?? "" });
    },
    Test11: (call) => wrong("Test11", "End", call, { last_more_replies: replies }) ?? reply({}),
    End: (call) => wrong("End", "nothing", call, {}) ?? reply({ all_ok: true }),
  });
}

function isSame(got: object, wanted: object): boolean {
  try {
    // Maps have no prototype.
    assert.deepEqual(JSON.parse(JSON.stringify(got)), JSON.parse(JSON.stringify(wanted)));
    return true;
  } catch {
    return false;
  }
}
