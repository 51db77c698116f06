import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type Answer, answerOf, isAgreement } from "../../conformance/platform/answer.ts";
import type { Question } from "../../conformance/platform/generate.ts";
import { blobsOf, emptyLayersOf } from "../../src/image/layers.ts";

const oci = "application/vnd.oci.image.manifest.v1+json";
const schema2 = "application/vnd.docker.distribution.manifest.v2+json";
const schema1 = "application/vnd.docker.distribution.manifest.v1+json";
const layerType = "application/vnd.docker.image.rootfs.diff.tar.gzip";
const sha = (letter: string) => `sha256:${letter.repeat(64)}`;

/** Each blob as its letter, its size if it has one, and `foreign`; or the code. */
function blobs(manifest: unknown, mediaType: string): string {
  const found = blobsOf(Buffer.from(typeof manifest === "string" ? manifest : JSON.stringify(manifest)), mediaType);
  if (!found.ok) return found.problem.code;
  return found.value
    .map(({ digest, sizeBytes, isForeign }) => `${digest.hex[0]}${sizeBytes ?? ""}${isForeign ? " foreign" : ""}`)
    .join(", ");
}

/** The same letters as a descriptor. */
function blob(text: string): object {
  const [name = "", foreign] = text.split(" ");
  const size = name.length > 1 ? { size: Number(name.slice(1)) } : {};
  const urls = foreign === undefined ? {} : { urls: ["https://a.example/b"] };
  return { mediaType: layerType, digest: sha(name.slice(0, 1)), ...size, ...urls };
}

const malformed = "image.manifest.malformed";

it("where a blob is said to be besides its registry: the first of its descriptors says, unless one says nothing", () => {
  const said = (...urls: readonly (readonly string[])[]) => {
    const layers = urls.map((each) => ({ ...blob("b2"), urls: each }));
    const manifest = { schemaVersion: 2, config: { ...blob("a1"), urls: ["http://c"] }, layers };
    const found = blobsOf(Buffer.from(JSON.stringify(manifest)), oci);
    return found.ok ? found.value.map(({ untrustedUrls }) => untrustedUrls) : found;
  };
  assert.deepEqual(said(["http://x", "y"]), [["http://c"], ["http://x", "y"]]);
  assert.deepEqual(said(["http://x"], ["y"]), [["http://c"], ["http://x"]]);
  assert.deepEqual(said(["http://x"], []), [["http://c"], []]);
  assert.deepEqual(said([], ["http://x"]), [["http://c"], []]);
  assert.deepEqual(said([""]), [["http://c"], [""]]);
});

describe("blobsOf an OCI or Docker manifest", () => {
  const rows: readonly (readonly [config: string, layers: readonly string[], expected: string])[] = [
    ["a1", [], "a1"],
    ["a1", ["b2", "c3"], "a1, b2, c3"],
    ["a1", ["b2", "b2"], "a1, b2"],
    ["a1", ["b2", "b"], "a1, b2"],
    ["a1", ["b", "b2"], "a1, b2"],
    ["a1", ["b2", "b3"], malformed],
    ["a1", ["a2"], malformed],
    ["a1", ["b0"], "a1, b0"],
    ["a1", ["b-1"], "a1, b-1"],
    ["a", ["b2 foreign"], "a, b2 foreign"],
    ["a", ["b2 foreign", "b2"], "a, b2"],
    ["a", ["b2", "b2 foreign"], "a, b2"],
    ["a1 foreign", [], "a1"],
    ["g1", [], malformed],
    ["a1", ["g1"], malformed],
  ];
  for (const [config, layers, expected] of rows) {
    it(`${config}: ${layers.join(", ")}`, () => {
      const manifest = { schemaVersion: 2, config: blob(config), layers: layers.map(blob) };
      assert.equal(blobs(manifest, oci), expected);
      assert.equal(blobs({ ...manifest, mediaType: schema2 }, schema2), expected);
    });
  }

  const odd: readonly (readonly [manifest: unknown, mediaType: string, expected: string, why: string])[] = [
    [{ layers: [blob("b2")] }, oci, "b2", "no configuration"],
    [{ config: { digest: "" }, layers: [] }, oci, "", "one without digest"],
    [{ layers: [{}] }, oci, malformed, "a layer without one"],
    [{ config: blob("a"), layers: [], manifests: [] }, oci, "image.manifest.ambiguous", "may be an index"],
    [{ config: blob("a"), layers: [], fsLayers: [] }, oci, "image.manifest.ambiguous", "may be schema 1"],
    [{ layers: {} }, oci, malformed, "a wrong type"],
    ["[]", oci, malformed, "a list"],
    ["{", oci, malformed, "not JSON"],
    ["{}", "application/vnd.oci.image.index.v1+json", malformed, "an index"],
    ["{}", schema2, malformed, "schema 2 without its media type"],
    [
      { mediaType: schema2, layers: [{ ...blob("b"), mediaType: "x/y" }] },
      schema2,
      malformed,
      "a layer of another type",
    ],
    [{ layers: [{ ...blob("b"), mediaType: "x/y" }] }, oci, "b", "which OCI takes"],
    [`{"layers":[${Array(250_000).fill("{}")}]}`, oci, "image.manifest.too-large", "too much"],
  ];
  for (const [manifest, mediaType, expected, why] of odd) {
    it(why, () => assert.equal(blobs(manifest, mediaType), expected));
  }
});

describe("blobsOf schema 1", () => {
  const id = (letter: string) => letter.repeat(64);
  /** `ab` is the ID a, with the parent b. */
  const generations = (history: readonly string[]) =>
    history.map((text) => ({ v1Compatibility: JSON.stringify({ id: id(text.slice(0, 1)), parent: parentOf(text) }) }));
  const parentOf = (text: string) => (text.length > 1 ? id(text.slice(1)) : "");
  const manifest = (layers: string, history: readonly string[]) => ({
    schemaVersion: 1,
    fsLayers: [...layers].map((letter) => ({ blobSum: sha(letter) })),
    history: generations(history),
  });
  const rows: readonly (readonly [layers: string, history: readonly string[], expected: string])[] = [
    ["a", ["1"], "a"],
    ["ab", ["21", "1"], "b, a"],
    ["aa", ["21", "1"], "a"],
    ["ab", ["1", "1"], "b"],
    ["abc", ["21", "21", "1"], "c, b"],
    ["abc", ["31", "21", "1"], malformed],
    ["ab", ["2", "1"], malformed],
    ["ab", ["21", "10"], malformed],
    ["abc", ["12", "21", "1"], malformed],
    ["a", ["21", "1"], malformed],
    ["a", ["x"], malformed],
    ["", [], malformed],
  ];
  for (const [layers, history, expected] of rows) {
    it(`${layers}: ${history.join(" ")}`, () => assert.equal(blobs(manifest(layers, history), schema1), expected));
  }

  it("says which layers change nothing, the oldest first", () => {
    const entry = (own: string, parent: string, throwaway: unknown) => ({
      v1Compatibility: JSON.stringify({ id: id(own), parent: parentOf(own + parent), throwaway }),
    });
    const fsLayers = [..."abc"].map((letter) => ({ blobSum: sha(letter) }));
    const history = [entry("3", "2", true), entry("2", "1", null), entry("1", "", false)];
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 1, fsLayers, history }));
    assert.deepEqual(emptyLayersOf(bytes, schema1), { ok: true, value: [false, false, true] });
  });

  it("is what any other type is read as", () => {
    assert.equal(blobs(manifest("a", ["1"]), "text/plain"), "a");
    assert.equal(blobs({ ...manifest("a", ["1"]), schemaVersion: 2 }, "text/plain"), malformed);
  });

  it("holds no more values in its history than a manifest may", () => {
    const large = JSON.stringify({ id: id("1"), x: Array(130_000).fill(0) });
    const twice = { ...manifest("aa", ["1", "1"]), history: [{ v1Compatibility: large }, { v1Compatibility: large }] };
    assert.equal(blobs(twice, schema1), "image.manifest.too-large");
    assert.equal(blobs({ ...manifest("a", ["1"]), history: [{ v1Compatibility: large }] }, schema1), "a");
  });
});

describe("blobsOf agrees with the reference (recorded by conformance/platform/compare.ts)", () => {
  const lines = readFileSync(join(import.meta.dirname, "layers.jsonl"), "utf8")
    .trimEnd()
    .split("\n");
  it("there are rows", () => assert.ok(lines.length > 100));
  for (const [at, line] of lines.entries()) {
    const { answer, ...question } = JSON.parse(line) as Question & { readonly answer: Answer };
    it(`line ${at + 1}: ${answer.outcome} ${question.content.slice(0, 60)}`, () => {
      const ours = answerOf(question);
      assert.ok(isAgreement(answer, ours), `reference ${JSON.stringify(answer)}, ours ${JSON.stringify(ours)}`);
    });
  }
});

it("many duplicates of a large map take no time that grows as their square", { timeout: 20_000 }, () => {
  const many = Array.from({ length: 60_000 }, (_, at) => `"${at}":""`).join(",");
  const text = `{"schemaVersion":2,"config":{"annotations":{${many}}${',"annotations":{}'.repeat(60_000)}}}`;
  assert.ok(blobsOf(Buffer.from(text), oci).ok);
});
