import { type Fault, isFault, readFull, type Source } from "./source.ts";

/** How a passphrase becomes a key (RFC 9580 section 3.7.1): what go-crypto reads of it, for nothing is decrypted here. */
export interface StringToKey {
  readonly mode: "simple" | "salted" | "iterated" | "argon2" | "dummy";
  /** Absent where none is used. */
  readonly hash?: number;
}

const argon2SaltOctets = 16;

/** go-crypto: s2k/s2k.go ParseIntoParams. */
export function readStringToKey(source: Source): StringToKey | Fault {
  const mode = readFull(source, 1);
  if (isFault(mode)) return mode;
  switch (mode[0]) {
    case 0:
      return withHash("simple", readFull(source, 1));
    case 1:
      return withHash("salted", readFull(source, 9));
    case 3:
      return withHash("iterated", readFull(source, 10));
    case 4:
      return readArgon2(source);
    case 101: {
      // GnuPG's own: the secret key is missing (1), or on a card, which go-crypto does not know.
      const fields = readFull(source, 5);
      if (isFault(fields)) return fields;
      return Buffer.from(fields.subarray(1)).toString("latin1") === "GNU\x01" ? { mode: "dummy" } : "unsupported";
    }
    default:
      return "unsupported";
  }
}

function withHash(mode: "simple" | "salted" | "iterated", fields: Uint8Array | Fault): StringToKey | Fault {
  return isFault(fields) ? fields : { mode, hash: fields[0] ?? 0 };
}

/** go-crypto: s2k/s2k.go validateArgon2Params. */
function readArgon2(source: Source): StringToKey | Fault {
  const fields = readFull(source, argon2SaltOctets + 3);
  if (isFault(fields)) return fields;
  const [passes = 0, parallelism = 0, memoryExponent = 0] = fields.subarray(argon2SaltOctets);
  const isValid = passes > 0 && parallelism > 0 && memoryExponent <= 31 && 2 ** memoryExponent >= 8 * parallelism;
  return isValid ? { mode: "argon2" } : "structural";
}

const hashes: readonly number[] = [2, 8, 9, 10, 11, 12, 14];

/** go-crypto: s2k/s2k.go Params.Function, which fails for a dummy and for an unknown hash. */
export function isUsable({ mode, hash }: StringToKey): boolean {
  return mode !== "dummy" && (hash === undefined || hashes.includes(hash));
}

/** go-crypto: internal/algorithm/cipher.go CipherById, with the octets of a block. */
export const cipherBlocks: ReadonlyMap<number, number> = new Map([
  [2, 8],
  [3, 8],
  [7, 16],
  [8, 16],
  [9, 16],
]);

/** go-crypto: internal/algorithm/aead.go AEADMode, with the octets of a nonce. */
export const aeadNonces: ReadonlyMap<number, number> = new Map([
  [1, 16],
  [2, 15],
  [3, 12],
]);
