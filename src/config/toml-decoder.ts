import { isTomlTable, tomlMember } from "./toml.ts";

/**
 * Takes typed values out of a TOML document as Go's BurntSushi/toml fills structs: keys in any letter case, unknown keys are skipped, a value of
 * another type is an error of the whole document.
 *
 * Call the methods, then look at {@link TomlDecoder.problem}; what was decoded counts only if there is none.
 */
export class TomlDecoder {
  /** What was wrong first. */
  problem: string | undefined;

  /** A table; an absent one has no members. */
  table(parent: object, key: string): object {
    const value = this.#member(parent, key);
    if (value === undefined) return {};
    return isTomlTable(value) ? value : this.#wrong(`${key} is not a table`, {});
  }

  /** A table with keys of any name. What is no table has no members: the library does not mind (`unifyMap`). */
  map(parent: object, key: string): object {
    const value = this.#member(parent, key);
    return isTomlTable(value) ? value : {};
  }

  /** `[[key]]`, or a list of inline tables; an absent one is empty. */
  tables(parent: object, key: string): readonly object[] {
    const value = this.#member(parent, key);
    if (value === undefined) return [];
    if (Array.isArray(value) && value.every(isTomlTable)) return value;
    return this.#wrong(`${key} is not a list of tables`, []);
  }

  /** A text; an absent one is "". */
  text(parent: object, key: string): string {
    const value = this.#member(parent, key) ?? "";
    return typeof value === "string" ? value : this.#wrong(`${key} is not a text`, "");
  }

  /** `true` or `false`, which is also what an absent one is. */
  flag(parent: object, key: string): boolean {
    const value = this.#member(parent, key) ?? false;
    return typeof value === "boolean" ? value : this.#wrong(`${key} is neither true nor false`, false);
  }

  /** A list of texts; `undefined` if it is absent, which is not the same as an empty one. */
  texts(parent: object, key: string): readonly string[] | undefined {
    const value = this.#member(parent, key);
    if (value === undefined) return undefined;
    if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
    return this.#wrong(`${key} is not a list of texts`, undefined);
  }

  #member(parent: object, key: string): unknown {
    const found = tomlMember(parent, key);
    return found.ok ? found.value : this.#wrong(found.problem, undefined);
  }

  #wrong<T>(problem: string, instead: T): T {
    this.problem ??= problem;
    return instead;
  }
}
