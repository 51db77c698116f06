import { type JsonObject, parseJson } from "../encoding/json.ts";
import { decodeUtf8AsGo } from "../encoding/utf8.ts";
import type { MistakenFile } from "../image/problem.ts";

/** What is looked at of a file, for words only: enough for each of these. */
const maxLookedAt = 1024 * 1024;
const maxValues = 20_000;

/** What a file is that is no signature file of containers/image; `undefined` for what is nothing known. */
export function mistakenFile(bytes: Uint8Array): MistakenFile | undefined {
  const head = Buffer.from(bytes.subarray(0, 4096)).toString("latin1").trimStart();
  const armour = /^-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(head)?.[1];
  if (armour !== undefined) return armoured(armour);
  if (head.startsWith("{") || head.startsWith("[")) return jsonKind(bytes);
  if (/^<(?:!doctype|html|\?xml|head|body)/i.test(head)) return "web-page";
  // What `cosign sign-blob` and `cosign sign --output-signature` write; the shortest is of Ed25519, the longest of RSA 8192.
  if (bytes.length < 2048 && /^[A-Za-z0-9+/]{80,1400}={0,2}\s*$/.test(head)) return "base64-signature";
  return undefined;
}

function armoured(label: string): MistakenFile {
  if (label === "PGP SIGNATURE") return "detached-armour";
  if (label === "PGP SIGNED MESSAGE") return "clear-text";
  // The second is what `gpg --enarmor` writes, whatever is in it: often a signature, and no reason to trust a key.
  if (label === "PGP MESSAGE" || label === "PGP ARMORED FILE") return "armour";
  return "key-or-certificate";
}

function jsonKind(bytes: Uint8Array): MistakenFile {
  const object = firstObject(bytes);
  if (object === undefined) return "json";
  const has = (...keys: readonly string[]): boolean =>
    keys.every((key) => object.members.some((member) => member.key === key));
  const mediaType = object.members.find(({ key }) => key === "mediaType")?.value;
  const type = mediaType?.kind === "string" ? mediaType.value : "";
  // Sigstore's bundle, and that of `cosign sign-blob --bundle` before it.
  if (type.startsWith("application/vnd.dev.sigstore.bundle")) return "bundle";
  if (has("verificationMaterial") || has("base64Signature", "rekorBundle")) return "bundle";
  if (has("Base64Signature", "Payload")) return "cosign-download";
  if (has("critical")) return "payload";
  if (has("payloadType", "signatures")) return "attestation";
  if (has("mimeType", "payload") || has("payload", "annotations")) return "bare-envelope";
  if (has("schemaVersion")) return "manifest";
  return "json";
}

/** That of the file, or of its first line: `cosign download signature` prints one a line. */
function firstObject(bytes: Uint8Array): JsonObject | undefined {
  const newline = bytes.indexOf(0x0a);
  const texts = [bytes, ...(newline > 0 ? [bytes.subarray(0, newline)] : [])];
  for (const text of texts) {
    if (text.length > maxLookedAt) continue;
    const parsed = parseJson(decodeUtf8AsGo(text), { maxDepth: 100, maxValues });
    if (parsed.ok) return parsed.value.kind === "object" ? parsed.value : undefined;
  }
  return undefined;
}
