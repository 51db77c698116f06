import { storeConfigOf } from "../../config/storage-conf.ts";
import type { StorageEnvironment } from "../../config/storage-conf-files.ts";
import { effectiveUserId } from "../../host/user.ts";
import type { WrittenStore } from "../../identity/store-spec.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { fail, type Result } from "../../result.ts";
import { type ImageStorage, openStorage } from "./storage.ts";

/** Opens the storage that a reference names, or that of this user. */
export async function openStorageOf(
  written: WrittenStore,
  environment: StorageEnvironment,
): Promise<Result<ImageStorage, ImageProblem>> {
  const config = await storeConfigOf(written, environment, effectiveUserId());
  if (config.ok) return openStorage(config.value);
  const { path, reason, isUnreadable } = config.problem;
  if (isUnreadable === true) return fail({ code: "image.source.unreadable", path, reason });
  return fail({ code: "image.source.malformed", name: path, detail: reason });
}
