import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { KeyKind } from "../../src/crypto/key-kind.ts";
import { pem } from "./certificates.ts";
import { fixtures } from "./images.ts";

const key = (path: string): Uint8Array => readFileSync(join(fixtures, "keys", path));

function pemBody(path: string): Uint8Array {
  const text = Buffer.from(key(path)).toString("latin1");
  return Buffer.from(text.replaceAll(/-----[^-]*-----/g, ""), "base64");
}

function armoured(label: string, octets: Uint8Array): string {
  return pem(`PGP ${label}`, octets)
    .replace("-----\n", "-----\nComment: of a test\n\n")
    .replace("-----END", "=AAAA\n-----END");
}

const pair = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const rsaPublic = createPublicKey(Buffer.from(key("sigstore/rsa.pub")).toString("latin1"));

/** A file as GnuPG's keybox begins: kbx/keybox-blob.c. */
const keybox = Buffer.concat([Buffer.from([0, 0, 0, 32, 1, 1, 0, 2]), Buffer.from("KBXf"), Buffer.alloc(20)]);
const oldPacket = (version: number) => Buffer.from([0x99, 0, 6, version, 0, 0, 0, 0, 1]);

/** What people put where a key belongs, by its kind; several of some. */
export const keyFiles: readonly { readonly name: string; readonly kind: KeyKind; readonly bytes: Uint8Array }[] = (
  [
    ["nothing", "empty", ""],
    ["blank lines", "empty", "\n \r\n\t\n"],
    ["cosign.pub", "pem-public-key", key("sigstore/release.pub")],
    ["PKCS #1", "pem-public-key", key("sigstore/rsa-pkcs1.pub")],
    ["a comment before the key", "pem-public-key", key("sigstore/release-with-comment.pub")],
    ["cosign.key", "pem-private-key", "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n-----END X-----\n"],
    ["openssl genpkey", "pem-private-key", pair.privateKey.export({ type: "pkcs8", format: "pem" })],
    ["openssl ecparam -genkey", "pem-private-key", pair.privateKey.export({ type: "sec1", format: "pem" })],
    ["a certificate", "pem-certificate", key("pki/root.pem")],
    [
      "openssl x509 -text before it",
      "pem-certificate",
      Buffer.concat([Buffer.from("Certificate:\n  Data:\n"), key("pki/leaf.pem")]),
    ],
    ["a request", "pem-other", "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n"],
    ["DER", "der-public-key", key("sigstore/release.der")],
    ["DER of PKCS #1", "der-public-key", rsaPublic.export({ type: "pkcs1", format: "der" })],
    ["DER of a private key", "der-private-key", pair.privateKey.export({ type: "pkcs8", format: "der" })],
    ["DER of a certificate", "der-certificate", pemBody("pki/root.pem")],
    ["id_ed25519.pub", "ssh-public-key", `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${"A".repeat(43)} me@example.com\n`],
    ["allowed_signers", "ssh-public-key", `me@example.com namespaces="git" ssh-rsa AAAAB3NzaC1yc2E\n`],
    ["RFC 4716", "ssh-public-key", "---- BEGIN SSH2 PUBLIC KEY ----\nAAAAB3NzaC1yc2E\n---- END SSH2 PUBLIC KEY ----\n"],
    ["id_ed25519", "ssh-private-key", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----\n"],
    ["pubring.kbx", "keybox", keybox],
    ["gpg --export", "openpgp-key", key("gpg/release-rsa4096.gpg")],
    ["gpg --export --armor", "openpgp-key", key("gpg/release-rsa4096.asc")],
    [
      "gpg --export-secret-keys --armor",
      "openpgp-private-key",
      key("private-test-only/TEST-gpg-release-rsa4096.secret.asc"),
    ],
    ["version 6", "openpgp-newer-key", key("gpg/version-6.gpg")],
    ["version 6, armoured", "openpgp-newer-key", armoured("PUBLIC KEY BLOCK", key("gpg/version-6.gpg"))],
    ["version 5", "openpgp-newer-key", oldPacket(5)],
    ["version 3", "openpgp-older-key", oldPacket(3)],
    ["an armoured block that cannot be read", "openpgp-key", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n!!\n-----END"],
    ["signature-1", "openpgp-message", readFileSync(join(fixtures, "images/gpg-release-oci/signature-1"))],
    ["gpg --clear-sign", "openpgp-message", "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nx\n"],
    ["an error page", "html", '\n<!DOCTYPE html>\n<html lang="en"><title>404</title></html>\n'],
    ["an error of a store", "html", '<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>'],
    ["trusted_root.json", "json", '{"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}'],
    [
      "saved by PowerShell",
      "utf-16",
      Buffer.from(`\ufeff${Buffer.from(key("sigstore/release.pub")).toString()}`, "utf16le"),
    ],
    ["the same without a mark", "utf-16", Buffer.from(Buffer.from(key("sigstore/release.pub")).toString(), "utf16le")],
    ["encoded twice", "base64", Buffer.from(key("sigstore/release.pub")).toString("base64")],
    ["encoded in lines", "base64", "TFMwdExTMUNSVWRKVGlC\nUVZVSk1TVU1nUzBWWkxT\n"],
    ["words", "unknown", "here be keys of many a kind and nothing else\n"],
    ["octets", "unknown", Buffer.from([1, 2, 3, 0xff, 0xfe, 0])],
  ] as const
).map(([name, kind, content]) => ({ name, kind, bytes: Buffer.from(content) }));

/** One file of each kind. */
export function keyFileOf(kind: KeyKind): Uint8Array {
  const file = keyFiles.find((each) => each.kind === kind);
  if (file === undefined) throw new Error(`no file of kind ${kind}`);
  return file.bytes;
}
