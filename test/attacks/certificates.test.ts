/** Keys and certificates that are huge or endless, and chains that branch without end. */
import { sign } from "node:crypto";
import { derTag } from "../../src/encoding/der.ts";
import { encodeDer, encodeDerInteger, encodeDerOid } from "../../src/encoding/der-writer.ts";
import {
  bitString,
  certificateDer,
  commonName,
  element,
  extension,
  isCa,
  newKey,
  pem,
  rsaSpki,
  sequence,
  sharedKey,
  subjectAltName,
} from "../support/certificates.ts";
import { fixtureImage } from "../support/images.ts";
import { type Attack, attackTable } from "./attack-table.ts";
import { base64, mebibyte, policy, request, sigstoreFile } from "./requests.ts";

const notAfter = element(derTag.generalizedTime, "20991231235959Z");
const sigstore = { image: "sigstore-key-tag", policy: "sigstore-key.json" };

const withKey = (spki: Uint8Array): object =>
  request(sigstore, { policyText: policy({ type: "sigstoreSigned", keyData: base64(pem("PUBLIC KEY", spki)) }) });
const withKeyText = (text: string): object =>
  request(sigstore, { policyText: policy({ type: "sigstoreSigned", keyData: base64(text) }) });

const refused = { code: "requirement.signature.not-accepted", signature: "signature.invalid" } as const;
const unusable = { code: "policy.trust.invalid" } as const;
const line = "-----BEGIN PUBLIC KEY-----\n";
const keys: readonly Attack[] = [
  {
    what: "RSA of 16,384 bits with the largest exponent",
    request: () => withKey(rsaSpki(16_384, 2n ** 31n - 1n)),
    ...refused,
  },
  { what: "RSA of 16,384 bits with exponent 1", request: () => withKey(rsaSpki(16_384, 1n)), ...refused },
  { what: "RSA of a million bits", request: () => withKey(rsaSpki(1_000_000, 65537n)), ...refused },
  { what: "RSA of 40 million bits", request: () => withKey(rsaSpki(40_000_000, 3n)), ...refused, seconds: 4 },
  { what: "RSA with an exponent of 63 bits", request: () => withKey(rsaSpki(2048, 2n ** 62n + 1n)), ...refused },
  {
    what: "RSA with an exponent of a million bits",
    request: () => withKey(rsaSpki(2048, 2n ** 1_000_000n + 1n)),
    ...unusable,
  },
  {
    what: "an even RSA modulus",
    request: () =>
      withKey(
        sequence(
          sequence(encodeDerOid("1.2.840.113549.1.1.1"), Uint8Array.of(5, 0)),
          bitString(encodeDer(derTag.sequence, [encodeDerInteger(2n ** 2048n), encodeDerInteger(3n)])),
        ),
      ),
    ...refused,
  },
  {
    what: "an algorithm whose OID has a million components",
    request: () =>
      withKey(sequence(sequence(element(derTag.oid, Buffer.alloc(1_000_000, 1))), bitString(Uint8Array.of(0)))),
    ...unusable,
  },
  { what: "sequences nested 100,000 deep", request: () => withKey(Buffer.alloc(200_000, "300080")), ...unusable },
  { what: "millions of BEGIN lines", request: () => withKeyText(line.repeat(300_000)), ...unusable },
  {
    what: "BEGIN lines, each with its END, and nothing between",
    request: () => withKeyText(`${line}x\n-----END PUBLIC KEY-----\n`.repeat(150_000)),
    ...unusable,
  },
  { what: "END lines only", request: () => withKeyText("\n-----END PUBLIC KEY-----".repeat(300_000)), ...unusable },
  {
    what: "one BEGIN and a million END lines of other types",
    request: () => withKeyText(`${line}AAAA${"\n-----END X-----".repeat(400_000)}\n`),
    ...unusable,
  },
  {
    what: "headers without end",
    request: () => withKeyText(`${line}${"a: b\n".repeat(1_500_000)}-----END PUBLIC KEY-----\n`),
    ...unusable,
  },
  {
    what: "headers without end, again and again",
    request: () => withKeyText(`${line}${"a: b\n".repeat(100)}\n-----END X-----\n`.repeat(10_000)),
    ...unusable,
  },
  {
    what: "a line of millions of dashes",
    request: () => withKeyText(`${line}${"-".repeat(8 * mebibyte)}`),
    ...unusable,
  },
  {
    what: "a type of millions of letters",
    request: () =>
      withKeyText(`-----BEGIN ${"A".repeat(4 * mebibyte)}-----\nAAAA\n-----END ${"A".repeat(4 * mebibyte)}-----\n`),
    ...unusable,
  },
  {
    what: "a body of line ends",
    request: () => withKeyText(`${line}${"\r\n".repeat(4 * mebibyte)}-----END PUBLIC KEY-----\n`),
    ...unusable,
  },
];
attackTable("public keys", keys);

const root = certificateDer({ subject: commonName("root"), extensions: [isCa], notAfter });
const email = subjectAltName(element(0x81, "signer@example.com"));
const byPki = policy({
  type: "sigstoreSigned",
  pki: { caRootsData: base64(pem("CERTIFICATE", root)), subjectEmail: "signer@example.com" },
});

/** An image signed with the leaf's key, and this leaf and chain beside the signature. */
function certified(leaf: Uint8Array, chain: readonly Uint8Array[] | string, policyText = byPki): object {
  const { manifest } = fixtureImage("sigstore-key-tag");
  const payload = "{}";
  const envelope = JSON.stringify({
    mimeType: "application/vnd.dev.cosign.simplesigning.v1+json",
    payload: base64(payload),
    annotations: {
      "dev.cosignproject.cosign/signature": sign("sha256", Buffer.from(payload), sharedKey.privateKey).toString(
        "base64",
      ),
      "dev.sigstore.cosign/certificate": pem("CERTIFICATE", leaf),
      "dev.sigstore.cosign/chain":
        typeof chain === "string" ? chain : [...chain, root].map((der) => pem("CERTIFICATE", der)).join(""),
    },
  });
  return request(sigstore, { manifest: base64(manifest), signatures: [base64(sigstoreFile(envelope))], policyText });
}

const good = () => certificateDer({ extensions: [email], notAfter });
const untrusted = { code: "requirement.signature.not-accepted", signature: "signature.certificate.untrusted" } as const;
const constrained = {
  code: "requirement.signature.not-accepted",
  signature: "signature.certificate.constraint",
} as const;
const malformed = { code: "requirement.signature.not-accepted", signature: "signature.certificate.malformed" } as const;

/** Authorities in layers, each signed by every one of the layer above: paths multiply, and none leads to the root. */
function maze(layers: number, width: number): Uint8Array[] {
  return Array.from({ length: layers }, (_, layer) =>
    Array.from({ length: width }, (_, i) =>
      certificateDer({
        subject: commonName(`layer ${layer}`),
        issuer: commonName(`layer ${layer + 1}`),
        serial: encodeDerInteger(BigInt(layer * width + i + 1)),
        extensions: [isCa],
        spki: (i === 0 ? sharedKey : newKey()).spki,
        notAfter,
      }),
    ),
  ).flat();
}

const dnsConstraints = (count: number, name: (i: number) => string): Uint8Array =>
  extension(
    "2.5.29.30",
    sequence(element(0xa0, Buffer.concat(Array.from({ length: count }, (_, i) => sequence(element(0x82, name(i))))))),
  );
const ipConstraints = (count: number): Uint8Array =>
  extension(
    "2.5.29.30",
    sequence(
      element(
        0xa1,
        Buffer.concat(
          Array.from({ length: count }, (_, i) =>
            sequence(
              element(0x87, Buffer.from([10, i >> 16, i >> 8, i, 255, 255, 255, 255].map((byte) => byte & 255))),
            ),
          ),
        ),
      ),
    ),
  );

/** Judged with an authority between root and leaf that has these extensions. */
const below = (authority: Uint8Array, ...names: readonly Uint8Array[]): object =>
  certified(
    certificateDer({
      issuer: commonName("middle"),
      extensions: [subjectAltName(element(0x81, "signer@example.com"), ...names)],
      notAfter,
    }),
    [
      certificateDer({
        subject: commonName("middle"),
        extensions: [isCa, authority],
        notAfter,
        serial: encodeDerInteger(7n),
      }),
    ],
  );
const policies = (count: number): Uint8Array =>
  extension("2.5.29.32", sequence(...Array.from({ length: count }, (_, i) => sequence(encodeDerOid(`1.2.3.${i}`)))));

const chains: readonly Attack[] = [
  {
    what: "nothing odd, for comparison",
    request: () => certified(good(), []),
    code: "requirement.signature.not-accepted",
    signature: "signature.payload.malformed",
  },
  {
    what: "a maze of 8 layers of 8",
    request: () =>
      certified(certificateDer({ issuer: commonName("layer 0"), extensions: [email], notAfter }), maze(8, 8)),
    ...untrusted,
  },
  {
    what: "a hundred signatures, each with a maze",
    request: () => {
      const leaf = certificateDer({ issuer: commonName("layer 0"), extensions: [email], notAfter });
      const one = certified(leaf, maze(8, 8)) as { readonly signatures: readonly [string] };
      return { ...one, signatures: Array.from({ length: 100 }, () => one.signatures[0]) };
    },
    code: "requirement.signature.not-accepted",
    signature: "signature.too-costly",
  },
  {
    what: "2,000 authorities of one name",
    request: () =>
      certified(certificateDer({ issuer: commonName("layer 0"), extensions: [email], notAfter }), maze(1, 2000)),
    ...untrusted,
    seconds: 5,
  },
  {
    what: "a chain of 150",
    request: () =>
      certified(certificateDer({ issuer: commonName("layer 0"), extensions: [email], notAfter }), maze(150, 1)),
    ...untrusted,
  },
  {
    what: "two authorities that sign each other",
    request: () =>
      certified(certificateDer({ issuer: commonName("layer 0"), extensions: [email], notAfter }), [
        ...maze(1, 1),
        certificateDer({ subject: commonName("layer 1"), issuer: commonName("layer 0"), extensions: [isCa], notAfter }),
      ]),
    ...untrusted,
  },
  {
    what: "the same authority 3,000 times",
    request: () => {
      const [one = root] = maze(1, 1);
      return certified(
        good(),
        Array.from({ length: 3000 }, () => one),
      );
    },
    code: "requirement.signature.not-accepted",
    signature: "signature.payload.malformed",
    seconds: 4,
  },
  {
    what: "authorities with RSA keys of 16,384 bits and the largest exponent",
    request: () =>
      certified(
        certificateDer({
          issuer: commonName("big"),
          extensions: [email],
          notAfter,
          outerAlgorithm: sha256WithRsa,
          innerAlgorithm: sha256WithRsa,
        }),
        Array.from({ length: 60 }, (_, i) =>
          certificateDer({
            subject: commonName("big"),
            serial: encodeDerInteger(BigInt(i + 1)),
            extensions: [isCa],
            spki: rsaSpki(16_384, 2n ** 31n - 1n),
            notAfter,
          }),
        ),
      ),
    ...untrusted,
    seconds: 4,
  },
  {
    what: "30,000 name constraints and 10,000 names",
    request: () =>
      below(
        dnsConstraints(30_000, (i) => `a${i}.example.com`),
        ...Array.from({ length: 10_000 }, (_, i) => element(0x82, `x.a${i}.example.com`)),
      ),
    code: "requirement.signature.not-accepted",
    signature: "signature.payload.malformed",
    seconds: 5,
  },
  {
    what: "name constraints that are each other's suffix",
    request: () =>
      below(
        dnsConstraints(1000, (i) => `${"a.".repeat(1000 - i)}com`),
        ...Array.from({ length: 500 }, (_, i) => element(0x82, `${"a.".repeat(i)}b.com`)),
      ),
    ...constrained,
    seconds: 5,
  },
  {
    what: "60,000 address constraints and 10,000 addresses",
    request: () =>
      below(
        ipConstraints(60_000),
        ...Array.from({ length: 10_000 }, (_, i) => element(0x87, Uint8Array.of(11, 0, i >> 8, i & 255))),
      ),
    code: "requirement.signature.not-accepted",
    signature: "signature.payload.malformed",
    seconds: 5,
  },
  {
    what: "50,000 certificate policies",
    request: () => below(policies(50_000)),
    code: "requirement.signature.not-accepted",
    signature: "signature.payload.malformed",
    seconds: 5,
  },
  {
    what: "10,000 extensions",
    request: () =>
      certified(
        certificateDer({
          extensions: [email, ...Array.from({ length: 10_000 }, (_, i) => extension(`1.2.3.${i}`, new Uint8Array()))],
          notAfter,
        }),
        [],
      ),
    code: "requirement.signature.not-accepted",
    signature: "signature.payload.malformed",
    seconds: 4,
  },
  {
    what: "a subject of 2 MiB",
    request: () =>
      certified(
        certificateDer({
          subject: commonName("\u202ex".repeat(mebibyte).slice(0, mebibyte)),
          extensions: [email],
          notAfter,
        }),
        [],
      ),
    code: "requirement.signature.not-accepted",
    signature: "signature.payload.malformed",
  },
  {
    what: "names with control characters and marks of direction",
    request: () =>
      certified(
        certificateDer({
          subject: element(derTag.sequence, commonName("x").subarray(2)),
          extensions: [subjectAltName(element(0x81, "a@\x1b[2Jb\x07"))],
          notAfter,
        }),
        [],
      ),
    code: "requirement.signature.not-accepted",
    signature: "signature.certificate.email",
  },
  {
    what: "a chain of BEGIN lines",
    request: () => certified(good(), "-----BEGIN CERTIFICATE-----\n".repeat(100_000)),
    ...malformed,
  },
  {
    what: "a chain of empty blocks",
    request: () => certified(good(), "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n".repeat(50_000)),
    ...malformed,
  },
  {
    what: "a chain of broken certificates",
    request: () => certified(good(), "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n".repeat(40_000)),
    ...malformed,
  },
  {
    what: "a chain of blanks",
    request: () => certified(good(), " ".repeat(2 * mebibyte)),
    code: "requirement.signature.not-accepted",
    signature: "signature.payload.malformed",
  },
  {
    what: "roots of BEGIN lines",
    request: () =>
      certified(
        good(),
        [],
        policy({
          type: "sigstoreSigned",
          pki: { caRootsData: base64("-----BEGIN CERTIFICATE-----\n".repeat(300_000)), subjectEmail: "a" },
        }),
      ),
    code: "policy.trust.invalid",
  },
  {
    what: "roots that do not parse, 100,000 of them",
    request: () =>
      certified(
        good(),
        [],
        policy({
          type: "sigstoreSigned",
          pki: {
            caRootsData: base64("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n".repeat(100_000)),
            subjectEmail: "a",
          },
        }),
      ),
    code: "policy.trust.invalid",
    seconds: 4,
  },
];
const sha256WithRsa = sequence(encodeDerOid("1.2.840.113549.1.1.11"), Uint8Array.of(5, 0));
attackTable("certificates", chains);
