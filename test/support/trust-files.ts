import { ok } from "../../src/result.ts";
import type { ReadTrustFile } from "../../src/trust/trust-content.ts";

/** Key and certificate files as a function gives them; what it throws makes a file unreadable. */
export function trustFiles(read: (path: string) => Uint8Array): ReadTrustFile {
  return (path) => ok(read(path));
}
