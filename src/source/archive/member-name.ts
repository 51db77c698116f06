import { cleanPath } from "../../identity/path.ts";
import { badMember } from "./archive-failure.ts";

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Throws unless it is UTF-8 without a byte order mark before it, which readers leave out or not. */
export function checkNameEncoding(untrustedBytes: Uint8Array): void {
  let untrustedName: string;
  try {
    untrustedName = strictUtf8.decode(untrustedBytes);
  } catch {
    throw badMember(new TextDecoder().decode(untrustedBytes), "encoding");
  }
  if (untrustedName.startsWith("\ufeff")) throw badMember(untrustedName, "encoding");
}

/**
 * The name by which a member is found: `./a//b` is `a/b`, as for the reference (image/v5: docker/internal/tarfile
 * `findTarComponent`), and "" is the root. Throws if it leads anywhere else, even where it would come back.
 */
export function cleanMemberName(untrustedName: string): string {
  if (untrustedName.startsWith("/") || untrustedName.split("/").includes("..")) throw badMember(untrustedName, "path");
  const clean = cleanPath(untrustedName);
  return clean === "." ? "" : clean;
}

/**
 * Where a link leads: to the name of a member, whether there is one or not. `docker save` and the writer of the reference link
 * `ID/layer.tar` to `../OTHER/layer.tar` or `../HEX.tar`. Throws if it leads out of the archive.
 */
export function linkTarget(name: string, untrustedTarget: string): string {
  const slash = name.lastIndexOf("/");
  const target = cleanPath(`${name.slice(0, slash + 1)}${untrustedTarget}`);
  const isOutside = untrustedTarget.startsWith("/") || target === "." || target === ".." || target.startsWith("../");
  if (untrustedTarget === "" || isOutside) throw badMember(name, "link");
  return target;
}
