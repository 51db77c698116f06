import { createHash } from "node:crypto";

/** A content of its own for each number, large enough to be written in pieces; they come around again after a thousand. */
export function contentNumber(at: number): Uint8Array {
  return Buffer.alloc(200_000, `content ${at % 1000} `);
}

export function keyOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
