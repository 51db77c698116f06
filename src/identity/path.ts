import type { ScopeFlaw } from "./transport.ts";

/** The shortest path with the same meaning, worked out on the text alone. As Go's `filepath.Clean` on Unix; "" is `.`. */
export function cleanPath(path: string): string {
  const isRooted = path.startsWith("/");
  const kept: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    const last = kept.at(-1);
    if (part !== "..") kept.push(part);
    else if (last !== undefined && last !== "..") kept.pop();
    else if (!isRooted) kept.push(part);
  }
  const joined = kept.join("/");
  if (isRooted) return `/${joined}`;
  return joined === "" ? "." : joined;
}

/** The directories above an absolute, clean path, from the nearest; without `/`, which the scope "" stands for. */
export function parentDirectories(path: string): readonly string[] {
  const parents: string[] = [];
  for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
    parents.push(path.slice(0, slash));
  }
  return parents;
}

/** A scope that is a path must be absolute and clean, and not `/`, which would be the same as "". */
export function validatePathScope(scope: string): ScopeFlaw | undefined {
  if (!scope.startsWith("/")) return { flaw: "path-relative" };
  if (scope === "/") return { flaw: "path-root" };
  const clean = cleanPath(scope);
  return clean === scope ? undefined : { flaw: "path-unclean", clean };
}
