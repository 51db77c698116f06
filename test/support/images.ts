import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The signed images, keys and policies of this repository: test/fixtures/README.md. */
export const fixtures = join(import.meta.dirname, "..", "fixtures");

/** A policy of test/fixtures/policies, with the paths of this checkout in it. */
export function fixturePolicy(name: string): Uint8Array {
  const bytes = readFileSync(join(fixtures, "policies", name), "latin1");
  return Buffer.from(bytes.replaceAll("@FIXTURES@", fixtures), "latin1");
}

/** The bytes of an image of test/fixtures/images, as a verifier is given them. */
export function fixtureImage(name: string): { manifest: Uint8Array; signatures: Uint8Array[] } {
  const directory = join(fixtures, "images", name);
  const signatures: Uint8Array[] = [];
  for (
    let path = join(directory, "signature-1");
    existsSync(path);
    path = join(directory, `signature-${signatures.length + 1}`)
  ) {
    signatures.push(readFileSync(path));
  }
  return { manifest: readFileSync(join(directory, "manifest.json")), signatures };
}
