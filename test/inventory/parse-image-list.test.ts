import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ImageList, ImageListProblem } from "../../src/inventory/image-list.ts";
import { decodeImageList, parseImageList } from "../../src/inventory/parse-image-list.ts";
import { maxInventoryBytes, maxInventoryDepth, maxInventoryPlaces } from "../../src/limits.ts";
import { imageListProblemText, listedImageProblemText, passedOverText } from "../../src/words/inventory-words.ts";
import { samples } from "./samples.ts";

async function parsed(text: string): Promise<ImageList> {
  const list = await parseImageList(text);
  assert.ok(list.ok, JSON.stringify(list));
  return list.value;
}

async function problemOf(text: string): Promise<ImageListProblem> {
  const list = await parseImageList(text);
  assert.ok(!list.ok, JSON.stringify(list).slice(0, 1000));
  assert.match(imageListProblemText(list.problem), /^[A-Z][^\n]{10,}$/);
  return list.problem;
}

/** `line:column path text: flaw`, in the order of the file. */
function placesOf({ images }: ImageList): readonly string[] {
  const all = images.flatMap(({ text, reference, places }) =>
    places.map(({ line, column, path }) => ({
      line,
      column,
      shown: `${line}:${column} ${path ?? "-"} ${text}${reference.ok ? "" : `: ${reference.problem.flaw}`}`,
    })),
  );
  return all.sort((a, b) => a.line - b.line || a.column - b.column).map(({ shown }) => shown);
}

/** Each text with how often it is there, or its flaw. */
async function imagesOf(text: string): Promise<readonly string[]> {
  const { images } = await parsed(text);
  return images.map(({ text: image, reference, places }) => {
    if (!reference.ok) assert.match(listedImageProblemText(image, reference.problem), /^\S[^\n]{10,}$/);
    return `${image} ${reference.ok ? places.length : reference.problem.flaw}`;
  });
}

describe("files as they are in the wild", () => {
  for (const { name, text, places } of samples) {
    it(name, async () => assert.deepEqual(placesOf(await parsed(text)), places));
    it(`${name}, with CRLF`, async () =>
      assert.deepEqual(placesOf(await parsed(text.replaceAll(/\r?\n/g, "\r\n"))), places));
  }

  it("an image twice is listed once, with both places", async () => {
    assert.deepEqual(await imagesOf("a.b/c:1\na.b/d\na.b/c:1\n"), ["a.b/c:1 2", "a.b/d 1"]);
  });

  it("what only a registry can enumerate is told", async () => {
    const { passedOver } = await parsed(samples.find(({ name }) => name === "ImageSetConfiguration")?.text ?? "");
    assert.deepEqual(
      passedOver.map(({ what, path, line }) => `${line} ${path} ${what}`),
      ["8 mirror.operators operators", "5 mirror.platform platform"],
    );
    for (const one of passedOver) assert.match(passedOverText(one), /mapping\.txt/);
  });
});

describe("how a file is read", () => {
  const rows: readonly { text: string; form: string; images: readonly string[] }[] = [
    { text: "docker.io/library/busybox:1", form: "lines", images: ["docker.io/library/busybox:1 1"] },
    { text: "docker://a.b/c:1", form: "lines", images: ["docker://a.b/c:1 1"] },
    { text: "localhost:5000/app", form: "lines", images: ["localhost:5000/app 1"] },
    { text: "# image: x\n\n a.b/c", form: "lines", images: ["a.b/c 1"] },
    { text: "a.b/c # image: x", form: "lines", images: ["a.b/c 1"] },
    { text: "a.b/c #: x", form: "lines", images: ["a.b/c 1"] },
    { text: "a.b/c\nimage: a.b/d", form: "lines", images: ["a.b/c 1", "image: a.b/d blank"] },
    { text: "busybox\r\nvendor/app", form: "lines", images: ["busybox short-name", "vendor/app short-name"] },
    { text: "a.b/c:1@sha256:x", form: "lines", images: ["a.b/c:1@sha256:x docker-reference"] },
    { text: `\${REGISTRY}/app`, form: "lines", images: [`\${REGISTRY}/app variable`] },
    { text: "./app", form: "lines", images: ["./app path"] },
    { text: "<html>\n</html>", form: "lines", images: ["<html> docker-reference", "</html> docker-reference"] },
    { text: "a.b/c\uFFFD", form: "lines", images: ["a.b/c\uFFFD docker-reference"] },
    { text: "a.b/c=file://x", form: "mapping", images: ["file://x scheme"] },
    { text: "oci:/a=b:c", form: "lines", images: ["oci:/a=b:c 1"] },
    { text: "image:\n  a.b/c", form: "yaml", images: ["a.b/c 1"] },
    { text: "image:\ta.b/c", form: "yaml", images: ["a.b/c 1"] },
    { text: "- image: a.b/c", form: "yaml", images: ["a.b/c 1"] },
    { text: "---\nimage: a.b/c", form: "yaml", images: ["a.b/c 1"] },
    { text: "%YAML 1.1\n---\nimage: a.b/c", form: "yaml", images: ["a.b/c 1"] },
    { text: "\uFEFFimage: a.b/c", form: "yaml", images: ["a.b/c 1"] },
    { text: '{"image":"a.b/c"}', form: "yaml", images: ["a.b/c 1"] },
    { text: '"image": a.b/c', form: "yaml", images: ["a.b/c 1"] },
    { text: "? image\n: a.b/c", form: "yaml", images: ["a.b/c 1"] },
    { text: "!!map {image: a.b/c}", form: "yaml", images: ["a.b/c 1"] },
  ];
  for (const { text, form, images } of rows) {
    it(JSON.stringify(text), async () => {
      assert.equal((await parsed(text)).form, form);
      assert.deepEqual(await imagesOf(text), images);
    });
  }
});

describe("fields of YAML", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  const rows: readonly { text: string; images: readonly string[]; why: string }[] = [
    { text: `image: a.b/c:1@${digest}`, images: [`a.b/c:1@${digest} 1`], why: "the digest counts" },
    { text: "image: docker://a.b/c", images: ["docker://a.b/c 1"], why: "what is meant is clear" },
    { text: "image: oci:5000/c", images: ["oci:5000/c 1"], why: "a host, as no images on disk are here" },
    { text: "image: dir:/c", images: ["dir:/c local"], why: "images on disk" },
    { text: "image: |\n  a.b/c\n", images: ["a.b/c\n blank"], why: "its line end belongs to it" },
    { text: "image: 'a.b/c '", images: ["a.b/c  blank"], why: "Kubernetes refuses it too" },
    { text: "image: ''", images: [" empty"], why: "a text" },
    { text: "image:\nb: {image: a.b/c}", images: ["a.b/c 1"], why: "nothing is no text" },
    { text: "image: 1.36", images: ["image not-text"], why: "a number" },
    { text: "image: yes", images: ["yes short-name"], why: "a text in YAML 1.2" },
    { text: "image: !!str a.b/c", images: ["a.b/c 1"], why: "it is one" },
    { text: "image: ! a.b/c", images: ["a.b/c 1"], why: "it is one" },
    { text: "image: !!binary YS5iL2M=", images: ["YS5iL2M= tagged"], why: "base64 to Go's yaml" },
    { text: "image: !Sub a.b/c", images: ["a.b/c tagged"], why: "CloudFormation" },
    { text: "image: !Join ['', [a.b, /c]]", images: ["image tagged"], why: "CloudFormation" },
    { text: "Image: x\nimages: [x]\nb: {image: a.b/c}", images: ["a.b/c 1"], why: "other fields" },
    { text: "a: &x a.b/c\nb: {image: *x}", images: ["a.b/c 1"], why: "an alias" },
    { text: "a: &x a.b/c\nb: &x a.b/d\nc: {image: *x}", images: ["a.b/d 1"], why: "the last anchor before it" },
    { text: "a: &x {repository: a.b/c, tag: v1}\nb: {image: *x}", images: ["a.b/c:v1 1"], why: "an alias of fields" },
    { text: "a: &x {repository: a.b/c}\nb: {image: {<<: *x, tag: v1}}", images: ["a.b/c:v1 1"], why: "merged" },
    {
      text: "x: &x {tag: v1}\ny: &y {tag: v2, repository: a.b/c}\nb: {image: {<<: [*x, *y]}}",
      images: ["a.b/c:v1 1"],
      why: "the earlier one counts",
    },
    {
      text: `image: {<<: [${"{}, ".repeat(20)}{repository: a.b/c}]}`,
      images: ["image merges"],
      why: "too many to follow",
    },
    { text: "image: {repository: c, tag: v1}", images: ["c:v1 short-name"], why: "no registry" },
    {
      text: `image: {repository: a.b/c, tag: v1, digest: '${digest}'}`,
      images: [`a.b/c@${digest} 1`],
      why: "the digest counts",
    },
    { text: "image: {repository: a.b/c, tag: !x v1}", images: ["a.b/c:v1 tagged"], why: "a tag" },
    { text: "image: {repository: a.b/c, tag: ~, digest: ''}", images: ["a.b/c parts-without-tag"], why: "none given" },
    {
      text: "- image: {repository: a.b/c, tag: v1}\n- image: {repository: a.b/c, tag: !x v1}",
      images: ["a.b/c:v1 tagged"],
      why: "one of two is at fault",
    },
    { text: "image: '{{ .Values.image }}'", images: ["{{ .Values.image }} template"], why: "a template that is YAML" },
    {
      text: "kind: ImageSetConfiguration\nmirror: {additionalImages: [{name: a.b/c}, {nam: x}, x]}",
      images: ["a.b/c 1", "mirror.additionalImages[1].name not-text", "mirror.additionalImages[2].name not-text"],
      why: "what has no name is not passed over",
    },
    { text: "additionalImages: [{name: a.b/c}]\nimage: a.b/d", images: ["a.b/d 1"], why: "of another kind" },
  ];
  for (const { text, images, why } of rows) {
    it(`${JSON.stringify(text)}: ${why}`, async () => assert.deepEqual(await imagesOf(text), images));
  }
});

describe("files that are refused", () => {
  const bomb = `a: &a [x]\n${"bcdefghij"
    .split("")
    .map((name, i) => `${name}: &${name} [${Array(10).fill(`*${"abcdefghij"[i]}`).join()}]\n`)
    .join("")}`;
  const rows: readonly { text: string; flaw: string; at?: string; why: string }[] = [
    { text: "", flaw: "empty", why: "nothing" },
    { text: "\uFEFF# a\r\n \n", flaw: "empty", why: "comments" },
    { text: "---\n", flaw: "nothing-found", why: "YAML without a document" },
    { text: "a: 1", flaw: "nothing-found", why: "no field image" },
    { text: "- a.b/c\n- a.b/d", flaw: "nothing-found", why: "a list of YAML says not that it is of images" },
    { text: "image: a.b/c\nimage: a.b/d", flaw: "yaml-duplicate-key", at: "2:1", why: "which is meant?" },
    { text: "a: {'b': 1, b: 2}", flaw: "yaml-duplicate-key", at: "1:13", why: "quoted or not" },
    { text: "a: *b", flaw: "yaml-alias-unknown", at: "1:4", why: "no anchor" },
    { text: "a: &b {c: *b}", flaw: "yaml-alias-unknown", at: "1:11", why: "in itself" },
    { text: "a: &b 1\n---\nc: *b", flaw: "yaml-alias-unknown", at: "3:4", why: "of another document" },
    { text: "# a\u2028image: a.b/c\nb: 1", flaw: "character", at: "1:4", why: "a new line for Go's yaml" },
    { text: "# a\u0085image: a.b/c\nb: 1", flaw: "character", at: "1:4", why: "a new line for Go's yaml" },
    { text: "# a\rimage: a.b/c\nb: 1", flaw: "character", at: "1:4", why: "a new line for YAML" },
    { text: "# a\rimage: >\n a.b/c", flaw: "character", at: "1:4", why: "lines, and YAML to others" },
    { text: "a.b/c\0d", flaw: "character", at: "1:6", why: "lines" },
    { text: "image: a.b/c\nb: \0", flaw: "character", at: "2:4", why: "no character of YAML" },
    { text: "image: a.b/c\nb: \x02", flaw: "character", at: "2:4", why: "the parser's own mark" },
    { text: "image: a.b/c\n\uFEFF", flaw: "character", at: "2:1", why: "a byte order mark inside" },
    { text: "a:\n\t- image: a.b/c", flaw: "yaml-syntax", at: "2:1", why: "a tab" },
    { text: "!!binary aW1hZ2U=: a.b/c", flaw: "yaml-syntax", at: "1:1", why: "a key that is image to Go's yaml" },
    { text: "? [image]\n: a.b/c", flaw: "yaml-syntax", at: "1:3", why: "a key that is no text" },
    { text: "image: {{ .Values.image }}", flaw: "yaml-syntax", at: "1:9", why: "a template" },
    { text: "image: a.b/c\n] ] ]", flaw: "yaml-syntax", at: "2:1", why: "the first error of several" },
    { text: '{"image": "a.b/c"', flaw: "yaml-syntax", at: "1:18", why: "cut off" },
    { text: "[".repeat(500_000), flaw: "yaml-depth", why: "deep" },
    { text: "- ".repeat(500_000), flaw: "yaml-depth", why: "deep" },
    { text: "{a: ".repeat(500_000), flaw: "yaml-depth", why: "deep" },
    { text: "? ".repeat(500_000), flaw: "yaml-depth", why: "deep" },
    { text: `[${"]".repeat(3_000_000)}`, flaw: "yaml-syntax", why: "an error at each character" },
    { text: `[${",".repeat(1_000_000)}`, flaw: "yaml-syntax", why: "an error at each character" },
    { text: `[${"a,".repeat(1_600_000)}]`, flaw: "yaml-too-many-tokens", why: "long" },
    { text: bomb, flaw: "nothing-found", why: "an alias bomb, which nobody follows" },
    { text: `${bomb}image: *j`, flaw: "nothing-found", why: "nor at an image" },
    { text: "a.b/c\n".repeat(maxInventoryPlaces + 1), flaw: "too-many-images", why: "lines" },
    { text: `[${"{image: a},".repeat(maxInventoryPlaces + 1)}]`, flaw: "too-many-images", why: "YAML" },
    { text: "a".repeat(maxInventoryBytes + 1), flaw: "too-large", why: "bytes" },
  ];
  for (const { text, flaw, at, why } of rows) {
    it(`${JSON.stringify(text.slice(0, 40))}: ${why}`, async () => {
      const problem = await problemOf(text);
      assert.equal(problem.flaw, flaw);
      if (at !== undefined) assert.equal("line" in problem && `${problem.line}:${problem.column}`, at);
    });
  }

  it("an alias of a list of images, again and again", async () => {
    const items = Array(1000).fill("{name: a.b/c}").join();
    const uses = Array(1000).fill("{additionalImages: *a}").join();
    const text = `kind: ImageSetConfiguration\na: &a [${items}]\nb: [${uses}]`;
    assert.equal((await problemOf(text)).flaw, "too-many-images");
  });

  it("a line of 10 MB", async () => {
    const long = "a".repeat(10_000_000);
    assert.deepEqual(
      (await imagesOf(`a.b/${long}`)).map((image) => image.slice(-16)),
      ["docker-reference"],
    );
    assert.deepEqual(
      (await imagesOf(`image: "a.b/${long}"`)).map((image) => image.slice(-16)),
      ["docker-reference"],
    );
  });

  it("the greatest depth is read", async () => {
    const depth = maxInventoryDepth - 1;
    assert.deepEqual(await imagesOf(`${"[".repeat(depth)}{image: a.b/c}${"]".repeat(depth)}`), ["a.b/c 1"]);
    assert.equal((await problemOf(`[${"[".repeat(depth)}{image: a.b/c}${"]".repeat(depth)}]`)).flaw, "yaml-depth");
  });

  it("bytes that are not UTF-8, or too many", () => {
    assert.deepEqual(decodeImageList(Uint8Array.of(0x61, 0xff)), { ok: false, problem: { flaw: "encoding" } });
    assert.equal(decodeImageList(new Uint8Array(maxInventoryBytes + 1)).ok, false);
    assert.deepEqual(decodeImageList(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)), { ok: true, value: "\uFEFFa" });
  });
});

it("a hundred thousand images take seconds", async () => {
  const names = Array.from({ length: 100_000 }, (_, i) => `registry.example.com/team/app-${i}:1.0`);
  for (const text of [names.join("\n"), names.map((name) => `- image: ${name}`).join("\n")]) {
    const start = performance.now();
    assert.equal((await parsed(text)).images.length, names.length);
    assert.ok(performance.now() - start < 30_000);
  }
});
