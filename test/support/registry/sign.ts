/** Signatures for tests, made at once: the key is anyone's. */
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { createMessage, generateKey, readPrivateKey, sign as signMessage } from "openpgp";
import { type Attachment, mediaTypes } from "./content.ts";

export interface SigstoreKey {
  readonly privateKey: KeyObject;
  /** PEM, as a policy names it. */
  readonly publicPem: string;
}

export function newSigstoreKey(): SigstoreKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return { privateKey, publicPem: publicKey.export({ type: "spki", format: "pem" }).toString() };
}

function claimOf(digest: string, name: string, type: string): Buffer {
  return Buffer.from(
    JSON.stringify({
      critical: {
        identity: { "docker-reference": name },
        image: { "docker-manifest-digest": digest },
        type,
      },
      optional: {},
    }),
  );
}

/** Signs that the manifest with this digest goes by this name: docs/containers-signature.5.md, in the form that cosign attaches. */
export function payloadSigner(key: KeyObject): (digest: string, name: string) => Attachment {
  return (digest, name) => {
    const payload = claimOf(digest, name, "cosign container image signature");
    return {
      mimeType: mediaTypes.cosignPayload,
      payload: payload.toString("base64"),
      annotations: { "dev.cosignproject.cosign/signature": sign("sha256", payload, key).toString("base64") },
    };
  };
}

export interface OpenpgpSigner {
  /** As a keyring file has it. */
  readonly publicKey: Uint8Array;
  /** A signature file for a lookaside. */
  sign(digest: string, name: string): Promise<Uint8Array>;
}

/** A new Ed25519 key, in the form that GnuPG 2.2 reads. */
export async function newOpenpgpSigner(): Promise<OpenpgpSigner> {
  const { privateKey, publicKey } = await generateKey({
    type: "ecc",
    curve: "ed25519Legacy",
    userIDs: [{ name: "Test" }],
    date: new Date("2024-01-01T00:00:00Z"),
    format: "binary",
  });
  const key = await readPrivateKey({ binaryKey: privateKey });
  return {
    publicKey,
    sign: async (digest, name) => {
      const message = await createMessage({ binary: claimOf(digest, name, "atomic container signature") });
      return signMessage({ message, signingKeys: key, format: "binary" });
    },
  };
}
