import { join } from "node:path";
import { fixtureImage, fixtures } from "../images.ts";

/** What the service is asked about: an image that `sigstore-rsa.json` accepts. */
export const identity = "registry.example.com/vendor/app:1.0";
export const signed = join(fixtures, "images", "cosign-key-rsa");
export const image = fixtureImage("cosign-key-rsa");

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

/** Of VerifyBytes. */
export const parameters = { identity, manifest: base64(image.manifest), signatures: image.signatures.map(base64) };
