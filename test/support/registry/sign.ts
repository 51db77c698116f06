/** Signatures for tests, made at once: the key is anyone's. */
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
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

/** Signs that the manifest with this digest goes by this name: docs/containers-signature.5.md, in the form that cosign attaches. */
export function payloadSigner(key: KeyObject): (digest: string, name: string) => Attachment {
  return (digest, name) => {
    const payload = Buffer.from(
      JSON.stringify({
        critical: {
          identity: { "docker-reference": name },
          image: { "docker-manifest-digest": digest },
          type: "cosign container image signature",
        },
        optional: null,
      }),
    );
    return {
      mimeType: mediaTypes.cosignPayload,
      payload: payload.toString("base64"),
      annotations: { "dev.cosignproject.cosign/signature": sign("sha256", payload, key).toString("base64") },
    };
  };
}
