/** A digest of an algorithm that the reference knows: lower-case hex of the right length. */
export interface Digest {
  readonly algorithm: DigestAlgorithm;
  readonly hex: string;
}

export type DigestAlgorithm = "sha256" | "sha384" | "sha512";

const hexLengths: Readonly<Record<DigestAlgorithm, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/**
 * `algorithm:hex` as opencontainers/go-digest `Parse` takes it: sha256, sha384 or sha512, in lower case.
 *
 * @returns the digest, or `undefined` if `text` is not one.
 */
export function parseDigest(text: string): Digest | undefined {
  const colon = text.indexOf(":");
  const algorithm = text.slice(0, Math.max(colon, 0));
  const hex = text.slice(colon + 1);
  if (!isDigestAlgorithm(algorithm) || hex.length !== hexLengths[algorithm] || !/^[0-9a-f]*$/.test(hex)) {
    return undefined;
  }
  return { algorithm, hex };
}

/** `sha256:…` */
export function digestText(digest: Digest): string {
  return `${digest.algorithm}:${digest.hex}`;
}

function isDigestAlgorithm(text: string): text is DigestAlgorithm {
  return Object.hasOwn(hexLengths, text);
}
