import { foldKey } from "../encoding/json-go.ts";
import { errorText, fail, ok, type Result } from "../result.ts";

/** Why a text is not TOML; the place is from 1, in characters. */
export interface TomlProblem {
  readonly reason: string;
  readonly line?: number;
  readonly column?: number;
}

/** `ignoreBOM` leaves a byte order mark to the parser, which passes over one, as Go's BurntSushi/toml does, and not over a second. */
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Parses a file of container tools, which they read with Go's BurntSushi/toml. The two differ in this, of 200,000 random texts:
 * that library lets some tables be defined twice that TOML forbids, and a file that begins with half of a UTF-16 mark; here these are
 * errors. It refuses dates such as 30 February and numbers too large for a double, which pass here; no key of these files has one.
 *
 * Loaded only here (docs/decisions/0008-toml.md).
 */
export async function parseToml(bytes: Uint8Array): Promise<Result<object, TomlProblem>> {
  const { parse, TomlError } = await import("smol-toml");
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return fail({ reason: "not UTF-8" });
  }
  try {
    const document = parse(text, { integersAsBigInt: true });
    return hasTooLargeInteger(document) ? fail({ reason: "a number is too large" }) : ok(document);
  } catch (error) {
    const reason = errorText(error).split("\n", 1)[0] ?? "";
    return fail(error instanceof TomlError ? { reason, line: error.line, column: error.column } : { reason });
  }
}

/** Go has integers of 64 bits; the parser bounds how deep this goes. */
function hasTooLargeInteger(value: unknown): boolean {
  if (typeof value === "bigint") return BigInt.asIntN(64, value) !== value;
  return typeof value === "object" && value !== null && Object.values(value).some(hasTooLargeInteger);
}

/** Whether a value is a table, inline or not. */
export function isTomlTable(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/**
 * The value of a key in any letter case (BurntSushi/toml: `unifyStruct`). In two of them at once it could mean either: there the order of a
 * Go map decides, here it is an error.
 *
 * @param name in lower case.
 */
export function tomlMember(table: object, name: string): Result<unknown, string> {
  const found = Object.entries(table).filter(([key]) => foldKey(key) === name);
  return found.length > 1 ? fail(`${name} is there ${found.length} times`) : ok(found[0]?.[1]);
}
