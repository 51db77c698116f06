import type { FileProblem } from "../../host/bounded-file.ts";
import type { Blob } from "../../image/image.ts";
import type { ImageProblem } from "../../image/problem.ts";
import type { Eventually, Result } from "../../result.ts";

/** Why a file of a layout could not be had: as in a directory, or what is wrong with the archive that it is in. */
export type LayoutFileProblem = FileProblem | { readonly kind: "archive"; readonly problem: ImageProblem };

/**
 * The files of an OCI image layout, in a directory or an archive. A name is a path in the layout with slashes, neither absolute nor
 * with `.` or `..`: `index.json`, `oci-layout`, `blobs/sha256/HEX`, `signature-1`. Nothing but regular files is read.
 */
export interface LayoutFiles {
  /** The whole file, if it has no more than `maxBytes`. */
  readSmall(name: string, maxBytes: number): Eventually<Result<Uint8Array, LayoutFileProblem>>;
  /** The file as it comes, however large. */
  blob(name: string): Eventually<Result<Blob, LayoutFileProblem>>;
  /** Whether there is a regular file of that name. Only for what is said to people. */
  has(name: string): Eventually<boolean>;
  close(): Eventually<void>;
}
