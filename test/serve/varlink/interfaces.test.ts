import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { IdlType } from "../../../src/serve/varlink/idl.ts";
import { implement } from "../../../src/serve/varlink/implement.ts";
import { errorReply, reply } from "../../../src/serve/varlink/interface.ts";
import { dev_sealcheck_Image } from "../../../src/serve/varlink/interfaces/dev-sealcheck-image.ts";
import { dev_sealcheck_Verify } from "../../../src/serve/varlink/interfaces/dev-sealcheck-verify.ts";
import { org_varlink_service } from "../../../src/serve/varlink/interfaces/org-varlink-service.ts";
import { parseIdl } from "../../../src/serve/varlink/parse-idl.ts";

function parsed({ text }: { readonly text: string }) {
  const result = parseIdl(text);
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

const verify = parsed(dev_sealcheck_Verify);
const image = parsed(dev_sealcheck_Image);

it("names are those of the descriptions", () => {
  for (const each of [dev_sealcheck_Verify, dev_sealcheck_Image, org_varlink_service]) {
    assert.equal(parsed(each).name, each.name);
  }
});

it("what is not implemented as described does not compile", () => {
  const rest = {
    VerifyDirectory: "not-implemented",
    VerifyMany: "not-implemented",
    ExplainIdentity: "not-implemented",
    GetStatus: "not-implemented",
  } as const;
  // @ts-expect-error a method is missing
  assert.throws(() => implement(dev_sealcheck_Verify, rest), /VerifyBytes has no handler/);
  // @ts-expect-error a reply has other fields
  implement(dev_sealcheck_Verify, { ...rest, VerifyBytes: () => reply({}) });
  // @ts-expect-error there is no such error
  implement(dev_sealcheck_Verify, { ...rest, VerifyBytes: () => errorReply("Broken", { code: "", message: "" }) });
  // @ts-expect-error an error has other parameters
  implement(dev_sealcheck_Verify, { ...rest, VerifyBytes: () => errorReply("LimitReached", { code: "" }) });
  // @ts-expect-error there is no such method
  implement(dev_sealcheck_Verify, { ...rest, VerifyBytes: "not-implemented", Verify: "not-implemented" });
  implement(dev_sealcheck_Verify, {
    ...rest,
    // @ts-expect-error it may be null
    VerifyBytes: ({ parameters }) =>
      errorReply("LimitReached", { code: parameters.identity, message: parameters.manifest }),
  });
  implement(dev_sealcheck_Verify, {
    ...rest,
    VerifyBytes: () => errorReply("LimitReached", { code: "", message: "" }),
  });
});

it("only VerifyMany has to be called with more", () => {
  const found = [...verify.methods, ...image.methods].filter(([, { requiresMore }]) => requiresMore);
  assert.deepEqual(
    found.map(([name]) => name),
    ["VerifyMany"],
  );
});

describe("what one interface calls as the other is the same", () => {
  for (const [name, { type }] of image.types) {
    const other = verify.types.get(name);
    // Image always has the manifest.
    if (other === undefined || name === "Verdict") continue;
    it(name, () => assert.deepEqual(type, other.type));
  }
});

describe("every error tells a person something, or is about a handle", () => {
  for (const { name, errors } of [verify, image]) {
    for (const [error, { parameters }] of errors) {
      it(`${name}.${error}`, () => {
        const names = parameters.fields.map((field) => field.name);
        assert.ok(names.includes("message") ? names.includes("code") : /Unknown$/.test(error), names.join());
      });
    }
  }
});

it("PyPI's varlink takes no enum of one value", () => {
  const enums: number[] = [];
  const visit = (type: IdlType): void => {
    if (type.kind === "enum") enums.push(type.values.length);
    else if (type.kind === "struct") for (const field of type.fields) visit(field.type);
    else if ("element" in type) visit(type.element);
  };
  for (const { types, methods } of [verify, image]) {
    for (const { type } of types.values()) visit(type);
    for (const { parameters, reply } of methods.values()) for (const type of [parameters, reply]) visit(type);
  }
  assert.ok(enums.length > 2 && enums.every((count) => count > 1), enums.join());
});
