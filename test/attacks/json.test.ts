/** JSON that is deep, long, ambiguous or out of range, in each place where JSON comes from outside. */
import { type Attack, attackTable } from "./attack-table.ts";
import { base64, identity, mebibyte, nested, openpgpFile, policy, request, sigstoreFile } from "./requests.ts";

const deep = 100_000;
const sigstore = { image: "sigstore-key-tag", policy: "sigstore-key.json" };
const rekor = { image: "sigstore-key-rekor", policy: "sigstore-rekor.json" };
const acceptAnything = policy({ type: "insecureAcceptAnything" });
const manifest = base64("{}");

const judgedBy = (policyText: string): object => ({ identity, manifest, policyText });
const manifested = (text: string): object => ({ identity, manifest: base64(text), policyText: acceptAnything });
const enveloped = (envelope: string): object => request(sigstore, { signatures: [base64(sigstoreFile(envelope))] });

/** A signature whose annotations are these, on top of what it would not be looked at without. */
function annotated(annotations: Readonly<Record<string, string>>, payload = "{}"): string {
  const mimeType = "application/vnd.dev.cosign.simplesigning.v1+json";
  const signature = { "dev.cosignproject.cosign/signature": "MAA=" };
  return JSON.stringify({ mimeType, payload: base64(payload), annotations: { ...signature, ...annotations } });
}
const bundled = (bundle: string): object =>
  request(rekor, { signatures: [base64(sigstoreFile(annotated({ "dev.sigstore.cosign/bundle": bundle })))] });
const bodied = (body: string): string =>
  JSON.stringify({
    SignedEntryTimestamp: "MAA=",
    Payload: { body: base64(body), integratedTime: 1, logIndex: 1, logID: "" },
  });

const depth: readonly Attack[] = [
  { what: "policy, lists", request: () => judgedBy(nested("[", "", "]", deep)), code: "policy.json.depth" },
  { what: "policy, objects", request: () => judgedBy(nested('{"":', "0", "}", deep)), code: "policy.json.depth" },
  { what: "policy, never closed", request: () => judgedBy("[".repeat(8 * mebibyte)), code: "policy.json.depth" },
  {
    what: "policy, as deep as is allowed",
    request: () => judgedBy(nested("[", "", "]", 10_000)),
    code: "policy.value.type",
  },
  { what: "request line", request: () => nested("[", "", "]", deep), code: "usage.request.malformed" },
  {
    what: "request line, inside a field",
    request: () => `{"signatures":${nested("[", "", "]", deep)}}`,
    code: "usage.request.malformed",
  },
  { what: "manifest", request: () => manifested(nested("[", "", "]", deep)), code: "accepted" },
  {
    what: "manifest, below a field that counts",
    request: () => manifested(`{"schemaVersion":1,"signatures":${nested("[", "", "]", 9000)}}`),
    code: "accepted",
  },
  { what: "envelope", request: () => enveloped(nested('{"a":', "0", "}", deep)), code: "image.signature.too-large" },
  {
    what: "envelope, below an unknown key",
    request: () => enveloped(`{"x":${nested("[", "", "]", 9000)}}`),
    code: "requirement.signature.missing",
    signature: "signature.mime-type.other",
  },
  {
    what: "sigstore payload",
    request: () => enveloped(annotated({}, nested("[", "", "]", deep))),
    code: "requirement.signature.not-accepted",
    signature: "signature.invalid",
  },
  {
    what: "bundle",
    request: () => bundled(nested("[", "", "]", deep)),
    code: "requirement.signature.not-accepted",
    signature: "signature.rekor.malformed",
  },
  {
    what: "payload of the bundle",
    request: () => bundled(`{"SignedEntryTimestamp":"","Payload":${nested("[", "", "]", 9000)}}`),
    code: "requirement.signature.not-accepted",
    signature: "signature.rekor.malformed",
  },
  {
    what: "body of the log entry",
    request: () => bundled(bodied(nested("[", "", "]", deep))),
    code: "requirement.signature.not-accepted",
    signature: "signature.rekor.untrusted",
  },
];
attackTable("JSON that is nested 100,000 deep", depth);

const commas = (item: string, bytes: number): string =>
  `[${item},`.concat(`${item},`.repeat(bytes / (item.length + 1)), `${item}]`);

const size: readonly Attack[] = [
  {
    what: "policy of millions of numbers",
    request: () => judgedBy(commas("1", 15 * mebibyte)),
    code: "policy.too-large",
  },
  {
    what: "policy of millions of empty lists",
    request: () => judgedBy(commas("[]", 15 * mebibyte)),
    code: "policy.too-large",
  },
  {
    what: "policy with a million scopes",
    request: () => judgedBy(`{"default":[],"transports":{"docker":{${'"":1,'.repeat(1_000_000)}"":1}}}`),
    code: "policy.too-large",
  },
  {
    what: "policy that says the same key again, 300,000 times",
    request: () =>
      judgedBy(
        `{"default":[${'{"type":"reject"},'.repeat(10_000)}{"type":"reject"}],"transports":{${'"":{},'.repeat(300_000)}"":{}}}`,
      ),
    code: "policy.key.duplicate",
  },
  {
    what: "policy with 200,000 requirements",
    request: () => judgedBy(`{"default":[${'{"type":"reject"},'.repeat(200_000)}{"type":"reject"}]}`),
    code: "requirement.reject",
  },
  { what: "policy of blanks", request: () => judgedBy(" ".repeat(15 * mebibyte)), code: "policy.json.syntax" },
  { what: "policy of line ends", request: () => judgedBy("\n".repeat(7 * mebibyte)), code: "policy.json.syntax" },
  {
    what: "policy that is one string of escapes",
    request: () => judgedBy(`"${"\\u0041".repeat(mebibyte)}"`),
    code: "policy.value.type",
  },
  {
    what: "policy that is one number of 10^6 digits",
    request: () => judgedBy("9".repeat(1e6)),
    code: "policy.value.type",
  },
  { what: "policy that is half a comment", request: () => judgedBy("/*".repeat(mebibyte)), code: "policy.json.syntax" },
  {
    what: "request line of numbers",
    request: () => `{"signatures":${commas("1", 15 * mebibyte)}}`,
    code: "usage.request.malformed",
  },
  { what: "request line of blanks", request: () => `${" ".repeat(15 * mebibyte)}1`, code: "usage.request.malformed" },
  {
    what: "request line of unknown fields",
    request: () => `{${'"x":1,'.repeat(100)}"x":1}`,
    code: "usage.request.malformed",
  },
  {
    what: "request line that is too long",
    request: () => `"${"x".repeat(17 * mebibyte)}"`,
    code: "usage.request.malformed",
  },
  {
    what: "manifest of numbers",
    request: () => manifested(commas("1", 4 * mebibyte - 16)),
    code: "image.manifest.too-large",
  },
  {
    what: "manifest of empty objects",
    request: () => manifested(commas("{}", 4 * mebibyte - 16)),
    code: "image.manifest.too-large",
  },
  {
    what: "envelope behind 4 MiB of blanks",
    request: () => enveloped(" ".repeat(4 * mebibyte - 100)),
    code: "image.signature.malformed",
  },
  {
    what: "payload as a list of a million numbers",
    request: () => enveloped(`{"payload":${commas("1", 2 * mebibyte)}}`),
    code: "image.signature.too-large",
  },
  {
    what: "10^5 annotations",
    request: () => enveloped(annotated(Object.fromEntries(Array.from({ length: 1e5 }, (_, i) => [`a${i}`, ""])))),
    code: "image.signature.too-large",
  },
  {
    what: "9,000 annotations",
    request: () => enveloped(annotated(Object.fromEntries(Array.from({ length: 9000 }, (_, i) => [`a${i}`, ""])))),
    code: "requirement.signature.not-accepted",
    signature: "signature.invalid",
  },
  {
    what: "bundle whose payload has 9,000 keys",
    request: () =>
      bundled(`{"SignedEntryTimestamp":"","Payload":{${Array.from({ length: 9000 }, (_, i) => `"${i}":${i}`)}}}`),
    code: "requirement.signature.not-accepted",
    signature: "signature.rekor.untrusted",
  },
  {
    what: "bundle whose payload has 10^5 keys",
    request: () =>
      bundled(`{"SignedEntryTimestamp":"","Payload":{${Array.from({ length: 1e5 }, (_, i) => `"${i}":${i}`)}}}`),
    code: "requirement.signature.not-accepted",
    signature: "signature.rekor.malformed",
  },
];
attackTable("JSON that is large", size);

const numbers: readonly Attack[] = [
  {
    what: "1e999999 in the payload of a bundle has no canonical form",
    request: () => bundled('{"SignedEntryTimestamp":"","Payload":{"integratedTime":1e999999}}'),
    code: "requirement.signature.not-accepted",
    signature: "signature.rekor.malformed",
  },
  {
    what: "10^6 digits in the payload of a bundle",
    request: () => bundled(`{"SignedEntryTimestamp":"","Payload":{"integratedTime":${"9".repeat(1e6)}}}`),
    code: "requirement.signature.not-accepted",
    signature: "signature.rekor.malformed",
  },
  {
    what: "10^6 digits behind the point",
    request: () => bundled(`{"SignedEntryTimestamp":"","Payload":{"integratedTime":0.${"9".repeat(1e6)}}}`),
    code: "requirement.signature.not-accepted",
    signature: "signature.rekor.untrusted",
  },
  {
    what: "10^6 digits as schemaVersion",
    request: () => manifested(`{"schemaVersion":${"9".repeat(1e6)}}`),
    code: "accepted",
  },
  { what: "1e999999 as schemaVersion", request: () => manifested('{"schemaVersion":1e999999}'), code: "accepted" },
  {
    what: "a formatLength of 1e300",
    request: () =>
      request(sigstore, {
        manifest: base64(
          `{"schemaVersion":1,"signatures":[{"protected":"${Buffer.from('{"formatLength":1e300,"formatTail":""}').toString("base64url")}"}]}`,
        ),
      }),
    code: "image.manifest.malformed",
  },
  {
    what: "a negative formatLength, where the reference panics",
    request: () =>
      request(sigstore, {
        manifest: base64(
          `{"schemaVersion":1,"signatures":[{"protected":"${Buffer.from('{"formatLength":-1,"formatTail":""}').toString("base64url")}"}]}`,
        ),
      }),
    code: "image.manifest.malformed",
  },
];
attackTable("numbers that are huge", numbers);

const reject = '{"type":"reject"}';
const keys: readonly Attack[] = [
  {
    what: "a key twice, once through escapes",
    request: () => judgedBy(`{"default":[{"type":"insecureAcceptAnything","typ\\u0065":"reject"}]}`),
    code: "policy.key.duplicate",
  },
  {
    what: "a scope twice, once through escapes",
    request: () =>
      judgedBy(`{"default":[${reject}],"transports":{"docker":{"a.b":[${reject}],"a\\u002eb":[${reject}]}}}`),
    code: "policy.key.duplicate",
  },
  {
    what: "two keys that differ only in what is no Unicode",
    request: () =>
      judgedBy(`{"default":[${reject}],"transports":{"docker":{"a\\ud800":[${reject}],"a\\ufffd":[${reject}]}}}`),
    code: "policy.key.duplicate",
  },
  ...["__proto__", "constructor", "toString", "hasOwnProperty", "prototype"].flatMap((name): readonly Attack[] => [
    {
      what: `${name} as a key of the policy`,
      request: () => judgedBy(`{"default":[${reject}],"${name}":{"default":[{"type":"insecureAcceptAnything"}]}}`),
      code: "policy.key.unknown",
    },
    {
      what: `${name} as a transport of the policy`,
      request: () =>
        judgedBy(`{"default":[${reject}],"transports":{"${name}":{"":[{"type":"insecureAcceptAnything"}]}}}`),
      code: "requirement.reject",
    },
    {
      what: `${name} as a scope`,
      request: () =>
        judgedBy(`{"default":[${reject}],"transports":{"docker":{"${name}":[{"type":"insecureAcceptAnything"}]}}}`),
      code: "requirement.reject",
    },
    {
      what: `${name} as the type of a requirement`,
      request: () => judgedBy(`{"default":[{"type":"${name}"}]}`),
      code: "policy.value.unknown",
    },
    {
      what: `${name} as the type of a signedIdentity`,
      request: () =>
        judgedBy(
          `{"default":[{"type":"signedBy","keyType":"GPGKeys","keyData":"","signedIdentity":{"type":"${name}"}}]}`,
        ),
      code: "policy.value.unknown",
    },
    {
      what: `${name} as the keyType`,
      request: () => judgedBy(`{"default":[{"type":"signedBy","keyType":"${name}","keyData":""}]}`),
      code: "policy.value.unknown",
    },
    {
      what: `${name} as a key of a requirement`,
      request: () => judgedBy(`{"default":[{"type":"reject","${name}":{}}]}`),
      code: "policy.key.unknown",
    },
    {
      what: `${name} as the transport of an identity`,
      request: () => ({ ...judgedBy(acceptAnything), identity: `${name}:x` }),
      code: "identity.transport.unknown",
    },
    {
      what: `${name}:// as the transport of an identity`,
      request: () => ({ ...judgedBy(acceptAnything), identity: `${name}://x` }),
      code: "identity.transport.unknown",
    },
    {
      what: `${name}: as the transport of a source`,
      request: () => ({ identity, source: `${name}:/`, policyText: acceptAnything }),
      code: "image.source.unreadable",
    },
    {
      what: `${name} as a field of a request`,
      request: () => `{"identity":"a","source":"b","${name}":{"requireSigned":false}}`,
      code: "usage.request.malformed",
    },
    {
      what: `${name} as an annotation`,
      request: () =>
        enveloped(`{"mimeType":"application/vnd.dev.cosign.simplesigning.v1+json","annotations":{"${name}":"x"}}`),
      code: "requirement.signature.not-accepted",
      signature: "signature.annotation.missing",
    },
    {
      what: `${name} as a key of the envelope`,
      request: () => enveloped(`{"${name}":{"mimeType":"application/vnd.dev.cosign.simplesigning.v1+json"}}`),
      code: "requirement.signature.missing",
      signature: "signature.mime-type.other",
    },
    {
      what: `${name} as a key of a bundle`,
      request: () => bundled(`{"SignedEntryTimestamp":"","Payload":{},"${name}":{}}`),
      code: "requirement.signature.not-accepted",
      signature: "signature.rekor.malformed",
    },
    {
      what: `${name} as a key of the manifest`,
      request: () => manifested(`{"${name}":{"schemaVersion":2}}`),
      code: "accepted",
    },
    {
      what: `${name} as the format of a signature`,
      request: () => request(sigstore, { signatures: [base64(`\0${name}\n{}`)] }),
      code: "image.signature.format",
    },
  ]),
];
attackTable("keys that are ambiguous or those of objects", keys);

const bytes: readonly Attack[] = [
  { what: "NUL as a policy", request: () => judgedBy("\0".repeat(100)), code: "policy.json.syntax" },
  {
    what: "NUL in a policy's string",
    request: () => judgedBy('{"default":[{"type":"reject\0"}]}'),
    code: "policy.json.syntax",
  },
  {
    what: "an escaped NUL in a scope",
    request: () => judgedBy(`{"default":[${reject}],"transports":{"docker":{"a\\u0000":[${reject}]}}}`),
    code: "requirement.reject",
  },
  {
    what: "an escaped NUL in a key path",
    request: () => request(sigstore, { policyText: policy({ type: "sigstoreSigned", keyPath: "/etc/\0passwd" }) }),
    code: "policy.trust.unreadable",
  },
  {
    what: "NUL in an identity",
    request: () => ({ ...judgedBy(acceptAnything), identity: "docker://a.b/c\0" }),
    code: "identity.reference.invalid",
  },
  {
    what: "NUL in a path identity",
    request: () => ({ ...judgedBy(acceptAnything), identity: "dir:/\0" }),
    code: "identity.path.unresolvable",
  },
  {
    what: "NUL in a source",
    request: () => ({ identity, source: "/\0", policyText: acceptAnything }),
    code: "image.source.unreadable",
  },
  {
    what: "NUL in a policy's path",
    request: () => ({ identity, source: "/", policy: "/\0" }),
    code: "policy.unreadable",
  },
  {
    what: "a byte order mark before a policy",
    request: () => judgedBy(`\ufeff${acceptAnything}`),
    code: "policy.json.syntax",
  },
  {
    what: "a byte order mark before a request",
    request: () => `\ufeff${JSON.stringify(judgedBy(acceptAnything))}`,
    code: "usage.request.malformed",
  },
  {
    what: "a signature of NUL",
    request: () => request(sigstore, { signatures: [base64("\0".repeat(1000))] }),
    code: "image.signature.format",
  },
  {
    what: "a signature of 4 MiB without a newline",
    request: () => request(sigstore, { signatures: [base64(`\0${"x".repeat(4 * mebibyte - 1)}`)] }),
    code: "image.signature.format",
  },
  {
    what: "an OpenPGP signature of nothing",
    request: () =>
      request(
        { image: "gpg-release-oci", policy: "gpg-keydata.json" },
        { signatures: [base64(openpgpFile(new Uint8Array()))] },
      ),
    code: "requirement.signature.not-accepted",
    signature: "signature.openpgp.malformed",
  },
  {
    what: "an envelope that is no UTF-8",
    request: () =>
      request(sigstore, {
        signatures: [
          base64(Buffer.concat([sigstoreFile('{"mimeType":"'), Buffer.alloc(mebibyte, 0xff), Buffer.from('"}')])),
        ],
      }),
    code: "requirement.signature.missing",
    signature: "signature.mime-type.other",
  },
  {
    what: "a manifest that is no UTF-8",
    request: () => ({ ...judgedBy(acceptAnything), manifest: base64(Buffer.alloc(4 * mebibyte, 0xff)) }),
    code: "accepted",
  },
];
attackTable("NUL, byte order marks and what is no UTF-8", bytes);
