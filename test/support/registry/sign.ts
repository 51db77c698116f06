/** Signatures for tests, made at once: the key is anyone's. */
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mediaTypes } from "./content.ts";

export interface SigstoreKey {
  readonly privateKey: KeyObject;
  /** PEM, as a policy names it. */
  readonly publicPem: string;
}

export function newSigstoreKey(): SigstoreKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return { privateKey, publicPem: publicKey.export({ type: "spki", format: "pem" }).toString() };
}

/** A signature file as the dir: transport has it: docs/containers-signature.5.md, and `sigstore-json` of internal/signature. */
export function sigstoreSignature(key: SigstoreKey, digest: string, name: string): Uint8Array {
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
  const value = JSON.stringify({
    mimeType: mediaTypes.cosignPayload,
    payload: payload.toString("base64"),
    annotations: { "dev.cosignproject.cosign/signature": sign("sha256", payload, key.privateKey).toString("base64") },
  });
  return Buffer.from(`\0sigstore-json\n${value}`);
}
