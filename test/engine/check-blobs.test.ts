import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { type Digest, digestText } from "../../src/encoding/digest.ts";
import { checkBlobs } from "../../src/engine/check-blobs.ts";
import type { Blob, OpenImage } from "../../src/image/image.ts";
import type { ListedBlob } from "../../src/image/layers.ts";
import { fail, ok } from "../../src/result.ts";

function digestOf(text: string, algorithm: Digest["algorithm"] = "sha256"): Digest {
  return { algorithm, hex: createHash(algorithm).update(text).digest("hex") };
}

function listed(text: string, facts: Partial<ListedBlob> = {}): ListedBlob {
  return { digest: digestOf(text), sizeBytes: text.length, isForeign: false, untrustedUrls: [], ...facts };
}

/** An image that has these contents under the digests of other texts; `null` cannot be read. */
function imageWith(contents: Readonly<Record<string, string | null>>) {
  const asked: string[] = [];
  let pieces = 0;
  let closed = 0;
  const found = new Map(
    Object.entries(contents).flatMap(([text, content]) =>
      (["sha256", "sha384", "sha512"] as const).map((algorithm) => [digestText(digestOf(text, algorithm)), content]),
    ),
  );
  async function* read(content: string | null): AsyncGenerator<Uint8Array> {
    try {
      for (const letter of content ?? "xy") {
        pieces += 1;
        yield Buffer.from(letter);
        if (content === null) throw new Error("input/output error");
      }
    } finally {
      closed += 1;
    }
  }
  const blob: OpenImage["blob"] = (digest) => {
    const name = digestText(digest);
    asked.push(name);
    const content = found.get(name);
    if (content === undefined) return fail({ code: "image.blob.missing", missing: [name] });
    return ok<Blob>({ sizeBytes: undefined, content: read(content) });
  };
  return { image: { blob }, asked, counts: () => ({ pieces, closed }) };
}

const name = (text: string) => digestText(digestOf(text));

it("what an image was asked for in vain, its time being over, is asked of the next that has it", async () => {
  const late = { code: "source.timeout", from: "a.example.com", phase: "image", seconds: 1 } as const;
  const memo = new Map();
  const first = { ...imageWith({}).image, blobsIn: "one place", blob: async () => fail(late) };
  const { image, asked } = imageWith({ a: "a" });
  const results = await Promise.all(
    [first, { ...image, blobsIn: "one place" }].map((each) => checkBlobs(each, [listed("a")], { memo })),
  );
  assert.deepEqual(results, [fail(late), ok({ checked: 1, missing: [], corrupt: [] })]);
  assert.deepEqual(asked, [name("a")]);
});

describe("checkBlobs", () => {
  const rows: readonly {
    readonly why: string;
    readonly contents: Readonly<Record<string, string>>;
    readonly blobs: readonly ListedBlob[];
    /** `checked`; the missing and corrupt ones, by their texts. */
    readonly all: readonly [number, readonly string[], readonly string[]];
  }[] = [
    { why: "nothing", contents: {}, blobs: [], all: [0, [], []] },
    { why: "right", contents: { a: "a" }, blobs: [listed("a")], all: [1, [], []] },
    { why: "empty", contents: { "": "" }, blobs: [listed("")], all: [1, [], []] },
    {
      why: "right, of no size",
      contents: { a: "a" },
      blobs: [listed("a", { sizeBytes: undefined })],
      all: [1, [], []],
    },
    { why: "other content", contents: { a: "b" }, blobs: [listed("a")], all: [1, [], ["a"]] },
    {
      why: "other content, of no size",
      contents: { a: "b" },
      blobs: [listed("a", { sizeBytes: undefined })],
      all: [1, [], ["a"]],
    },
    { why: "cut off", contents: { abc: "ab" }, blobs: [listed("abc")], all: [1, [], ["abc"]] },
    { why: "empty instead", contents: { abc: "" }, blobs: [listed("abc")], all: [1, [], ["abc"]] },
    { why: "something after it", contents: { a: "ab" }, blobs: [listed("a")], all: [1, [], ["a"]] },
    {
      why: "right, of another size",
      contents: { a: "a" },
      blobs: [listed("a", { sizeBytes: 2 })],
      all: [1, [], ["a"]],
    },
    { why: "right, of size 0", contents: { a: "a" }, blobs: [listed("a", { sizeBytes: 0 })], all: [1, [], ["a"]] },
    {
      why: "empty, of a size below 0",
      contents: { "": "" },
      blobs: [listed("", { sizeBytes: -1 })],
      all: [1, [], [""]],
    },
    { why: "missing", contents: {}, blobs: [listed("a"), listed("b")], all: [0, ["a", "b"], []] },
    {
      why: "foreign and absent, which nobody has compared",
      contents: {},
      blobs: [listed("a", { isForeign: true })],
      all: [0, ["a"], []],
    },
    {
      why: "foreign and wrong",
      contents: { a: "b" },
      blobs: [listed("a", { isForeign: true })],
      all: [1, [], ["a"]],
    },
    {
      why: "some of all",
      contents: { a: "a", c: "x" },
      blobs: [listed("a"), listed("b"), listed("c")],
      all: [2, ["b"], ["c"]],
    },
  ];
  for (const { why, contents, blobs, all } of rows) {
    const [checked, missing, corrupt] = all;
    const expected = {
      checked,
      missing: missing.map(name),
      corrupt: corrupt.map(name),
    };
    it(why, async () => {
      assert.deepEqual(await checkBlobs(imageWith(contents).image, blobs), ok(expected));
    });
  }

  for (const algorithm of ["sha384", "sha512"] as const) {
    it(algorithm, async () => {
      const blobs = [
        listed("a", { digest: digestOf("a", algorithm) }),
        listed("b", { digest: digestOf("b", algorithm) }),
      ];
      const check = await checkBlobs(imageWith({ a: "a", b: "x" }).image, blobs);
      const corrupt = [digestText(digestOf("b", algorithm))];
      assert.deepEqual(check, ok({ checked: 2, missing: [], corrupt }));
    });
  }

  it("asks for each once, and reads no further than too long", async () => {
    const { image, asked, counts } = imageWith({ ab: "abcdef", g: "g" });
    await checkBlobs(image, [listed("ab"), listed("g")]);
    assert.deepEqual(asked, [name("ab"), name("g")]);
    assert.deepEqual(counts(), { pieces: 4, closed: 2 });
  });

  it("one that cannot be read ends it", async () => {
    const { image, asked } = imageWith({ a: null, b: "b" });
    assert.deepEqual(
      await checkBlobs(image, [listed("a", { sizeBytes: 2 }), listed("b")]),
      fail({ code: "image.file.unreadable", name: name("a"), reason: "input/output error" }),
    );
    assert.equal(asked.length, 1);
  });

  it("so does any other problem of the source", async () => {
    const problem = { code: "image.file.symlink", name: "x" } as const;
    assert.deepEqual(await checkBlobs({ blob: () => fail(problem) }, [listed("a")]), fail(problem));
  });

  it("can be ended between two pieces", async () => {
    const { image, counts } = imageWith({ abc: "abc" });
    const controller = new AbortController();
    const blob: OpenImage["blob"] = (digest) => {
      queueMicrotask(() => controller.abort(new Error("enough")));
      return image.blob(digest);
    };
    await assert.rejects(checkBlobs({ blob }, [listed("abc")], { signal: controller.signal }), /enough/);
    assert.equal(counts().closed, 1);
    await assert.rejects(checkBlobs({ blob }, [listed("abc")], { signal: controller.signal }), /enough/);
  });
});
