import { join } from "node:path";
import type { OpenProblem } from "../../../host/bounded-file.ts";
import type { FileStream } from "../../../host/file-stream.ts";
import type { OpenDirectory } from "../../../host/open-directory.ts";
import { reasonOf } from "../../../host/system-error.ts";
import type { ImageProblem } from "../../../image/problem.ts";
import { maxLayerPathBytes } from "../../../limits.ts";
import { assertNever, fail, ok, type Result } from "../../../result.ts";
import { fileProblem } from "../../file-problem.ts";
import type { LayerPlaces } from "./places.ts";

/** As many links as Linux follows for one path (path_resolution(7)). */
const maxLinks = 40;

/**
 * The files of a layer as the driver unpacked them. Nothing outside of their directory is ever opened: a path is walked one directory at a time,
 * none of which may be a link when it is opened.
 *
 * A link to a directory, which other files of a layer may be written through, leads where it led when the layer was unpacked, with this
 * directory as the root (containers/storage: pkg/chrootarchive). The reference opens the path as it is, and so may read outside. With overlay it
 * looks into the layers below as well, for a layer that is a copy of another with other owners; no image has such a one.
 */
export class LayerTree {
  readonly #root: OpenDirectory;
  /** Where the last file was: most come one after another. */
  #last: { readonly path: string; readonly directory: OpenDirectory } | undefined;

  constructor(root: OpenDirectory) {
    this.#root = root;
  }

  /** Opens a regular file; a path that leaves the tree, or that is longer than any, is refused. The problem is the reason, in words. */
  openFile(untrustedName: Uint8Array): Result<FileStream, string> {
    if (untrustedName.length > maxLayerPathBytes) return fail(`its path has more than ${maxLayerPathBytes} bytes`);
    if (untrustedName.includes(0)) return fail("its path has a zero byte");
    // One character for each byte.
    const path = cleanParts(Buffer.from(untrustedName).toString("latin1"));
    const name = path?.pop();
    if (path === undefined || name === undefined) return fail("its path leads out of the layer");
    const directory = this.#directoryOf(path);
    if (!directory.ok) return directory;
    const file = directory.value.openFile(bytesOf(name));
    return file.ok ? file : fail(reasonFor(file.problem));
  }

  close(): void {
    this.#last?.directory.close();
    this.#last = undefined;
    this.#root.close();
  }

  #directoryOf(path: readonly string[]): Result<OpenDirectory, string> {
    if (path.length === 0) return ok(this.#root);
    const key = path.join("/");
    if (this.#last?.path === key) return ok(this.#last.directory);
    let parts = path;
    for (let links = 0; links <= maxLinks; links++) {
      const walked = this.#walk(parts);
      if (!walked.ok) return walked;
      if ("redirected" in walked.value) {
        parts = walked.value.redirected;
        continue;
      }
      this.#last?.directory.close();
      this.#last = { path: key, directory: walked.value.directory };
      return ok(walked.value.directory);
    }
    return fail("there are too many links in its path");
  }

  /** Opens one directory after the other, up to a link: then the path is another one. */
  #walk(
    parts: readonly string[],
  ): Result<{ readonly directory: OpenDirectory } | { readonly redirected: readonly string[] }, string> {
    let current: OpenDirectory | undefined;
    for (const [index, part] of parts.entries()) {
      const from: OpenDirectory = current ?? this.#root;
      const next = from.openDirectory(bytesOf(part));
      const target = !next.ok && next.problem.kind === "symlink" ? from.readLink(bytesOf(part)) : undefined;
      current?.close();
      current = undefined;
      if (next.ok) current = next.value;
      else if (target === undefined) return fail(reasonFor(next.problem));
      else return ok({ redirected: throughLink(parts, index, Buffer.from(target).toString("latin1")) });
    }
    // All of it was a link to the root.
    if (current !== undefined) return ok({ directory: current });
    const root = this.#root.openDirectory(".");
    return root.ok ? ok({ directory: root.value }) : fail(reasonFor(root.problem));
  }
}

/**
 * The parts of a path, `.` and `..` worked out without a look at the file system, as the reference does (`filepath.Join`); `undefined` if it
 * leads out.
 */
function cleanParts(path: string): string[] | undefined {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts;
}

/** The path in which one part, a link, is replaced by what it says. Above the root there is nothing but the root. */
function throughLink(parts: readonly string[], index: number, target: string): readonly string[] {
  const replaced = target.startsWith("/") ? [] : parts.slice(0, index);
  for (const part of target.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") replaced.pop();
    else replaced.push(part);
  }
  return [...replaced, ...parts.slice(index + 1)];
}

function bytesOf(part: string): Uint8Array {
  return Buffer.from(part, "latin1");
}

function reasonFor(problem: OpenProblem): string {
  switch (problem.kind) {
    case "missing":
      return reasonOf("ENOENT");
    case "symlink":
      return "it is a symbolic link now";
    case "special":
      return "it is not a regular file now";
    case "system":
      return reasonOf(problem.errno);
    default:
      return assertNever(problem);
  }
}

/**
 * Opens the directory into which the driver unpacked a layer; for vfs all the layers below are in it as well (containers/storage:
 * drivers/overlay `getDiffPath`, drivers/vfs `dir`).
 *
 * Not read are layers that lie elsewhere (an additional layer store), those whose files are found through a composefs image, and those of
 * drivers that have to mount them.
 *
 * @param name what to call the layer in a problem.
 */
export function openLayerTree(id: string, places: LayerPlaces, name: string): Result<LayerTree, ImageProblem> {
  const { driver, graphRoot, imageStore, additionalImageStores, open } = places;
  const unreadable = (reason: string) => fail({ code: "image.file.unreadable" as const, name, reason });
  if (driver !== "overlay" && driver !== "vfs") return unreadable(`layers of the driver ${driver} are not read`);
  for (const root of [graphRoot, ...(imageStore === undefined ? [] : [imageStore]), ...additionalImageStores]) {
    const home = open(driver === "vfs" ? join(root, "vfs", "dir") : join(root, "overlay"));
    if (!home.ok && home.problem.errno === "ENOENT") continue;
    if (!home.ok) return unreadable(reasonOf(home.problem.errno));
    const opened = home.value.openDirectory(id);
    home.value.close();
    if (opened.ok) return driver === "vfs" ? ok(new LayerTree(opened.value)) : openDiff(opened.value, name);
    if (opened.problem.kind !== "missing") return fail(fileProblem(name, opened.problem));
  }
  return unreadable("its files are not there");
}

/** Closes the directory of the layer. */
function openDiff(layer: OpenDirectory, name: string): Result<LayerTree, ImageProblem> {
  try {
    const composefs = layer.openDirectory("composefs-data");
    if (composefs.ok) {
      composefs.value.close();
      return fail({ code: "image.file.unreadable", name, reason: "its files are in a composefs image" });
    }
    if (composefs.problem.kind !== "missing") return fail(fileProblem(name, composefs.problem));
    const diff = layer.openDirectory("diff");
    if (diff.ok) return ok(new LayerTree(diff.value));
    if (diff.problem.kind !== "symlink") return fail(fileProblem(name, diff.problem));
    return fail({ code: "image.file.unreadable", name, reason: "its files are in an additional layer store" });
  } finally {
    layer.close();
  }
}
