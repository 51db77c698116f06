import { cleanPath } from "../../src/identity/path.ts";
import type { PathResolver } from "../../src/identity/path-resolver.ts";
import { fail, ok } from "../../src/result.ts";

export const hex64 = "592aa109c62bb091ff31e8a5aadf98312f7e20e59355df6485245ddbee36e6c2";
export const hex96 = hex64 + hex64.slice(32);
export const hex128 = hex64 + hex64;

/** A file system in which every path exists but those below `/missing`; the working directory is `/here`. */
export const imaginaryPaths: PathResolver = {
  resolveFully(path) {
    const clean = cleanPath(path.startsWith("/") ? path : `/here/${path}`);
    return clean.startsWith("/missing/") ? fail({ path, errno: "ENOENT" }) : ok(clean);
  },
  open(path) {
    return path === "" || path.startsWith("/missing") ? fail({ path, errno: "ENOENT" }) : ok(undefined);
  },
};

/** For transports that must not look at the file system. */
export const forbiddenPaths: PathResolver = {
  resolveFully: () => {
    throw new Error("the file system was asked");
  },
  open: () => {
    throw new Error("the file system was asked");
  },
};
