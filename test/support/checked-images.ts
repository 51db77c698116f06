import { createHash } from "node:crypto";
import { join } from "node:path";
import { type Code, exitCodeOf } from "../../src/codes.ts";
import { openEngine } from "../../src/library/open-engine.ts";
import type { CheckedImage, CheckRun } from "../../src/report/checked-image.ts";
import { type VerdictDocument, verdictDocument } from "../../src/report/document.ts";
import { fixtures } from "./images.ts";
import { fixturePolicyFile } from "./temporary.ts";

/** What is said of the images of a mirror, and how often among a thousand: verdicts of fixtures. */
const kinds: readonly { readonly often: number; readonly source: string; readonly policy: string }[] = [
  { often: 640, source: "images/gpg-release-oci", policy: "rhel-like.json" },
  { often: 120, source: "images/sigstore-key-tag", policy: "sigstore-key.json" },
  { often: 40, source: "images/fulcio-valid", policy: "fulcio.json" },
  { often: 20, source: "images/unsigned", policy: "permissive.json" },
  { often: 10, source: "oci:layouts/multi-oci:1.0", policy: "permissive.json" },
  { often: 60, source: "images/unsigned", policy: "rhel-like.json" },
  { often: 24, source: "images/gpg-unknown-key", policy: "rhel-like.json" },
  { often: 12, source: "images/gpg-other-repository", policy: "rhel-like.json" },
  { often: 9, source: "images/gpg-tampered-manifest", policy: "rhel-like.json" },
  { often: 8, source: "images/mixed-gpg-and-sigstore-second", policy: "both-gpg-and-sigstore.json" },
  { often: 7, source: "images/fulcio-other-email", policy: "fulcio.json" },
  { often: 6, source: "images/cosign-two-signatures", policy: "sigstore-second-key.json" },
  { often: 5, source: "images/unsigned", policy: "reject-all.json" },
  { often: 4, source: "images/gpg-signature-numbered-2-only", policy: "rhel-like.json" },
  { often: 3, source: "images/gpg-garbage-then-valid", policy: "rhel-like.json" },
  { often: 3, source: "images/sigstore-key-tag", policy: "sigstore-missing-key.json" },
  { often: 2, source: "images/manifest-not-json", policy: "rhel-like.json" },
  { often: 1, source: "images/unsigned", policy: "invalid-unknown-type.json" },
];

/** Of these there are no fixtures: they are made of servers. */
const unreachable: readonly {
  readonly often: number;
  readonly code: Code;
  readonly reason: (host: string, name: string) => string;
}[] = [
  { often: 14, code: "source.unreachable", reason: (host) => `${host}:443 cannot be reached: connection refused` },
  { often: 6, code: "source.unauthorized", reason: (host) => `${host} refuses the credentials (401)` },
  { often: 4, code: "source.not-found", reason: (host, name) => `${host} does not have ${name}` },
  { often: 2, code: "source.timeout", reason: (host) => `${host} does not answer within 60 seconds` },
];

const hosts = ["registry.example.com", "mirror.example.net:5000", "quay.example.org", "artifacts.example.com"];
const repositories = ["api", "billing", "cache", "edge-proxy", "ingest", "scheduler", "web", "worker"];

const identity = "docker://registry.example.com/vendor/app:1.0";
const engine = openEngine({ now: () => 1_753_000_000 });

async function judged(source: string, policy: string): Promise<VerdictDocument> {
  const [first = "", ...rest] = source.split(":");
  const place = rest.length === 0 ? join(fixtures, first) : `${first}:${join(fixtures, rest.join(":"))}`;
  const request = { identity, source: place, policy: fixturePolicyFile(policy) };
  return verdictDocument(await engine.verify(first === "oci" ? { ...request, platform: "all" } : request));
}

/** As from another machine, whose policy and keys are in the usual places. */
function elsewhere(document: VerdictDocument): string {
  const { path } = document.policy;
  const text = JSON.stringify(document);
  return (path === null ? text : text.replaceAll(path, "/etc/containers/policy.json")).replaceAll(
    fixtures,
    "/etc/pki/containers",
  );
}

async function unreached({ code, reason }: (typeof unreachable)[number]): Promise<string> {
  const missing = await judged("images/missing-manifest", "rhel-like.json");
  const name = "registry.example.com/vendor/app:1.0";
  const why = reason("registry.example.com", name);
  return elsewhere({
    ...missing,
    identity,
    code,
    exitCode: exitCodeOf(code),
    reason: why,
    message: `Not verified: ${name}\n${why}.\nNext: Check the name of the registry, and the network and the login that lead to it.`,
  });
}

const patterns: readonly { readonly often: number; readonly text: string }[] = [
  ...(await Promise.all(
    kinds.map(async ({ often, source, policy }) => ({ often, text: elsewhere(await judged(source, policy)) })),
  )),
  ...(await Promise.all(unreachable.map(async (kind) => ({ often: kind.often, text: await unreached(kind) })))),
];
const all = patterns.reduce((sum, { often }) => sum + often, 0);

/** The same image each time: which kind it is of is drawn by its number. */
export function checkedImage(number: number): CheckedImage {
  const random = createHash("sha256").update(`image ${number}`).digest();
  const host = hosts[number % 11 < 6 ? 0 : number % hosts.length] ?? "";
  const repository = `vendor/${repositories[random.readUInt8(4) % repositories.length]}-${number % 97}`;
  const tag = `${1 + (random.readUInt8(5) % 4)}.${random.readUInt8(6) % 20}.${random.readUInt8(7) % 10}`;
  let left = random.readUInt32BE(0) % all;
  const pattern = patterns.find(({ often }) => {
    left -= often;
    return left < 0;
  });
  const document: VerdictDocument = JSON.parse(
    (pattern?.text ?? "")
      .replaceAll("vendor/app:1.0", `${repository}:${tag}`)
      .replaceAll("vendor/app", repository)
      .replaceAll("registry.example.com", host),
  );
  return checked(document, `${host}/${repository}`, tag, number);
}

function checked(document: VerdictDocument, name: string, tag: string, number: number): CheckedImage {
  const reference = `docker://${name}:${tag}`;
  const manifest = document.index ?? document.manifest;
  if (manifest === null) return { ...document, reference, served_by: null };
  // Each has a digest of its own.
  const digest = `sha256:${createHash("sha256").update(reference).digest("hex")}`;
  const text = JSON.stringify(document).replaceAll(manifest.digest, digest);
  const served_by = number % 5 === 0 ? `mirror.example.net:5000/${name.split("/").slice(1).join("/")}` : name;
  const own: VerdictDocument = JSON.parse(text);
  const blobs = number % 3 === 0 && own.outcome === "accepted" ? { checked: 7, missing: [], corrupt: [] } : undefined;
  return { ...own, ...(blobs === undefined ? {} : { blobs }), reference, pinned: `${name}@${digest}`, served_by };
}

/** A finished run of so many images. */
export function checkRun(count: number, more: Partial<CheckRun> = {}): CheckRun {
  return runOf(
    Array.from({ length: count }, (_, number) => checkedImage(number)),
    more,
  );
}

/** A finished run with these results. */
export function runOf(results: readonly CheckedImage[], more: Partial<CheckRun> = {}): CheckRun {
  return {
    results,
    startedAt: new Date("2026-03-04T05:06:07Z"),
    finishedAt: new Date("2026-03-04T05:08:19Z"),
    isComplete: true,
    total: results.length,
    ...more,
  };
}

/** All that somebody may try who can make a registry say what they want. */
export const hostileTexts: readonly string[] = [
  "<script>window.hacked = 1</script>",
  "</script><script>window.hacked = 2</script>",
  "<!--<script>",
  `"><img src="https://evil.example/x.png" onerror="window.hacked = 3">`,
  "</style><style>body { background: url(https://evil.example/y.png) }</style>",
  "javascript:window.hacked = 4",
  `$${"{window.hacked = 5}"}`,
  "\u001b[2J\u001b[31mred\u0007",
  "\u202egnp.exe\u2066 \u200b\u00ad\ufeff",
  "]]><failure/> &amp; &#x0; \u0000\u0001\ufffe\ud800",
  "\u2028\u2029\r\n::error::forged\n",
  `"}]}; window.hacked = 6; [{"`,
  "a".repeat(1_000_000),
];

/** Each of the {@link hostileTexts} in every place that is not ours. */
export function hostileRun(): CheckRun {
  const base = Array.from({ length: 4000 }, (_, number) => checkedImage(number));
  const rejected = base.find(({ requirements }) => requirements.some(({ signatures }) => signatures.length > 0));
  if (rejected === undefined) throw new Error("no image has a signature");
  return runOf(hostileTexts.map((text) => forged(rejected, text)));
}

function forged(image: CheckedImage, text: string): CheckedImage {
  const signature = image.requirements.flatMap(({ signatures }) => signatures)[0];
  if (signature === undefined) throw new Error("the image has no signature");
  const digest = `sha256:${"0".repeat(64)}`;
  return {
    ...image,
    outcome: "rejected",
    code: "requirement.signature.not-accepted",
    exitCode: 1,
    reference: text,
    identity: text,
    pinned: text,
    served_by: text,
    message: `Rejected: ${text}\n${text}\nNext: ${text}`,
    reason: text,
    manifest: { digest, mediaType: text, size: 1 },
    index: { digest, mediaType: text, size: 1 },
    policy: { path: text, transport: "docker", scope: text },
    blobs: { checked: 1, missing: [text], corrupt: [text] },
    instances: [{ platform: text, digest: text, outcome: "error", code: "image.instance.missing" }],
    requirements: [
      {
        type: "signedBy",
        satisfied: false,
        code: "requirement.signature.not-accepted",
        message: text,
        signatures: [
          {
            ...signature,
            name: text,
            message: text,
            accepted: false,
            code: "signature.identity.mismatch",
            signer: {
              kind: "openpgp",
              fingerprint: text,
              signingFingerprint: text,
              userId: text,
              signedAt: text,
            },
            claimed: { dockerReference: text, manifestDigest: text, keyId: text },
            backEnds: [{ name: "gnupg", accepted: false, code: "signature.invalid", message: text }],
          },
        ],
      },
    ],
  };
}
