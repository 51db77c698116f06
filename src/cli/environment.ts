import type { PolicyEnvironment } from "../config/policy-file.ts";

/** The environment variables that commands go by. */
export interface Environment extends PolicyEnvironment {
  readonly GNUPGHOME?: string | undefined;
  readonly NO_COLOR?: string | undefined;
  readonly PWD?: string | undefined;
}
