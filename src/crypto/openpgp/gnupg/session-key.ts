import { publicKeyAlgorithms as algorithms, tags } from "../algorithms.ts";
import type { Frame } from "./frames.ts";
import { readGpgMpi } from "./signature.ts";

/** Whether GnuPG can read this packet with an encrypted session key, which it then passes over. GnuPG: parse_pubkeyenc, parse_symkeyenc. */
export function isSessionKey({ tag, body, length }: Frame): boolean {
  return tag === tags.publicKeyEncryptedSessionKey ? isForKey(body, length) : isForPassphrase(body, length);
}

const encryptingTwice: readonly number[] = [algorithms.elgamal, algorithms.elgamalBoth, algorithms.ecdh];
const encryptingOnce: readonly number[] = [algorithms.rsa, algorithms.rsaEncryptOnly, algorithms.rsaSignOnly];

function isForKey(body: Uint8Array, length: number): boolean {
  const [version = 0] = body;
  const algorithm = body[9] ?? 0;
  if (length < 12 || (version !== 2 && version !== 3)) return false;
  const count = encryptingOnce.includes(algorithm) ? 1 : encryptingTwice.includes(algorithm) ? 2 : 0;
  let at = 10;
  for (let index = 0; index < count; index++) {
    if (algorithm === algorithms.ecdh && index === 1) {
      const size = body[at] ?? 0;
      return size >= 2 && size <= 254 && at + 1 + size <= body.length;
    }
    const number = readGpgMpi(body.subarray(0, length), at);
    if (number === undefined) return false;
    at = number.end;
  }
  return true;
}

function isForPassphrase(body: Uint8Array, length: number): boolean {
  const [version = 0] = body;
  if (length < 4 || length > 201 || (version !== 4 && version !== 5)) return false;
  const headLength = version === 5 ? 5 : 4;
  if (length < headLength) return false;
  const saltLengths: Readonly<Record<number, number>> = { 0: 0, 1: 8, 3: 9 };
  return length - headLength >= (saltLengths[body[headLength - 2] ?? 0] ?? 0);
}
