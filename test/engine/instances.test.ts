import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openEngine, verdictDocument } from "../../src/index.ts";
import { descriptorOf, ociIndexType, ociLayout, ociManifestType, sha256 } from "../support/layouts.ts";
import { newOpenPgpKey } from "../support/openpgp-key.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const identity = "registry.example.com/vendor/app:1.0";
const key = newOpenPgpKey();
const signedBy = { type: "signedBy", keyType: "GPGKeys", keyData: Buffer.from(key.ring).toString("base64") };
const policy = join(temporaryDirectory(), "policy.json");
writeFileSync(policy, JSON.stringify({ default: [{ ...signedBy, signedIdentity: { type: "matchRepository" } }] }));

function signatureOf(manifest: string): Uint8Array {
  return key.message(
    JSON.stringify({
      critical: {
        identity: { "docker-reference": identity },
        image: { "docker-manifest-digest": `sha256:${sha256(manifest)}` },
        type: "atomic container signature",
      },
      optional: {},
    }),
  );
}

const layer = "layer of amd64";
const config = "{}";
const manifestOf = (name: string, blobs = [layer]): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: ociManifestType,
    config: {
      ...descriptorOf({ content: config, mediaType: "application/vnd.oci.image.config.v1+json" }),
      annotations: { name },
    },
    layers: blobs.map((content) => descriptorOf({ content, mediaType: "application/vnd.oci.image.layer.v1.tar" })),
  });
const amd64 = manifestOf("amd64");
const arm64 = manifestOf("arm64", ["layer of arm64"]);

function indexOf(listed: readonly (readonly [content: string, architecture: string])[]): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: ociIndexType,
    manifests: listed.map(([content, architecture]) => ({
      ...descriptorOf({ content }),
      ...(architecture === "" ? {} : { platform: { os: "linux", architecture } }),
    })),
  });
}

const index = indexOf([
  [amd64, "amd64"],
  [arm64, "arm64"],
]);

interface Scene {
  readonly index?: string;
  /** Manifests that lie beside the index. */
  readonly present?: readonly string[];
  readonly signed?: readonly string[];
  /** Blobs beside them, or what lies under their names. */
  readonly blobs?: Readonly<Record<string, string>>;
}

/** The same image in both forms that hold an index with the images it lists. */
function sources({ index: top = index, present = [amd64, arm64], signed = [], blobs = {} }: Scene): readonly string[] {
  const directory = temporaryDirectory();
  const mediaType = JSON.parse(top).mediaType ?? ociIndexType;
  const layout = ociLayout({ entries: [{ content: top, mediaType }], blobs: present });
  writeFileSync(join(directory, "manifest.json"), top);
  for (const manifest of present) writeFileSync(join(directory, `${sha256(manifest)}.manifest.json`), manifest);
  for (const [name, content] of Object.entries(blobs)) {
    writeFileSync(join(directory, sha256(name)), content);
    writeFileSync(join(layout, "blobs", "sha256", sha256(name)), content);
  }
  for (const [at, manifest] of signed.entries()) {
    const name = manifest === top ? "signature-1" : `${sha256(manifest)}.signature-1`;
    writeFileSync(join(directory, name), signatureOf(manifest));
    writeFileSync(join(layout, `signature-${at + 1}`), signatureOf(manifest));
  }
  return [directory, `oci:${layout}`];
}

async function judge(source: string, request: object = {}) {
  const { verdict, manifest } = await openEngine({ policy }).judge({ identity, source, ...request });
  return { ...verdictDocument(verdict), bytes: manifest && Buffer.from(manifest).toString() };
}

const accepted = "accepted";
const unsigned = /^requirement\.signature\.(missing|not-accepted)$/;

describe("the image of an index for a platform", () => {
  const rows: readonly [what: string, scene: Scene, request: object, code: string | RegExp, boundBy?: string][] = [
    ["the index is signed", { signed: [index] }, { platform: "linux/amd64" }, accepted, "index"],
    ["the image is signed", { signed: [amd64] }, { platform: "linux/amd64" }, accepted, "instance"],
    ["both are", { signed: [index, amd64] }, { platform: "linux/amd64" }, accepted, "index"],
    ["only another image is", { signed: [amd64] }, { platform: "linux/arm64" }, unsigned, "instance"],
    ["nothing is", {}, { platform: "linux/amd64" }, unsigned, "instance"],
    [
      "no such platform, though the index is signed",
      { signed: [index] },
      { platform: "linux/s390x" },
      "image.platform.missing",
    ],
    [
      "it is not there, though the index is signed",
      { signed: [index], present: [arm64] },
      { platform: "linux/amd64" },
      "image.instance.missing",
    ],
    [
      "by the digest of the index",
      { signed: [amd64] },
      { platform: "linux/amd64", identity: `registry.example.com/vendor/app@sha256:${sha256(index)}` },
      accepted,
      "instance",
    ],
    [
      "by its own digest",
      { signed: [amd64] },
      { platform: "linux/amd64", identity: `registry.example.com/vendor/app@sha256:${sha256(amd64)}` },
      accepted,
      "instance",
    ],
    [
      "by the digest of another image",
      { signed: [amd64, index] },
      { platform: "linux/amd64", identity: `registry.example.com/vendor/app@sha256:${sha256(arm64)}` },
      "requirement.identity.digest-mismatch",
      "instance",
    ],
    ["of no index at all, but an image", { index: amd64, signed: [amd64] }, { platform: "linux/arm64" }, accepted],
    [
      "an index in an index",
      { index: indexOf([[index, "amd64"]]), present: [index], signed: [indexOf([[index, "amd64"]])] },
      { platform: "linux/amd64" },
      "image.manifest.malformed",
    ],
    [
      "an index that could be an image too",
      { index: index.replace("{", '{"config":{},'), signed: [index.replace("{", '{"config":{},')] },
      { platform: "linux/amd64" },
      "image.manifest.ambiguous",
    ],
  ];
  for (const [what, scene, request, code, boundBy] of rows) {
    it(what, async () => {
      for (const source of sources(scene)) {
        const said = await judge(source, request);
        assert.match(said.code, code instanceof RegExp ? code : new RegExp(`^${code}$`), said.message);
        assert.equal(said.boundBy, boundBy);
        if (said.code !== accepted || boundBy === undefined) continue;
        // What is handed on is the image, and what it is bound by is named.
        assert.equal(said.bytes, amd64);
        assert.equal(said.manifest?.digest, `sha256:${sha256(amd64)}`);
        assert.equal(said.index?.digest, `sha256:${sha256(index)}`);
      }
    });
  }

  it("a layout that calls an index an image, or an image an index", async () => {
    const rows = [
      [index, ociManifestType],
      [amd64, ociIndexType],
    ] as const;
    for (const [content, mediaType] of rows) {
      const layout = ociLayout({ entries: [{ content, mediaType }], blobs: [amd64, arm64] });
      writeFileSync(join(layout, "signature-1"), signatureOf(content));
      assert.equal((await judge(`oci:${layout}`)).code, accepted);
      for (const request of [{ platform: "linux/amd64" }, { platform: "all" }, { blobs: "present" }]) {
        assert.equal((await judge(`oci:${layout}`, request)).code, "image.manifest.malformed");
      }
    }
  });

  it("what lies under its digest is another one", async () => {
    const [directory = "", layout = ""] = sources({ signed: [index] });
    writeFileSync(join(directory, `${sha256(amd64)}.manifest.json`), arm64);
    writeFileSync(join(layout.slice(4), "blobs", "sha256", sha256(amd64)), arm64);
    for (const source of [directory, layout]) {
      assert.equal((await judge(source, { platform: "linux/amd64" })).code, "image.manifest.digest-mismatch");
    }
  });

  it("without a platform, the index is judged by itself, and the text says so", async () => {
    for (const source of sources({ signed: [index] })) {
      const said = await judge(source);
      assert.equal(said.code, accepted);
      assert.match(said.message, /It is an index, and was judged by itself/);
    }
    for (const source of sources({ signed: [amd64, arm64] })) assert.match((await judge(source)).code, unsigned);
  });
});

describe("all images of an index", () => {
  const one = indexOf([[amd64, "amd64"]]);
  const empty = indexOf([]);
  const rows: readonly [what: string, scene: Scene, code: string | RegExp, outcomes: string][] = [
    ["the index is signed", { signed: [index] }, accepted, "accepted accepted"],
    ["each image is", { signed: [amd64, arm64] }, accepted, "accepted accepted"],
    ["one image is not", { signed: [amd64] }, unsigned, "accepted rejected"],
    [
      "one is not there, the other signed",
      { signed: [amd64], present: [amd64] },
      "image.instance.missing",
      "accepted error",
    ],
    ["one is neither there nor the other signed", { present: [amd64] }, "image.instance.missing", "rejected error"],
    ["one is not there, but the index is signed", { signed: [index], present: [arm64] }, accepted, "error accepted"],
    ["none is there, but the index is signed", { signed: [index], present: [] }, accepted, "error error"],
    ["none is listed, and the index is not signed", { index: empty }, unsigned, ""],
    ["none is listed, but the index is signed", { index: empty, signed: [empty] }, accepted, ""],
    [
      "one is listed twice",
      {
        index: indexOf([
          [amd64, "amd64"],
          [amd64, ""],
        ]),
        signed: [amd64],
      },
      accepted,
      "accepted accepted",
    ],
    ["the only one is signed", { index: one, signed: [amd64] }, accepted, "accepted"],
  ];
  for (const [what, scene, code, outcomes] of rows) {
    it(what, async () => {
      for (const source of sources(scene)) {
        const said = await judge(source, { platform: "all" });
        assert.match(said.code, code instanceof RegExp ? code : new RegExp(`^${code}$`), said.message);
        assert.equal((said.instances ?? []).map(({ outcome }) => outcome).join(" "), outcomes);
        if (said.code !== accepted) continue;
        assert.equal(said.manifest?.digest, `sha256:${sha256(scene.index ?? index)}`);
        assert.equal(said.bytes, scene.index ?? index);
      }
    });
  }

  // Such an index is handed out though nothing vouches for it: it must not list another image to another reader.
  const twice = one.replace(
    '"manifests":',
    `"manifests":${JSON.stringify(JSON.parse(indexOf([[arm64, ""]])).manifests)},"manifests":`,
  );
  const odd: readonly [what: string, index: string, boundByIndex: string][] = [
    ["another list before it", twice, accepted],
    ["another list in other letters", twice.replace('"manifests":', '"Manifests":'), accepted],
    ["another digest before it", one.replace('"digest":', `"digest":"sha256:${sha256(arm64)}","digest":`), accepted],
    [
      "another digest in other letters",
      one.replace('"digest":', `"DIGEST":"sha256:${sha256(arm64)}","digest":`),
      accepted,
    ],
    ["its list in other letters only", one.replace('"manifests":', '"Manifests":'), accepted],
    ["another size than it has", one.replace(/"size":\d+/, '"size":1'), accepted],
    ["no size", one.replace(/"size":\d+,?/, ""), accepted],
    ["no digest", one.replace(/"digest":"[^"]+"/, '"digest":"nonsense"'), "image.manifest.malformed"],
  ];
  for (const [what, top, boundByIndex] of odd) {
    it(`an index with ${what}, which only counts if it is accepted itself`, async () => {
      const scene = { index: top, present: [amd64] };
      for (const source of sources({ ...scene, signed: [amd64] })) {
        assert.equal((await judge(source, { platform: "all" })).code, "image.manifest.malformed");
      }
      for (const source of sources({ ...scene, signed: [top] })) {
        assert.equal((await judge(source, { platform: "all" })).code, boundByIndex);
      }
    });
  }

  it("not more of them than can be judged one by one", async () => {
    const many = Array.from({ length: 201 }, (_, i) => manifestOf(`${i}`));
    const top = indexOf(many.map((manifest) => [manifest, ""]));
    const [unsignedIndex = ""] = sources({ index: top, present: [], signed: [] });
    assert.equal((await judge(unsignedIndex, { platform: "all" })).code, "image.manifest.too-large");
    const [signedIndex = ""] = sources({ index: top, present: [], signed: [top] });
    assert.equal((await judge(signedIndex, { platform: "all" })).code, accepted);
  });

  it("by the digest of one of them: what would be handed out is another manifest", async () => {
    for (const source of sources({ index: one, signed: [amd64] })) {
      const asked = `registry.example.com/vendor/app@sha256:${sha256(amd64)}`;
      const { code } = await judge(source, { platform: "all", identity: asked });
      assert.equal(code, "requirement.identity.digest-mismatch");
    }
  });

  it("one is another than its digest says, though the index is signed", async () => {
    const [directory = ""] = sources({ signed: [index] });
    writeFileSync(join(directory, `${sha256(arm64)}.manifest.json`), amd64);
    assert.equal((await judge(directory, { platform: "all" })).code, "image.manifest.digest-mismatch");
  });
});

describe("blobs", () => {
  const whole = { [layer]: layer, [config]: config };
  const single = { index: amd64, signed: [amd64] };
  const rows: readonly [what: string, scene: Scene, request: object, code: string, checked?: number][] = [
    ["none are asked for, none are there", single, {}, accepted],
    ["all are there", { ...single, blobs: whole }, { blobs: "all" }, accepted, 2],
    ["one is missing", { ...single, blobs: { [config]: config } }, { blobs: "all" }, "image.blob.missing", 1],
    [
      "one is missing, and need not be there",
      { ...single, blobs: { [config]: config } },
      { blobs: "present" },
      accepted,
      1,
    ],
    [
      "one has other content",
      { ...single, blobs: { ...whole, [layer]: "layer of amd65" } },
      { blobs: "present" },
      "image.blob.corrupt",
      2,
    ],
    [
      "one is longer",
      { ...single, blobs: { ...whole, [layer]: `${layer} ` } },
      { blobs: "all" },
      "image.blob.corrupt",
      2,
    ],
    ["one is shorter", { ...single, blobs: { ...whole, [layer]: "" } }, { blobs: "all" }, "image.blob.corrupt", 2],
    [
      "of a rejected image nothing is read",
      { index: amd64, blobs: { ...whole, [layer]: "x" } },
      { blobs: "all" },
      "requirement.signature.missing",
    ],
    [
      "of the image for a platform",
      { signed: [index], blobs: whole },
      { platform: "linux/amd64", blobs: "all" },
      accepted,
      2,
    ],
    [
      "of an index, those of all its images",
      { signed: [index], blobs: whole },
      { blobs: "all" },
      "image.blob.missing",
      2,
    ],
    [
      "of an index, those of the images that are there",
      { signed: [index], present: [amd64], blobs: whole },
      { blobs: "present" },
      accepted,
      2,
    ],
    [
      "of an index of which an image is not there",
      { signed: [index], present: [amd64], blobs: whole },
      { blobs: "all" },
      "image.blob.missing",
      2,
    ],
  ];
  for (const [what, scene, request, code, checked] of rows) {
    it(what, async () => {
      for (const source of sources(scene)) {
        const said = await judge(source, request);
        assert.equal(said.code, code, said.message);
        assert.equal(said.blobs?.checked, checked);
      }
    });
  }

  it("of an index, each by all that its images say of it", async () => {
    const said = (change: object) => {
      const manifest = JSON.parse(amd64);
      return JSON.stringify({ ...manifest, layers: [{ ...manifest.layers[0], ...change }] });
    };
    const rows: readonly [manifests: readonly string[], code: string][] = [
      [[said({}), said({ urls: ["https://example.com/"] })], "image.blob.missing"],
      [[said({ urls: ["https://example.com/"] }), said({})], "image.blob.missing"],
      [[said({ size: 99 }), said({})], "image.manifest.malformed"],
    ];
    for (const [manifests, code] of rows) {
      const top = indexOf(manifests.map((manifest) => [manifest, ""]));
      for (const source of sources({ index: top, present: manifests, signed: [top], blobs: { [config]: config } })) {
        assert.equal((await judge(source, { blobs: "all" })).code, code);
      }
    }
    const nonsense = index.replace(/"digest":"[^"]+"/, '"digest":"nonsense"');
    for (const source of sources({ index: nonsense, signed: [nonsense], blobs: whole })) {
      assert.equal((await judge(source, { blobs: "all" })).code, "image.manifest.malformed");
    }
  });

  it("one that is a directory is an error of its own", async () => {
    const [directory = ""] = sources({ ...single, blobs: whole });
    rmSync(join(directory, sha256(layer)));
    mkdirSync(join(directory, sha256(layer)));
    assert.equal((await judge(directory, { blobs: "present" })).code, "image.file.special");
    assert.ok(readFileSync(join(directory, sha256(config))).length > 0);
  });
});
