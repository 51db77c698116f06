import { readBoundedFile } from "../host/bounded-file.ts";
import { reasonOf } from "../host/system-error.ts";
import { maxStorageConfBytes } from "../limits.ts";
import { errorText, fail, ok, type Result } from "../result.ts";

/** What storage.conf says, as far as it is needed here; "" is as good as nothing. */
export interface StorageSettings {
  readonly driver?: string;
  readonly graphRoot?: string;
  readonly rootlessStoragePath?: string;
  readonly imageStore?: string;
  readonly additionalImageStores?: AttributedList;
}

/** A list that a later file may replace or append to; once a file has said which, that holds for those behind it. */
interface AttributedList {
  readonly values: readonly string[];
  readonly append: boolean;
}

/**
 * Reads one file over what those before it said (containers/storage: types/options.go `TomlConfig`, `LoadStoreOptions`). Keys that are
 * not needed are passed over.
 */
export async function readStorageConfFile(
  path: string,
  before: StorageSettings,
): Promise<Result<StorageSettings, string>> {
  const content = readBoundedFile(path, { maxBytes: maxStorageConfBytes, followLinks: true });
  if (!content.ok) {
    const { problem } = content;
    if (problem.kind === "missing") return fail(reasonOf("ENOENT"));
    if (problem.kind === "too-large") return fail(`larger than ${maxStorageConfBytes} bytes`);
    return fail(problem.kind === "system" ? reasonOf(problem.errno) : "not a regular file");
  }
  const document = await parseToml(content.value);
  return document.ok ? readDocument(document.value, before) : document;
}

/** Loaded only here (docs/decisions/0008-toml.md). */
async function parseToml(bytes: Uint8Array): Promise<Result<object, string>> {
  const { parse } = await import("smol-toml");
  try {
    return ok(parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes), { integersAsBigInt: true }));
  } catch (error) {
    return fail(errorText(error).split("\n", 1)[0] ?? "");
  }
}

function readDocument(document: object, before: StorageSettings): Result<StorageSettings, string> {
  const storage = member(document, "storage");
  if (!storage.ok) return storage;
  if (storage.value === undefined) return ok(before);
  if (!isTable(storage.value)) return fail("storage is not a table");
  const options = member(storage.value, "options");
  if (!options.ok) return options;
  if (options.value !== undefined && !isTable(options.value)) return fail("storage.options is not a table");

  const texts = readTexts(storage.value);
  if (!texts.ok) return texts;
  const stores = member(options.value ?? {}, "additionalimagestores");
  if (!stores.ok) return stores;
  if (stores.value === undefined) return ok({ ...before, ...texts.value });
  const additionalImageStores = readList(stores.value, before.additionalImageStores);
  if (!additionalImageStores.ok) return additionalImageStores;
  return ok({ ...before, ...texts.value, additionalImageStores: additionalImageStores.value });
}

const textKeys = [
  ["driver", "driver"],
  ["graphRoot", "graphroot"],
  ["rootlessStoragePath", "rootless_storage_path"],
  ["imageStore", "imagestore"],
] as const;

function readTexts(storage: object): Result<Omit<StorageSettings, "additionalImageStores">, string> {
  let texts: Omit<StorageSettings, "additionalImageStores"> = {};
  for (const [name, key] of textKeys) {
    const found = member(storage, key);
    if (!found.ok) return found;
    if (found.value === undefined) continue;
    if (typeof found.value !== "string") return fail(`storage.${key} is not a text`);
    texts = { ...texts, [name]: found.value };
  }
  return ok(texts);
}

/** A key in any letter case, as the reference's TOML library finds it; in two of them at once it could mean either. */
function member(table: object, name: string): Result<unknown, string> {
  const found = Object.entries(table).filter(([key]) => key.toLowerCase() === name);
  return found.length > 1 ? fail(`${name} is there ${found.length} times`) : ok(found[0]?.[1]);
}

function isTable(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** `["/a", "/b", {append = true}]` (containers/storage: pkg/configfile/slice.go `UnmarshalTOML`). */
function readList(value: unknown, before: AttributedList | undefined): Result<AttributedList, string> {
  const name = "storage.options.additionalimagestores";
  if (!Array.isArray(value)) return fail(`${name} is not a list`);
  const values: string[] = [];
  let append = before?.append ?? false;
  for (const item of value as readonly unknown[]) {
    if (typeof item === "string") {
      values.push(item);
      continue;
    }
    if (!isTable(item)) return fail(`${name} has an item that is not a text`);
    for (const [key, flag] of Object.entries(item)) {
      if (key !== "append" || typeof flag !== "boolean") return fail(`${name} has ${key}, which is not understood`);
      append = flag;
    }
  }
  return ok({ values: append ? [...(before?.values ?? []), ...values] : values, append });
}
