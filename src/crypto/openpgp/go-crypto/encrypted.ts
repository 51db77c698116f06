import { publicKeyAlgorithms as algorithms } from "../algorithms.ts";
import { hex } from "../octets.ts";
import { FieldReader } from "./fields.ts";
import { aeadNonces, cipherBlocks, isUsable, readStringToKey } from "./s2k.ts";
import { consumeAll, type Fault, isFault, readExactly, readFull, type Source } from "./source.ts";

/** A session key, encrypted. */
export interface GoSessionKey {
  readonly packet: "session-key";
  /** Whom it is for: upper-case hex, 16 digits, zeros if it does not say; `nobody` with an algorithm that cannot encrypt. */
  readonly recipient: { readonly keyId: string } | "passphrase" | "nobody";
}

export const anyRecipient = "0".repeat(16);

const encrypting: readonly number[] = [
  algorithms.rsa,
  algorithms.rsaEncryptOnly,
  algorithms.elgamal,
  algorithms.ecdh,
  algorithms.x25519,
  algorithms.x448,
  algorithms.mlKem768X25519,
  algorithms.mlKem1024X448,
];

/** go-crypto: packet/encrypted_key.go EncryptedKey.parse. */
export function readEncryptedKey(body: Source): GoSessionKey | Fault {
  const version = readExactly(body, 1);
  if (isFault(version)) return version;
  if (version[0] !== 3 && version[0] !== 6) return "unsupported";
  const isVersion6 = version[0] === 6;
  const recipient = isVersion6 ? readRecipient6(body) : readExactly(body, 8);
  if (isFault(recipient)) return recipient;
  const algorithm = readExactly(body, 1);
  if (isFault(algorithm)) return algorithm;
  const fault = skipSessionKey(body, algorithm[0] ?? 0, isVersion6) ?? consumeAll(body);
  if (fault !== undefined) return fault;
  return {
    packet: "session-key",
    recipient: encrypting.includes(algorithm[0] ?? 0) ? { keyId: hex(recipient) } : "nobody",
  };
}

/** The key ID out of a fingerprint; zeros if there is none. */
function readRecipient6(body: Source): Uint8Array | Fault {
  const size = readExactly(body, 1);
  if (isFault(size)) return size;
  if (size[0] === 0) return new Uint8Array(8);
  const keyVersion = readExactly(body, 1);
  if (isFault(keyVersion)) return keyVersion;
  if (keyVersion[0] !== 4 && keyVersion[0] !== 6) return "unsupported";
  const fingerprint = readExactly(body, keyVersion[0] === 6 ? 32 : 20);
  if (isFault(fingerprint)) return fingerprint;
  return keyVersion[0] === 6 ? fingerprint.subarray(0, 8) : fingerprint.subarray(12);
}

function skipSessionKey(body: Source, algorithm: number, isVersion6: boolean): Fault | undefined {
  const fields = new FieldReader(body);
  switch (algorithm) {
    case algorithms.rsa:
    case algorithms.rsaEncryptOnly:
      fields.mpi();
      break;
    case algorithms.elgamal:
      fields.mpi();
      fields.mpi();
      break;
    case algorithms.ecdh:
      fields.mpi();
      fields.oid();
      break;
    case algorithms.x25519:
      skipPlain(fields, [32], isVersion6);
      break;
    case algorithms.x448:
      skipPlain(fields, [56], isVersion6);
      break;
    case algorithms.mlKem768X25519:
      skipPlain(fields, [32, 1088], isVersion6);
      break;
    case algorithms.mlKem1024X448:
      skipPlain(fields, [56, 1568], isVersion6);
  }
  return fields.fault;
}

/** go-crypto: x25519/x25519.go DecodeFields and its likes; the octet for the cipher counts for the length, down to 255. */
function skipPlain(fields: FieldReader, sizes: readonly number[], isVersion6: boolean): void {
  for (const size of sizes) fields.plain(size);
  const [length = 0] = fields.plain(1);
  if (!isVersion6) fields.plain(1);
  fields.plain(isVersion6 ? length : (length + 255) % 256);
}

const maxSessionKeyOctets = 64;

/** go-crypto: packet/symmetric_key_encrypted.go SymmetricKeyEncrypted.parse. */
export function readPassphraseKey(body: Source): GoSessionKey | Fault {
  const version = readExactly(body, 1);
  if (isFault(version)) return version;
  const isVersion6 = version[0] === 6;
  if (version[0] !== 4 && !isVersion6) return "unsupported";
  // Version 6 counts the octets of what follows, here and before the key derivation; nobody looks at it.
  const head = readExactly(body, isVersion6 ? 2 : 1);
  if (isFault(head)) return head;
  if (!cipherBlocks.has(head.at(-1) ?? 0)) return "unsupported";
  let nonceOctets = 0;
  if (isVersion6) {
    const mode = readExactly(body, 1);
    if (isFault(mode)) return "structural";
    const count = readExactly(body, 1);
    if (isFault(count)) return count;
    nonceOctets = aeadNonces.get(mode[0] ?? 0) ?? 0;
  }
  const derivation = readStringToKey(body);
  if (isFault(derivation)) return derivation;
  if (!isUsable(derivation)) return "unsupported";
  if (isFault(readExactly(body, nonceOctets))) return "structural";
  const key = readExactly(body, maxSessionKeyOctets);
  if (!isFault(key)) return "unsupported";
  return key === "cut" ? { packet: "session-key", recipient: "passphrase" } : key;
}

export type GoEncrypted = { readonly packet: "encrypted" };

/** go-crypto: packet/symmetrically_encrypted.go and symmetrically_encrypted_aead.go. */
export function readEncryptedIntegrity(body: Source): GoEncrypted | Fault {
  const version = readExactly(body, 1);
  if (isFault(version)) return version;
  if (version[0] === 1) return { packet: "encrypted" };
  if (version[0] !== 2) return "refused";
  const head = readFull(body, 3);
  if (isFault(head)) return "structural";
  const [cipher = 0, mode = 0, chunkSize = 0] = head;
  if (cipherBlocks.get(cipher) !== 16 || !aeadNonces.has(mode) || chunkSize > 16) return "refused";
  return isFault(readFull(body, 32)) ? "structural" : { packet: "encrypted" };
}

/** go-crypto: packet/aead_encrypted.go, which knows of the modes only EAX and OCB. */
export function readEncryptedAead(body: Source): GoEncrypted | Fault {
  const head = readFull(body, 4);
  if (isFault(head)) return "fatal";
  const [, cipher = 0, mode = 0, chunkSize = 0] = head;
  const nonceOctets = mode > 2 ? undefined : aeadNonces.get(mode);
  if (nonceOctets === undefined || isFault(readFull(body, nonceOctets))) return "fatal";
  return cipherBlocks.has(cipher) && chunkSize <= 16 ? { packet: "encrypted" } : "refused";
}
