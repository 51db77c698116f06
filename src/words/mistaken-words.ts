import type { MistakenFile } from "../image/problem.ts";

/** What lies in place of a signature file, with its article. */
export function mistakenText(kind: MistakenFile): string {
  return mistakenFiles[kind].what;
}

/** What to do about it. Never to download the same file again: it is whole, and of another kind. */
export function mistakenHint(kind: MistakenFile): string {
  return mistakenFiles[kind].hint;
}

/** Where signature files come from. */
const copyWithSignatures =
  "Signature files are what `skopeo copy` from the registry into a directory (dir:) leaves: signature-1, signature-2, …";

/** How a sigstore signature in a registry comes along. */
const copyAttachments = `${copyWithSignatures}, for cosign's where registries.d says use-sigstore-attachments: true.`;

/** What cosign has to be told since version 3, whose default are bundles. */
export const olderForm = "`cosign sign --new-bundle-format=false --use-signing-config=false`";

const mistakenFiles = {
  armour: {
    what: "an OpenPGP message in ASCII armour",
    hint: "Take the armour off with gpg --dearmor, and put what that writes in the place of this file.",
  },
  "detached-armour": {
    what: "a detached OpenPGP signature in ASCII armour",
    hint:
      "It does not hold what was signed, so no conversion helps. Ask the publisher for the signed message as a whole, as " +
      "`skopeo standalone-sign` or `gpg --sign` makes it.",
  },
  "clear-text": {
    what: "a clear-signed text in ASCII armour",
    hint:
      "Clear-signed texts are not supported. Ask the publisher for a signed message, as `skopeo standalone-sign` or " +
      "`gpg --sign` makes it.",
  },
  bundle: {
    what: "a sigstore bundle, as cosign 3 makes them",
    hint: `containers/image reads no bundles. Ask the publisher to sign in the older form, with ${olderForm}. ${copyAttachments}`,
  },
  "cosign-download": {
    what: "what `cosign download signature` prints",
    hint: copyAttachments,
  },
  payload: {
    what: "the payload of a signature, the text that was signed",
    hint: `The signature itself is missing. ${copyAttachments}`,
  },
  "base64-signature": {
    what: "a bare signature in base64, as cosign writes .sig files",
    hint: `It does not hold what was signed. ${copyAttachments}`,
  },
  attestation: {
    what: "an attestation (a DSSE envelope)",
    hint: `containers/image reads no attestations. ${copyAttachments}`,
  },
  "bare-envelope": {
    what: "the JSON of a sigstore signature without the line that goes before it",
    hint: `The file begins with a NUL, the word sigstore-json and a line end. ${copyAttachments}`,
  },
  manifest: { what: "a manifest", hint: copyAttachments },
  "key-or-certificate": {
    what: "a key or certificate",
    hint: `Keys belong into the policy. ${copyWithSignatures}.`,
  },
  "web-page": {
    what: "a web page",
    hint: `The server may not have had the signature, and answered with that. Look into it. ${copyWithSignatures}.`,
  },
  json: { what: "JSON of another kind", hint: copyAttachments },
} as const satisfies Record<MistakenFile, { readonly what: string; readonly hint: string }>;
