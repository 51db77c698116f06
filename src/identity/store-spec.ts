import { ok, type Result } from "../result.ts";
import { invalidReference } from "./invalid-reference.ts";
import { cleanPath } from "./path.ts";
import type { ReferenceProblem } from "./transport.ts";

/** Where a containers-storage image is kept. */
export interface Store {
  readonly driver: string;
  readonly graphRoot: string;
  readonly runRoot: string;
  readonly options: readonly string[];
}

/** What a text says of the store itself; what it leaves out is for storage.conf and the directory to say. */
export interface WrittenStore {
  readonly driver: string | undefined;
  readonly graphRoot: string | undefined;
  readonly options: readonly string[];
}

/** What the storage library takes for root where there is no storage.conf (containers/storage: types `options_linux.go`). */
const defaultStore: Store = {
  driver: "overlay",
  graphRoot: "/var/lib/containers/storage",
  runRoot: "/run/containers/storage",
  options: [],
};

const nothingWritten: WrittenStore = { driver: undefined, graphRoot: undefined, options: [] };

/** The drivers there are on Linux (containers/storage: drivers/register), and the name each has for itself. */
export const storageDrivers: ReadonlyMap<string, string> = new Map([
  ["overlay", "overlay"],
  ["overlay2", "overlay"],
  ["vfs", "vfs"],
  ["btrfs", "btrfs"],
  ["zfs", "zfs"],
]);

/**
 * Reads `[driver@graphroot+runroot:option,option]`, each part of it optional, from the start of `text`; without it the default store is
 * meant. A second specification behind it is skipped, as the reference does (containers/image: storage `ParseStoreReference`).
 *
 * @returns `store` with the defaults filled in, and what was `written` without them.
 */
export function parseStoreSpec(
  text: string,
): Result<{ readonly store: Store; readonly written: WrittenStore; readonly rest: string }, ReferenceProblem> {
  if (!text.startsWith("[")) return ok({ store: defaultStore, written: nothingWritten, rest: text });
  const close = text.indexOf("]");
  if (close === -1) return invalidReference({ flaw: "store-unclosed" });
  const store = parseStore(text.slice(1, close));
  if (!store.ok) return store;
  const rest = text.slice(close + 1);
  if (!rest.startsWith("[")) return ok({ ...store.value, rest });
  const secondClose = rest.indexOf("]");
  if (secondClose === -1) return invalidReference({ flaw: "store-unclosed" });
  return ok({ ...store.value, rest: rest.slice(secondClose + 1) });
}

/** The specification with everything in it. */
export function storeText(store: Store): string {
  const options = store.options.length === 0 ? "" : `:${store.options.join(",")}`;
  return `[${store.driver}@${store.graphRoot}+${store.runRoot}${options}]`;
}

function parseStore(spec: string): Result<{ readonly store: Store; readonly written: WrittenStore }, ReferenceProblem> {
  const at = spec.indexOf("@");
  const place = spec.slice(at + 1);
  if (place === "" || at === 0) return invalidReference({ flaw: "store-empty" });
  const driver = at === -1 ? undefined : spec.slice(0, at);

  const colon = place.indexOf(":");
  const roots = colon === -1 ? place : place.slice(0, colon);
  const options = colon === -1 ? [] : place.slice(colon + 1).split(",");
  const plus = roots.indexOf("+");
  const graphRoot = plus === -1 ? roots : roots.slice(0, plus);
  const runRoot = plus === -1 ? "" : roots.slice(plus + 1);
  for (const path of [graphRoot, runRoot]) {
    if (path !== "" && !path.startsWith("/")) return invalidReference({ flaw: "store-relative", path });
  }

  // Which options there are depends on the driver, but every driver wants `name=value`.
  const badOption = options.find((option) => !option.includes("="));
  if (badOption !== undefined) return invalidReference({ flaw: "store-option", option: badOption });

  if (graphRoot === "" && runRoot === "") {
    // `[+]` says nothing at all, and is the default store; a driver or options alone are not enough to find one.
    return driver === undefined && options.length === 0
      ? ok({ store: defaultStore, written: nothingWritten })
      : invalidReference({ flaw: "store-empty" });
  }
  const ownName = driver === undefined ? defaultStore.driver : storageDrivers.get(driver);
  if (ownName === undefined) return invalidReference({ flaw: "store-driver", driver: driver ?? "" });
  const writtenRoot = graphRoot === "" ? undefined : cleanPath(graphRoot);
  return ok({
    store: {
      driver: ownName,
      graphRoot: writtenRoot ?? defaultStore.graphRoot,
      runRoot: runRoot === "" ? defaultStore.runRoot : cleanPath(runRoot),
      options,
    },
    written: { driver: driver === undefined ? undefined : ownName, graphRoot: writtenRoot, options },
  });
}
