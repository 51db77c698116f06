import { isAbsolute, join } from "node:path";
import { hostPathResolver } from "../host/path-resolver.ts";
import { cleanPath } from "../identity/path.ts";
import { storageDrivers, type WrittenStore } from "../identity/store-spec.ts";
import { fail, ok, type Result } from "../result.ts";
import { homeDirectory, rootlessId } from "./config-files.ts";
import { type StorageEnvironment, storageConfFiles } from "./storage-conf-files.ts";
import { readStorageConfFile, type StorageSettings } from "./storage-conf-text.ts";

/** Where the images of podman, buildah and CRI-O are. All paths are absolute. */
export interface StoreConfig {
  /** `overlay`, `vfs`, `btrfs` or `zfs`; `undefined` where nothing says which. */
  readonly driver: string | undefined;
  readonly graphRoot: string;
  /** Where images are instead, if not with the rest of the storage. */
  readonly imageStore?: string;
  /** Which are searched then. */
  readonly additionalImageStores: readonly string[];
}

/** Why it is not known where the storage is. `path` is a file, or where that says nothing, what was found there. */
export interface StorageConfProblem {
  readonly path: string;
  readonly reason: string;
  /** A file or directory that is there, and cannot be read. */
  readonly isUnreadable?: boolean;
}

/** What the library takes where nothing says otherwise (containers/storage: types/options_linux.go). */
const rootfulGraphRoot = "/var/lib/containers/storage";

/**
 * Where the storage of a user is: storage.conf of the user, the system or the distribution, then the files of storage.conf.d, or the file
 * that `$CONTAINERS_STORAGE_CONF` names (containers-storage.conf(5); containers/storage: types/options.go `LoadStoreOptions`).
 *
 * Stricter on purpose: a relative path is refused, as what it means depends on where one stands.
 *
 * @param userId who runs this; inside `podman unshare` the environment says who that is outside.
 * @param root what `/` is of the system's files.
 */
export async function readStorageConf(
  environment: StorageEnvironment,
  userId: number,
  root = "/",
): Promise<Result<StoreConfig, StorageConfProblem>> {
  const owner = rootlessId(environment, userId);
  const files = storageConfFiles(environment, owner, root);
  if (!files.ok) return files;
  let settings: StorageSettings = {};
  for (const path of files.value) {
    const read = await readStorageConfFile(path, settings);
    if (!read.ok) return fail({ path, reason: read.problem });
    settings = read.value;
  }
  return configOf(settings, environment, owner);
}

/**
 * The storage that a containers-storage reference names: `[driver@graphroot+runroot:options]`. Then storage.conf counts only for
 * the graph root, if that was left out (containers/storage: store.go `GetStore`), and for everything if nothing was written.
 */
export async function storeConfigOf(
  written: WrittenStore,
  environment: StorageEnvironment,
  userId: number,
): Promise<Result<StoreConfig, StorageConfProblem>> {
  const { driver, graphRoot, options } = written;
  if (graphRoot !== undefined) return checked({ driver, graphRoot, ...storesIn(options, driver) });
  const configured = await readStorageConf(environment, userId);
  if (!configured.ok || (driver === undefined && options.length === 0)) return configured;
  return checked({ driver, graphRoot: configured.value.graphRoot, ...storesIn(options, driver) });
}

function configOf(
  settings: StorageSettings,
  environment: StorageEnvironment,
  owner: number,
): Result<StoreConfig, StorageConfProblem> {
  const driver = driverNamed(environment.STORAGE_DRIVER || settings.driver || undefined);
  if (!driver.ok) return driver;
  const graphRoot = graphRootOf(settings, environment, owner);
  if (!graphRoot.ok) return graphRoot;
  const { imageStore } = settings;
  if (imageStore === graphRoot.value)
    return fail({ path: imageStore, reason: "imagestore and graphroot are the same" });
  const options = environment.STORAGE_OPTS;
  const additional =
    options === undefined
      ? { additionalImageStores: settings.additionalImageStores?.values ?? [] }
      : storesIn(options.split(","), driver.value);
  return checked({
    driver: driver.value,
    graphRoot: graphRoot.value,
    ...(imageStore === undefined || imageStore === "" ? {} : { imageStore }),
    ...additional,
  });
}

function driverNamed(name: string | undefined): Result<string | undefined, StorageConfProblem> {
  if (name === undefined) return ok(undefined);
  const driver = storageDrivers.get(name);
  return driver === undefined ? fail({ path: name, reason: "no storage driver of this name is known" }) : ok(driver);
}

function graphRootOf(
  settings: StorageSettings,
  environment: StorageEnvironment,
  owner: number,
): Result<string, StorageConfProblem> {
  // The older of the two settings is for users other than root, and yields to the other.
  const written = settings.graphRoot || (owner === 0 ? "" : settings.rootlessStoragePath) || "";
  if (written !== "") return expandPath(written, environment, owner);
  if (owner === 0) return ok(rootfulGraphRoot);
  const dataHome = environment.XDG_DATA_HOME;
  if (dataHome !== undefined && dataHome !== "") return ok(join(dataHome, "containers", "storage"));
  const home = homeDirectory(environment);
  if (home === undefined) return fail({ path: "", reason: "neither XDG_DATA_HOME nor HOME is set" });
  return ok(join(home, ".local", "share", "containers", "storage"));
}

/** `$NAME` and `${NAME}` are put in, then links are followed (containers/storage: types/utils.go `expandEnvPath`). */
function expandPath(path: string, environment: StorageEnvironment, owner: number): Result<string, StorageConfProblem> {
  const expanded = path
    .replaceAll("$UID", String(owner))
    .replaceAll(/\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})/g, (_, plain, braced) => {
      return environment[plain ?? braced] ?? "";
    });
  if (!isAbsolute(expanded)) return fail({ path: expanded, reason: notAbsolute });
  const resolved = hostPathResolver(undefined).resolveFully(expanded);
  return ok(resolved.ok ? resolved.value : cleanPath(expanded));
}

/**
 * The additional image stores among the options of a driver: `imagestore=`, for one driver with its name and a dot before it. Only
 * the overlay driver knows the second name (containers/storage: drivers/overlay `parseOptions`, drivers/vfs `Init`,
 * internal/driver `ParseDriverOption`).
 */
function storesIn(options: readonly string[], driver: string | undefined): Pick<StoreConfig, "additionalImageStores"> {
  const additionalImageStores = options.flatMap((option) => {
    const [key = "", ...value] = option.split("=");
    const [first = "", second] = key.trim().toLowerCase().split(".", 2);
    const [owner, name] = second === undefined ? ["", first] : [first, second];
    const isForDriver = owner === "" || driver === undefined || storageDrivers.get(owner) === driver;
    const isStore = name === "imagestore" || (name === "additionalimagestore" && driver !== "vfs");
    return isForDriver && isStore ? value.join("=").trim().split(",") : [];
  });
  return { additionalImageStores: additionalImageStores.filter((store) => store !== "") };
}

const notAbsolute = "not an absolute path";

function checked(config: StoreConfig): Result<StoreConfig, StorageConfProblem> {
  const { graphRoot, imageStore, additionalImageStores } = config;
  const paths = [graphRoot, ...(imageStore === undefined ? [] : [imageStore]), ...additionalImageStores];
  const relative = paths.find((path) => !isAbsolute(path));
  if (relative !== undefined) return fail({ path: relative, reason: notAbsolute });
  // Both runtimes put U+FFFD for what is not UTF-8 in the environment, and so another directory would be looked for.
  const garbled = paths.find((path) => path.includes("\ufffd"));
  return garbled === undefined ? ok(config) : fail({ path: garbled, reason: "not UTF-8" });
}
