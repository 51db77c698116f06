/** Conversations about images of every kind that there is on a disk, by many tools. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fixtures } from "../../support/images.ts";
import { type Conversation, call, everything, initialize, open, type Step } from "./conversation.ts";

/** All of each image that opens; handles are counted on from 1. */
const allOf = (references: readonly string[]): readonly Step[] => [
  initialize,
  ...references.map(open),
  ...references.flatMap((_, index): readonly Step[] => [...everything(index + 1), { layersOf: index + 1 }]),
];

const amd64 = ["--override-arch", "amd64"];

interface LayoutCase {
  readonly tool: string;
  readonly source: string;
}
const layoutCases: readonly LayoutCase[] = JSON.parse(
  readFileSync(join(fixtures, "layouts-by-tool/cases.json"), "utf8"),
);
const tools = [...new Set(layoutCases.map(({ tool }) => tool))];

const imageNames = readdirSync(join(fixtures, "images")).sort();
const vendorApp = { type: "exactReference", dockerReference: "registry.example.com/vendor/app:1.0" };
const sigstore = (more: object) => ({ default: [{ type: "sigstoreSigned", ...more, signedIdentity: vendorApp }] });

const archives = [
  "oci-archive:@FIXTURES@/archives/skopeo.oci.tar",
  "oci-archive:@FIXTURES@/archives/skopeo.oci.tar.gz",
  "docker-archive:@FIXTURES@/archives/skopeo.docker.tar.gz",
  "docker-archive:@FIXTURES@/archives/skopeo.docker.tar.zst",
  "docker-archive:@FIXTURES@/archives/compressed-layers.docker.tar",
  "docker-archive:@FIXTURES@/archives/old-links.docker.tar:@0",
  "docker-archive:@FIXTURES@/archives/old-links.docker.tar:@1",
];

const stored = (driver: string, store: string, image: string) =>
  `containers-storage:[${driver}@@STORES@/${store}+@STORES@/run]${image}`;
const storedImages = [
  stored("vfs", "layers-vfs", "registry.example.com/layers:1.0"),
  stored("vfs", "layers-vfs", "@fbd9e2c21fe3efdd1180851fe4005711e791c614af2bdc50783c717efd0d7834"),
];
const storedNames = ["app:1.0", "app:docker", "app:none", "app", "none:1.0"].map((name) =>
  stored("vfs", "signed", `registry.example.com/${name}`),
);

export const imageConversations: readonly Conversation[] = [
  ...tools.map((tool) => ({
    name: `images by ${tool}`,
    flags: amd64,
    steps: allOf(
      layoutCases.filter((one) => one.tool === tool).map(({ source }) => source.replace("test/fixtures", "@FIXTURES@")),
    ),
  })),
  { name: "archives", flags: amd64, steps: allOf(archives) },
  { name: "an image of schema 1", flags: amd64, steps: allOf(["dir:@IMAGES@/schema-1"]) },
  ...(
    [
      ["a key", sigstore({ keyPath: "@FIXTURES@/keys/sigstore/release.pub" })],
      [
        "a key and a log",
        sigstore({
          keyPath: "@FIXTURES@/keys/sigstore/release.pub",
          rekorPublicKeyPath: "@FIXTURES@/keys/rekor/rekor.pub",
        }),
      ],
    ] as const
  ).map(([name, policy]) => ({
    name: `images signed with sigstore, by ${name}`,
    policy,
    flags: amd64,
    steps: [
      initialize,
      ...imageNames
        .filter((image) => /sigstore|cosign/.test(image))
        .map((image) => open(`dir:@FIXTURES@/images/${image}`)),
      ...[1, 2, 3].map((handle) => call("GetManifest", handle)),
    ],
  })),
  { name: "images in a storage", steps: allOf(storedImages) },
  {
    name: "names in a storage",
    flags: amd64,
    steps: [
      initialize,
      ...storedNames.flatMap((name) => [open(name), call("OpenImageOptional", name)]),
      open(stored("vfs", "index", "registry.example.com/multi:1.0")),
      call("OpenImageOptional", stored("vfs", "index", "registry.example.com/multi:none")),
      call("GetManifest", 1),
      call("GetFullConfig", 1),
    ],
  },
];
