import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type Answer, answerOf, isAgreement } from "../../conformance/platform/answer.ts";
import type { Question } from "../../conformance/platform/generate.ts";
import { digestText } from "../../src/encoding/digest.ts";
import { chooseInstance } from "../../src/image/choose-instance.ts";
import { parseIndex } from "../../src/image/index-list.ts";
import { parsePlatform } from "../../src/image/platform.ts";

const oci = "application/vnd.oci.image.index.v1+json";
const docker = "application/vnd.docker.distribution.manifest.list.v2+json";
const hex = (letter: string) => letter.repeat(64);

/** A descriptor with a digest of one letter: `a linux/arm/v7 zstd`. */
function descriptor(text: string): object {
  const [letter = "", platform = "", compression] = text.split(" ");
  const [os, architecture, variant] = platform.split("/");
  return {
    digest: `sha256:${hex(letter)}`,
    ...(platform === "-" ? {} : { platform: { os, architecture, variant } }),
    ...(compression === "zstd" ? { annotations: { "io.github.containers.compression.zstd": "true" } } : {}),
  };
}

/** The letter of the image that is chosen, or the code. */
function chosen(manifests: unknown, mediaType: string, wanted: string): string {
  const listed = parseIndex(Buffer.from(JSON.stringify({ schemaVersion: 2, manifests })), mediaType);
  if (!listed.ok) return listed.problem.code;
  const platform = parsePlatform(wanted);
  assert.ok(platform !== undefined);
  const image = chooseInstance(listed.value, platform);
  return image.ok ? image.value.digest.hex.slice(0, 1) : image.problem.code;
}

describe("chooseInstance", () => {
  const missing = "image.platform.missing";
  const rows: readonly (readonly [listed: readonly string[], wanted: string, oci: string, docker: string])[] = [
    [["a linux/amd64", "b linux/arm64"], "linux/arm64", "b", "b"],
    [["a linux/amd64", "b linux/arm64"], "linux/s390x", missing, missing],
    [["a linux/amd64"], "windows/amd64", missing, missing],
    [["a linux/AMD64"], "linux/amd64", missing, missing],
    [["a linux/amd64", "b linux/amd64"], "linux/amd64", "a", "a"],
    [["a linux/arm/v6", "b linux/arm/v7"], "linux/arm/v7", "b", "b"],
    [["a linux/arm/v6", "b linux/arm/v8"], "linux/arm/v7", "a", "a"],
    [["a linux/arm", "b linux/arm/v5"], "linux/arm/v7", "b", "b"],
    [["a linux/arm/v8", "b linux/arm"], "linux/arm", "b", "b"],
    [["a linux/arm/v5", "b linux/arm/v8"], "linux/arm", "b", "b"],
    [["a linux/arm64/v9"], "linux/arm64", missing, missing],
    [["a linux/amd64", "b linux/amd64 zstd"], "linux/amd64", "b", "a"],
    [["a linux/arm/v6 zstd", "b linux/arm/v7"], "linux/arm/v7", "b", "b"],
    [["a - zstd", "b linux/amd64"], "linux/amd64", "b", "b"],
    [["a -", "b linux/arm64"], "linux/amd64", "a", missing],
    [["a -", "b - zstd"], "linux/amd64", "b", missing],
    [[], "linux/amd64", missing, missing],
  ];
  for (const [listed, wanted, ofOci, ofDocker] of rows) {
    it(`${listed.join(", ")}: for ${wanted}`, () => {
      assert.equal(chosen(listed.map(descriptor), oci, wanted), ofOci);
      assert.equal(chosen(listed.map(descriptor), docker, wanted), ofDocker);
    });
  }

  it("one without a valid digest cannot be chosen, and hinders no other", () => {
    const broken = { digest: "blake3:00", platform: { os: "linux", architecture: "arm64" } };
    const listed = [broken, descriptor("a linux/amd64")];
    assert.equal(chosen(listed, oci, "linux/arm64"), "image.manifest.malformed");
    assert.equal(chosen(listed, oci, "linux/amd64"), "a");
  });

  it("says which platforms there are, each once, and up to a hundred", () => {
    const platforms = ["linux/arm/v7", "linux/arm/v7", ...Array.from({ length: 200 }, (_, at) => `linux/x${at}`)];
    const manifests = platforms.map((platform) => descriptor(`a ${platform}`));
    const listed = parseIndex(Buffer.from(JSON.stringify({ manifests })), oci);
    assert.ok(listed.ok);
    const image = chooseInstance(listed.value, { os: "linux", architecture: "arm", variant: "v6" });
    assert.ok(!image.ok && image.problem.code === "image.platform.missing");
    assert.equal(image.problem.wanted, "linux/arm/v6");
    assert.equal(image.problem.untrustedPlatforms.length, 100);
    assert.deepEqual(image.problem.untrustedPlatforms.slice(0, 2), ["linux/arm/v7", "linux/x0"]);
  });
});

describe("chooseInstance agrees with the reference (recorded by conformance/platform/compare.ts)", () => {
  const lines = readFileSync(join(import.meta.dirname, "choose-instance.jsonl"), "utf8")
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

describe("parseIndex", () => {
  const rows: readonly (readonly [text: string, expected: string, why: string])[] = [
    ["null", "", "lists nothing"],
    ["{}", "", "lists nothing"],
    ["[]", "image.manifest.malformed", "a list"],
    ["{}x", "image.manifest.malformed", "not JSON"],
    ['{"manifests":[],"config":{}}', "image.manifest.ambiguous", "may be an image"],
    ['{"manifests":[],"LAYERS":[]}', "image.manifest.ambiguous", "may be one in another letter case"],
    ['{"manifests":[],"layers":null}', "", "null is absent"],
    ['{"manifests":[],"layers":[],"Layers":null}', "", "of duplicates the last counts"],
    ['{"manifests":[],"x":1e999}', "", "a number nobody reads"],
    ['{"manifests":[{"x":1e999}]}', "image.manifest.malformed", "a number that does not fit, in such a field"],
    ['{"manifests":[{"size":"1"}]}', "image.manifest.malformed", "a wrong type"],
    ['{"manifests":[{"os":1}]}', "undefined", "of an unknown field"],
    [`{"manifests":[{"digest":"sha256:${hex("a")}"}],"manifests":[{"size":1}]}`, `sha256:${hex("a")}`, "two lists"],
    [
      `{"manifests":[{"size":1},{"digest":"sha256:${hex("a")}"}],"manifests":[{}],"manifests":[{},{}]}`,
      `undefined sha256:${hex("a")}`,
      "a shorter one in between",
    ],
    [
      `{"manifests":[{"digest":"sha256:${hex("a")}"}],"manifests":null,"manifests":[{}]}`,
      "undefined",
      "but nothing outlives null",
    ],
    [`{"manifests":[{"digest":"sha256:${hex("a")}"}],"manifests":[],"manifests":[{}]}`, "undefined", "nor none"],
  ];
  for (const [text, expected, why] of rows) {
    it(`${text.replaceAll(hex("a"), "a…")}: ${why}`, () => {
      const listed = parseIndex(Buffer.from(text), oci);
      const digests =
        listed.ok && listed.value.map(({ digest }) => (digest === undefined ? "undefined" : digestText(digest)));
      assert.equal(digests === false ? !listed.ok && listed.problem.code : digests.join(" "), expected);
    });
  }

  it("another media type is no list", () => {
    const listed = parseIndex(Buffer.from("{}"), "application/vnd.oci.image.manifest.v1+json");
    assert.ok(!listed.ok && listed.problem.code === "image.manifest.malformed");
  });

  it("4 MiB of descriptors are read in a second, or refused for their number", () => {
    const before = performance.now();
    const many = (text: string, count: number) =>
      parseIndex(Buffer.from(`{"manifests":[${Array(count).fill(text)}]}`), oci);
    const one = JSON.stringify(descriptor("a linux/arm64/v8 zstd"));
    assert.ok(many("{}", 100_000).ok);
    assert.ok(many(one, Math.floor(4_194_000 / (one.length + 1))).ok);
    const refused = many("{}", 250_000);
    assert.ok(!refused.ok && refused.problem.code === "image.manifest.too-large");
    assert.ok(performance.now() - before < 5000);
  });
});
