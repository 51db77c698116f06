import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fixtures } from "../../../support/images.ts";
import { ociLayout } from "../../../support/layouts.ts";
import {
  catalogueScene,
  host,
  imageIndex,
  registryOf,
  settingsOf,
  sharedLayer,
  signedImage,
  unsignedImage,
} from "../../../support/registry/catalogue.ts";
import { digestOf, together, without } from "../../../support/registry/content.ts";
import { type Route, registryError } from "../../../support/registry/fault-server.ts";
import { type Ended, runAside } from "../../../support/registry/run-aside.ts";
import type { Scene, Situation } from "../../../support/registry/situation.ts";
import { newTlsMaterial } from "../../../support/registry/tls.ts";
import { runtimes } from "../../../support/run.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";
import { readXml } from "../../../support/xml.ts";

interface Line {
  readonly reference: string;
  readonly outcome: string;
  readonly code: string;
  readonly exitCode: number;
  readonly identity: string | null;
  readonly pinned?: string;
  readonly served_by: string | null;
  readonly message: string;
  readonly instances?: readonly { platform: string; digest: string; outcome: string; code: string }[];
  readonly blobs?: { checked: number; missing: readonly string[]; corrupt: readonly string[] };
}

const linesOf = ({ stdout }: Ended) =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);

const good = signedImage("vendor/good");
const other = signedImage("vendor/other");
const plain = unsignedImage("vendor/plain");
const [smallBlob, spoiledBlob] = [Buffer.from("only in vendor/gone"), Buffer.from("only in vendor/spoiled")];
const gone = signedImage("vendor/gone", { layers: [sharedLayer, smallBlob] });
const spoiled = signedImage("vendor/spoiled", { layers: [sharedLayer, spoiledBlob] });
const blobPath = (repository: string, bytes: Uint8Array) => `/v2/${repository}/blobs/${digestOf(bytes)}`;
const index = imageIndex("vendor/multi", {
  "linux/amd64": { isSigned: true },
  "linux/arm64": { isSigned: true },
  "linux/s390x": { isSigned: false },
});
const halfIndex = imageIndex("vendor/half", {
  "linux/amd64": { isSigned: true },
  "linux/arm64": { isSigned: true, isThere: false },
});
const ref = (repository: string, rest = ":1.0") => `${host}/${repository}${rest}`;
const [Good, Other, Plain] = [ref("vendor/good"), ref("vendor/other"), ref("vendor/plain")];

const tls = newTlsMaterial();

const everything = registryOf(
  {
    "vendor/good": good,
    "vendor/other": other,
    "vendor/plain": plain,
    "vendor/gone": { ...gone, content: without(gone.content, digestOf(smallBlob)) },
    "vendor/spoiled": spoiled,
    "vendor/multi": index,
    "vendor/half": halfIndex,
  },
  {
    [blobPath("vendor/spoiled", spoiledBlob)]: {
      body: Buffer.from("another, but as long  ".slice(0, spoiledBlob.length)),
    },
    "/v2/vendor/tagged/tags/list": { body: JSON.stringify({ name: "vendor/tagged", tags: ["1.0", "2.0"] }) },
    "/v2/vendor/tagged/manifests/*": { status: 500 },
    "/v2/vendor/private/*": registryError(403, "DENIED"),
    "/v2/vendor/busy/*": { status: 429, headers: { "Retry-After": "0" } },
    "/v2/vendor/broken/*": { raw: "garbage", ending: "close" },
  },
);

for (const { name: runtime, command } of runtimes) {
  /** Runs the command on a scene, which is there no longer than it. */
  async function checked(
    args: readonly string[] | ((scene: Scene) => readonly string[]),
    {
      servers = { A: everything },
      changes = {},
      stdin,
    }: { servers?: Situation["servers"]; changes?: Partial<Situation>; stdin?: string } = {},
  ): Promise<Ended & { readonly requests: readonly string[] }> {
    const scene = await catalogueScene(servers, changes);
    try {
      const words = [
        ...command,
        "verify-policy",
        ...settingsOf(scene),
        ...(typeof args === "function" ? args(scene) : args),
      ];
      const ended = await runAside(words, scene.env, stdin === undefined ? {} : { input: stdin });
      return { ...ended, requests: requestsOf(scene) };
    } finally {
      await scene.stop();
    }
  }

  const jsonl = (...references: readonly string[]) => checked(["--format=jsonl", ...references]);

  describe(`verify-policy (${runtime})`, { concurrency: 4 }, () => {
    it("what is asked for several times is fetched once, and told each time", async () => {
      const asked = [Good, Plain, `docker://${Good}`, Good, Plain];
      const ended = await jsonl(...asked);
      assert.equal(ended.code, 1, ended.stderr);
      const lines = linesOf(ended);
      assert.deepEqual(
        lines.map(({ reference, outcome, identity }) => `${reference} ${outcome} ${identity}`),
        asked.map((each) => {
          const name = each.replace("docker://", "");
          return `${each} ${name === Good ? "accepted" : "rejected"} docker://${name}`;
        }),
      );
      assert.deepEqual(lines[3], lines[0]);
      const gets = ended.requests.filter((request) => request.startsWith("GET "));
      assert.deepEqual([...new Set(gets)].sort(), gets.toSorted());
      assert.ok(
        gets.some((request) => request.includes("/blobs/")),
        gets.join("\n"),
      );
    });

    it("one line for each image, in the order given, with what the contract says of it", async () => {
      const { stdout, stderr, code } = await jsonl(Other, `docker://${Good}`, Plain, Good);
      assert.equal(code, 1, stderr);
      const lines = linesOf({ code, stdout, stderr });
      assert.deepEqual(
        lines.map(({ reference, outcome, code, exitCode, identity, pinned, served_by }) => [
          ...[reference, outcome, code, exitCode],
          ...[identity, pinned, served_by],
        ]),
        (
          [
            [Other, "vendor/other", other.digest, "accepted", "accepted", 0],
            [`docker://${Good}`, "vendor/good", good.digest, "accepted", "accepted", 0],
            [Plain, "vendor/plain", plain.digest, "rejected", "requirement.signature.missing", 1],
            [Good, "vendor/good", good.digest, "accepted", "accepted", 0],
          ] as const
        ).map(([reference, repository, digest, ...verdict]) => [
          ...[reference, ...verdict, `docker://${ref(repository)}`, `${host}/${repository}@${digest}`],
          lines[0]?.served_by?.replace("vendor/other", repository),
        ]),
      );
      assert.match(lines[0]?.served_by ?? "", /^127\.0\.0\.1:\d+\/vendor\/other$/);
      assert.deepEqual(lines[0]?.blobs, { checked: 2, missing: [], corrupt: [] });
      assert.deepEqual(lines[0]?.instances, undefined);
    });

    it("a digest is checked against what is served, and pins itself", async () => {
      const right = `${host}/vendor/good@${good.digest}`;
      const lie: Route = { headers: { "Content-Type": "application/vnd.oci.image.manifest.v1+json" }, body: "{}" };
      const wrong = `${host}/vendor/liar@${good.digest}`;
      const servers = {
        A: registryOf({ "vendor/good": good }, { [`/v2/vendor/liar/manifests/${good.digest}`]: lie }),
      };
      const ended = await checked(["--format=jsonl", right, wrong], { servers });
      const [first, second] = linesOf(ended);
      assert.deepEqual([first?.outcome, first?.pinned], ["accepted", right]);
      assert.notEqual(second?.outcome, "accepted");
      assert.notEqual(ended.code, 0);
    });

    const codes: readonly (readonly [string, readonly string[], number, string])[] = [
      ["accepted", [Good], 0, "accepted"],
      ["rejected", [Plain], 1, "requirement.signature.missing"],
      ["a name that is none", [Good, `${host}/UPPER:1`], 2, "usage.reference.invalid"],
      ["a short name", ["app:1"], 2, "usage.reference.invalid"],
      ["tag and digest", [`${Good}@${good.digest}`], 2, "usage.reference.invalid"],
      ["a missing layer", [ref("vendor/gone")], 4, "image.blob.missing"],
      ["not there", [ref("vendor/nowhere")], 5, "source.not-found"],
      ["forbidden", [ref("vendor/private")], 5, "source.unauthorized"],
      ["asked too often", [ref("vendor/busy")], 5, "source.throttled"],
      ["no HTTP", [ref("vendor/broken")], 5, "source.malformed"],
      ["rejected and accepted", [Plain, Good], 1, "requirement.signature.missing"],
      ["not there, before a rejected one", [ref("vendor/nowhere"), Plain], 5, "source.not-found"],
      ["short, before what is not there", ["app:1", ref("vendor/nowhere")], 5, "usage.reference.invalid"],
    ];
    for (const [what, references, exitCode, code] of codes) {
      it(`exit code ${exitCode}: ${what}`, async () => {
        const ended = await jsonl(...references);
        assert.equal(ended.code, exitCode, ended.stderr);
        const lines = linesOf(ended);
        assert.ok(
          lines.some((line) => line.code === code),
          ended.stdout,
        );
        assert.equal(Math.max(...lines.map((line) => line.exitCode)), exitCode);
      });
    }

    it("exit code 3: a policy that is none", async () => {
      const ended = await checked(["--format=jsonl", Good], { changes: { policy: "{" } });
      assert.deepEqual([ended.code, linesOf(ended)[0]?.code], [3, "policy.json.syntax"]);
    });

    it("a short name is refused, and the full one told; docker:// in front of it is docker.io", async () => {
      const ended = await jsonl("nginx:1.27", "team/app");
      assert.equal(ended.code, 2);
      assert.deepEqual(
        linesOf(ended).map(({ message }) => /docker\.io\/\S+/.exec(message)?.[0].replace(/[.,]$/, "")),
        ["docker.io/library/nginx:1.27", "docker.io/team/app"],
      );
      assert.deepEqual(ended.requests, []);
    });

    const empty: readonly (readonly [string, readonly string[], string | undefined])[] = [
      ["no reference at all", [], undefined],
      ["an empty list", ["--images=-"], ""],
      ["a list of comments", ["--images=-"], "# nothing\n\n"],
      ["YAML without images", ["--images=-"], "kind: ConfigMap\ndata: {a: b}\n"],
    ];
    for (const [what, args, stdin] of empty) {
      it(`${what} is a usage error`, async () => {
        const ended = await checked(args, stdin === undefined ? {} : { stdin });
        assert.equal(ended.code, 2, ended.stdout);
        assert.deepEqual(ended.requests, []);
      });
    }

    for (const which of ["head", "full"]) {
      it(`the same blob of a repository is asked for once in a run, and /v2/ once: --blobs ${which}`, async () => {
        const twice = signedImage("vendor/good", { tag: "again" });
        const A = registryOf({ "vendor/good": { ...good, content: together(good.content, twice.content) } });
        const args = ["--format=jsonl", `--blobs=${which}`, Good, ref("vendor/good", ":again"), Good];
        const { code, requests } = await checked(args, { servers: { A } });
        assert.equal(code, 0);
        const method = which === "head" ? "HEAD" : "GET";
        const layer = `${method} /v2/vendor/good/blobs/${digestOf(sharedLayer).slice(0, 19)}…`;
        assert.equal(requests.filter((request) => request === layer).length, 1, requests.join("\n"));
        assert.equal(requests.filter((request) => request === "GET /v2/").length, 1);
      });
    }

    describe("blobs", { concurrency: 4 }, () => {
      const rows: readonly (readonly [string, string, string, number, object | undefined])[] = [
        ["none", "gone", "accepted", 0, undefined],
        ["none", "spoiled", "accepted", 0, undefined],
        ["head", "good", "accepted", 0, { checked: 2, missing: [], corrupt: [] }],
        ["head", "gone", "image.blob.missing", 4, { checked: 2, missing: [digestOf(smallBlob)], corrupt: [] }],
        ["head", "spoiled", "accepted", 0, { checked: 3, missing: [], corrupt: [] }],
        ["full", "good", "accepted", 0, { checked: 2, missing: [], corrupt: [] }],
        ["full", "gone", "image.blob.missing", 4, { checked: 2, missing: [digestOf(smallBlob)], corrupt: [] }],
        ["full", "spoiled", "image.blob.corrupt", 4, { checked: 3, missing: [], corrupt: [digestOf(spoiledBlob)] }],
      ];
      for (const [which, image, code, exitCode, blobs] of rows) {
        it(`--blobs ${which}: ${image}`, async () => {
          const ended = await checked(["--format=jsonl", `--blobs=${which}`, ref(`vendor/${image}`)]);
          const [line] = linesOf(ended);
          assert.deepEqual([line?.code, ended.code, line?.blobs], [code, exitCode, blobs]);
          const ofBlobs = ended.requests.filter((request) => request.includes(digestOf(sharedLayer).slice(0, 19)));
          const method = { none: [], head: ["HEAD"], full: ["GET"] }[which];
          assert.deepEqual(
            ofBlobs.map((request) => request.split(" ")[0]),
            method,
          );
        });
      }

      it("a blob of another size than the manifest says is corrupt, also without reading it", async () => {
        const routes = { [`HEAD ${blobPath("vendor/spoiled", spoiledBlob)}`]: { body: "short" } };
        const servers = { A: registryOf({ "vendor/spoiled": spoiled }, routes) };
        const ended = await checked(["--format=jsonl", ref("vendor/spoiled")], { servers });
        assert.deepEqual([ended.code, linesOf(ended)[0]?.blobs?.corrupt], [4, [digestOf(spoiledBlob)]]);
      });
    });

    describe("an index", { concurrency: 4 }, () => {
      const multi = ref("vendor/multi");
      const at = (platform: string) => `${platform} ${index.instances[platform]}`;
      const rows: readonly (readonly [string, string, string, number, readonly string[] | undefined])[] = [
        ["linux/amd64", multi, "accepted", 0, [`${at("linux/amd64")} accepted`]],
        ["linux/arm64", multi, "accepted", 0, [`${at("linux/arm64")} accepted`]],
        [
          "linux/s390x",
          multi,
          "requirement.signature.missing",
          1,
          [`${at("linux/s390x")} requirement.signature.missing`],
        ],
        ["linux/riscv64", multi, "image.platform.missing", 4, undefined],
        [
          "all",
          multi,
          "requirement.signature.missing",
          1,
          [
            `${at("linux/amd64")} accepted`,
            `${at("linux/arm64")} accepted`,
            `${at("linux/s390x")} requirement.signature.missing`,
          ],
        ],
      ];
      for (const [platform, image, code, exitCode, instances] of rows) {
        it(`--platform ${platform}: ${code}`, async () => {
          const ended = await checked(["--format=jsonl", `--platform=${platform}`, image]);
          const [line] = linesOf(ended);
          assert.deepEqual([line?.code, ended.code], [code, exitCode], ended.stdout);
          const listed = line?.instances?.map(({ platform, digest, code }) => `${platform} ${digest} ${code}`);
          assert.deepEqual(listed, instances);
          assert.equal(line?.pinned, `${host}/vendor/multi@${index.digest}`);
        });
      }

      it("without --platform all are judged", async () => {
        const [line] = linesOf(await jsonl(multi));
        assert.deepEqual([line?.code, line?.instances?.length], ["requirement.signature.missing", 3]);
      });

      it("--platform host takes one", async () => {
        const ended = await checked(["--format=jsonl", "--platform=host", multi]);
        const [line] = linesOf(ended);
        assert.equal(line?.instances?.length, 1, ended.stdout);
        assert.match(line?.instances?.[0]?.platform ?? "", /^linux\/(?:amd64|arm64|s390x)$/);
      });

      it("a missing instance is no acceptance", async () => {
        const ended = await checked(["--format=jsonl", "--platform=all", ref("vendor/half")]);
        assert.ok([4, 5].includes(ended.code ?? -1), ended.stdout);
        const [line] = linesOf(ended);
        assert.equal(line?.outcome, "error");
      });
    });

    it("a missing instance that is not asked for does not matter", async () => {
      const ended = await checked(["--format=jsonl", "--platform=linux/amd64", ref("vendor/half")]);
      assert.equal(ended.code, 0, ended.stdout);
    });

    it("local images, each as itself", async () => {
      const manifest = good.content.manifests.get("1.0")?.bytes ?? "";
      const layout = ociLayout({
        entries: [{ content: manifest, name: "1.0" }],
        blobs: [...good.content.blobs.values()],
      });
      const directory = join(fixtures, "images/gpg-release-docker-schema2");
      const references = [`oci:${layout}:1.0`, `dir:${directory}`, "dir:/nowhere"];
      const ended = await checked(["--format=jsonl", ...references]);
      assert.equal(ended.code, 4, ended.stderr);
      const lines = linesOf(ended);
      assert.deepEqual(
        lines.map(({ reference, identity, code, served_by, pinned }) => [reference, identity, code, served_by, pinned]),
        [
          [references[0], references[0], "accepted", null, undefined],
          [references[1], references[1], "accepted", null, undefined],
          [references[2], references[2], "image.source.unreadable", null, undefined],
        ],
      );
      assert.deepEqual(ended.requests, []);
    });

    describe("--images", { concurrency: 4 }, () => {
      const pod = `kind: Pod\nspec:\n  containers:\n  - image: ${Good}\n    name: a\n  - {name: b, image: "${Other}"}\n`;
      const lists: readonly (readonly [string, string, readonly string[]])[] = [
        ["lines", `# what we run\n${Good}\n\n${Other} # with a remark\n`, [Good, Other]],
        ["lines with docker://, and DOS line ends", `docker://${Good}\r\n${Other}\r\n`, [`docker://${Good}`, Other]],
        ["Kubernetes YAML", pod, [Good, Other]],
        ["JSON", JSON.stringify({ kind: "Pod", spec: { containers: [{ image: Good }] } }), [Good]],
        ["a mapping of oc-mirror", `source.example.net/vendor/good:1.0=${Good}\n`, [Good]],
        ["an image twice", `${Good}\n${Other}\n${Good}\n`, [Good, Other]],
      ];
      for (const [what, text, references] of lists) {
        for (const way of ["file", "stdin"] as const) {
          it(`${what}, ${way}`, async () => {
            const path = join(temporaryDirectory(), "list");
            writeFileSync(path, text);
            const args = ["--format=jsonl", `--images=${way === "file" ? path : "-"}`];
            const ended = await checked(args, way === "file" ? {} : { stdin: text });
            assert.equal(ended.code, 0, ended.stderr);
            assert.deepEqual(
              linesOf(ended).map(({ reference }) => reference),
              references,
            );
          });
        }
      }

      it("what is named on the command line comes first", async () => {
        const ended = await checked(["--format=jsonl", "--images=-", Other], { stdin: `${Good}\n` });
        assert.deepEqual(
          linesOf(ended).map(({ reference }) => reference),
          [Other, Good],
        );
      });

      it("one that makes no sense does not stop the others", async () => {
        const ended = await checked(["--format=jsonl", "--images=-"], { stdin: `nginx\n${Good}\n` });
        assert.equal(ended.code, 2);
        assert.deepEqual(
          linesOf(ended).map(({ code }) => code),
          ["usage.reference.invalid", "accepted"],
        );
      });

      it("a file that is not there", async () => {
        const ended = await checked(["--format=json", "--images=/nowhere/list"]);
        assert.equal(ended.code, 2);
        assert.match(ended.stdout, /"usage\.option\.value"/);
      });
    });

    describe("--pin", { concurrency: 4 }, () => {
      const chart = (tail: (name: string) => string) =>
        `# before\r\nkind: Pod\nspec:\n  containers:\n  - image:   "${tail("vendor/good")}"  # keep\n    name: a\n  - {name: b, image: '${tail("vendor/other")}'}\n...`;
      const pin = (name: string) => `${host}/${name}@${name === "vendor/good" ? good.digest : other.digest}`;
      const rows: readonly (readonly [string, string, string])[] = [
        [
          "YAML, everything else byte for byte",
          chart((name) => ref(name)).replace("\r\n", "\n"),
          chart(pin).replace("\r\n", "\n"),
        ],
        ["lines", `# x\r\n ${Good} \r\n\r\n${Other}`, `# x\r\n ${pin("vendor/good")} \r\n\r\n${pin("vendor/other")}`],
      ];
      for (const [what, before, after] of rows) {
        it(what, async () => {
          const directory = temporaryDirectory();
          const [list, pinned] = [join(directory, "list"), join(directory, "pinned")];
          writeFileSync(list, before);
          const ended = await checked(["--quiet", `--images=${list}`, `--pin=${pinned}`]);
          assert.equal(ended.code, 0, ended.stderr);
          assert.equal(readFileSync(pinned, "utf8"), after);
          assert.equal(readFileSync(list, "utf8"), before);
        });
      }

      it("of the command line: one a line", async () => {
        const path = join(temporaryDirectory(), "pinned");
        const ended = await checked([`--pin=${path}`, Good, `docker://${Other}`]);
        assert.equal(ended.code, 0, ended.stderr);
        assert.equal(readFileSync(path, "utf8"), `${pin("vendor/good")}\ndocker://${pin("vendor/other")}\n`);
      });

      it("not all are accepted: it is left as it was", async () => {
        const directory = temporaryDirectory();
        const [there, absent] = [join(directory, "there"), join(directory, "absent")];
        writeFileSync(there, "as it was");
        for (const path of [there, absent]) {
          const ended = await checked([`--pin=${path}`, Good, Plain]);
          assert.equal(ended.code, 1);
          assert.match(ended.stderr, /is left as it was: not all images were accepted/);
        }
        assert.equal(readFileSync(there, "utf8"), "as it was");
        assert.ok(!existsSync(absent));
      });

      it("a file that cannot be written", async () => {
        const ended = await checked(["--pin=/nowhere/pinned", Good]);
        assert.equal(ended.code, 2, ended.stderr);
      });
    });

    describe("--all-tags", { concurrency: 4 }, () => {
      it("each tag is an image", async () => {
        const [one, two] = [signedImage("vendor/tagged"), signedImage("vendor/tagged", { tag: "2.0" })];
        const routes = {
          "/v2/vendor/tagged/tags/list": [
            { headers: { Link: '</v2/vendor/tagged/tags/list?last=1.0&n=1>; rel="next"' }, body: '{"tags":["1.0"]}' },
            { body: '{"tags":["2.0"]}' },
          ],
        };
        const A = registryOf({ "vendor/tagged": one }, { ...registryOf({ "vendor/tagged": two }).routes, ...routes });
        const ended = await checked(["--format=jsonl", "--all-tags", `${host}/vendor/tagged`], { servers: { A } });
        assert.equal(ended.code, 0, ended.stdout);
        assert.deepEqual(
          linesOf(ended).map(({ reference, pinned }) => `${reference} ${pinned}`),
          [one, two].map(({ digest }, i) => `${host}/vendor/tagged:${i + 1}.0 ${host}/vendor/tagged@${digest}`),
        );
        assert.ok(ended.requests.includes("GET /v2/vendor/tagged/tags/list?last=1.0&n=1"));
      });

      const rows: readonly (readonly [string, string, number, string])[] = [
        ["a repository with a tag", Good, 2, "usage.reference.invalid"],
        ["a repository that is not there", `${host}/vendor/nowhere`, 5, "source.not-found"],
        ["a repository that is forbidden", `${host}/vendor/private`, 5, "source.unauthorized"],
        ["a directory", "dir:/nowhere", 2, "usage.reference.invalid"],
      ];
      for (const [what, repository, exitCode, code] of rows) {
        it(what, async () => {
          const ended = await checked(["--format=jsonl", "--all-tags", repository]);
          assert.deepEqual([ended.code, linesOf(ended)[0]?.code], [exitCode, code]);
        });
      }

      it("a repository without tags has no images: that is no acceptance", async () => {
        const A = registryOf({}, { "/v2/": { body: "{}" }, "/v2/vendor/none/tags/list": { body: '{"tags":null}' } });
        const ended = await checked(["--format=jsonl", "--all-tags", `${host}/vendor/none`], { servers: { A } });
        assert.equal(ended.code, 2, ended.stdout);
      });
    });

    describe("the forms", { concurrency: 4 }, () => {
      const asked = [Good, Plain, ref("vendor/nowhere")];

      it("json", async () => {
        const ended = await checked(["--format=json", ...asked]);
        const document = JSON.parse(ended.stdout);
        assert.deepEqual([ended.code, document.version, document.complete, document.total], [5, 1, true, 3]);
        assert.deepEqual(
          document.results.map(({ reference }: Line) => reference),
          asked,
        );
      });

      it("junit", async () => {
        const ended = await checked(["--format=junit", ...asked]);
        assert.equal(ended.code, 5);
        assert.equal(readXml(ended.stdout).children.flatMap(({ children }) => children).length, 3);
      });

      it("sarif", async () => {
        const ended = await checked(["--format=sarif", ...asked]);
        const [run] = JSON.parse(ended.stdout).runs;
        assert.deepEqual(
          run.results.map(({ ruleId }: { ruleId: string }) => ruleId),
          ["requirement.signature.missing", "source.not-found"],
        );
      });

      it("text", async () => {
        const ended = await checked(asked);
        assert.equal(ended.code, 5);
        assert.match(ended.stdout, /3 images: 1 accepted, 1 rejected, 1 not reached/);
        assert.match(ended.stdout, new RegExp(good.digest));
      });

      it("--report writes a page beside any of them", async () => {
        const path = join(temporaryDirectory(), "report.html");
        const ended = await checked([`--report=${path}`, "--format=jsonl", ...asked]);
        assert.deepEqual([ended.code, linesOf(ended).length], [5, 3]);
        const page = readFileSync(path, "utf8");
        assert.match(page, /^<!doctype html>/i);
        for (const reference of asked) assert.ok(page.includes(reference));
      });

      it("a report that cannot be written is an error", async () => {
        const ended = await checked(["--report=/nowhere/report.html", Good]);
        assert.equal(ended.code, 2);
      });

      for (const format of ["text", "json", "jsonl", "junit", "sarif"]) {
        it(`--quiet --format ${format}: nothing is printed`, async () => {
          const ended = await checked(["--quiet", `--format=${format}`, Plain]);
          assert.deepEqual([ended.code, ended.stdout, ended.stderr], [1, "", ""]);
        });
      }
    });

    describe("--tls-verify", { concurrency: 4 }, () => {
      const secure = { registriesConf: `[[registry]]\nprefix = "${host}"\nlocation = "@A@"\n` };
      const rows: readonly (readonly [string, Partial<Situation>, readonly string[], string])[] = [
        ["insecure = true, and nothing", {}, [], "accepted"],
        ["insecure = true, and --tls-verify=true", {}, ["--tls-verify=true"], "source.unreachable"],
        ["insecure = true, and --tls-verify", {}, ["--tls-verify"], "source.unreachable"],
        ["no insecure, and nothing", secure, [], "source.unreachable"],
        ["no insecure, and --tls-verify=false", secure, ["--tls-verify=false"], "accepted"],
      ];
      for (const [what, changes, args, code] of rows) {
        it(`a registry without TLS, ${what}`, async () => {
          const [line] = linesOf(await checked(["--format=jsonl", ...args, Good], { changes }));
          assert.equal(line?.code, code, line?.message);
        });
      }
    });

    describe("settings that cannot be used", { concurrency: 4 }, () => {
      const file = (name: string, text: string) => ({ files: { [name]: text } });
      const rows: readonly (readonly [string, Partial<Situation>, string])[] = [
        ["registries.conf", { registriesConf: "[[" }, "config.registries.invalid"],
        [
          "a location",
          { registriesConf: `[[registry]]\nprefix = "${host}"\nlocation = "a b"\n` },
          "config.location.invalid",
        ],
        ["registries.d", { registriesD: { "a.yaml": "docker: [" } }, "config.registries-d.invalid"],
        ["auth.json", { auth: "{" }, "config.credentials.invalid"],
        ["the user's auth.json", file("home/.config/containers/auth.json", "[1]"), "config.credentials.invalid"],
        ["a certificate without its key", { certDir: { "a.cert": "" } }, "config.certificates.invalid"],
      ];
      for (const [what, changes, code] of rows) {
        it(`${what}: ${code}`, async () => {
          const ended = await checked(["--format=jsonl", Good], { changes });
          const [line] = linesOf(ended);
          assert.deepEqual([line?.code ?? ended.stdout, ended.code], [code, 3], ended.stderr);
          assert.equal(line?.pinned, undefined);
        });
      }
    });

    describe("servers that do not give the image", { concurrency: 4 }, () => {
      const manifest = "/v2/vendor/good/manifests/1.0";
      const gives = (route: Route): Situation["servers"] => ({
        A: registryOf({ "vendor/good": good }, { [manifest]: route }),
      });
      const big = { body: Buffer.alloc(4 * 1024 * 1024 + 1, " ") };
      const rows: readonly (readonly [string, Situation["servers"], Partial<Situation>, string])[] = [
        ["nobody listens", { A: { connection: "absent" } }, {}, "source.unreachable"],
        ["it hangs", gives({ raw: "", ending: "hang" }), {}, "source.timeout"],
        ["it hangs within the body", gives({ body: "x", contentLength: 9, ending: "hang" }), {}, "source.timeout"],
        ["it answers TLS with something else", { A: { connection: "garbage" } }, { tlsVerify: true }, "source.tls"],
        ["its authority is not known", { A: { ...everything, tls } }, { tlsVerify: true }, "source.tls"],
        ["401", gives(registryError(401, "UNAUTHORIZED")), {}, "source.unauthorized"],
        ["404", gives(registryError(404, "MANIFEST_UNKNOWN")), {}, "source.not-found"],
        ["418", gives({ status: 418 }), {}, "source.refused"],
        ["more than 4 MiB", gives(big), {}, "source.malformed"],
        ["a circle", gives({ status: 302, headers: { Location: manifest } }), {}, "source.malformed"],
        [
          "blocked",
          { A: everything },
          { registriesConf: `[[registry]]\nlocation = "${host}"\nblocked = true\n` },
          "source.blocked",
        ],
      ];
      for (const [what, servers, changes, code] of rows) {
        it(`${what}: ${code}`, async () => {
          const ended = await checked(["--format=jsonl", "--timeout=1", Good], { servers, changes });
          const [line] = linesOf(ended);
          assert.deepEqual([line?.code, line?.outcome, ended.code], [code, "error", 5], line?.message);
          assert.deepEqual([line?.pinned, line?.served_by], [undefined, null]);
        });
      }

      const odd: readonly (readonly [string, number])[] = [
        ["other.example.com:99999/app:1", 5],
        ["999.999.999.999/app:1", 5],
        ["0177.0.0.1/app:1", 5],
        ["127.1/app:1", 5],
        ["a..example.com/app:1", 2],
      ];
      for (const [name, exitCode] of odd) {
        it(`a host that cannot be one: ${name}`, async () => {
          const ended = await checked(["--format=jsonl", name, Good]);
          assert.equal(ended.code, exitCode, ended.stdout);
          assert.equal(linesOf(ended)[1]?.code, "accepted");
        });
      }
    });

    describe("--resume", { concurrency: 4 }, () => {
      const state = () => join(temporaryDirectory(), "state");

      it("what was accepted or rejected is not asked for again, and errors are", async () => {
        const path = state();
        const scene = await catalogueScene({ A: everything });
        try {
          const asked = [Good, Plain, ref("vendor/nowhere")];
          const words = [
            ...command,
            "verify-policy",
            ...settingsOf(scene),
            "--format=jsonl",
            `--resume=${path}`,
            ...asked,
          ];
          const first = await runAside(words, scene.env);
          const before = requestsOf(scene).length;
          const second = await runAside(words, scene.env);
          assert.deepEqual([first.code, second.code], [5, 5], second.stderr);
          assert.equal(second.stdout, first.stdout);
          const again = requestsOf(scene).slice(before);
          assert.deepEqual(again, ["TLS hello", "GET /v2/", "GET /v2/vendor/nowhere/manifests/1.0"]);
        } finally {
          await scene.stop();
        }
      });

      it("a run that was interrupted goes on", async () => {
        const path = state();
        const images = { "vendor/good": good, "vendor/other": other, "vendor/plain": plain };
        const waits = "/v2/vendor/other/manifests/1.0";
        const routes = registryOf(images).routes ?? {};
        const A = { routes: { ...routes, [waits]: [{ raw: "", ending: "hang" }, routes[waits] ?? {}] as Route } };
        const scene = await catalogueScene({ A });
        try {
          const options = ["--format=jsonl", "--jobs=1", `--resume=${path}`];
          const words = [...command, "verify-policy", ...settingsOf(scene), ...options, Good, Other, Plain];
          const run = runAside(words, scene.env, { interruptWhen: () => isAsked(scene, waits) });
          const first = await run;
          assert.equal(first.code, 130, first.stderr);
          assert.deepEqual(
            linesOf(first).map(({ reference }) => reference),
            [Good],
          );
          const before = requestsOf(scene).length;
          const second = await runAside(words, scene.env);
          assert.equal(second.code, 1, second.stderr);
          assert.deepEqual(
            linesOf(second).map(({ reference, outcome }) => `${reference} ${outcome}`),
            [`${Good} accepted`, `${Other} accepted`, `${Plain} rejected`],
          );
          const again = requestsOf(scene).slice(before);
          assert.ok(again.length > 0 && !again.some((request) => request.includes("vendor/good")), again.join("\n"));
        } finally {
          await scene.stop();
        }
      });

      it("by another policy nothing of it counts", async () => {
        const path = state();
        const first = await checked(["--quiet", `--resume=${path}`, Good]);
        assert.equal(first.code, 0, first.stderr);
        const changes = { policy: JSON.stringify({ default: [{ type: "reject" }] }) };
        const second = await checked(["--format=jsonl", `--resume=${path}`, Good], { changes });
        assert.notEqual(second.code, 0, second.stdout);
      });

      it("what is of the day before yesterday is asked for again, and that is said", async () => {
        const path = state();
        const scene = await catalogueScene({ A: everything });
        try {
          const words = [...command, "verify-policy", ...settingsOf(scene), `--resume=${path}`, Good, Other];
          assert.equal((await runAside(words, scene.env)).code, 0);
          ageBy48Hours(path, Good);
          const before = requestsOf(scene).length;
          const ended = await runAside(words, scene.env);
          assert.equal(ended.code, 0, ended.stderr);
          assert.match(ended.stderr, /: 1 verdict in it is not of the last 24 hours, and does not count;/);
          const again = requestsOf(scene).slice(before);
          assert.ok(isAsked(scene, "/v2/vendor/good/manifests/1.0"));
          assert.ok(!again.some((request) => request.includes("vendor/other")), again.join("\n"));
        } finally {
          await scene.stop();
        }
      });

      const certificates = "home/.config/containers/certs.d/somewhere.example.com";
      const proxied = (user: string, address: string) => ({ HTTPS_PROXY: `http://${user}${address}` });
      const parts: readonly (readonly [
        what: string,
        files: Readonly<Record<string, string>>,
        env: Readonly<Record<string, string>>,
        differs: RegExp | undefined,
      ])[] = [
        ["nothing", {}, {}, undefined],
        ["a CA of certs.d", { [`${certificates}/ca.crt`]: tls.ca }, {}, /certificates of registries differs/],
        ["other files of certs.d", { [`${certificates}/README`]: "Keep out" }, {}, undefined],
        ["the CAs of the system", {}, { SSL_CERT_FILE: "@DIR@/roots.pem" }, /authorities of the system differs/],
        ["a proxy", {}, proxied("", "127.0.0.1:9"), /proxies differs/],
        ["credentials", { "home/.docker/config.json": '{"auths":{}}' }, {}, undefined],
      ];
      for (const [what, files, env, differs] of parts) {
        it(`after a change of ${what}, verdicts ${differs === undefined ? "count" : "do not count"}`, async () => {
          const path = state();
          const before = { "roots.pem": tls.ca, [`${certificates}/ca.crt`]: newTlsMaterial().ca };
          const scene = await catalogueScene({ A: everything }, { files: before });
          try {
            const words = [...command, "verify-policy", ...settingsOf(scene), `--resume=${path}`, Good];
            assert.equal((await runAside(words, scene.env)).code, 0);
            const { HOME: home = "" } = scene.env;
            const directory = join(home, "..");
            for (const [name, content] of Object.entries(files)) {
              mkdirSync(join(directory, name, ".."), { recursive: true });
              writeFileSync(join(directory, name), content);
            }
            const changed = Object.entries(env).map(([name, value]) => [name, value.replace("@DIR@", directory)]);
            const ended = await runAside(words, { ...scene.env, ...Object.fromEntries(changed) });
            assert.equal(ended.code, differs === undefined ? 0 : 2, ended.stderr);
            if (differs !== undefined) assert.match(ended.stderr, differs);
          } finally {
            await scene.stop();
          }
        });
      }

      it("a proxy is the same with another password", async () => {
        const path = state();
        const scene = await catalogueScene({ A: everything });
        try {
          const words = [...command, "verify-policy", ...settingsOf(scene), `--resume=${path}`, Good];
          for (const user of ["user:first@", "user:second@", ""]) {
            const ended = await runAside(words, { ...scene.env, ...proxied(user, "127.0.0.1:9") });
            assert.equal(ended.code, 0, ended.stderr);
          }
          assert.doesNotMatch(readFileSync(path, "latin1"), /first|second/);
        } finally {
          await scene.stop();
        }
      });

      const rows: readonly (readonly [string, (path: string) => void])[] = [
        ["a file of something else", (path) => writeFileSync(path, "hello", { mode: 0o600 })],
        ["a directory", (path) => mkdirSync(path)],
      ];
      for (const [what, make] of rows) {
        it(`${what} is not taken for a state`, async () => {
          const path = state();
          make(path);
          const ended = await checked(["--format=json", `--resume=${path}`, Good]);
          assert.equal(ended.code, 2, ended.stdout);
          assert.match(ended.stdout, /"usage\.state\.invalid"/);
          assert.deepEqual(ended.requests, []);
        });
      }
    });
  });
}

/** As if the verdict on an image had been kept by a run of the day before yesterday. */
function ageBy48Hours(path: string, reference: string): void {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const database = new DatabaseSync(path);
  const earlier = new Date(Date.now() - 48 * 3_600_000).toISOString();
  database.prepare("UPDATE results SET checked_at = ? WHERE reference = ?").run(earlier, reference);
  database.close();
}

/** Of server A. */
function requestsOf(scene: Scene): readonly string[] {
  const { A = [] } = scene.requests();
  return A;
}

function isAsked(scene: Scene, path: string): boolean {
  return requestsOf(scene).some((request) => request.endsWith(` ${path}`));
}
