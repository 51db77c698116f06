import { Asn1Reader, asn1Tag } from "../encoding/asn1.ts";
import { WorkBudget } from "./budget.ts";
import { tags } from "./openpgp/algorithms.ts";
import { frameAt } from "./openpgp/frames.ts";

/** What a file is that stands where a key or certificate belongs. Told from its first octets: nothing in it is checked. */
export type KeyKind =
  | "empty"
  | "pem-public-key"
  | "pem-private-key"
  | "pem-certificate"
  | "pem-other"
  | "der-public-key"
  | "der-private-key"
  | "der-certificate"
  | "ssh-public-key"
  | "ssh-private-key"
  | "keybox"
  | "openpgp-key"
  | "openpgp-private-key"
  /** Of version 6 or 5; post-quantum keys that sign are of version 6. */
  | "openpgp-newer-key"
  /** Of version 3 or 2. */
  | "openpgp-older-key"
  | "openpgp-message"
  | "html"
  | "json"
  | "utf-16"
  /** Base64 without anything around it: of a key that was encoded once too often, for one. */
  | "base64"
  | "unknown";

/** As much as is looked at: comments may stand before a PEM block, and no key file of a person begins later. */
const maxLookedAt = 64 * 1024;

/** Says what these octets look like, for a message to a person. Never decide by it. */
export function keyKindOf(octets: Uint8Array): KeyKind {
  const head = octets.subarray(0, maxLookedAt);
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString("latin1");
  return (
    (octets.length <= maxLookedAt && text.trim() === "" ? "empty" : undefined) ??
    utf16(head) ??
    keybox(text) ??
    armour(text) ??
    plainText(text) ??
    der(octets) ??
    openPgp(octets) ??
    "unknown"
  );
}

/** With a byte order mark, or ASCII whose every second octet is NUL, as some editors and shells of Windows write text. */
function utf16([first, second, third, fourth]: Uint8Array): KeyKind | undefined {
  const isMarked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const isLittle = first === 0x2d && second === 0 && third === 0x2d && fourth === 0;
  const isBig = first === 0 && second === 0x2d && third === 0 && fourth === 0x2d;
  return isMarked || isLittle || isBig ? "utf-16" : undefined;
}

/** GnuPG: kbx/keybox-blob.c, the header blob: length, type 1, version 1, flags, and "KBXf". */
function keybox(text: string): KeyKind | undefined {
  return text.startsWith("KBXf", 8) && text.charCodeAt(4) === 1 ? "keybox" : undefined;
}

/** Labels of RFC 7468, RFC 4716 and RFC 4880, and of cosign, OpenSSH and OpenSSL; they are short. */
const begin = /-{4,5} ?BEGIN ([A-Z0-9 ]{1,64}?) ?-{4,5}/;

const byLabel: readonly (readonly [pattern: RegExp, kind: KeyKind])[] = [
  [/^SSH2 /, "ssh-public-key"],
  [/^OPENSSH PRIVATE KEY$/, "ssh-private-key"],
  [/PRIVATE KEY$/, "pem-private-key"],
  [/PUBLIC KEY$/, "pem-public-key"],
  [/^(?:X509 |TRUSTED )?CERTIFICATE$/, "pem-certificate"],
];

function armour(text: string): KeyKind | undefined {
  const found = begin.exec(text);
  const label = found?.[1];
  if (found === null || label === undefined) return undefined;
  if (label.startsWith("PGP ")) return armouredOpenPgp(text.slice(found.index), label);
  return byLabel.find(([pattern]) => pattern.test(label))?.[1] ?? "pem-other";
}

/** By its first packet, where the armour can be read at a glance; by its label otherwise. */
function armouredOpenPgp(text: string, label: string): KeyKind {
  if (!label.endsWith("KEY BLOCK")) return "openpgp-message";
  const body = text.slice(text.indexOf("\n") + 1);
  // Headers, and the empty line behind them.
  const base64 = /^(?:[A-Za-z]+: [^\n]*\n)*\s*([A-Za-z0-9+/\s]+)/.exec(body)?.[1]?.replaceAll(/\s/g, "") ?? "";
  const kind = openPgp(Buffer.from(base64.slice(0, base64.length - (base64.length % 4)), "base64"));
  return kind ?? (label.includes("PRIVATE") || label.includes("SECRET") ? "openpgp-private-key" : "openpgp-key");
}

const sshPublic =
  /^(?:[^\n]{0,200} )?(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp\d{3}|sk-[a-z0-9-]+@openssh\.com) AAAA[A-Za-z0-9+/]/m;

function plainText(text: string): KeyKind | undefined {
  const start = text.replace(/^\xef\xbb\xbf/, "").trim();
  if (/^<(?:!doctype html|html|head|body|\?xml)/i.test(start)) return "html";
  if (/^[[{]/.test(start)) return "json";
  if (sshPublic.test(start)) return "ssh-public-key";
  return /^[A-Za-z0-9+/]{16}[A-Za-z0-9+/\r\n]*={0,2}$/.test(start) ? "base64" : undefined;
}

/** RFC 5280 section 4.1, RFC 5958, RFC 8017 appendix A.1, RFC 5915: told by what the SEQUENCE begins with. */
function der(octets: Uint8Array): KeyKind | undefined {
  const inSequence = () => new Asn1Reader(octets).enter(asn1Tag.sequence);
  const number = inSequence()?.readInteger();
  // Private keys begin with their version, 0 or 1; a PKCS #1 public key with its modulus.
  if (number !== undefined) return number <= 1n ? "der-private-key" : "der-public-key";
  const key = inSequence();
  if (key?.readAlgorithmIdentifier() !== undefined && key.readBitString() !== undefined) return "der-public-key";
  return inSequence()?.enter(asn1Tag.sequence) === undefined ? undefined : "der-certificate";
}

/** Of one packet, which may come in parts. */
const maxFrameWork = 10_000;

const keyTags: readonly number[] = [tags.publicKey, tags.publicSubkey, tags.secretKey, tags.secretSubkey];

/** RFC 9580 sections 4.2, 5 and 5.5.2: by the tag of the first packet and, of a key, its version. */
function openPgp(octets: Uint8Array): KeyKind | undefined {
  const frame = octets.length === 0 ? undefined : frameAt(octets, 0, new WorkBudget(maxFrameWork));
  if (frame === undefined) return undefined;
  const { tag, body } = frame;
  const first = body[0] ?? 0;
  if (keyTags.includes(tag)) {
    if (first === 5 || first === 6) return "openpgp-newer-key";
    if (first === 2 || first === 3) return "openpgp-older-key";
    if (first !== 4) return undefined;
    return tag === tags.secretKey || tag === tags.secretSubkey ? "openpgp-private-key" : "openpgp-key";
  }
  // Octets of no meaning look like some packet more often than not: only what has a known version or algorithm counts.
  const isSignature = (tag === tags.signature || tag === tags.onePassSignature) && [3, 4, 6].includes(first);
  return isSignature || (tag === tags.compressed && [1, 2, 3].includes(first)) ? "openpgp-message" : undefined;
}
