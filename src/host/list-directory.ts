import { lstatSync, readdirSync, statSync } from "node:fs";
import { fail, ok, type Result } from "../result.ts";
import { errnoOf } from "./system-error.ts";

/**
 * The names in a directory that are not directories themselves, in no order.
 *
 * @returns why not, as the system names it: `ENOENT`, `EACCES`, …
 */
export function listFiles(path: string): Result<readonly string[], { readonly errno: string }> {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return ok(entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name));
  } catch (error) {
    return fail({ errno: errnoOf(error) });
  }
}

/** All names in a directory, in the order of their octets; why not, as for {@link listFiles}. */
export function listNames(path: string): Result<readonly string[], { readonly errno: string }> {
  try {
    return ok(readdirSync(path).sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right))));
  } catch (error) {
    return fail({ errno: errnoOf(error) });
  }
}

/** Whether there is something of that name, if only a link to nothing, or something that cannot be looked at. */
export function fileExists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    errnoOf(error);
    return true;
  }
}

/** Whether there is nothing of that name for certain, or a link to nothing. */
export function isMissing(path: string): boolean {
  const found = existence(path);
  return !found.ok && found.problem.errno === "ENOENT";
}

/** Whether there is something of that name, links followed; if not, why not, as the system names it: `ENOENT`, `EACCES`, …. */
export function existence(path: string): Result<undefined, { readonly errno: string }> {
  try {
    statSync(path);
    return ok(undefined);
  } catch (error) {
    return fail({ errno: errnoOf(error) });
  }
}
