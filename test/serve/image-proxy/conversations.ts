/** What is said to an image proxy, and answered by the reference as in recorded.jsonl: conformance/image-proxy/record.ts. */
import {
  config as configBytes,
  corruptDigest,
  corruptLayer,
  largeLayer,
  missingDigest,
  sha256,
  sha512Layer,
  smallLayer,
} from "../../support/image-proxy/images.ts";
import { type Conversation, call, everything, initialize, open, raw, type Step, withPipes } from "./conversation.ts";
import { imageConversations } from "./image-conversations.ts";
import { registryConversations } from "./registry-conversations.ts";

const openOci = [initialize, open("dir:@IMAGES@/oci")];
const small = `sha256:${sha256(smallLayer)}`;
const large = `sha256:${sha256(largeLayer)}`;

/** Each alone, in one conversation: none of them may change what the next one sees. */
const badHandles = [0, -0.5, 0.5, -1, 1.5, 2, 2 ** 53 - 1, 2 ** 53, 1e300, -1e300, "1", null, true, [], {}, "x"];
const byHandle = ["CloseImage", "GetManifest", "GetConfig", "GetFullConfig", "GetLayerInfo", "GetLayerInfoPiped"];
const counts = (method: string, args: readonly unknown[]): readonly Step[] => [
  call(method),
  call(method, ...args.slice(0, -1)),
  call(method, ...args, null),
];

const places = [
  "oci:@FIXTURES@/layouts/app-oci",
  "oci:@FIXTURES@/layouts/app-oci:1.0",
  "oci:@FIXTURES@/layouts/app-oci:no-such-tag",
  "oci:@FIXTURES@/layouts/multi-oci",
  "oci:@FIXTURES@/layouts/multi-oci:1.0",
  "oci:@FIXTURES@/layouts/no-such-layout:1.0",
  "oci:@IMAGES@/empty:1.0",
  "oci-archive:@FIXTURES@/layouts/app.oci.tar",
  "oci-archive:@FIXTURES@/layouts/app.oci.tar:1.0",
  "oci-archive:@FIXTURES@/layouts/app.oci.tar:no-such-tag",
  "oci-archive:@FIXTURES@/layouts/no-such.tar:1.0",
  "docker-archive:@FIXTURES@/layouts/app.docker.tar",
  "docker-archive:@FIXTURES@/layouts/app.docker.tar:no.example/such:tag",
  "docker-archive:@FIXTURES@/layouts/no-such.tar",
  "dir:@IMAGES@/oci",
  "dir:@IMAGES@/no-such-image",
  "dir:@IMAGES@/empty",
  "dir:@IMAGES@/no-manifest-json",
  "dir:@FIXTURES@/images/manifest-empty",
  "dir:@FIXTURES@/images/manifest-not-json",
  "dir:@FIXTURES@/images/missing-manifest",
  "nonsense:x",
  "no-transport",
  "",
  ":",
  "dir:",
  "docker://",
  "docker:image",
];

export const conversations: readonly Conversation[] = [
  { name: "nothing is said", steps: [] },
  { name: "Initialize twice", steps: [initialize, initialize] },
  {
    name: "Initialize with an argument may be repeated",
    steps: [call("Initialize", 1), call("Initialize", null), initialize],
  },
  {
    name: "before Initialize",
    steps: [
      ...byHandle.map((method) => call(method, 1)),
      ...byHandle.map((method) => call(method)),
      call("OpenImage", "dir:@IMAGES@/oci"),
      call("OpenImageOptional", 7),
      call("GetBlob", 1, "x", -1),
      call("GetRawBlob", 1, "x"),
      call("FinishPipe", 7),
      call("NoSuchMethod"),
      initialize,
    ],
  },
  { name: "Shutdown", steps: [raw('{"method":"Shutdown"}', 0)] },
  {
    name: "Shutdown with arguments, an image open",
    steps: [...openOci, raw('{"method":"Shutdown","args":[1,"a"]}', 0)],
  },
  {
    name: "packets that are no requests",
    steps: [
      "{",
      "[]",
      "[1]",
      "1",
      '"Initialize"',
      "null",
      "{}",
      "true",
      " {} ",
      "x",
      "\n",
      "{}{}",
      "{} x",
      "{,}",
      "'a'",
      '{"method":}',
      '{"method":null}',
      '{"method":1}',
      '{"method":[]}',
      '{"method":"Initialize","args":{}}',
      '{"method":"Initialize","args":"a"}',
      '{"method":"Initialize","args":1}',
      '{"method":"Initialize",}',
      '{"method":"Initialize","args":[1,]}',
      '{"method":"Init\\u00"}',
      '{"method":"initialize"}',
      '{"method":"Initialize "}',
      '{"method":"toString"}',
      '{"method":"constructor"}',
      '{"method":"__proto__"}',
      '{"method":"<&>\\u2028"}',
      '{"method":""}',
      '{"method":"Initialize","args":[01]}',
      '{"method":"Initialize","args":[1e999]}',
      '{"method":"a\tb"}',
      '{"method":"\\ud800"}',
      "\ufeff{}",
    ].map((text) => raw(text)),
  },
  {
    name: "keys and texts that Go reads",
    steps: [
      raw('{"METHOD":"NoSuch","method":"Initialize"}'),
      raw('{"method":"Initialize"}'),
      raw('{"Method":"Initialize","ARGS":null}'),
      raw('{"method":"Initialize","method":"OpenImage","args":[]}'),
      raw('{"method":"OpenImage","args":[1],"args":["dir:@IMAGES@/oci"]}'),
      raw('{"method":"OpenImage","args":["dir:@IMAGES@/oci"],"args":null}'),
      raw('{"method":"OpenImage","args":["dir:@IMAGES@/oci"],"args":[]}'),
      raw('{"method":"OpenImage","args":["dir:@IMAGES@/oci"],"unknown":{"a":[1,2]}}'),
      raw('{"method":"OpenImage","method":null,"args":["dir:@IMAGES@/oci"]}'),
      raw('{"\\u006dethod":"OpenImage","ar\\u0067s":["dir:@IMAGES@/oci"]}'),
      raw('{"method":"GetLayerInfo","args":[1e0]}'),
      raw('{"method":"GetLayerInfo","args":[0.1e1]}'),
      raw('{"method":"GetLayerInfo","args":[1],"ar\u017fs":[2]}'),
      raw(Buffer.from('{"method":"Init\xffialize"}', "latin1")),
      raw(Buffer.from('{"method":"OpenImage","args":["dir:@IMAGES@/oci\xff"]}', "latin1")),
    ],
  },
  {
    name: "sizes of packets and depths",
    steps: [
      initialize,
      raw(`{"method":"GetLayerInfo","args":[1]${" ".repeat(32_767 - 35)}}`),
      raw(`{"method":"GetLayerInfo","args":[9]}${" ".repeat(40_000)}`),
      raw(`{"method":"GetLayerInfo","args":["${"x".repeat(40_000)}"]}`),
      raw(`{"method":"GetLayerInfo","args":${"[".repeat(9_990)}${"]".repeat(9_990)}}`),
      raw(`{"method":"GetLayerInfo","args":${"[".repeat(10_100)}${"]".repeat(10_100)}}`),
      raw(`{"x":${"[".repeat(9_990)}${"]".repeat(9_990)},"method":"GetLayerInfo","args":[1,2]}`),
      raw(`{"x":${"[".repeat(10_100)}${"]".repeat(10_100)}}`),
      open("dir:@IMAGES@/oci"),
    ],
  },
  {
    name: "pipelined",
    steps: [
      {
        pipeline: [
          "{}",
          '{"method":"Initialize"}',
          '{"method":"OpenImage","args":["dir:@IMAGES@/oci"]}',
          '{"method":"GetLayerInfo","args":[1]}',
          '{"method":"CloseImage","args":[1]}',
          '{"method":"CloseImage","args":[1]}',
        ],
      },
      open("dir:@IMAGES@/oci"),
    ],
  },
  ...byHandle.map((method) => ({
    name: `${method}: handles and counts`,
    steps: [
      initialize,
      open("dir:@IMAGES@/oci"),
      ...badHandles.filter((handle) => method !== "CloseImage" || handle !== 1.5).map((handle) => call(method, handle)),
      ...counts(method, [1]),
      call(method, 1),
      call("CloseImage", 1),
      call(method, 1),
    ],
  })),
  {
    name: "OpenImage: arguments",
    steps: [
      initialize,
      ...counts("OpenImage", ["dir:@IMAGES@/oci"]),
      ...counts("OpenImageOptional", ["dir:@IMAGES@/oci"]),
      ...[1, null, true, [], {}].flatMap((argument) => [
        call("OpenImage", argument),
        call("OpenImageOptional", argument),
      ]),
      open("dir:@IMAGES@/oci"),
    ],
  },
  {
    name: "handles count what was opened, and come once",
    steps: [
      ...openOci,
      open("dir:@IMAGES@/no-such-image"),
      open("dir:@IMAGES@/docker"),
      call("CloseImage", 2),
      open("dir:@IMAGES@/oci"),
      call("GetLayerInfo", 2),
      call("GetLayerInfo", 3),
    ],
  },
  {
    name: "all of an OCI image",
    steps: [
      ...openOci,
      ...everything(),
      call("GetBlob", 1, small, smallLayer.length),
      call("GetBlob", 1, large, largeLayer.length),
    ],
  },
  {
    name: "layers of a schema 2 image",
    steps: [initialize, open("dir:@IMAGES@/docker"), call("GetLayerInfo", 1), call("GetLayerInfoPiped", 1)],
  },
  { name: "all of a schema 2 image", steps: [initialize, open("dir:@IMAGES@/docker"), ...everything()] },
  { name: "an artifact", steps: [initialize, open("dir:@IMAGES@/artifact"), ...everything()] },
  { name: "an image without its configuration", steps: [initialize, open("dir:@IMAGES@/no-config"), ...everything()] },
  {
    name: "an image with another configuration",
    steps: [initialize, open("dir:@IMAGES@/other-config"), ...everything()],
  },
  {
    name: "400 layers",
    steps: [initialize, open("dir:@IMAGES@/many-layers"), call("GetLayerInfo", 1), call("GetLayerInfoPiped", 1)],
  },
  {
    name: "GetBlob: arguments",
    steps: [
      ...openOci,
      ...counts("GetBlob", [1, small, smallLayer.length]),
      ...badHandles
        .filter((handle) => handle !== 1.5)
        .map((handle) => call("GetBlob", handle, small, smallLayer.length)),
      ...[
        1,
        null,
        [],
        "",
        "x",
        "sha256:",
        small.toUpperCase(),
        small.slice(0, -1),
        `${small}0`,
        ` ${small}`,
        `md5:${"0".repeat(32)}`,
        `sha256:${"g".repeat(64)}`,
        `sha256:../../${"0".repeat(58)}`,
        "sha256:../manifest.json",
      ].map((digest) => call("GetBlob", 1, digest, smallLayer.length)),
      ...[null, "30", [], 2 ** 53, 1e300].map((size) => call("GetBlob", 1, small, size)),
      call("GetBlob", 1, "x", null),
      call("GetBlob", 0, "x", null),
    ],
  },
  {
    name: "GetBlob: sizes and contents",
    steps: [
      ...openOci,
      ...[smallLayer.length, smallLayer.length + 0.9, smallLayer.length + 1, 0, -1, -0.5, 2 ** 53 - 1].map((size) =>
        call("GetBlob", 1, small, size),
      ),
      call("GetBlob", 1, large, 5),
      call("GetBlob", 1, corruptDigest, corruptLayer.length),
      call("GetBlob", 1, corruptDigest, 3),
      call("GetBlob", 1, missingDigest, 3),
      call("GetBlob", 1, `sha512:${sha512Layer}`, smallLayer.length),
      call("GetBlob", 1, `sha512:${"0".repeat(128)}`, smallLayer.length),
      call("GetBlob", 1, `sha256:${sha256(configBytes)}`, configBytes.length),
    ],
  },
  {
    name: "GetBlob: sizes that are not known",
    steps: [...openOci, call("GetBlob", 1, small, -1), call("GetBlob", 1, large, -1), call("GetBlob", 1, small, -2)],
  },
  {
    name: "GetRawBlob",
    steps: [
      ...openOci,
      ...counts("GetRawBlob", [1, small]),
      ...badHandles.filter((handle) => handle !== 1.5).map((handle) => call("GetRawBlob", handle, small)),
      ...[1, null, "", "x", small.toUpperCase()].map((digest) => call("GetRawBlob", 1, digest)),
      ...[small, large, corruptDigest, missingDigest, `sha512:${sha512Layer}`].map((digest) =>
        call("GetRawBlob", 1, digest),
      ),
    ],
  },
  {
    name: "GetRawBlob: several at once, also after CloseImage",
    steps: [
      ...openOci,
      withPipes("keep", "GetRawBlob", 1, large),
      withPipes("keep", "GetRawBlob", 1, small),
      withPipes("keep", "GetRawBlob", 1, large),
      call("CloseImage", 1),
      { take: "read" },
      { take: "read" },
      { take: "read" },
    ],
  },
  {
    name: "GetRawBlob: nobody reads a large one",
    steps: [...openOci, withPipes("drop", "GetRawBlob", 1, large), call("GetLayerInfo", 1)],
  },
  {
    name: "GetBlob: nobody reads a large one",
    steps: [...openOci, withPipes("drop", "GetBlob", 1, large, largeLayer.length), call("GetLayerInfo", 1)],
  },
  {
    name: "GetBlob after CloseImage is read to its end",
    steps: [
      ...openOci,
      withPipes("keep", "GetBlob", 1, large, largeLayer.length),
      call("CloseImage", 1),
      { take: "read" },
    ],
  },
  {
    name: "two pipes, then requests, then what was in them",
    steps: [
      ...openOci,
      withPipes("keep", "GetBlob", 1, large, largeLayer.length),
      withPipes("keep", "GetManifest", 1),
      call("GetLayerInfo", 1),
      { take: "read" },
      { take: "read" },
    ],
  },
  {
    name: "FinishPipe",
    steps: [
      ...openOci,
      call("GetManifest", 1),
      call("FinishPipe", 0),
      call("FinishPipe", 4_000_000_000),
      call("FinishPipe", -1),
      call("FinishPipe", 2 ** 53),
      call("FinishPipe", "1"),
      call("FinishPipe", null),
      call("FinishPipe", 4_000_000_000, "more", 2),
    ],
  },
  {
    name: "FinishPipe twice",
    steps: [
      ...openOci,
      call("GetBlob", 1, small, smallLayer.length),
      raw('{"method":"FinishPipe","args":[@PIPE@]}'),
      call("GetBlob", 1, small, smallLayer.length),
    ],
  },
  {
    name: "FinishPipe: modulo 2^32, fractions, further arguments",
    steps: [
      ...openOci,
      withPipes("keep", "GetManifest", 1),
      raw('{"method":"FinishPipe","args":[@PIPE@.7,"further"]}'),
      raw('{"method":"FinishPipe","args":[@PIPE@]}'),
    ],
  },
  { name: "FinishPipe without arguments", steps: [initialize, call("FinishPipe")] },
  {
    name: "gone with pipes open",
    steps: [
      ...openOci,
      withPipes("keep", "GetBlob", 1, large, largeLayer.length),
      withPipes("keep", "GetRawBlob", 1, large),
    ],
  },
  { name: "absent or not", steps: [initialize, ...places.map((place) => call("OpenImageOptional", place))] },
  { name: "open or not", steps: [initialize, ...places.map((place) => open(place))] },
  {
    name: "absent or not, all is rejected",
    policy: "reject-all.json",
    steps: [initialize, ...places.map((place) => call("OpenImageOptional", place))],
  },
  ...["linux/amd64", "linux/arm64"].map((platform) => ({
    name: `multi-oci for ${platform}`,
    flags: ["--override-arch", platform.slice(6)],
    steps: [initialize, open("oci:@FIXTURES@/layouts/multi-oci:1.0"), ...everything()],
  })),
  {
    name: "an index without the architecture",
    flags: ["--override-arch", "s390x"],
    steps: [
      initialize,
      open("oci:@FIXTURES@/layouts/multi-oci:1.0"),
      call("OpenImageOptional", "oci:@FIXTURES@/layouts/multi-oci:1.0"),
      open("oci:@FIXTURES@/layouts/app-oci"),
    ],
  },
  {
    name: "an archive of OCI",
    steps: [
      initialize,
      open("oci-archive:@FIXTURES@/layouts/app.oci.tar"),
      call("GetManifest", 1),
      call("GetLayerInfo", 1),
    ],
  },
  {
    name: "an archive of Docker",
    steps: [initialize, open("docker-archive:@FIXTURES@/layouts/app.docker.tar"), ...everything()],
  },
  {
    name: "compressed layers in an archive of Docker",
    steps: [
      initialize,
      open("docker-archive:@FIXTURES@/archives/compressed-layers.docker.tar"),
      call("GetLayerInfo", 1),
    ],
  },
  ...["gpg-release-oci", "gpg-index-only-list-signed", "gpg-index-only-instances-signed", "oci"].flatMap((image) =>
    ["identity-exact-reference-everywhere.json", "reject-all.json"].map((policy) => ({
      name: `${image} by ${policy}`,
      policy,
      flags: ["--override-arch", "amd64"],
      steps: [initialize, open(`dir:@IMAGES@/${image}`), call("GetManifest", 1), open("dir:@IMAGES@/no-such-image")],
    })),
  ),
  ...[
    "invalid-not-json.json",
    "invalid-empty.json",
    "invalid-duplicate-key.json",
    "invalid-missing-default.json",
    "@MISSING@",
  ].map((policy) => ({
    name: `the policy ${policy}`,
    policy,
    steps: [initialize, open("dir:@IMAGES@/oci"), initialize],
  })),
  ...imageConversations,
  ...registryConversations,
];
