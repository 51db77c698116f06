import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type Answer, compare } from "../../conformance/oci-config/answer.ts";
import { convertToOci } from "../../src/image/oci/convert.ts";
import { configOf, ociConfig } from "../../src/image/oci/image-config.ts";
import { layerInfos } from "../../src/image/oci/layer-infos.ts";
import { maxConvertedConfigValues } from "../../src/limits.ts";

const oci = "application/vnd.oci.image.manifest.v1+json";
const schema2 = "application/vnd.docker.distribution.manifest.v2+json";
const schema1 = "application/vnd.docker.distribution.manifest.v1+json";
const signedSchema1 = "application/vnd.docker.distribution.manifest.v1+prettyjws";
const ociIndex = "application/vnd.oci.image.index.v1+json";
const dockerList = "application/vnd.docker.distribution.manifest.list.v2+json";
const ociConfigType = "application/vnd.oci.image.config.v1+json";
const dockerConfigType = "application/vnd.docker.container.image.v1+json";
const malformed = "image.manifest.malformed";
const sha = (letter: string) => `sha256:${letter.repeat(64)}`;

/** What the reference gave, recorded by conformance/oci-config: the bytes, or that there was an error. */
describe("as the reference", () => {
  const lines = readFileSync(join(import.meta.dirname, "oci.jsonl"), "utf8")
    .trimEnd()
    .split("\n");
  for (const line of lines) {
    const { manifest, mediaType, config, answer } = JSON.parse(line);
    const bytes = (base64: string) => Buffer.from(base64, "base64");
    it(`${mediaType} ${bytes(config)} ${bytes(manifest)}`, () => {
      const question = { manifest: bytes(manifest), mediaType, config: bytes(config) };
      const verdicts = compare(question, answer as Answer);
      assert.deepEqual(
        Object.entries(verdicts).filter(([, verdict]) => verdict === "different"),
        [],
      );
    });
  }

  it("has rows that count", () => assert.ok(lines.length > 60));
});

describe("ociConfig", () => {
  const empty = '"architecture":"","os":"","config":{},"rootfs":{"type":"","diff_ids":null}';
  const config = (inner: string) => `{${empty.replace('"config":{}', `"config":{${inner}}`)}}`;
  const rows: readonly (readonly [json: string, written: string])[] = [
    ["{}", `{${empty}}`],
    ["null", `{${empty}}`],
    [" {\n} ", `{${empty}}`],
    ['{"rootfs":{"diff_ids":[]}}', `{${empty.replace("null", "[]")}}`],
    ['{"rootfs":{"diff_ids":[]},"rootfs":{"diff_ids":null}}', `{${empty}}`],
    ['{"created":null,"history":[],"os.features":[]}', `{${empty}}`],
    ['{"history":[null,{"created":null}]}', `{${empty},"history":[{},{}]}`],
    ['{"OS":"a","os":"b","o\u017f":"c"}', `{${empty.replace('"os":""', '"os":"c"')}}`],
    ['{"os":"b","os":null}', `{${empty.replace('"os":""', '"os":"b"')}}`],
    ['{"config":{"Healthcheck":7,"OnBuild":{},"Hostname":[]}}', `{${empty}}`],
    ['{"container_config":7,"docker_version":7,"x":1e999}', `{${empty}}`],
    ['{"config":{"Env":[],"Labels":{},"Volumes":{},"User":"","ArgsEscaped":false}}', `{${empty}}`],
    ['{"config":{"Env":["<",null,"\\ud800"]}}', config('"Env":["\\u003c","","\ufffd"]')],
    // The second list is decoded into what is left of the first, even behind a shorter one.
    ['{"config":{"Env":["a","b"],"env":["c"],"ENV":[null,null]}}', config('"Env":["c","b"]')],
    ['{"config":{"Env":["a","b"],"env":[],"ENV":[null,null]}}', config('"Env":["",""]')],
    ['{"config":{"Labels":{"a":"1"},"labels":{"b":null}}}', config('"Labels":{"a":"1","b":""}')],
    ['{"config":{"Labels":{"a":"1"},"labels":null,"LABELS":{"b":"2"}}}', config('"Labels":{"b":"2"}')],
    ['{"config":{"ExposedPorts":{"80":{"a":[1]},"8":null}}}', config('"ExposedPorts":{"8":{},"80":{}}')],
    [
      '{"config":{"Labels":{"__proto__":"1","constructor":"2"}}}',
      config('"Labels":{"__proto__":"1","constructor":"2"}'),
    ],
    ['{"__proto__":{"os":"x"}}', `{${empty}}`],
  ];
  for (const [json, written] of rows) {
    it(json, () => {
      const converted = ociConfig(Buffer.from(json));
      assert.equal(converted.ok && Buffer.from(converted.value.whole).toString(), written);
    });
  }

  const refused: readonly string[] = [
    ...["", "{", "[]", '"x"', "1", "{}x", "\ufeff{}", '{"os":1}', '{"os":[]}', '{"created":1}', '{"created":""}'],
    ...['{"created":"2024-02-29T12:34:56+24:00"}', '{"created":"2024-02-29T12\\u003a34:56Z"}', '{"config":[]}'],
    ...['{"config":{"Env":"x"}}', '{"config":{"Env":[1]}}', '{"config":{"ExposedPorts":{"80":1}}}', '{"rootfs":"x"}'],
    ...['{"config":{"Labels":{"a":1}}}', '{"history":{}}', '{"history":[1]}', '{"history":[{"empty_layer":"true"}]}'],
  ];
  for (const json of refused) {
    it(`refuses ${json}`, () => {
      const converted = ociConfig(Buffer.from(json));
      assert.equal(converted.ok ? "" : converted.problem.code, malformed);
    });
  }

  it("writes the config alone", () => {
    const converted = ociConfig(Buffer.from('{"os":"linux","config":{"Shell":["x"],"Cmd":["a&b"]}}'));
    assert.equal(converted.ok && Buffer.from(converted.value.inner).toString(), '{"Cmd":["a\\u0026b"]}');
  });

  it("bytes that are no UTF-8 become one U+FFFD each", () => {
    const bytes = Buffer.concat([Buffer.from('{"os":"'), Buffer.from([0xe2, 0x82, 0xff]), Buffer.from('"}')]);
    const converted = ociConfig(bytes);
    assert.match(converted.ok ? Buffer.from(converted.value.whole).toString() : "", /"os":"\ufffd{3}"/);
  });

  it("is bounded", () => {
    const values = (count: number) =>
      Buffer.from(
        `{"x":[${Array(count - 2)
          .fill("1")
          .join(",")}]}`,
      );
    assert.ok(ociConfig(values(maxConvertedConfigValues)).ok);
    const beyond = ociConfig(values(maxConvertedConfigValues + 1));
    assert.equal(beyond.ok ? "" : beyond.problem.code, malformed);
  });
});

const manifest = (mediaType: string, configType: string, layers: readonly object[]) =>
  Buffer.from(
    JSON.stringify({
      ...{ schemaVersion: 2, mediaType },
      config: { mediaType: configType, size: 7, digest: sha("c") },
      layers,
    }),
  );
const dockerLayer = (name: string, more: object = {}) => ({
  ...{ mediaType: `application/vnd.docker.image.rootfs.${name}`, size: 3, digest: sha("a") },
  ...more,
});

describe("convertToOci", () => {
  const config = Buffer.from("{}");
  const head = `{"schemaVersion":2,"mediaType":"${oci}","config":{"mediaType":"${ociConfigType}","digest":`;
  // sha256 of {"architecture":"","os":"","config":{},"rootfs":{"type":"","diff_ids":null}}, which has 76 bytes.
  const convertedHead = `${head}"sha256:205eed24cbec29ad9cb4593a73168ef1803402370a82f7d51ce25646fc2f943a","size":76},"layers":`;
  const types: readonly (readonly [docker: string, oci: string])[] = [
    ["diff.tar", "v1.tar"],
    ["diff.tar.gzip", "v1.tar+gzip"],
    ["diff.tar.zstd", "v1.tar+zstd"],
    ["foreign.diff.tar", "nondistributable.v1.tar"],
    ["foreign.diff.tar.gzip", "nondistributable.v1.tar+gzip"],
  ];
  for (const [docker, converted] of types) {
    it(docker, () => {
      const bytes = convertToOci(manifest(schema2, dockerConfigType, [dockerLayer(docker)]), schema2, config);
      const layer = `{"mediaType":"application/vnd.oci.image.layer.${converted}","digest":"${sha("a")}","size":3}`;
      assert.equal(bytes.ok && Buffer.from(bytes.value).toString(), `${convertedHead}[${layer}]}`);
    });
  }

  it("keeps urls, escaped, and no annotations", () => {
    const layer = dockerLayer("foreign.diff.tar", { urls: ["https://a.example/?b&c"], annotations: { a: "b" } });
    const bytes = convertToOci(manifest(schema2, dockerConfigType, [layer]), schema2, config);
    const text = bytes.ok ? Buffer.from(bytes.value).toString() : "";
    assert.ok(text.endsWith(`"size":3,"urls":["https://a.example/?b\\u0026c"]}]}`), text);
  });

  it("no layers are an empty list", () => {
    const bytes = convertToOci(
      Buffer.from(manifest(schema2, dockerConfigType, []).toString().replace("[]", "null")),
      schema2,
      config,
    );
    assert.equal(bytes.ok && Buffer.from(bytes.value).toString(), `${convertedHead}[]}`);
  });

  it("OCI stays as it is", () => {
    const bytes = Buffer.from(` ${manifest(oci, ociConfigType, [])}\n`);
    assert.deepEqual(convertToOci(bytes, oci, undefined), { ok: true, value: bytes });
  });

  const good = manifest(schema2, dockerConfigType, []);
  const refused: readonly (readonly [why: string, bytes: Uint8Array, mediaType: string, config: string | undefined])[] =
    [
      ["schema 1", Buffer.from("{}"), schema1, "{}"],
      ["signed schema 1", Buffer.from("{}"), signedSchema1, "{}"],
      ["an index", good, ociIndex, "{}"],
      ["a list", good, dockerList, "{}"],
      ["another type", good, "application/json", "{}"],
      ["no type", good, "", "{}"],
      ["no config at hand", good, schema2, undefined],
      ["a config that is none", good, schema2, "[]"],
      ["no config named", Buffer.from(`{"schemaVersion":2,"mediaType":"${schema2}","layers":[]}`), schema2, "{}"],
      ["OCI that is none", Buffer.from("[]"), oci, undefined],
      [
        "a layer of OCI's type",
        manifest(schema2, dockerConfigType, [{ ...dockerLayer("x"), mediaType: oci }]),
        schema2,
        "{}",
      ],
      [
        "a layer that is a manifest",
        manifest(schema2, dockerConfigType, [{ ...dockerLayer("x"), mediaType: schema2 }]),
        schema2,
        "{}",
      ],
    ];
  for (const [why, bytes, mediaType, json] of refused) {
    it(`refuses ${why}`, () => {
      const converted = convertToOci(bytes, mediaType, json === undefined ? undefined : Buffer.from(json));
      assert.equal(converted.ok ? "" : converted.problem.code, malformed);
    });
  }
});

describe("configOf", () => {
  const rows: readonly (readonly [why: string, bytes: Uint8Array, mediaType: string, isThere: boolean])[] = [
    ["an OCI image", manifest(oci, ociConfigType, []), oci, true],
    ["a Docker image", manifest(schema2, dockerConfigType, []), schema2, true],
    ["a Docker image whose config has any type", manifest(schema2, "text/plain", []), schema2, true],
    ["an OCI artifact", manifest(oci, "application/vnd.oci.empty.v1+json", []), oci, false],
    ["an OCI manifest with a Docker config", manifest(oci, dockerConfigType, []), oci, false],
    ["an index", manifest(oci, ociConfigType, []), ociIndex, false],
  ];
  for (const [why, bytes, mediaType, isThere] of rows) {
    it(why, () => {
      const config = configOf(bytes, mediaType, Buffer.from("{}"));
      assert.equal(config.ok ? "" : config.problem.code, isThere ? "" : malformed);
    });
  }
});

/** Of two layers, the newer one empty. */
function schema1Manifest(newest: object): Uint8Array {
  const entries = [
    { id: "1".repeat(64), parent: "0".repeat(64), ...newest },
    { id: "0".repeat(64), created: "2014-01-01T00:00:00.500Z", container_config: { Cmd: ["a", "b"] } },
  ];
  return Buffer.from(
    JSON.stringify({
      ...{ schemaVersion: 1, name: "app", tag: "1", architecture: "amd64" },
      fsLayers: [{ blobSum: sha("b") }, { blobSum: sha("a") }],
      history: entries.map((entry) => ({ v1Compatibility: JSON.stringify(entry) })),
    }),
  );
}

describe("configOf schema 1", () => {
  it("is made from the history, without what the layers unpack to", () => {
    const newest = { created: "2014-01-02T00:00:00Z", os: "linux", throwaway: true, config: { Cmd: ["x"] }, Size: 5 };
    const config = configOf(schema1Manifest(newest), schema1, undefined);
    assert.equal(
      config.ok && Buffer.from(config.value.whole).toString(),
      '{"created":"2014-01-02T00:00:00Z","architecture":"","os":"linux","config":{"Cmd":["x"]},' +
        '"rootfs":{"type":"layers","diff_ids":[""]},"history":[{"created":"2014-01-01T00:00:00.5Z","created_by":"a b"},' +
        '{"created":"2014-01-02T00:00:00Z","empty_layer":true}]}',
    );
  });

  // Before 1.8.3, Docker's own structs are written in between, which have no OSVersion.
  const versions: readonly (readonly [version: string, isKept: boolean])[] = [
    ["1.8.3", true],
    ["1.8.2", false],
    ["1.10", true],
    ["1.8", false],
    ["", true],
    ["x", false],
    ["1.8.3-dev", false],
    ["99999999999999999999", true],
    ["-99999999999999999999", false],
  ];
  for (const [version, isKept] of versions) {
    it(`docker_version ${version}`, () => {
      const newest = { docker_version: version, "os.version": "10" };
      const config = configOf(schema1Manifest(newest), schema1, undefined);
      assert.equal(config.ok && Buffer.from(config.value.whole).includes('"os.version":"10"'), isKept);
    });
  }
});

describe("layerInfos", () => {
  const layers = [
    dockerLayer("diff.tar"),
    dockerLayer("diff.tar"),
    { ...dockerLayer("diff.tar.gzip"), digest: sha("b") },
  ];
  const told = layers.map(({ digest, size, mediaType }) => ({ digest, sizeBytes: size, mediaType }));

  for (const mediaType of [schema2, oci]) {
    it(`as often as they are named, with their own types: ${mediaType}`, () => {
      assert.deepEqual(layerInfos(manifest(mediaType, ociConfigType, layers), mediaType), { ok: true, value: told });
    });
  }

  it("a size that is not said is 0, one of schema 1 is -1", () => {
    const unsaid = { mediaType: "x", digest: sha("a") };
    assert.deepEqual(layerInfos(manifest(oci, "x", [unsaid]), oci), {
      ok: true,
      value: [{ ...unsaid, sizeBytes: 0 }],
    });
    const value = ["a", "b"].map((letter) => ({ digest: sha(letter), sizeBytes: -1, mediaType: "" }));
    assert.deepEqual(layerInfos(schema1Manifest({}), schema1), { ok: true, value });
  });

  const refused: readonly (readonly [why: string, bytes: Uint8Array, mediaType: string])[] = [
    ["a list", manifest(oci, ociConfigType, []), ociIndex],
    [
      "a size that a double cannot hold",
      Buffer.from(manifest(oci, ociConfigType, layers).toString().replaceAll(":3,", ":9007199254740993,")),
      oci,
    ],
    ["no digest", manifest(oci, ociConfigType, [{ mediaType: "x" }]), oci],
  ];
  for (const [why, bytes, mediaType] of refused) {
    it(`refuses ${why}`, () => {
      const infos = layerInfos(bytes, mediaType);
      assert.equal(infos.ok ? "" : infos.problem.code, malformed);
    });
  }
});
