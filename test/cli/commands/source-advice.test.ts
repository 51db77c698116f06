/** Sources that are named in the wrong way, or lack something: what people are told, and that it works. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fixtures } from "../../support/images.ts";
import { acceptAnything } from "../../support/policies.ts";
import { runtimes, sealcheck } from "../../support/run.ts";
import { gnu, tar } from "../../support/tar.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const byTool = (name: string) => join(fixtures, "layouts-by-tool", name);
const layout = (name: string) => join(fixtures, "layouts", name);
const image = (name: string) => join(fixtures, "images", name);
const store = (name: string) => `containers-storage:[vfs@${join(fixtures, "stores", name)}]`;

const key = join(fixtures, "keys", "sigstore", "release.pub");
const directory = temporaryDirectory();
const signedPolicy = join(directory, "policy.json");
writeFileSync(signedPolicy, JSON.stringify({ default: [{ type: "sigstoreSigned", keyPath: key }] }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const linked = file("linked.tar", tar({ name: "a", type: "2", target: "b", magic: gnu }));
const page = file("page.tar", "<!DOCTYPE html><html>Not found</html>".repeat(50));
const xz = file("image.tar.xz", Buffer.from("fd377a585a000004e6d6b446", "hex"));
const empty = file("empty.tar", "");
const zeros = file("zeros.tar", Buffer.alloc(10_240));
const noImages = join(directory, "no-images");
cpSync(layout("app-oci"), noImages, { recursive: true });
writeFileSync(join(noImages, "index.json"), '{"schemaVersion":2,"manifests":[]}');
const damaged = join(directory, "damaged");
cpSync(join(fixtures, "stores", "signed"), damaged, { recursive: true });
rmSync(join(damaged, "vfs-images", "1ccd8e5cbf771eb6e55faadb09b0d710fea5f999b98b4948621b6c670065f4f4", "manifest"));
const noSignatures = join(directory, "nothing");
mkdirSync(noSignatures);
const emptyStore = join(directory, "store");
mkdirSync(join(emptyStore, "vfs-images"), { recursive: true });
writeFileSync(join(emptyStore, "vfs-images", "images.json"), "[]");
const withoutIndex = join(directory, "layout");
cpSync(layout("app-oci"), withoutIndex, { recursive: true });
rmSync(join(withoutIndex, "index.json"));

function numbered(...names: readonly string[]): string {
  const path = temporaryDirectory();
  cpSync(join(image("sigstore-key-tag"), "manifest.json"), join(path, "manifest.json"));
  for (const name of names) cpSync(join(image("gpg-release-oci"), "signature-1"), join(path, name));
  return path;
}
const gap = numbered("signature-1", "signature-3");

const rows: readonly { args: readonly string[]; code: number; says: RegExp; policy?: string; not?: RegExp }[] = [
  {
    args: [`oci:${byTool("cosign/tag-oras")}:1.0`],
    policy: signedPolicy,
    code: 1,
    says: /--layout-signatures takes them/,
  },
  { args: [`oci:${byTool("cosign/save")}`], code: 4, says: /signatures of one: --layout-signatures tells them apart/ },
  {
    args: ["--layout-signatures", `oci:${layout("app-oci")}`],
    policy: signedPolicy,
    code: 1,
    says: /Nothing in this layout is attached to this manifest/,
  },
  {
    args: [`oci:${layout("app-oci")}`],
    policy: signedPolicy,
    code: 1,
    says: /no place for signatures.*dir:DIR.*--load-signatures-from/,
  },
  {
    args: ["--load-signatures-from", noSignatures, `oci:${layout("app-oci")}`],
    policy: signedPolicy,
    code: 1,
    says: /There is no signature-1 in .*nothing/,
  },
  {
    args: ["--load-signatures-from", "/nonexistent", `oci:${layout("app-oci")}`],
    policy: signedPolicy,
    code: 4,
    says: /The directory of signatures \/nonexistent cannot be opened.*--load-signatures-from/,
  },
  {
    args: [numbered("signature-2")],
    policy: signedPolicy,
    code: 1,
    says: /signature-2 is there too, and was not read: there is no signature-1.*Next: Rename signature-2 to signature-1/,
  },
  { args: [gap], policy: signedPolicy, code: 1, says: /signature-3 is there too.*no signature-2/ },
  {
    args: ["--load-signatures-from", gap, `oci:${layout("app-oci")}`],
    policy: signedPolicy,
    code: 1,
    says: /signature-3 is there too.*no signature-2/,
  },
  { args: [layout("app-oci")], code: 4, says: /This is an OCI layout: write oci: in front of its path/ },
  { args: [`oci:${image("unsigned")}`], code: 4, says: /Write dir: in front of its path/ },
  {
    args: [`oci:${withoutIndex}`],
    code: 4,
    says: /There is no index\.json\. Next: Name the directory that has index\.json/,
  },
  { args: [`oci:${layout("app.oci.tar")}`], code: 4, says: /A tar file of a layout is oci-archive:/ },
  { args: [`oci-archive:${layout("app.docker.tar")}`], code: 4, says: /docker-archive: in front of its path/ },
  { args: [`oci-archive:${linked}`], code: 4, says: /If `docker save` or podman made it.*docker-archive:/ },
  {
    args: [`docker-archive:${layout("app.oci.tar")}`],
    code: 4,
    says: /this is an OCI archive\. Next: Write oci-archive: in front/,
  },
  { args: [`oci-archive:${empty}`], code: 4, says: /it is empty.*compare its size/ },
  { args: [`docker-archive:${zeros}`], code: 4, says: /There is no manifest\.json.*compare its size/ },
  { args: [`oci:${noImages}`], code: 4, says: /It lists no image/, not: /Name one|Put the name/ },
  {
    args: [`containers-storage:[vfs@${damaged}]registry.example.com/app:1.0`],
    code: 4,
    says: /images\.json lists manifest, which is not in .*podman system check/,
  },
  { args: [`oci-archive:${page}`], code: 4, says: /it is no tar archive.*Check that it is an archive of this kind/ },
  { args: [`oci-archive:${xz}`], code: 4, says: /compressed with xz.*`xz -d`/ },
  { args: [`oci:${byTool("skopeo/unnamed")}:1.0`], code: 4, says: /There is no image "1\.0"; there is "@0"/ },
  { args: [store("index")], code: 4, says: /none was named.*at the end of SOURCE.*--all-images/, not: /:@0/ },
  {
    args: [
      `${store("index")}registry.example.com/multi@sha256:a0ac1eb491450efd7d5686ee7bfb708a6ba56cecb8ea1222429cbcd957750394`,
    ],
    code: 4,
    says: /There are 2 images of the name/,
    not: /none was named/,
  },
  {
    args: ["--blobs=all", `${store("signed")}registry.example.com/app:1.0`],
    code: 4,
    says: /--blobs=present compares what can be/,
  },
  { args: ["containers-storage:[vfs@/nonexistent]x"], code: 4, says: /ROOT is the graphRoot that podman info shows/ },
  {
    args: ["--platform=linux/arm64", image("unsigned")],
    code: 0,
    says: /This is no index: --platform had nothing to choose from/,
  },
  { args: ["OCI:/x"], code: 4, says: /Before the colon is no kind of source/ },
  { args: ["registry.example.com/app"], code: 4, says: /podman pulled, write containers-storage:/ },
];

for (const runtime of runtimes) {
  describe(`of a source that is not as it should be, people are told (${runtime.name})`, () => {
    for (const { args, policy = acceptAnything, code, says, not } of rows) {
      it(args.map((arg) => arg.replace(`${fixtures}/`, "").replace(`${directory}/`, "")).join(" "), () => {
        const all = [
          "verify-installable",
          "--identity=registry.example.com/vendor/app:1.0",
          "--policy",
          policy,
          ...args,
        ];
        const outcome = sealcheck(runtime, all);
        const said = (outcome.stdout + outcome.stderr).replaceAll(/\s+/g, " ");
        assert.equal(outcome.code, code, said);
        assert.match(said, says);
        if (not !== undefined) assert.doesNotMatch(said, not);
      });
    }

    it("that a storage is empty", () => {
      const { code, stderr } = sealcheck(runtime, [
        ...["verify-installable", "--all-images", "--policy", acceptAnything],
        `containers-storage:[vfs@${emptyStore}]`,
      ]);
      assert.equal(code, 2);
      assert.match(stderr.replaceAll(/\s+/g, " "), /There is no image in the storage .*--allow-empty lets that pass/);
      assert.doesNotMatch(stderr, /Standard input/);
    });

    it("that a digest is no file", () => {
      const digest = `sha256:${"0".repeat(64)}`;
      const { code, stderr } = sealcheck(runtime, ["standalone-verify", digest, "x/y:1", "0".repeat(40), key]);
      assert.equal(code, 1);
      assert.match(stderr.replaceAll(/\s+/g, " "), /taken with --system-signature-policy only/);
    });
  });
}
