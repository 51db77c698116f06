import { bun, nodeCrypto } from "./built-in.ts";

/** A hash of what comes in pieces. */
export interface StreamHash {
  update(bytes: Uint8Array): void;
  /** In lower-case hex; nothing comes after it. */
  hex(): string;
}

/** A new hash of nothing yet. */
export function streamHash(algorithm: "sha256" | "sha384" | "sha512"): StreamHash {
  const hash = bun === undefined ? nodeCrypto().createHash(algorithm) : new bun.CryptoHasher(algorithm);
  return {
    update: (bytes) => void hash.update(bytes),
    hex: () => hash.digest("hex"),
  };
}
