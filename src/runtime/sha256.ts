import { bun, nodeCrypto } from "./built-in.ts";

/** The SHA-256 of `bytes`, in 32 bytes. */
export function sha256Bytes(bytes: Uint8Array): Uint8Array {
  return bun === undefined ? nodeCrypto().hash("sha256", bytes, "buffer") : bun.SHA256.hash(bytes);
}

/** The SHA-256 of `bytes`, in lower-case hex. */
export function sha256Hex(bytes: Uint8Array): string {
  return bun === undefined ? nodeCrypto().hash("sha256", bytes, "hex") : bun.SHA256.hash(bytes, "hex");
}
