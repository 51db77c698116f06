/** What is fuzzed: everything that reads bytes of others, each with what must hold whatever the bytes are. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseBatchRequest } from "../src/cli/commands/batch/batch-request.ts";
import { WorkBudget } from "../src/crypto/budget.ts";
import { openPgpBackEnds } from "../src/crypto/openpgp/back-end.ts";
import { loadKeyring } from "../src/crypto/openpgp/keyring.ts";
import { verifyMessage } from "../src/crypto/openpgp/message.ts";
import { parsePublicKeyPem } from "../src/crypto/public-key.ts";
import { fulcioIssuer } from "../src/crypto/x509/fulcio.ts";
import { verifyHostname } from "../src/crypto/x509/hostname.ts";
import { parseCertificate } from "../src/crypto/x509/parse-certificate.ts";
import { parseCertificatesPem } from "../src/crypto/x509/pem.ts";
import { certPoolFromPem } from "../src/crypto/x509/pool.ts";
import { verifyChain } from "../src/crypto/x509/verify.ts";
import { encodeDerOid } from "../src/encoding/der-writer.ts";
import { parseJson } from "../src/encoding/json.ts";
import { canonicalJson } from "../src/encoding/json-canonical.ts";
import { decodePemBlock } from "../src/encoding/pem.ts";
import { decodeUtf8AsGo } from "../src/encoding/utf8.ts";
import { parseNormalizedNamed, referenceText } from "../src/identity/docker-reference.ts";
import { parseIdentity } from "../src/identity/identity.ts";
import type { PathResolver } from "../src/identity/path-resolver.ts";
import { readManifest } from "../src/image/manifest.ts";
import { prepareVerifier } from "../src/index.ts";
import { maxImageWork, maxTrustWork } from "../src/limits.ts";
import { parsePolicy } from "../src/policy/parse-policy.ts";
import { documentLine, verdictDocument } from "../src/report/document.ts";
import { ok, untrusted } from "../src/result.ts";
import { parseCall } from "../src/serve/varlink/call-message.ts";
import { prepareDecoder } from "../src/serve/varlink/decode-value.ts";
import { MessageFramer } from "../src/serve/varlink/message-framer.ts";
import { parseMessageJson } from "../src/serve/varlink/message-json.ts";
import { parseIdl } from "../src/serve/varlink/parse-idl.ts";
import { parseSignatureBlob } from "../src/signature/blob.ts";
import { parseSignedPayload } from "../src/signature/payload.ts";
import { parseRekorPayload, parseRekorSet } from "../src/signature/rekor-set.ts";

import {
  certificateDer,
  commonName,
  element,
  extension,
  isCa,
  noonSeconds,
  pem,
  sequence,
  subjectAltName,
} from "../test/support/certificates.ts";
import { checkProxyRequest } from "./image-proxy.ts";

export interface Target {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  /** Words that mean something to it. */
  readonly words: readonly Uint8Array[];
  /** Throws if something is not as it must be. */
  readonly check: (input: Uint8Array) => void | Promise<void>;
}

const fixtures = join(import.meta.dirname, "..", "test", "fixtures");
const nowSeconds = Date.UTC(2026, 0, 1) / 1000;
const identity = "docker://registry.example.com/vendor/app:1.0";

/** The files of the fixtures that match; that there are none is an error. */
function files(pattern: string): readonly Buffer[] {
  const paths = globSync(pattern, { cwd: fixtures }).sort();
  assert.ok(paths.length > 0, `no fixtures: ${pattern}`);
  return paths.map((path) => readFileSync(join(fixtures, path)));
}

const words = (...texts: readonly string[]): readonly Uint8Array[] => texts.map((text) => Buffer.from(text, "latin1"));
const jsonWords = [
  '"',
  "\\u0000",
  "\\ud800",
  "null",
  "[]",
  "{}",
  "[",
  "{",
  "}",
  "]",
  ":",
  ",",
  "1e999",
  "__proto__",
  "true",
  "/*",
  "\xff",
];

const signatures = files("images/*/signature-*");
const openpgpMessages = signatures.filter((bytes) => bytes[0] !== 0);
const sigstoreFiles = signatures.filter((bytes) => bytes[0] === 0 && bytes.includes("sigstore-json"));
const envelopes = sigstoreFiles
  .map((bytes) => parseSignatureBlob(bytes, "seed"))
  .flatMap((blob) => (blob.ok && blob.value.format === "sigstore" ? [blob.value.envelope] : []));
const annotationsNamed = (name: string): readonly Buffer[] =>
  envelopes.flatMap(({ untrustedAnnotations }) => {
    const text = untrustedAnnotations.get(name);
    return text === undefined ? [] : [Buffer.from(text)];
  });
const bundles = annotationsNamed("dev.sigstore.cosign/bundle");
const certificates = [
  ...annotationsNamed("dev.sigstore.cosign/certificate"),
  ...annotationsNamed("dev.sigstore.cosign/chain"),
  ...files("keys/{pki,fulcio}/*.pem"),
];
const certificateDers = certificates.flatMap((pem) => decodePemBlock(pem)?.bytes ?? []);
const policyTexts = files("policies/*.json").map((bytes) =>
  Buffer.from(bytes.toString("latin1").replaceAll("@FIXTURES@", fixtures), "latin1"),
);

/** A machine on which every path exists and is its own. */
const paths: PathResolver = { resolveFully: (path) => ok(path), open: () => ok(undefined) };

const keyFiles = files("keys/gpg/*.gpg");
const keyring = await loadKeyring(
  [
    readFileSync(join(fixtures, "keys/gpg/release-rsa4096.gpg")),
    readFileSync(join(fixtures, "keys/gpg/release-ecdsa-p256.gpg")),
  ],
  openPgpBackEnds,
);
assert.ok(keyring.ok);
const signedContents = new Set<string>();
for (const message of openpgpMessages) {
  const verified = await verifyMessage({ message: untrusted(message), keyring: keyring.value, nowSeconds });
  if (verified.ok) signedContents.add(Buffer.from(verified.value.content).toString("latin1"));
}
assert.ok(signedContents.size > 0, "no message of the fixtures is verified");

const roots = certPoolFromPem(Buffer.concat(files("keys/pki/root.pem")), new WorkBudget(maxTrustWork));
const intermediates = parseCertificatesPem(
  Buffer.concat(files("keys/pki/intermediate.pem")),
  new WorkBudget(maxTrustWork),
);
assert.ok(intermediates.ok && roots.size > 0);
const chainOf = (der: Uint8Array) => {
  const leaf = parseCertificate(der);
  if (!leaf.ok) return undefined;
  const chain = verifyChain({
    budget: new WorkBudget(maxImageWork),
    leaf: leaf.value,
    intermediates: intermediates.value,
    roots,
    atSeconds: nowSeconds,
    ignoreUnhandledCriticalSan: false,
  });
  return chain.ok ? Buffer.from(leaf.value.rawTbs).toString("latin1") : undefined;
};
const trustedCertificates = new Set(certificateDers.map(chainOf).filter((tbs) => tbs !== undefined));
assert.ok(trustedCertificates.size > 0, "no certificate of the fixtures is trusted");

/** Names of every kind that constraints can be about. */
const manyNames = subjectAltName(
  element(0x81, "signer@example.com"),
  element(0x82, "a.example.com"),
  element(0x86, "https://a.example.com:1/x"),
  element(0x87, Uint8Array.of(10, 0, 0, 1)),
);
const testRoot = certificateDer({ subject: commonName("root"), extensions: [isCa] });
const testRoots = certPoolFromPem(Buffer.from(pem("CERTIFICATE", testRoot)), new WorkBudget(maxTrustWork));

/** Extensions that authorities have, with more in them than most. */
const extensionSeeds = [
  manyNames,
  extension(
    "2.5.29.30",
    sequence(element(0xa0, sequence(element(0x82, "example.com"))), element(0xa1, sequence(element(0x81, ".b")))),
  ),
  extension("2.5.29.30", sequence(element(0xa1, sequence(element(0x87, Uint8Array.of(11, 0, 0, 0, 255, 0, 0, 0)))))),
  extension("2.5.29.30", sequence(element(0xa0, sequence(element(0x86, ".example.com"))))),
  extension("2.5.29.32", sequence(sequence(encodeDerOid("2.5.29.32.0")), sequence(encodeDerOid("1.2.3")))),
  extension("2.5.29.33", sequence(sequence(encodeDerOid("1.2.3"), encodeDerOid("1.2.4")))),
  extension("2.5.29.36", sequence(element(0x80, Uint8Array.of(0)), element(0x81, Uint8Array.of(1)))),
  extension("2.5.29.54", Uint8Array.of(2, 1, 0)),
  extension("2.5.29.37", sequence(encodeDerOid("1.3.6.1.5.5.7.3.3"))),
  extension("2.5.29.15", Uint8Array.of(3, 2, 1, 6)),
  extension("2.5.29.35", sequence(element(0x80, "key"))),
  extension("1.3.6.1.4.1.57264.1.1", Buffer.from("https://issuer.example.com")),
  extension("1.3.6.1.4.1.57264.1.8", element(0x0c, "https://issuer.example.com")),
];

/** Of a chain in which leaf and authority are signed as they should be, whatever is in them. */
function checkSignedExtensions(input: Uint8Array): void {
  const authority = parseCertificate(certificateDer({ subject: commonName("middle"), extensions: [isCa, input] }));
  for (const extensions of [[manyNames], [input]]) {
    const leaf = parseCertificate(certificateDer({ issuer: commonName("middle"), extensions }));
    if (!leaf.ok) continue;
    fulcioIssuer(leaf.value);
    verifyHostname(leaf.value, "a.example.com");
    if (!authority.ok) continue;
    verifyChain({
      budget: new WorkBudget(maxImageWork),
      leaf: leaf.value,
      intermediates: [authority.value],
      roots: testRoots,
      atSeconds: noonSeconds,
      ignoreUnhandledCriticalSan: true,
    });
  }
}

/** A policy that takes several kinds of signatures, and the images that it accepts. */
const images = await Promise.all(
  [
    ["sigstore-key-tag", "sigstore-key.json"],
    ["sigstore-key-rekor", "sigstore-rekor.json"],
    ["fulcio-valid", "fulcio.json"],
    ["pki-valid", "pki-email.json"],
    ["gpg-release-oci", "gpg-release-ecdsa-p256.json"],
    ["gpg-ecdsa-p256", "gpg-release-ecdsa-p256.json"],
  ].map(async ([image, policyName]) => {
    const text = readFileSync(join(fixtures, "policies", policyName ?? ""), "latin1").replaceAll(
      "@FIXTURES@",
      fixtures,
    );
    const policy = parsePolicy(Buffer.from(text, "latin1"), {});
    assert.ok(policy.ok);
    const verifier = prepareVerifier(policy.value, {
      readFile: (path) => readFileSync(path),
      now: () => nowSeconds,
      paths,
    });
    const manifest = readFileSync(join(fixtures, "images", image ?? "", "manifest.json"));
    const signature = readFileSync(join(fixtures, "images", image ?? "", "signature-1"));
    const judge = (judgedManifest: Uint8Array, judgedSignature: Uint8Array) =>
      verifier.verify({ identity, manifest: judgedManifest, signatures: [judgedSignature], requireSigned: true });
    return { manifest, signature, judge };
  }),
);
const accepted = (
  await Promise.all(
    images.map(async (image) =>
      (await image.judge(image.manifest, image.signature)).outcome === "accepted" ? [image] : [],
    ),
  )
).flat();
assert.ok(accepted.length >= 4, "the images of the fixtures are not accepted");

async function checkVerdicts(
  images: typeof accepted,
  { manifest, signature }: { readonly manifest?: Uint8Array; readonly signature?: Uint8Array },
): Promise<void> {
  for (const image of images) {
    const verdict = await image.judge(manifest ?? image.manifest, signature ?? image.signature);
    assert.notEqual(verdict.code, "internal.error", JSON.stringify(verdict));
    if (verdict.outcome === "accepted")
      assert.deepEqual(Buffer.from(manifest ?? image.manifest), image.manifest, "a changed manifest is accepted");
    documentLine(verdictDocument(verdict));
  }
}

const descriptions = globSync("docs/varlink/*.varlink", { cwd: join(import.meta.dirname, "..") }).map((path) =>
  readFileSync(join(import.meta.dirname, "..", path)),
);
const verifyInterface = descriptions
  .map((text) => parseIdl(text.toString()))
  .flatMap((parsed) => (parsed.ok && parsed.value.name === "dev.sealcheck.Verify" ? [parsed.value] : []))[0];
assert.ok(verifyInterface !== undefined);
const parameterDecoders = [...verifyInterface.methods.values()].map(({ parameters }) =>
  prepareDecoder(parameters, verifyInterface.types),
);

/** However it is cut, a stream has the same messages. */
function checkStream(input: Uint8Array): void {
  const limits = { maxBytes: 1000, maxDescriptors: 1 };
  const taken = (size: number): readonly string[] => {
    const framer = new MessageFramer(limits);
    for (let at = 0; at < input.length; at += size) {
      framer.add({ bytes: input.subarray(at, at + size), descriptors: [], areDescriptorsMissing: false });
    }
    const messages: string[] = [];
    for (let next = framer.take(); next !== undefined; next = framer.take()) {
      if (next.kind === "message") assert.ok(next.untrustedBytes.length < limits.maxBytes);
      messages.push(next.kind === "message" ? Buffer.from(next.untrustedBytes).toString("hex") : JSON.stringify(next));
    }
    return messages;
  };
  const whole = taken(Math.max(1, input.length));
  for (const size of [1, 7, 1000]) assert.deepEqual(taken(size), whole);
}

/** What is taken is what a reader that keeps each member finds, too; and what was decoded is decoded again. */
function checkCall(input: Uint8Array): void {
  const text = Buffer.from(input).toString();
  const fast = parseMessageJson(text, { maxDepth: 64, maxValues: 1000 });
  const careful = parseJson(text, { maxDepth: 64 });
  if (fast.ok) assert.ok(careful.ok);
  else if (fast.problem === "syntax") assert.ok(!careful.ok);
  else if (fast.problem === "duplicate-key") assert.ok(careful.ok);
  const call = parseCall(input);
  if (!call.ok) return;
  for (const decode of parameterDecoders) {
    const decoded = decode(call.value.untrustedParameters);
    if (decoded.ok) assert.deepEqual(decode(JSON.parse(JSON.stringify(decoded.value))), decoded);
  }
}

export const targets: readonly Target[] = [
  {
    name: "policy",
    seeds: policyTexts,
    words: words(
      ...jsonWords,
      '"default"',
      '"transports"',
      '"type"',
      '"keyPath"',
      '"signedIdentity"',
      '"insecureAcceptAnything"',
      '"docker"',
      '"*.a.b"',
    ),
    check(input) {
      const policy = parsePolicy(input, {});
      if (!policy.ok) return assert.ok(policy.problem.length > 0);
      const again = parsePolicy(Buffer.from(JSON.stringify(JSON.parse(decodeUtf8AsGo(input)))), {});
      assert.deepEqual(again, policy);
    },
  },
  {
    name: "identity",
    seeds: words(
      identity,
      "registry.example.com/app@sha256:0000000000000000000000000000000000000000000000000000000000000000",
      "dir:/a/../b",
      "oci:/a:b@0",
      "oci-archive:/a:b",
      "docker-archive:/a:b:1",
      "docker-archive:/a:@1",
      "docker-daemon:a:b",
      "docker-daemon:sha256:0000000000000000000000000000000000000000000000000000000000000000",
      "containers-storage:[overlay@/a+/b:x=y]docker.io/library/a:b@0000000000000000000000000000000000000000000000000000000000000000",
      "atomic:a/b:c",
      "ostree:a:b@/c",
      "sif:/a",
      "tarball:/a",
      "docker://[::1]:5000/a",
    ),
    words: words(
      ":",
      "//",
      "@",
      "/",
      "..",
      "sha256:",
      "\xc3\xa9",
      "_",
      "__",
      "-",
      ".",
      "[",
      "]",
      "+",
      "localhost",
      "A",
    ),
    check(input) {
      const text = decodeUtf8AsGo(input);
      const reference = parseNormalizedNamed(text);
      if (reference.ok) assert.deepEqual(parseNormalizedNamed(referenceText(reference.value)), reference);
      const parsed = parseIdentity(text, paths);
      if (parsed.ok && parsed.value.transport === "docker")
        assert.deepEqual(parseIdentity(parsed.value.text, paths), parsed);
    },
  },
  {
    name: "signature",
    seeds: signatures.map((bytes) => bytes.subarray(0, 8192)),
    words: words(...jsonWords, "\0sigstore-json\n", "\0simple-signing\n", '"payload"', '"mimeType"', '"annotations"'),
    check: (input) => void parseSignatureBlob(input, "signature-1"),
  },
  {
    name: "openpgp-message",
    seeds: openpgpMessages,
    words: words(
      "\x90\x0d\x03",
      "\xc8\xff\xff\xff\xff\xff",
      "\xcb\xe0",
      "\xa3\x01",
      "\xa3\x02",
      "\xa3\x03BZh9",
      "\xc2",
      "\x04\x00\x01\x08",
      "\xca\x03PGP",
    ),
    async check(input) {
      const verified = await verifyMessage({ message: untrusted(input), keyring: keyring.value, nowSeconds });
      if (verified.ok)
        assert.ok(
          signedContents.has(Buffer.from(verified.value.content).toString("latin1")),
          "a content that nobody signed is accepted",
        );
    },
  },
  {
    name: "openpgp-keyring",
    seeds: [...keyFiles, ...files("keys/gpg/*.asc")],
    words: words(
      "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n",
      "-----END PGP PUBLIC KEY BLOCK-----\n",
      "\n=AAAA\n",
      "\x99",
      "\xc6",
      "\xb4",
      "\x88",
      "\xd1",
      "\xce",
    ),
    check: async (input) => void (await loadKeyring([input], openPgpBackEnds)),
  },
  {
    name: "payload",
    seeds: [
      ...envelopes.map(({ untrustedPayload }) => untrustedPayload),
      ...[...signedContents].map((text) => Buffer.from(text, "latin1")),
    ],
    words: words(
      ...jsonWords,
      '"critical"',
      '"optional"',
      '"timestamp"',
      '"type"',
      '"image"',
      '"docker-manifest-digest"',
    ),
    check(input) {
      for (const kind of ["sigstore", "simple-signing"] as const) parseSignedPayload(input, kind);
    },
  },
  {
    name: "rekor-set",
    seeds: bundles,
    words: words(
      ...jsonWords,
      '"SignedEntryTimestamp"',
      '"Payload"',
      '"body"',
      '"integratedTime"',
      "1e21",
      "1e20",
      "\\ud83d\\ude00",
      "\\ud800\\u0041",
    ),
    check(input) {
      const set = parseRekorSet(decodeUtf8AsGo(input));
      if (!set.ok) return;
      const canonical = Buffer.from(set.value.untrustedCanonicalPayload).toString("utf8");
      parseRekorPayload(set.value.untrustedCanonicalPayload);
      const node = parseJson(canonical);
      assert.ok(node.ok, "the canonical form is no JSON");
      assert.equal(canonicalJson(node.value, canonical), canonical);
    },
  },
  {
    name: "public-key",
    seeds: files("keys/{sigstore,rekor}/*.pub"),
    words: words(
      "-----BEGIN PUBLIC KEY-----\n",
      "-----BEGIN RSA PUBLIC KEY-----\n",
      "-----END PUBLIC KEY-----\n",
      "\n-----END ",
      "-----",
      "a: b\n",
      "\r\n",
      "=",
    ),
    check(input) {
      const key = parsePublicKeyPem(input);
      if (!key.ok || key.value.kind === "unsupported") return;
      const pem = `-----BEGIN PUBLIC KEY-----\n${Buffer.from(key.value.spki).toString("base64")}\n-----END PUBLIC KEY-----\n`;
      assert.deepEqual(parsePublicKeyPem(Buffer.from(pem)), key);
    },
  },
  {
    name: "certificate",
    seeds: certificateDers,
    words: words(
      "\x30\x80",
      "\x02\x01\x00",
      "\x06\x03\x55\x1d\x11",
      "\x06\x03\x55\x1d\x1e",
      "\x06\x03\x55\x1d\x20",
      "\x01\x01\xff",
      "\x30\x84\xff\xff\xff\xff",
      "\x81",
      "\x82",
      "\x87\x04",
      "\x86",
    ),
    check(input) {
      const trusted = chainOf(input);
      if (trusted !== undefined) assert.ok(trustedCertificates.has(trusted), "a changed certificate is trusted");
    },
  },
  {
    name: "certificate-extensions",
    seeds: [...extensionSeeds, Buffer.concat(extensionSeeds)],
    words: extensionSeeds,
    check: checkSignedExtensions,
  },
  {
    name: "certificate-pem",
    seeds: certificates,
    words: words(
      "-----BEGIN CERTIFICATE-----\n",
      "-----END CERTIFICATE-----\n",
      "\n-----END ",
      "-----",
      "a: b\n",
      "\r\n",
      " ",
    ),
    check(input) {
      parseCertificatesPem(input, new WorkBudget(maxTrustWork));
      certPoolFromPem(input, new WorkBudget(maxTrustWork));
    },
  },
  {
    name: "manifest",
    seeds: files("images/*/manifest.json"),
    words: words(
      ...jsonWords,
      '"schemaVersion":1',
      '"schemaVersion":2',
      '"signatures":[{"protected":"e30","header":{"jwk":{"kty":"EC"}}}]',
      '"mediaType"',
      '"config"',
      '"manifests"',
    ),
    async check(input) {
      const { facts } = readManifest(input);
      assert.equal(facts.sizeBytes, input.length);
      // One image will do: what the manifest is compared with is the same digest for all of them.
      await checkVerdicts(accepted.slice(0, 1), { manifest: input });
    },
  },
  {
    name: "verdict",
    seeds: accepted.map(({ signature }) => signature),
    words: words(...jsonWords, "MAA="),
    check: (input) => checkVerdicts(accepted, { signature: input }),
  },
  {
    name: "request",
    seeds: [
      ...accepted.slice(0, 2).map(({ manifest, signature }) =>
        Buffer.from(
          JSON.stringify({
            id: "1",
            identity,
            manifest: manifest.toString("base64"),
            signatures: [signature.toString("base64")],
            requireSigned: true,
            policyText: '{"default":[]}',
          }),
        ),
      ),
      Buffer.from(JSON.stringify({ identity, source: "dir:/a", policy: "/b" })),
    ],
    words: words(
      ...jsonWords,
      '"id":',
      '"source":',
      '"manifest":',
      '"signatures":',
      '"policyText":',
      '"requireSigned":',
    ),
    check: (input) =>
      void parseBatchRequest(input, {
        policy: { kind: "default" },
        requireSigned: false,
        image: { platform: undefined, blobs: "none", useAttachments: false },
      }),
  },
  {
    name: "image-proxy",
    seeds: [
      Buffer.from(`{"method":"GetBlob","args":[1,"sha256:${"0".repeat(64)}",-1]}`),
      Buffer.from('{"METHOD":"OpenImage","unknown":{"a":[1e0]},"args":["oci:/a"],"args":null}'),
      Buffer.from(
        `{"method":"VerifyImage","args":["dir:/a","${identity}",{"requireSigned":true,"platform":"linux/arm64/v8"}]}`,
      ),
      Buffer.from('{"method":"FinishPipe","args":[4294967297.5,"more"]}'),
    ],
    words: words(
      ...jsonWords,
      '"method":',
      '"args":',
      "ar\xc5\xbfs",
      '"requireSigned":',
      '"platform":',
      '"linux/amd64"',
      "9007199254740993",
      "-1e300",
      "sha512:",
    ),
    check: checkProxyRequest,
  },
  {
    name: "varlink-stream",
    seeds: [
      Buffer.from('{"method":"a.B"}\0{"method":"a.C","parameters":{}}\0{"me'),
      Buffer.from('{"method":"a.B","parameters":{"a":[1]},"more":true}\0\0{}\0'),
    ],
    words: words(...jsonWords, "\0", "\0\0", '{"method":"a.B"}\0'),
    check: checkStream,
  },
  {
    name: "varlink-call",
    seeds: [
      ...[...verifyInterface.methods.keys()].map((method) =>
        Buffer.from(`{"method":"dev.sealcheck.Verify.${method}","parameters":{"identity":"a","signatures":[]}}`),
      ),
      Buffer.from(
        '{"method":"a.B","more":true,"parameters":{"requests":[{"id":null,"identity":"a","manifest":"YQ==","signatures":["YQ=="],"options":{"require_signed":true}}]}}',
      ),
      Buffer.from('{"method":"a.B","oneway":true,"parameters":{"identity":"a","directory_fd_index":1.0}}'),
    ],
    words: words(...jsonWords, '"method":', '"parameters":', '"more":', '"oneway":', '"identity":', '"signatures":'),
    check: checkCall,
  },
  {
    name: "varlink-description",
    seeds: descriptions,
    words: words(
      "interface ",
      "type ",
      "method ",
      "error ",
      "[]",
      "[string]",
      "?",
      "()",
      "->",
      "(",
      ")",
      ":",
      ",",
      "#",
      "\n",
    ),
    check: (input) => {
      const parsed = parseIdl(decodeUtf8AsGo(input));
      if (!parsed.ok) {
        assert.ok(parsed.problem.line > 0 && parsed.problem.column > 0);
        return;
      }
      for (const { parameters } of parsed.value.methods.values()) prepareDecoder(parameters, parsed.value.types)({});
    },
  },
];
