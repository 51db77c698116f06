import assert from "node:assert/strict";
import { mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { digestText } from "../../../src/encoding/digest.ts";
import type { ImageInLayout } from "../../../src/identity/oci-reference.ts";
import type { OpenImage } from "../../../src/image/image.ts";
import { maxLayoutIndexBytes, maxManifestBytes, maxSignatures } from "../../../src/limits.ts";
import { parseSignatureBlob } from "../../../src/signature/blob.ts";
import { openSource } from "../../../src/source/open-source.ts";
import { descriptorOf, ociIndexType, ociLayout, sha256 } from "../../support/layouts.ts";
import { makeFifo } from "../../support/temporary.ts";

const one = '{"schemaVersion":2,"one":1}';
const two = '{"schemaVersion":2,"two":2}';
const only: ImageInLayout = { kind: "only" };

async function open(path: string, image: ImageInLayout = only, useAttachments = false): Promise<OpenImage> {
  const opened = await openSource({ transport: "oci", path, image }, { environment: {}, useAttachments });
  assert.ok(opened.ok);
  return opened.value;
}

async function manifestIn(path: string, image: ImageInLayout = only): Promise<string> {
  const opened = await open(path, image);
  const manifest = await opened.manifest();
  await opened.close();
  return manifest.ok ? Buffer.from(manifest.value).toString() : manifest.problem.code;
}

describe("which image of a layout", () => {
  const both = () =>
    ociLayout({
      entries: [
        { content: one, name: "1.0" },
        { content: two, name: "registry.example.com/app:2.0" },
      ],
    });
  const config = "application/vnd.oci.image.config.v1+json";
  const rows: readonly [what: string, make: () => string, image: ImageInLayout, expected: string][] = [
    ["the only one", () => ociLayout({ entries: [{ content: one }] }), only, one],
    ["the only one, which has a name", () => ociLayout({ entries: [{ content: one, name: "x" }] }), only, one],
    ["one of two by name", both, { kind: "name", name: "1.0" }, one],
    ["a name with a registry", both, { kind: "name", name: "registry.example.com/app:2.0" }, two],
    ["no prefix of a name", both, { kind: "name", name: "registry.example.com/app" }, "image.source.not-found"],
    ["two and no name", both, only, "image.source.ambiguous"],
    ["none at all", () => ociLayout({ entries: [] }), only, "image.source.ambiguous"],
    ["by its place", both, { kind: "index", index: "1" }, two],
    ["beyond the last place", both, { kind: "index", index: "2" }, "image.source.not-found"],
    ["a place that no number holds", both, { kind: "index", index: "9".repeat(19) }, "image.source.not-found"],
    [
      "a list that is there twice, which Go fills into the same",
      () => {
        const [first, second] = [`"sha256:${sha256(one)}"`, `"sha256:${sha256(two)}"`];
        return ociLayout({
          entries: [{ content: one }, { content: two }],
          index: `{"manifests":[{"digest":${first}}],"manifests":[{"digest":${second},"digest":null}]}`,
        });
      },
      only,
      two,
    ],
    [
      "the first of two of one name",
      () =>
        ociLayout({
          entries: [
            { content: one, name: "x" },
            { content: two, name: "x" },
          ],
        }),
      { kind: "name", name: "x" },
      one,
    ],
    [
      "a name that is no image",
      () => ociLayout({ entries: [{ content: one, name: "x", mediaType: config }] }),
      { kind: "name", name: "x" },
      "image.source.malformed",
    ],
    [
      "an image behind one of that name that is none",
      () =>
        ociLayout({
          entries: [
            { content: one, name: "x", mediaType: config },
            { content: two, name: "x" },
          ],
        }),
      { kind: "name", name: "x" },
      two,
    ],
    [
      "keys in another letter case, as Go reads them",
      () => ociLayout({ entries: [], blobs: [one], index: `{"MANIFESTS":[{"Digest":"sha256:${sha256(one)}"}]}` }),
      only,
      one,
    ],
    [
      "the last of two lists",
      () =>
        ociLayout({
          entries: [{ content: two }],
          blobs: [one],
          index: `{"manifests":[${JSON.stringify(descriptorOf({ content: two }))}],"manifests":[${JSON.stringify(descriptorOf({ content: one }))}]}`,
        }),
      only,
      one,
    ],
  ];
  for (const [what, make, image, expected] of rows)
    it(what, async () => assert.equal(await manifestIn(make(), image), expected));
});

describe("a layout that is refused", () => {
  const blob = (path: string, content = one) => join(path, "blobs", "sha256", sha256(content));
  const good = () => ociLayout({ entries: [{ content: one }], files: { elsewhere: one } });
  const rows: readonly [what: string, spoil: (path: string) => void, expected: string][] = [
    ["no index.json", (path) => rmSync(join(path, "index.json")), "image.source.malformed"],
    ["index.json is no JSON", (path) => writeFileSync(join(path, "index.json"), "{"), "image.source.malformed"],
    ["index.json is a list", (path) => writeFileSync(join(path, "index.json"), "[]"), "image.source.malformed"],
    [
      "its list is a text",
      (path) => writeFileSync(join(path, "index.json"), '{"manifests":"x"}'),
      "image.source.malformed",
    ],
    [
      "an annotation is a number",
      (path) => writeFileSync(join(path, "index.json"), '{"manifests":[{"annotations":{"a":1}}]}'),
      "image.source.malformed",
    ],
    [
      "a field beside the list is of another type, which Go refuses",
      (path) => writeFileSync(join(path, "index.json"), '{"schemaVersion":"2","manifests":[]}'),
      "image.source.malformed",
    ],
    [
      "a digest with a path in it",
      (path) => writeFileSync(join(path, "index.json"), '{"manifests":[{"digest":"sha256:../../elsewhere"}]}'),
      "image.source.malformed",
    ],
    [
      "a digest by SHA-512",
      (path) => {
        mkdirSync(join(path, "blobs", "sha512"));
        writeFileSync(join(path, "blobs", "sha512", "a".repeat(128)), one);
        writeFileSync(join(path, "index.json"), `{"manifests":[{"digest":"sha512:${"a".repeat(128)}"}]}`);
      },
      "image.source.malformed",
    ],
    [
      "an index that lists itself",
      (path) =>
        writeFileSync(
          join(path, "index.json"),
          `{"manifests":[{"mediaType":"${ociIndexType}","digest":"sha256:${"0".repeat(64)}"}]}`,
        ),
      "image.blob.missing",
    ],
    [
      "an index.json of 16 MiB and one byte",
      (path) => truncateSync(join(path, "index.json"), maxLayoutIndexBytes + 1),
      "image.source.malformed",
    ],
    [
      "an index.json of 100,000 entries, none named",
      (path) =>
        writeFileSync(
          join(path, "index.json"),
          `{"manifests":[${Array.from({ length: 100_000 }, () => "{}").join()}]}`,
        ),
      "image.source.ambiguous",
    ],
    [
      "an index.json of a million values",
      (path) => writeFileSync(join(path, "index.json"), `{"x":[${"1,".repeat(1_000_000)}1]}`),
      "image.source.malformed",
    ],
    [
      "index.json is a link",
      (path) => {
        renameSync(join(path, "index.json"), join(path, "real"));
        symlinkSync("real", join(path, "index.json"));
      },
      "image.file.symlink",
    ],
    [
      "the blob is a link",
      (path) => {
        rmSync(blob(path));
        symlinkSync("../../elsewhere", blob(path));
      },
      "image.file.symlink",
    ],
    [
      "the blob is a FIFO",
      (path) => {
        rmSync(blob(path));
        makeFifo(blob(path));
      },
      "image.file.special",
    ],
    [
      "the blob is a directory",
      (path) => {
        rmSync(blob(path));
        mkdirSync(blob(path));
      },
      "image.file.special",
    ],
    [
      "blobs/ is a link",
      (path) => {
        renameSync(join(path, "blobs"), join(path, "real"));
        symlinkSync("real", join(path, "blobs"));
      },
      "image.file.symlink",
    ],
    [
      "blobs/ is a file",
      (path) => {
        rmSync(join(path, "blobs"), { recursive: true });
        writeFileSync(join(path, "blobs"), "");
      },
      "image.file.special",
    ],
    ["the blob is not there", (path) => rmSync(blob(path)), "image.blob.missing"],
    ["the blob is another one", (path) => writeFileSync(blob(path), two), "image.manifest.digest-mismatch"],
    ["the blob is cut", (path) => truncateSync(blob(path), 3), "image.manifest.digest-mismatch"],
    [
      "the blob is of 4 MiB and one byte",
      (path) => truncateSync(blob(path), maxManifestBytes + 1),
      "image.manifest.too-large",
    ],
  ];
  for (const [what, spoil, expected] of rows) {
    it(`${what}: ${expected}`, async () => {
      const path = good();
      spoil(path);
      assert.equal(await manifestIn(path), expected);
    });
  }

  it("a path that is no directory: image.source.unreadable", async () => {
    const opened = await openSource({ transport: "oci", path: "/nonexistent", image: only }, { environment: {} });
    assert.ok(!opened.ok && opened.problem.code === "image.source.unreadable");
  });
});

const simpleSigning = "application/vnd.dev.cosign.simplesigning.v1+json";

/** A manifest of attachments, as cosign pushes one. */
function attachment(payloads: readonly string[]): string {
  const layers = payloads.map((content) => ({
    ...descriptorOf({ content, mediaType: simpleSigning }),
    annotations: { "dev.cosignproject.cosign/signature": `signature of ${content}` },
  }));
  return JSON.stringify({ schemaVersion: 2, layers });
}

async function signaturesIn(path: string, useAttachments: boolean): Promise<readonly string[] | string> {
  const opened = await open(path, only, useAttachments);
  const signatures = await opened.signatures();
  await opened.close();
  if (!signatures.ok) return signatures.problem.code;
  return signatures.value.map((bytes, index) => {
    const parsed = parseSignatureBlob(bytes, `signature-${index + 1}`);
    if (!parsed.ok || parsed.value.format !== "sigstore") return Buffer.from(bytes).toString("latin1");
    const { untrustedMimeType, untrustedPayload, untrustedAnnotations } = parsed.value.envelope;
    assert.equal(untrustedMimeType, simpleSigning);
    return `${Buffer.from(untrustedPayload)}, ${untrustedAnnotations.get("dev.cosignproject.cosign/signature")}`;
  });
}

describe("the signatures of a layout", () => {
  const tag = `sha256-${sha256(one)}.sig`;
  const image = { content: one, name: "app" };
  const sigs = { kind: "dev.cosignproject.cosign/sigs" };
  const rows: readonly [
    what: string,
    make: () => string,
    useAttachments: boolean,
    expected: readonly string[] | string,
  ][] = [
    ["none", () => ociLayout({ entries: [image] }), false, []],
    [
      "files, up to the first number that is not there",
      () => ociLayout({ entries: [image], files: { "signature-1": "a", "signature-2": "b", "signature-4": "d" } }),
      false,
      ["a", "b"],
    ],
    [
      "no attachments, unless asked for",
      () => ociLayout({ entries: [image], blobs: [attachment(["p"]), "p"] }),
      false,
      [],
    ],
    [
      "attachments of the tag",
      () => ociLayout({ entries: [image, { content: attachment(["p", "q"]), name: tag }], blobs: ["p", "q"] }),
      true,
      ["p, signature of p", "q, signature of q"],
    ],
    [
      "no files where attachments are asked for",
      () => ociLayout({ entries: [image], files: { "signature-1": "a" } }),
      true,
      [],
    ],
    [
      "the form of cosign save",
      () =>
        ociLayout({
          entries: [
            { content: one, annotations: { kind: "dev.cosignproject.cosign/image" } },
            { content: attachment(["p"]), annotations: sigs },
          ],
          blobs: ["p"],
        }),
      true,
      ["p, signature of p"],
    ],
    [
      "attestations are no signatures",
      () =>
        ociLayout({
          entries: [image, { content: attachment(["p"]), annotations: { kind: "dev.cosignproject.cosign/atts" } }],
          blobs: ["p"],
        }),
      true,
      [],
    ],
    [
      "those of another image",
      () =>
        ociLayout({
          entries: [image, { content: attachment(["p"]), name: `sha256-${sha256(two)}.sig` }],
          blobs: ["p"],
        }),
      true,
      [],
    ],
    [
      "a payload that is not there spoils all",
      () => ociLayout({ entries: [image, { content: attachment(["p", "q"]), name: tag }], blobs: ["p"] }),
      true,
      "image.blob.missing",
    ],
    [
      "an attachment that is no manifest",
      () => ociLayout({ entries: [image, { content: "{", name: tag }] }),
      true,
      "image.source.malformed",
    ],
    [
      "an attachment of another media type",
      () =>
        ociLayout({
          entries: [image, { content: attachment(["p"]), name: tag, mediaType: "text/plain" }],
          blobs: ["p"],
        }),
      true,
      "image.source.malformed",
    ],
    [
      "a payload of another size than announced",
      () =>
        ociLayout({
          entries: [image, { content: attachment(["p"]).replace('"size":1', '"size":2'), name: tag }],
          blobs: ["p"],
        }),
      true,
      "image.source.malformed",
    ],
    [
      "more attachments than are looked at",
      () =>
        ociLayout({
          entries: [image, { content: attachment(Array.from({ length: maxSignatures + 1 }, () => "p")), name: tag }],
          blobs: ["p"],
        }),
      true,
      "image.signature.too-many",
    ],
  ];
  for (const [what, make, useAttachments, expected] of rows) {
    it(what, async () => assert.deepEqual(await signaturesIn(make(), useAttachments), expected));
  }
});

describe("the images that an index lists", () => {
  const index = JSON.stringify({
    schemaVersion: 2,
    manifests: [descriptorOf({ content: one }), descriptorOf({ content: two })],
  });
  const make = () => ociLayout({ entries: [{ content: index, mediaType: ociIndexType }], blobs: [one] });
  const digest = (content: string) => ({ algorithm: "sha256", hex: sha256(content) }) as const;

  it("are found by their digest, or missing", async () => {
    const opened = await open(make());
    const found = await opened.instance(digest(one)).manifest();
    assert.equal(found.ok && Buffer.from(found.value).toString(), one);
    const missing = await opened.instance(digest(two)).manifest();
    assert.equal(!missing.ok && missing.problem.code, "image.instance.missing");
    assert.deepEqual(
      (await opened.present?.([digest(one), digest(two)]))?.map((presence) => digestText(presence.digest)),
      [digestText(digest(one))],
    );
    await opened.close();
  });

  it("their blobs come as they lie there", async () => {
    const opened = await open(make());
    const blob = await opened.blob(digest(one));
    assert.ok(blob.ok);
    assert.equal(blob.value.sizeBytes, one.length);
    const pieces: Uint8Array[] = [];
    for await (const piece of blob.value.content) pieces.push(Buffer.from(piece));
    assert.equal(Buffer.concat(pieces).toString(), one);
    const missing = await opened.blob(digest(two));
    assert.equal(!missing.ok && missing.problem.code, "image.blob.missing");
    await opened.close();
  });
});
