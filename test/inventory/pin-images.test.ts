import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { ImageList } from "../../src/inventory/image-list.ts";
import { parseImageList } from "../../src/inventory/parse-image-list.ts";
import { type NotPinned, pinImages, pinnedList } from "../../src/inventory/pin-images.ts";
import { notPinnedText } from "../../src/words/inventory-words.ts";
import { samples } from "./samples.ts";

const hex = "a".repeat(64);

async function parsed(text: string): Promise<ImageList> {
  const list = await parseImageList(text);
  assert.ok(list.ok, JSON.stringify(list));
  return list.value;
}

/** A digest for each image in a registry: its own if it has one, another for each text otherwise. */
function digestsFor({ images }: ImageList): ReadonlyMap<string, string> {
  const pinned = new Map<string, string>();
  for (const [index, { text, reference }] of images.entries()) {
    if (!reference.ok || reference.value.kind !== "registry") continue;
    const { name, digest } = reference.value.reference;
    const own = digest?.hex ?? index.toString(16).padStart(64, "0");
    pinned.set(text, `${name}@sha256:${own}`);
  }
  return pinned;
}

function whyNot(notPinned: readonly NotPinned[]): readonly string[] {
  return notPinned.map(({ image, why }) => {
    assert.match(notPinnedText(why), /^\w.{5,}$/);
    return `${image} ${why}`;
  });
}

async function pinnedBySame(text: string): Promise<{ readonly text: string; readonly not: readonly string[] }> {
  const list = await parsed(text);
  const names = list.images.map(({ text: image, reference }) => {
    const name = reference.ok && reference.value.kind === "registry" ? reference.value.reference.name : "";
    return [image, `${name}@sha256:${hex}`] as const;
  });
  const pinned = pinImages(text, list, new Map(names));
  return { text: pinned.text, not: whyNot(pinned.notPinned) };
}

describe("what is written", () => {
  const c = `a.b/c@sha256:${hex}`;
  const rows: readonly { text: string; pinned: string; not?: readonly string[]; why: string }[] = [
    { text: "image: a.b/c:1 # x\n", pinned: `image: ${c} # x\n`, why: "plain" },
    { text: "image:   'a.b/c:1'\r\n", pinned: `image:   '${c}'\r\n`, why: "single quotes" },
    { text: 'image: "a.b\\/c:1"', pinned: `image: "${c}"`, why: "double quotes, with an escape" },
    { text: 'image: "a.b/\\\n  c:1"', pinned: `image: "${c}"`, why: "double quotes over two lines" },
    {
      text: "image: |- # a.b/c:1\n\n\n    a.b/c:1\nb: 1\n",
      pinned: "",
      not: ["\n\na.b/c:1 not-a-reference"],
      why: "line ends before it",
    },
    {
      text: "image: |- # a.b/c:1\n    a.b/c:1\n\nb: 1\n",
      pinned: `image: |- # a.b/c:1\n    ${c}\n\nb: 1\n`,
      why: "block scalar",
    },
    { text: "image: >2-\r\n  a.b/c:1\r\n", pinned: `image: >2-\r\n  ${c}\r\n`, why: "folded, with CRLF" },
    { text: "{image: a.b/c:1, b: [a.b/c:1]}", pinned: `{image: ${c}, b: [a.b/c:1]}`, why: "flow style" },
    { text: '{"image":"a.b/c:1"}', pinned: `{"image":"${c}"}`, why: "JSON" },
    { text: "\uFEFFimage: a.b/c", pinned: `\uFEFFimage: ${c}`, why: "a byte order mark" },
    { text: "# ä€😀\nimage: a.b/c", pinned: `# ä€😀\nimage: ${c}`, why: "characters of several bytes before it" },
    {
      text: "image: &x !!str a.b/c:1\nb: {image: *x}",
      pinned: `image: &x !!str ${c}\nb: {image: *x}`,
      why: "anchor and tag stay",
    },
    { text: "image: docker://a.b/c:1", pinned: `image: docker://${c}`, why: "docker:// stays" },
    {
      text: "image: a.b/c:1\n---\nimage: a.b/c:1\n",
      pinned: `image: ${c}\n---\nimage: ${c}\n`,
      why: "several documents",
    },
    { text: `image: a.b/c:1@sha256:${hex}`, pinned: "", why: "pinned already, and left alone" },
    {
      text: "image: {repository: a.b/c, tag: v1, digest: ''}",
      pinned: `image: {repository: a.b/c, tag: v1, digest: 'sha256:${hex}'}`,
      why: "a field for it",
    },
    {
      text: "image: {repository: a.b/c, tag: v1}",
      pinned: "",
      not: ["a.b/c:v1 no-digest-field"],
      why: "no template is known to read one",
    },
    {
      text: "image: {repository: a.b/c, tag: v1, digest: }",
      pinned: "",
      not: ["a.b/c:v1 no-digest-field"],
      why: "nothing to replace",
    },
    {
      text: "x: &x {tag: v1, digest: ''}\na: {image: {<<: *x, repository: a.b/c}}\nb: {image: {<<: *x, repository: a.b/d}}",
      pinned: `x: &x {tag: v1, digest: 'sha256:${hex}'}\na: {image: {<<: *x, repository: a.b/c}}\nb: {image: {<<: *x, repository: a.b/d}}`,
      why: "both have the same digest",
    },
    {
      text: "x: &x a.b/c\na: {image: *x}\nb: {image: {repository: *x, tag: v1, digest: ''}}",
      pinned: `x: &x a.b/c\na: {image: *x}\nb: {image: {repository: *x, tag: v1, digest: 'sha256:${hex}'}}`,
      not: ["a.b/c shared"],
      why: "it is a repository too",
    },
    {
      text: "image: busybox\nb: {image: a.b/c}",
      pinned: `image: busybox\nb: {image: ${c}}`,
      not: ["busybox not-a-reference"],
      why: "what is not clear stays",
    },
    {
      text: "# x\n  a.b/c:1  # y\r\n\r\ndocker://a.b/c\na.b/c",
      pinned: `# x\n  ${c}  # y\r\n\r\ndocker://${c}\n${c}`,
      why: "lines",
    },
    { text: "dir:/a\na.b/c", pinned: `dir:/a\n${c}`, not: ["dir:/a local"], why: "an image on disk" },
    { text: "a.b/d=a.b/c:1", pinned: "", not: ["a.b/c:1 mapping"], why: "mapping.txt" },
  ];
  for (const { text, pinned, not = [], why } of rows) {
    it(`${JSON.stringify(text)}: ${why}`, async () => {
      assert.deepEqual(await pinnedBySame(text), { text: pinned === "" ? text : pinned, not });
    });
  }

  it("different digests in one place", async () => {
    const text =
      "x: &x {tag: v1, digest: ''}\na: {image: {<<: *x, repository: a.b/c}}\nb: {image: {<<: *x, repository: a.b/d}}";
    const list = await parsed(text);
    const pinned = pinImages(text, list, digestsFor(list));
    assert.equal(pinned.text, text);
    assert.deepEqual(whyNot(pinned.notPinned), ["a.b/c:v1 shared", "a.b/d:v1 shared"]);
  });

  it("one of two images in one place was not accepted", async () => {
    const text =
      "x: &x {tag: v1, digest: ''}\na: {image: {<<: *x, repository: a.b/c}}\nb: {image: {<<: *x, repository: a.b/d}}";
    const pinned = pinImages(text, await parsed(text), new Map([["a.b/c:v1", c]]));
    assert.equal(pinned.text, text);
    assert.deepEqual(whyNot(pinned.notPinned).toSorted(), ["a.b/c:v1 shared", "a.b/d:v1 no-digest"]);
  });

  const wrong = ["a.b/c", `a.b/d@sha256:${hex}`, `a.b/c:1@sha256:${hex}`, "a.b/c@sha256:1", ""];
  for (const name of wrong) {
    it(`a digest that is not that of the image: ${JSON.stringify(name)}`, async () => {
      const list = await parsed("image: a.b/c");
      assert.throws(() => pinImages("image: a.b/c", list, new Map([["a.b/c", name]])));
    });
  }
});

/** The text without the ranges that are pinned, and what is in these. */
function without(text: string, list: ImageList): string {
  const ranges = list.images.flatMap(({ places }) =>
    places.flatMap(({ pinning }) => (pinning.kind === "none" ? [] : [pinning.range])),
  );
  const unique = new Map(ranges.map((range) => [range.start, range.end] as const));
  let from = 0;
  let rest = "";
  for (const [start, end] of [...unique].sort(([a], [b]) => a - b)) {
    rest += `${text.slice(from, start)}\0`;
    from = end;
  }
  return rest + text.slice(from);
}

/** Pins all that can be, and looks at it again. */
async function checkPinned(text: string): Promise<void> {
  const list = await parsed(text);
  const digests = digestsFor(list);
  const pinned = pinImages(text, list, digests);
  const again = await parsed(pinned.text);
  assert.equal(without(pinned.text, again), without(text, list));
  const left = new Set(pinned.notPinned.map(({ place }) => `${place?.line} ${place?.path}`));
  const expected = list.images.flatMap(({ text: image, places }) =>
    places.map(
      ({ line, path }) => `${line} ${path} ${(left.has(`${line} ${path}`) ? undefined : digests.get(image)) ?? image}`,
    ),
  );
  const found = again.images.flatMap(({ text: image, reference, places }) =>
    places.map(({ line, path }) => {
      const named = reference.ok && reference.value.kind === "registry" ? reference.value.reference : undefined;
      const isLeft = left.has(`${line} ${path}`) || named === undefined;
      return `${line} ${path} ${isLeft ? image : `${named.name}@sha256:${named.digest?.hex}`}`;
    }),
  );
  assert.deepEqual(found.sort(), expected.sort());
}

describe("after pinning, the same places name the same repositories by digest, and nothing else has changed", () => {
  for (const { name, text } of samples) {
    it(name, () => checkPinned(text));
    it(`${name}, with CRLF`, () => checkPinned(text.replaceAll(/\r?\n/g, "\r\n")));
  }

  const reference = fc
    .tuple(
      fc.constantFrom("a.b", "a.b:5000", "localhost"),
      fc.constantFrom("c", "c/d", "e_f"),
      fc.constantFrom("", ":1", ":v-2", `@sha256:${hex}`),
    )
    .map(([host, path, version]) => `${host}/${path}${version}`);
  const styled = fc
    .tuple(reference, fc.constantFrom("plain", "single", "double", "literal", "folded"))
    .map(([text, style]) => {
      if (style === "single") return `'${text}'`;
      if (style === "double") return `"${text.replace("/", "\\/")}"`;
      if (style === "literal") return `|-\n        ${text}`;
      return style === "folded" ? `>- # ${text}\n        ${text}\n` : text;
    });
  const item = fc.oneof(
    styled.map((text) => `- image: ${text}`),
    fc.tuple(styled, fc.nat(3)).map(([text, n]) => `- image: &a${n} ${text}`),
    fc.nat(3).map((n) => `- image: *a${n}`),
    reference.map((text) => `- {name: x, image: ${text}}`),
    fc.tuple(reference, fc.constantFrom("", " # ä", " # 😀")).map(([text, end]) => `- {"image": "${text}"}${end}`),
    fc
      .tuple(fc.nat(3), fc.constantFrom("", ", digest: ''", ', digest: ""'))
      .map(([n, digest]) => `- image: {repository: a.b/r${n}, tag: "1"${digest}}`),
    fc.nat(3).map((n) => `- image: {repository: *a${n}, tag: "1", digest: ''}`),
    fc.constantFrom("- image: busybox", "- name: a.b/c", "# image: a.b/c:1", "- image:", "- image: {type: string}"),
  );
  const file = fc
    .tuple(fc.array(item, { maxLength: 12 }), fc.constantFrom("\n", "\r\n"), fc.boolean(), fc.boolean())
    .map(([items, end, hasMark, hasTwo]) => {
      const anchors = [0, 1, 2, 3].map((n) => `  - &a${n} a.b/anchor${n}`);
      const body = ["x:", ...anchors, "list:", ...items.map((text) => `    ${text}`), "last: {image: a.b/z:1}"];
      const lines = [...body, ...(hasTwo ? ["---", ...body] : [])];
      return `${hasMark ? "\uFEFF" : ""}${lines.join("\n").replaceAll("\n", end)}`;
    });
  it("any YAML", () => fc.assert(fc.asyncProperty(file, checkPinned), { numRuns: 300 }));

  const line = fc.oneof(
    reference,
    reference.map((text) => `  docker://${text}\t# x`),
    fc.constantFrom("", "# a.b/c", "dir:/a b"),
  );
  const lines = fc
    .tuple(fc.array(line), fc.constantFrom("\n", "\r\n"), fc.boolean())
    .map(([all, end, hasMark]) => `${hasMark ? "\uFEFF" : ""}${["a.b/first", ...all].join(end)}`);
  it("any lines", () => fc.assert(fc.asyncProperty(lines, checkPinned)));
});

it("a list of references that came from elsewhere", () => {
  const references = ["a.b/c:1", "dir:/a", "docker://a.b/c", "a.b/c:1", "a.b/d", "busybox", `a.b/e@sha256:${hex}`];
  const pinned = new Map(references.map((text) => [text, `a.b/c@sha256:${hex}`]));
  pinned.delete("a.b/d");
  pinned.set(`a.b/e@sha256:${hex}`, `a.b/e@sha256:${hex}`);
  const list = pinnedList(references, pinned);
  assert.equal(
    list.text,
    `a.b/c@sha256:${hex}\ndir:/a\ndocker://a.b/c@sha256:${hex}\na.b/d\nbusybox\na.b/e@sha256:${hex}\n`,
  );
  assert.deepEqual(whyNot(list.notPinned), ["dir:/a local", "a.b/d no-digest", "busybox not-a-reference"]);
});
