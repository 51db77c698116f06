import type { BucketOptions } from "../audit/evidence/bucket-store.ts";
import type { PolicyEnvironment } from "../config/policy-file.ts";
import type { StorageEnvironment } from "../config/storage-conf-files.ts";

type BucketSettings = BucketOptions["environment"];

/** The environment variables that commands go by. */
export interface Environment extends PolicyEnvironment, StorageEnvironment, BucketSettings {
  readonly GNUPGHOME?: string | undefined;
  readonly NO_COLOR?: string | undefined;
  readonly PWD?: string | undefined;
  readonly LISTEN_PID?: string | undefined;
  readonly LISTEN_FDS?: string | undefined;
  readonly JOURNAL_STREAM?: string | undefined;
  readonly NOTIFY_SOCKET?: string | undefined;
}
