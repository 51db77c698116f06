/**
 * Modules of the runtime, loaded by their first user. Bun's node:crypto takes a quarter of a verification to load, most of
 * it for streams that nobody here uses, and a verification may need none of it (docs/performance.md).
 */

/** `node:crypto`, on both runtimes. */
export function nodeCrypto(): typeof import("node:crypto") {
  return process.getBuiltinModule("node:crypto");
}

/** What Bun offers without a module; `undefined` on Node. */
export const bun = (globalThis as { readonly Bun?: BunBuiltIns }).Bun;

interface BunBuiltIns {
  gc(force: boolean): void;
  readonly SHA256: {
    hash(bytes: Uint8Array, encoding: "hex"): string;
    hash(bytes: Uint8Array): Uint8Array;
  };
  readonly CryptoHasher: new (
    algorithm: "sha256" | "sha384" | "sha512",
  ) => {
    update(bytes: Uint8Array): unknown;
    digest(encoding: "hex"): string;
  };
}
