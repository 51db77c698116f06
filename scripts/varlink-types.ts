// Makes the TypeScript types of varlink interfaces from their descriptions, and puts the text beside them: text files are no modules
// on Node. `node scripts/manual.ts` writes them; a test compares.

import { readFileSync } from "node:fs";
import type { IdlEnum, IdlInterface, IdlStruct, IdlType } from "../src/serve/varlink/idl.ts";
import { parseIdl } from "../src/serve/varlink/parse-idl.ts";

const root = new URL("../", import.meta.url);

/** Where the types of each description go. */
const files: Readonly<Record<string, string>> = {
  "docs/varlink/dev.sealcheck.Verify.varlink": "src/serve/varlink/interfaces/dev-sealcheck-verify.ts",
  "docs/varlink/dev.sealcheck.Image.varlink": "src/serve/varlink/interfaces/dev-sealcheck-image.ts",
  "docs/varlink/org.varlink.service.varlink": "src/serve/varlink/interfaces/org-varlink-service.ts",
  "test/support/varlink/org.varlink.certification.varlink": "test/support/varlink/org-varlink-certification.ts",
};

/** What each generated file should hold, by its path from the root. */
export function varlinkTypes(): readonly (readonly [string, string])[] {
  return Object.entries(files).map(([description, path]) => {
    const port = path.startsWith("src/") ? "../interface.ts" : "../../../src/serve/varlink/interface.ts";
    return [path, typesOf(readFileSync(new URL(description, root), "utf8"), description, port)];
  });
}

/** @param port where `InterfaceText` is, for an import. */
function typesOf(text: string, description: string, port: string): string {
  const parsed = parseIdl(text);
  if (!parsed.ok) {
    const { line, column, message } = parsed.problem;
    throw new Error(`${description}:${line}:${column}: ${message}`);
  }
  const { value } = parsed;
  const constant = value.name.replaceAll(/[.-]/g, "_");
  const all = constant.replaceAll(/(?:^|_)([a-zA-Z])/g, (_, letter: string) => letter.toUpperCase());
  return [
    `// Made from ${description} by scripts/manual.ts.\n`,
    `import type { InterfaceText } from "${port}";\n`,
    ...declarations(value),
    `/** All types of ${value.name}. */\nexport type ${all} = ${index(value)};\n`,
    `export const ${constant}: InterfaceText<${all}> = {\n  name: "${value.name}",\n  text: \`${templateText(text)}\`,\n};\n`,
  ].join("\n");
}

function declarations({ types, methods, errors }: IdlInterface): readonly string[] {
  const parts: string[] = [];
  const add = (name: string, documentation: string, type: IdlStruct | IdlEnum): void => {
    parts.push(`${comment(documentation, "")}type ${name} = ${typeText(type, "")};\n`);
  };
  for (const [name, { documentation, type }] of types) add(name, documentation, type);
  for (const [name, { documentation, parameters, reply }] of methods) {
    add(`${name}Parameters`, documentation, parameters);
    add(`${name}Reply`, "", reply);
  }
  for (const [name, { documentation, parameters }] of errors) add(`${name}Error`, documentation, parameters);
  return parts;
}

function index({ types, methods, errors }: IdlInterface): string {
  const names = (list: Iterable<string>, value: (name: string) => string): string => {
    const lines = [...list].map((name) => `    readonly ${name}: ${value(name)};\n`).join("");
    return lines === "" ? "Readonly<Record<never, never>>" : `{\n${lines}  }`;
  };
  const method = (name: string): string =>
    `{\n      readonly parameters: ${name}Parameters;\n      readonly reply: ${name}Reply;\n    }`;
  return [
    "{",
    `  readonly types: ${names(types.keys(), (name) => name)};`,
    `  readonly methods: ${names(methods.keys(), method)};`,
    `  readonly errors: ${names(errors.keys(), (name) => `${name}Error`)};`,
    "}",
  ].join("\n");
}

const simple = {
  bool: "boolean",
  int: "number",
  float: "number",
  string: "string",
  object: "Readonly<Record<string, unknown>>",
};

function typeText(type: IdlType, indent: string): string {
  switch (type.kind) {
    case "named":
      return type.name;
    case "nullable":
      return nullableText(type.element, indent);
    case "array":
      return arrayText(type.element, indent);
    case "map":
      return `Readonly<Record<string, ${typeText(type.element, indent)}>>`;
    case "enum":
      return type.values.map(({ name }) => `"${name}"`).join(" | ");
    case "struct": {
      if (type.fields.length === 0) return "Readonly<Record<never, never>>";
      const inner = `${indent}  `;
      const fields = type.fields.map(({ name, documentation, type: field }) =>
        `${comment(documentation, inner)}${inner}readonly ${name}: ${typeText(field, inner)};\n`.replace(": \n", ":\n"),
      );
      return `{\n${fields.join("")}${indent}}`;
    }
    default:
      return simple[type.kind];
  }
}

/** As the formatter wants it. */
function nullableText(element: IdlType, indent: string): string {
  const text = typeText(element, indent);
  if (!text.includes("\n")) return `${text} | null`;
  return `\n${indent}  | ${typeText(element, `${indent}    `)}\n${indent}  | null`;
}

function arrayText(element: IdlType, indent: string): string {
  const text = typeText(element, indent);
  const isOneWord = element.kind !== "nullable" && element.kind !== "enum" && element.kind !== "array";
  return isOneWord ? `readonly ${text}[]` : `readonly (${text})[]`;
}

function comment(documentation: string, indent: string): string {
  if (documentation === "") return "";
  const lines = documentation.replaceAll("*/", "* /").split("\n");
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join("\n")}\n${indent} */\n`;
}

function templateText(text: string): string {
  return text.replaceAll(/[\\`]|\$\{/g, "\\$&");
}
