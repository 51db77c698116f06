import { join } from "node:path";
import type { OpenDirectory, openDirectory } from "../../host/open-directory.ts";
import { reasonOf } from "../../host/system-error.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { maxImageListBytes } from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";
import { fileProblem } from "../file-problem.ts";
import type { ImageDirectory } from "./big-data.ts";
import { type ImageRecord, imageListName, imageListTooLarge, parseImageList } from "./image-record.ts";
import { readLastWriter } from "./last-writer.ts";

/** How a directory is opened; tests have another way. */
export type Opener = typeof openDirectory;

const lockName = "images.lock";

/**
 * `DRIVER-images`, where a storage keeps what it knows of images: `images.json`, `images.lock`, and a directory for each
 * (containers/storage: images.go). Nothing in it is written, and no link in it is followed.
 */
export class ImageFolder {
  readonly path: string;
  readonly #directory: OpenDirectory;
  #list: { readonly lastWriter: string; readonly records: readonly ImageRecord[] } | undefined;

  private constructor(path: string, directory: OpenDirectory) {
    this.path = path;
    this.#directory = directory;
  }

  /** @returns `undefined` if there is none. */
  static open(path: string, open: Opener): Result<ImageFolder | undefined, ImageProblem> {
    const opened = open(path);
    if (opened.ok) return ok(new ImageFolder(path, opened.value));
    const { errno } = opened.problem;
    return errno === "ENOENT"
      ? ok(undefined)
      : fail({ code: "image.source.unreadable", path, reason: reasonOf(errno) });
  }

  /** What images.lock says of who wrote last; "" if nobody has. Another one has written if it differs. */
  lastWriter(): Result<string, ImageProblem> {
    return readLastWriter(this.#directory, lockName);
  }

  /**
   * The images that are listed. The list is read again only when another one has written. Who writes says so before the list is there
   * (containers/storage: images.go `Save`), so it may be the one before; that is as if this had been asked a moment earlier.
   */
  records(lastWriter: string): Result<readonly ImageRecord[], ImageProblem> {
    if (this.#list?.lastWriter === lastWriter) return ok(this.#list.records);
    const content = this.#directory.readFile(imageListName, maxImageListBytes);
    if (!content.ok) {
      const { problem } = content;
      if (problem.kind === "missing") return ok([]);
      return fail(
        problem.kind === "too-large" ? imageListTooLarge : fileProblem(join(this.path, imageListName), problem),
      );
    }
    const records = parseImageList(content.value);
    if (records.ok) this.#list = { lastWriter, records: records.value };
    return records;
  }

  /** The list is to be read again, whatever the lock says. */
  forgetRecords(): void {
    this.#list = undefined;
  }

  openImage(record: ImageRecord): Result<ImageDirectory, ImageProblem> {
    const path = join(this.path, record.id);
    const directory = this.#directory.openDirectory(record.id);
    if (directory.ok) return ok({ path, directory: directory.value, record });
    const { problem } = directory;
    if (problem.kind === "missing") return fail({ code: "image.source.changed", path: this.path, missing: record.id });
    return fail(fileProblem(path, problem));
  }

  close(): void {
    this.#directory.close();
  }
}
