import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

/** docs/verdict.schema.json: what others check verdicts with. As docs/contract.md, it lets later releases add fields. */
export const publishedSchema: object = JSON.parse(
  readFileSync(new URL("../../docs/verdict.schema.json", import.meta.url), "utf8"),
);

function validator(schema: object): ValidateFunction {
  return new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true }).compile(schema);
}

/** Whether it is a verdict as published. */
export const isVerdict = validator(publishedSchema);

/** The same, without any field that the schema does not describe: ours are all documented. */
export const isDocumentedVerdict = validator(closed(publishedSchema));

/** Closes every object that the schema describes the fields of; what is under `if`, `then` and `else` describes only some. */
function closed<T>(schema: T): T;
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map((item) => closed(item));
  if (typeof schema !== "object" || schema === null) return schema;
  const members = Object.entries(schema).map(([key, value]) => [
    key,
    ["if", "then", "else", "allOf"].includes(key) ? value : closed(value),
  ]);
  const isObject = "type" in schema && schema.type === "object" && "properties" in schema;
  return { ...Object.fromEntries(members), ...(isObject ? { additionalProperties: false } : {}) };
}
