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

/** What the storage library takes for root where there is no storage.conf (containers/storage: types `options_linux.go`). */
const defaultStore: Store = {
  driver: "overlay",
  graphRoot: "/var/lib/containers/storage",
  runRoot: "/run/containers/storage",
  options: [],
};

/** The drivers there are on Linux (containers/storage: drivers/register), and the name each has for itself. */
const drivers: ReadonlyMap<string, string> = new Map([
  ["overlay", "overlay"],
  ["overlay2", "overlay"],
  ["vfs", "vfs"],
  ["btrfs", "btrfs"],
  ["zfs", "zfs"],
]);

/**
 * Reads `[driver@graphroot+runroot:option,option]`, each part of it optional, from the start of `text`; without it the default store is
 * meant. A second specification behind it is skipped, as the reference does (containers/image: storage `ParseStoreReference`).
 */
export function parseStoreSpec(
  text: string,
): Result<{ readonly store: Store; readonly rest: string }, ReferenceProblem> {
  if (!text.startsWith("[")) return ok({ store: defaultStore, rest: text });
  const close = text.indexOf("]");
  if (close === -1) return invalidReference({ flaw: "store-unclosed" });
  const store = parseStore(text.slice(1, close));
  if (!store.ok) return store;
  const rest = text.slice(close + 1);
  if (!rest.startsWith("[")) return ok({ store: store.value, rest });
  const secondClose = rest.indexOf("]");
  if (secondClose === -1) return invalidReference({ flaw: "store-unclosed" });
  return ok({ store: store.value, rest: rest.slice(secondClose + 1) });
}

/** The specification with everything in it. */
export function storeText(store: Store): string {
  const options = store.options.length === 0 ? "" : `:${store.options.join(",")}`;
  return `[${store.driver}@${store.graphRoot}+${store.runRoot}${options}]`;
}

function parseStore(spec: string): Result<Store, ReferenceProblem> {
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
    return driver === undefined && options.length === 0 ? ok(defaultStore) : invalidReference({ flaw: "store-empty" });
  }
  const ownName = driver === undefined ? defaultStore.driver : drivers.get(driver);
  if (ownName === undefined) return invalidReference({ flaw: "store-driver", driver: driver ?? "" });
  return ok({
    driver: ownName,
    graphRoot: graphRoot === "" ? defaultStore.graphRoot : cleanPath(graphRoot),
    runRoot: runRoot === "" ? defaultStore.runRoot : cleanPath(runRoot),
    options,
  });
}
