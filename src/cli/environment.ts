import type { PolicyEnvironment } from "../config/policy-file.ts";
import type { StorageEnvironment } from "../config/storage-conf-files.ts";

/** The environment variables that commands go by. */
export interface Environment extends PolicyEnvironment, StorageEnvironment {
  readonly GNUPGHOME?: string | undefined;
  readonly NO_COLOR?: string | undefined;
  readonly PWD?: string | undefined;
}
