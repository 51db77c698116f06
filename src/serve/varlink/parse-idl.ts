import { fail, ok, type Result } from "../../result.ts";
import type { IdlEnum, IdlError, IdlField, IdlInterface, IdlMethod, IdlNamedType, IdlStruct, IdlType } from "./idl.ts";
import { type IdlToken, idlTokens } from "./idl-tokens.ts";

/** `line` and `column` count from 1, in UTF-16 units. */
export interface IdlProblem {
  readonly line: number;
  readonly column: number;
  /** As in "a field name was expected, not "1"". */
  readonly message: string;
}

/** How deep types are nested at most: `[]?[string](a: …)` has four levels. */
const maxTypeDepth = 32;

/**
 * Reads a varlink interface description, strictly by the grammar (varlink's `varlink_parser`, varlink_grammar.rs): each member begins a
 * line, no comma at the end of a list, no name twice, no `??`, every named type is there, and none contains itself without a way out.
 */
export function parseIdl(text: string): Result<IdlInterface, IdlProblem> {
  try {
    return ok(new Parser(text).interface());
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    const before = text.slice(0, error.at);
    const lineStart = before.lastIndexOf("\n") + 1;
    return fail({
      line: before.split("\n").length,
      column: error.at - lineStart + 1,
      message: error.message,
    });
  }
}

/** Thrown and caught in this file only. */
class SyntaxProblem extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

const interfaceName = /^[A-Za-z](?:-*[A-Za-z0-9])*(?:\.[A-Za-z0-9](?:-*[A-Za-z0-9])*)+$/;
const memberName = /^[A-Z][A-Za-z0-9]*$/;
const fieldName = /^[A-Za-z](?:_?[A-Za-z0-9])*$/;
/** As sd-varlink (varlink_idl_interface_name_is_valid): what D-Bus allows. */
const maxInterfaceName = 255;
const simpleTypes = ["bool", "int", "float", "string", "object"] as const;

class Parser {
  readonly #tokens: readonly IdlToken[];
  #next = 0;
  /** The first place where each named type is used. */
  readonly #uses = new Map<string, number>();

  constructor(text: string) {
    this.#tokens = idlTokens(text);
  }

  interface(): IdlInterface {
    const { documentation } = this.#keyword("interface");
    const name = this.#name(interfaceName, "an interface name, such as com.example.service");
    if (name.text.length > maxInterfaceName) throw new SyntaxProblem(name.at, "the interface name is too long");
    const types = new Map<string, IdlNamedType>();
    const methods = new Map<string, IdlMethod>();
    const errors = new Map<string, IdlError>();
    const names = new Set<string>();
    do {
      const keyword = this.#take();
      if (!["type", "method", "error"].includes(keyword.text)) throw unexpected(keyword, '"type", "method" or "error"');
      if (!keyword.startsLine) throw new SyntaxProblem(keyword.at, `"${keyword.text}" does not begin a line`);
      const member = this.#name(memberName, "a name that begins with a capital letter");
      once(names, member);
      if (keyword.text === "type")
        types.set(member.text, { documentation: keyword.documentation, type: this.#group(0) });
      else if (keyword.text === "method") methods.set(member.text, this.#method(keyword.documentation));
      else errors.set(member.text, { documentation: keyword.documentation, parameters: this.#struct() });
    } while (this.#peek().kind !== "end");
    for (const [type, at] of this.#uses) {
      if (!types.has(type)) throw new SyntaxProblem(at, `there is no type ${type}`);
    }
    for (const type of types.keys()) this.#refuseEndless(type, types);
    return { name: name.text, documentation, types, methods, errors };
  }

  #method(documentation: string): IdlMethod {
    const parameters = this.#struct();
    this.#mark("->");
    const reply = this.#struct();
    return { documentation, parameters, reply, requiresMore: documentation.includes("[Requires 'more' flag]") };
  }

  #struct(): IdlStruct {
    const start = this.#peek();
    const group = this.#group(0);
    if (group.kind === "enum") throw new SyntaxProblem(start.at, "fields with types were expected, not an enum");
    return group;
  }

  /** `(a: int, b: string)`, `(one, two)` or `()`. */
  #group(depth: number): IdlStruct | IdlEnum {
    this.#mark("(");
    if (this.#skip(")")) return { kind: "struct", fields: [] };
    const names = new Set<string>();
    const first = this.#fieldName(names);
    if (!this.#skip(":")) return this.#enum(first, names);
    const fields: IdlField[] = [
      { name: first.text, documentation: first.documentation, type: this.#type(depth + 1, true) },
    ];
    while (!this.#endsGroup()) {
      const name = this.#fieldName(names);
      this.#mark(":");
      fields.push({ name: name.text, documentation: name.documentation, type: this.#type(depth + 1, true) });
    }
    return { kind: "struct", fields };
  }

  #enum(first: IdlToken, names: Set<string>): IdlEnum {
    const values = [{ name: first.text, documentation: first.documentation }];
    while (!this.#endsGroup()) {
      const name = this.#fieldName(names);
      values.push({ name: name.text, documentation: name.documentation });
    }
    return { kind: "enum", values };
  }

  #endsGroup(): boolean {
    const token = this.#take();
    if (token.text === ",") return false;
    if (token.text === ")") return true;
    throw unexpected(token, '"," or ")"');
  }

  #type(depth: number, mayBeNullable: boolean): IdlType {
    const token = this.#peek();
    if (depth > maxTypeDepth) throw new SyntaxProblem(token.at, "types are nested too deep");
    if (token.text === "(") return this.#group(depth);
    this.#take();
    if (token.text === "?" && mayBeNullable) return { kind: "nullable", element: this.#type(depth + 1, false) };
    if (token.text === "[]") return { kind: "array", element: this.#type(depth + 1, true) };
    if (token.text === "[string]") return { kind: "map", element: this.#type(depth + 1, true) };
    const simple = simpleTypes.find((name) => name === token.text);
    if (simple !== undefined) return { kind: simple };
    if (token.kind !== "word" || !memberName.test(token.text)) throw unexpected(token, "a type");
    if (!this.#uses.has(token.text)) this.#uses.set(token.text, token.at);
    return { kind: "named", name: token.text };
  }

  /** No value has a type that holds itself other than behind `?`, `[]` or `[string]`. */
  #refuseEndless(name: string, types: ReadonlyMap<string, IdlNamedType>): void {
    const seen = new Set<string>();
    const visit = (type: IdlType): void => {
      if (type.kind === "struct") for (const field of type.fields) visit(field.type);
      if (type.kind !== "named") return;
      if (type.name === name) throw new SyntaxProblem(this.#uses.get(name) ?? 0, `the type ${name} contains itself`);
      if (seen.has(type.name)) return;
      seen.add(type.name);
      const target = types.get(type.name);
      if (target !== undefined) visit(target.type);
    };
    const start = types.get(name);
    if (start !== undefined) visit(start.type);
  }

  #fieldName(names: Set<string>): IdlToken {
    const name = this.#name(fieldName, "a field name");
    once(names, name);
    return name;
  }

  #name(form: RegExp, expected: string): IdlToken {
    const token = this.#take();
    if (token.kind !== "word" || !form.test(token.text)) throw unexpected(token, expected);
    return token;
  }

  #keyword(text: string): IdlToken {
    const token = this.#take();
    if (token.kind !== "word" || token.text !== text) throw unexpected(token, `"${text}"`);
    return token;
  }

  #mark(text: string): void {
    const token = this.#take();
    if (token.text !== text) throw unexpected(token, `"${text}"`);
  }

  #skip(text: string): boolean {
    if (this.#peek().text !== text) return false;
    this.#next += 1;
    return true;
  }

  #take(): IdlToken {
    const token = this.#peek();
    this.#next += 1;
    return token;
  }

  #peek(): IdlToken {
    const token = this.#tokens[Math.min(this.#next, this.#tokens.length - 1)];
    if (token === undefined) throw new Error("there is always an end");
    return token;
  }
}

function once(names: Set<string>, { text, at }: IdlToken): void {
  if (names.has(text)) throw new SyntaxProblem(at, `${text} is there twice`);
  names.add(text);
}

function unexpected(token: IdlToken, expected: string): SyntaxProblem {
  const found = token.kind === "end" ? "the end" : JSON.stringify(token.text.slice(0, 40));
  return new SyntaxProblem(token.at, `${expected} was expected, not ${found}`);
}
