import { copyFileSync, cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorVerdict } from "../../src/engine/error-verdict.ts";
import { explain } from "../../src/report/explain.ts";
import { fixtures } from "./images.ts";
import { type Runtime, sealcheck } from "./run.ts";
import { temporaryDirectory } from "./temporary.ts";

/** One way in which an image is not accepted: what docs/causes.md tells of, and how it is made. */
export interface Cause {
  readonly name: string;
  /** An image of test/fixtures/images. */
  readonly image: string;
  /** The text of policy.json, or what it asks of images from registry.example.com; absent if there is no such file. */
  readonly policy: string | readonly object[] | undefined;
  /** What lies in place of signature-1, by its path in test/fixtures. */
  readonly inPlaceOfSignature?: string;
  /** Key and certificate files beside it, by their path in test/fixtures/keys. */
  readonly keys?: Readonly<Record<string, string>>;
  readonly identity?: string;
  readonly options?: readonly string[];
  /** The code of the verdict, and of the signature that decided. */
  readonly code: string;
  readonly signature?: string;
  readonly exit: number;
  /** The case of test/fixtures/cases.json in which containers/image itself was asked the same. */
  readonly recorded?: string;
}

const gpg = (keyPath = "vendor.gpg") => ({ type: "signedBy", keyType: "GPGKeys", keyPath });
const vendor = { "vendor.gpg": "gpg/release-rsa4096.gpg" };
const fulcio = {
  type: "sigstoreSigned",
  fulcio: {
    caPath: "fulcio.pem",
    oidcIssuer: "https://oauth.example.com/auth",
    subjectEmail: "builder@vendor.example.com",
  },
  rekorPublicKeyPath: "rekor.pub",
};
const fulcioKeys = { "fulcio.pem": "fulcio/root.pem", "rekor.pub": "rekor/rekor.pub" };
const rekor = { type: "sigstoreSigned", keyPath: "vendor.pub", rekorPublicKeyPath: "rekor.pub" };
const rekorKeys = { "vendor.pub": "sigstore/release.pub", "rekor.pub": "rekor/rekor.pub" };
const sigstore = { type: "sigstoreSigned", keyPath: "vendor.pub" };
const sigstoreKeys = { "vendor.pub": "sigstore/release.pub" };
const remap = (prefix: string, signedPrefix: string) => ({ type: "remapIdentity", prefix, signedPrefix });
/** The text of a policy that rejects by default, with these sections. */
const sections = (transports: object) => `${JSON.stringify({ default: [{ type: "reject" }], transports }, null, 2)}\n`;
const pki = {
  type: "sigstoreSigned",
  pki: { caRootsPath: "ca.pem", caIntermediatesPath: "intermediate.pem", subjectHostname: "other.corp.example.com" },
};
const notAccepted = { code: "requirement.signature.not-accepted", exit: 1 } as const;

export const causes: readonly Cause[] = [
  {
    name: "The policy named is not there",
    image: "gpg-release-oci",
    policy: undefined,
    code: "policy.unreadable",
    exit: 3,
  },
  {
    name: "Invalid policy",
    image: "unsigned",
    policy: '{\n  "default": [{"type": "reject"}],\n}\n',
    ...{ code: "policy.json.syntax", exit: 3, recorded: "policy/invalid-trailing-comma" },
  },
  {
    name: "Trust material that cannot be read",
    image: "gpg-release-oci",
    policy: [gpg("missing.gpg")],
    ...{ code: "policy.trust.unreadable", exit: 3 },
  },
  {
    name: "One of several key files that cannot be read",
    image: "gpg-release-oci",
    policy: [{ type: "signedBy", keyType: "GPGKeys", keyPaths: ["vendor.gpg", "/nonexistent/missing.gpg"] }],
    keys: vendor,
    ...{ code: "policy.trust.unreadable", exit: 3 },
  },
  {
    name: "Trust material that cannot be used",
    image: "gpg-release-oci",
    policy: [gpg()],
    keys: { "vendor.gpg": "gpg/garbage-keyring.gpg" },
    ...{ code: "policy.trust.invalid", exit: 3, recorded: "gpgkey/garbage-keyring/gpg-release-oci" },
  },
  {
    name: "A key of another kind",
    image: "gpg-release-oci",
    policy: [gpg("vendor.pub")],
    keys: { "vendor.pub": "sigstore/release.pub" },
    ...{ code: "policy.trust.invalid", exit: 3 },
  },
  {
    name: "No signature",
    image: "unsigned",
    policy: [gpg()],
    keys: vendor,
    ...{ code: "requirement.signature.missing", exit: 1, recorded: "signedby/unsigned" },
  },
  {
    name: "Signature by an unknown key",
    image: "gpg-unknown-key",
    policy: [gpg()],
    keys: vendor,
    ...{ ...notAccepted, signature: "signature.key.unknown", recorded: "signedby/gpg-unknown-key" },
  },
  {
    name: "Signature with a hash that some builds of podman refuse",
    image: "gpg-payload-sha1",
    policy: [gpg()],
    keys: vendor,
    ...{ ...notAccepted, signature: "signature.hash.weak", recorded: "gpgpayload/sha1" },
  },
  {
    name: "Signature by a key that some builds of podman refuse",
    image: "gpg-rsa1024",
    policy: [gpg()],
    keys: { "vendor.gpg": "gpg/rsa1024.gpg" },
    ...{ ...notAccepted, signature: "signature.key.weak", recorded: "gpgkey/rsa1024/gpg-rsa1024" },
  },
  {
    name: "Message that some builds of podman refuse",
    image: "gpg-payload-two-signers-in-one-message",
    policy: [gpg()],
    keys: vendor,
    ...{ ...notAccepted, signature: "signature.openpgp.several", recorded: "gpgpayload/two-signers-in-one-message" },
  },
  {
    name: "Key file that some builds of podman refuse",
    image: "gpg-release-oci",
    policy: [{ type: "signedBy", keyType: "GPGKeys", keyPaths: ["vendor.gpg", "other.gpg"] }],
    keys: { ...vendor, "other.gpg": "gpg/garbage-keyring.gpg" },
    ...{ code: "policy.trust.invalid", exit: 3, recorded: "gpgkey/keypaths-one-garbage/gpg-release-oci" },
  },
  {
    name: "Signature by a key that is in the file, and that GnuPG does not read",
    image: "gpg-unknown-key",
    policy: [gpg()],
    keys: { "vendor.gpg": "gpg/keyring-part-not-read.gpg" },
    ...{ ...notAccepted, signature: "signature.key.unknown" },
  },
  {
    name: "Signature by an expired key",
    image: "gpg-expired-key",
    policy: [gpg()],
    keys: { "vendor.gpg": "gpg/expired.gpg" },
    ...{ ...notAccepted, signature: "signature.key.expired", recorded: "gpgkey/expired/gpg-expired-key" },
  },
  {
    name: "Expired signature",
    image: "gpg-payload-expired-signature",
    policy: [gpg()],
    keys: vendor,
    ...{ ...notAccepted, signature: "signature.expired", recorded: "gpgpayload/expired-signature" },
  },
  {
    name: "Signature by a revoked key",
    image: "gpg-revoked-key",
    policy: [gpg()],
    keys: { "vendor.gpg": "gpg/revoked.gpg" },
    ...{ ...notAccepted, signature: "signature.key.revoked", recorded: "gpgkey/revoked/gpg-revoked-key" },
  },
  {
    name: "A file that is no signature",
    image: "signature-garbage-text",
    policy: [gpg()],
    keys: vendor,
    ...{ code: "image.signature.format", exit: 4, recorded: "malformed/signature-garbage-text" },
  },
  {
    name: "Malformed signature",
    image: "gpg-signature-truncated",
    policy: [gpg()],
    keys: vendor,
    ...{ ...notAccepted, signature: "signature.openpgp.malformed", recorded: "signedby/gpg-signature-truncated" },
  },
  {
    name: "Signature that was changed",
    image: "gpg-signature-bit-flipped",
    policy: [gpg()],
    keys: vendor,
    ...{ ...notAccepted, signature: "signature.invalid", recorded: "signedby/gpg-signature-bit-flipped" },
  },
  {
    name: "Signature for another identity",
    image: "gpg-other-tag",
    policy: [gpg()],
    keys: vendor,
    ...{ ...notAccepted, signature: "signature.identity.mismatch", recorded: "signedby/gpg-other-tag" },
  },
  {
    name: "Signed without a tag",
    image: "cosign-key-repository-identity",
    policy: [sigstore],
    keys: sigstoreKeys,
    ...{
      ...notAccepted,
      signature: "signature.identity.mismatch",
      recorded: "sigstore/cosign-key-repository-identity/sigstore-key",
    },
  },
  {
    name: "Signed by digest, asked for by tag",
    image: "gpg-identity-digest",
    policy: [gpg()],
    keys: vendor,
    ...{ ...notAccepted, signature: "signature.identity.mismatch", recorded: "signedby/gpg-identity-digest" },
  },
  {
    name: "Signed for a name elsewhere",
    image: "gpg-mirror",
    policy: [gpg()],
    keys: vendor,
    ...{ ...notAccepted, signature: "signature.identity.mismatch", recorded: "signedby/gpg-mirror" },
  },
  {
    name: "Signed for another repository",
    image: "gpg-other-repository",
    policy: [gpg()],
    keys: vendor,
    ...{ ...notAccepted, signature: "signature.identity.mismatch", recorded: "signedby/gpg-other-repository" },
  },
  {
    name: "Signed for what is no name",
    image: "gpg-payload-bad-reference",
    policy: [gpg()],
    keys: vendor,
    ...{ ...notAccepted, signature: "signature.identity.mismatch", recorded: "gpgpayload/bad-reference" },
  },
  {
    name: "remapIdentity that does not apply",
    image: "gpg-mirror",
    policy: [{ ...gpg(), signedIdentity: remap("registry.example.com/vend", "vendor.example.com/product") }],
    keys: vendor,
    ...{ ...notAccepted, signature: "signature.identity.mismatch" },
  },
  {
    name: "remapIdentity over a signature of cosign",
    image: "cosign-key-repository-identity",
    policy: [{ ...sigstore, signedIdentity: remap("registry.example.com/mirror", "registry.example.com/vendor") }],
    keys: sigstoreKeys,
    identity: "registry.example.com/mirror/app:1.0",
    ...{ ...notAccepted, signature: "signature.identity.mismatch" },
  },
  {
    name: "Signature for another manifest",
    image: "gpg-tampered-manifest",
    policy: [gpg()],
    keys: vendor,
    ...{ ...notAccepted, signature: "signature.digest.mismatch", recorded: "signedby/gpg-tampered-manifest" },
  },
  {
    name: "Another manifest than the identity's digest",
    image: "gpg-release-oci",
    policy: [gpg()],
    keys: vendor,
    identity: "registry.example.com/vendor/app@sha256:d606f2cf031f202c695451a8634d55c154767059b778ee1855b43f79159d54d0",
    ...{
      code: "requirement.identity.digest-mismatch",
      exit: 1,
      recorded: "identity/identity-by-a-digest-that-is-not-the-digest-of",
    },
  },
  {
    name: "An index whose images are signed, and itself is not",
    image: "gpg-index-only-instances-signed",
    policy: [gpg()],
    keys: vendor,
    ...{ code: "requirement.signature.missing", exit: 1, recorded: "signedby/gpg-index-only-instances-signed" },
  },
  {
    name: "The digest of one image, and the index that lists it",
    image: "gpg-index",
    policy: [gpg()],
    keys: vendor,
    identity: "registry.example.com/vendor/app@sha256:592aa109c62bb091ff31e8a5aadf98312f7e20e59355df6485245ddbee36e6c2",
    ...{ code: "requirement.identity.digest-mismatch", exit: 1 },
  },
  {
    name: "A path as the identity",
    image: "gpg-release-oci",
    policy: [gpg()],
    keys: vendor,
    identity: "/var/tmp/app:1.0",
    ...{ code: "identity.reference.invalid", exit: 2 },
  },
  {
    name: "No signature, where cosign 3 made a bundle",
    image: "cosign-bundle-only",
    policy: [sigstore],
    keys: sigstoreKeys,
    ...{ code: "requirement.signature.missing", exit: 1, recorded: "sigstore/cosign-bundle-only/sigstore-key" },
  },
  {
    name: "A bundle in place of a signature",
    image: "unsigned",
    inPlaceOfSignature: "bundles/cosign-v3-bundle.sigstore.json",
    policy: [sigstore],
    keys: sigstoreKeys,
    ...{ code: "image.signature.format", exit: 4 },
  },
  {
    name: "A detached OpenPGP signature",
    image: "gpg-detached-signature",
    policy: [gpg()],
    keys: vendor,
    ...{ ...notAccepted, signature: "signature.openpgp.malformed", recorded: "gpgpayload/detached-signature" },
  },
  {
    name: "Certificate for a URI",
    image: "fulcio-uri-identity",
    policy: [
      {
        ...fulcio,
        fulcio: {
          ...fulcio.fulcio,
          oidcIssuer: "https://token.actions.example.com",
          subjectEmail: "https://github.example.com/vendor/app/.github/workflows/release.yml@refs/heads/main",
        },
      },
    ],
    keys: fulcioKeys,
    ...{ ...notAccepted, signature: "signature.certificate.email", recorded: "fulcio/fulcio-uri-identity/fulcio-uri" },
  },
  {
    name: "Certificate for a URI, by way of another issuer",
    image: "fulcio-uri-identity",
    policy: [fulcio],
    keys: fulcioKeys,
    ...{ ...notAccepted, signature: "signature.certificate.issuer", recorded: "fulcio/fulcio-uri-identity/fulcio" },
  },
  {
    name: "Certificate not from the CA",
    image: "fulcio-other-ca",
    policy: [fulcio],
    keys: fulcioKeys,
    ...{ ...notAccepted, signature: "signature.certificate.untrusted", recorded: "fulcio/fulcio-other-ca/fulcio" },
  },
  {
    name: "Certificate by way of another issuer",
    image: "fulcio-other-issuer",
    policy: [fulcio],
    keys: fulcioKeys,
    ...{ ...notAccepted, signature: "signature.certificate.issuer", recorded: "fulcio/fulcio-other-issuer/fulcio" },
  },
  {
    name: "Certificate for another subject: email",
    image: "fulcio-other-email",
    policy: [fulcio],
    keys: fulcioKeys,
    ...{ ...notAccepted, signature: "signature.certificate.email", recorded: "fulcio/fulcio-other-email/fulcio" },
  },
  {
    name: "Certificate for another subject: host",
    image: "pki-valid",
    policy: [pki],
    keys: { "ca.pem": "pki/root.pem", "intermediate.pem": "pki/intermediate.pem" },
    ...{ ...notAccepted, signature: "signature.certificate.hostname", recorded: "pki/pki-valid/pki-other-hostname" },
  },
  {
    name: "Not in the log",
    image: "sigstore-key-tag",
    policy: [rekor],
    keys: rekorKeys,
    ...{ ...notAccepted, signature: "signature.annotation.missing", recorded: "rekor/sigstore-key-tag/sigstore-rekor" },
  },
  {
    name: "In another log",
    image: "sigstore-key-other-rekor",
    policy: [rekor],
    keys: rekorKeys,
    ...{
      ...notAccepted,
      signature: "signature.rekor.untrusted",
      recorded: "rekor/sigstore-key-other-rekor/sigstore-rekor",
    },
  },
  {
    name: "Rejected by the policy outright",
    image: "gpg-release-oci",
    policy: [{ type: "reject" }],
    ...{ code: "requirement.reject", exit: 1, recorded: "scope/everything-is-rejected" },
  },
  {
    name: "Rejected by the default: no scope is for the image",
    image: "gpg-release-oci",
    policy: [gpg()],
    keys: vendor,
    identity: "registry.example.net/vendor/app:1.0",
    ...{ code: "requirement.reject", exit: 1 },
  },
  {
    name: "Rejected by the default: the scope is of no transport",
    image: "gpg-release-oci",
    policy: sections({ dcoker: { "registry.example.com": [gpg()] } }),
    ...{ code: "requirement.reject", exit: 1 },
  },
  {
    name: "Rejected by the default: the scope is of another transport",
    image: "gpg-release-oci",
    policy: sections({ atomic: { "registry.example.com": [gpg()] } }),
    ...{ code: "requirement.reject", exit: 1 },
  },
  {
    name: "Rejected by the default: the scope is a short name",
    image: "gpg-release-oci",
    policy: sections({ docker: { "docker.io/busybox": [gpg()] } }),
    identity: "docker.io/busybox:1.0",
    ...{ code: "requirement.reject", exit: 1 },
  },
  {
    name: "The first of two requirements that look like a choice",
    image: "gpg-release-oci",
    policy: [gpg("old.gpg"), gpg()],
    keys: { ...vendor, "old.gpg": "gpg/unrelated.gpg" },
    ...{ ...notAccepted, signature: "signature.key.unknown" },
  },
  {
    name: "Required signature missing",
    image: "unsigned",
    policy: [{ type: "insecureAcceptAnything" }],
    options: ["--require-signed"],
    ...{ code: "requirement.signed.missing", exit: 1, recorded: "require/unsigned/permissive" },
  },
];

/** What came of a cause: as text, and as JSON. */
export interface CauseOutcome {
  readonly exit: number | null;
  readonly text: string;
  readonly document: {
    readonly code: string;
    readonly requirements: readonly { readonly signatures: readonly { readonly code: string }[] }[];
  };
}

/** Runs the command on a cause, in a directory that holds its policy.json, keys and image. */
export function runCause(runtime: Runtime, cause: Cause): CauseOutcome {
  const cwd = temporaryDirectory();
  cpSync(join(fixtures, "images", cause.image), join(cwd, "download"), { recursive: true });
  if (cause.inPlaceOfSignature !== undefined) {
    copyFileSync(join(fixtures, cause.inPlaceOfSignature), join(cwd, "download", "signature-1"));
  }
  for (const [name, key] of Object.entries(cause.keys ?? {})) {
    copyFileSync(join(fixtures, "keys", key), join(cwd, name));
  }
  const scopes = (requirements: readonly object[]) => ({
    default: [{ type: "reject" }],
    transports: { docker: { "registry.example.com": requirements } },
  });
  const { policy, identity = "registry.example.com/vendor/app:1.0" } = cause;
  if (policy !== undefined) {
    writeFileSync(join(cwd, "policy.json"), typeof policy === "string" ? policy : JSON.stringify(scopes(policy)));
  }
  const args = ["verify-installable", "--policy=policy.json", `--identity=${identity}`, ...(cause.options ?? [])];
  const text = sealcheck(runtime, [...args, "download"], { cwd });
  const json = sealcheck(runtime, [...args, "--format=json", "download"], { cwd });
  return { exit: text.code, text: text.stdout + text.stderr, document: JSON.parse(json.stdout) };
}

/** Which places are searched depends on the machine, and one of them may have a policy: made without the command. */
const noPolicy = {
  name: "No policy at all",
  code: "policy.missing",
  signature: undefined,
  exit: 3,
  recorded: undefined,
} as const;

function noPolicyText(): string {
  const places = ["/root/.config", "/etc", "/usr/share"];
  const searched = places.map((place) => `${place}/containers/policy.json`);
  return `${explain(errorVerdict({ code: noPolicy.code, searched }))}\n`;
}

/** The table of docs/causes.md, and then what is said of each cause. */
export function causesMarkdown(said: ReadonlyMap<Cause, string>): string {
  const told = [
    { ...noPolicy, text: noPolicyText() },
    ...causes.map((cause) => ({ ...cause, text: said.get(cause) ?? "" })),
  ];
  const code = (text: string | undefined) => (text === undefined ? "" : `\`${text}\``);
  const rows = told.map(({ name, code: verdict, signature, exit, recorded }) => [
    name,
    code(verdict),
    code(signature),
    `${exit}`,
    code(recorded),
  ]);
  const header = ["cause", "code", "code of the signature", "exit", "recorded case"];
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |\n`;
  const table = [line(header), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("");
  const sections = told.map(({ name, text }) => `### ${name}\n\n\`\`\`text\n${text}\`\`\`\n`);
  return `${table}\n## What is said\n\n${sections.join("\n")}`;
}
