import { reasonOf } from "../host/system-error.ts";
import { maxStorageConfBytes } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import { readConfigFile } from "./config-files.ts";
import { isTomlTable, parseToml, tomlMember } from "./toml.ts";

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
  const content = readConfigFile(path, maxStorageConfBytes);
  if (!content.ok) return content;
  if (content.value === undefined) return fail(reasonOf("ENOENT"));
  const document = await parseToml(content.value);
  return document.ok ? readDocument(document.value, before) : fail(document.problem.reason);
}

function readDocument(document: object, before: StorageSettings): Result<StorageSettings, string> {
  const storage = tomlMember(document, "storage");
  if (!storage.ok) return storage;
  if (storage.value === undefined) return ok(before);
  if (!isTomlTable(storage.value)) return fail("storage is not a table");
  const options = tomlMember(storage.value, "options");
  if (!options.ok) return options;
  if (options.value !== undefined && !isTomlTable(options.value)) return fail("storage.options is not a table");

  const texts = readTexts(storage.value);
  if (!texts.ok) return texts;
  const stores = tomlMember(options.value ?? {}, "additionalimagestores");
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
    const found = tomlMember(storage, key);
    if (!found.ok) return found;
    if (found.value === undefined) continue;
    if (typeof found.value !== "string") return fail(`storage.${key} is not a text`);
    texts = { ...texts, [name]: found.value };
  }
  return ok(texts);
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
    if (!isTomlTable(item)) return fail(`${name} has an item that is not a text`);
    for (const [key, flag] of Object.entries(item)) {
      if (key !== "append" || typeof flag !== "boolean") return fail(`${name} has ${key}, which is not understood`);
      append = flag;
    }
  }
  return ok({ values: append ? [...(before?.values ?? []), ...values] : values, append });
}
