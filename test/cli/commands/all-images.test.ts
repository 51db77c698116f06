import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fixtures } from "../../support/images.ts";
import { acceptAnything } from "../../support/policies.ts";
import { runtimes, sealcheck } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const root = join(fixtures, "stores", "signed");
const store = `containers-storage:[vfs@${root}]`;

const signedBy = (key: string) => ({
  type: "signedBy",
  keyType: "GPGKeys",
  keyPath: join(fixtures, "keys", "gpg", key),
  signedIdentity: { type: "exactRepository", dockerRepository: "registry.example.com/vendor/app" },
});

function policyFile(policy: unknown): string {
  const path = join(temporaryDirectory(), "policy.json");
  writeFileSync(path, JSON.stringify(policy));
  return path;
}

/** One repository by its key, and what was built here as it is. */
const policy = policyFile({
  default: [{ type: "reject" }],
  transports: {
    docker: {
      "registry.example.com/app": [signedBy("release-rsa4096.gpg")],
      "localhost/built": [{ type: "insecureAcceptAnything" }],
    },
  },
});

function emptyStore(): string {
  const path = temporaryDirectory();
  mkdirSync(join(path, "vfs-images"));
  writeFileSync(join(path, "vfs-images", "images.json"), "[]");
  return `containers-storage:[vfs@${path}]`;
}

for (const runtime of runtimes) {
  const allImages = (...args: string[]) => sealcheck(runtime, ["verify-installable", "--all-images", ...args]);

  describe(`every image of a storage (${runtime.name})`, () => {
    it("is judged under each of its names", () => {
      const { code, stdout, stderr } = allImages("--policy", policy, store);
      const [built, mine, ...apps] = stdout.split("\n").slice(0, 5).sort(byName);
      assert.deepEqual({ code, stderr }, { code: 1, stderr: "" });
      assert.match(built ?? "", /^accepted {2}ac5de3e419d9 {2}localhost\/built:latest /);
      assert.match(
        mine ?? "",
        /^rejected {2}1ccd8e5cbf77 {2}localhost\/mine:latest .* its default, rejects every image$/,
      );
      for (const app of apps) assert.match(app, /^accepted {2}1ccd8e5cbf77 {2}registry\.example\.com\/app:\S+ /);
      assert.equal(stdout.split("\n").at(-2), "2 images under 5 names: 4 accepted, 1 rejected");
    });

    it("in JSON: a verdict a line, with the image's ID, and the summary beside it", () => {
      const { code, stdout, stderr } = allImages("--format", "jsonl", "--policy", policy, store);
      const verdicts = stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      assert.equal(code, 1);
      assert.equal(stderr, "2 images under 5 names: 4 accepted, 1 rejected\n");
      assert.deepEqual(
        verdicts
          .map(({ id, identity, outcome, signaturesFrom }) => [id.slice(0, 4), identity, outcome, signaturesFrom])
          .sort(),
        [
          ["1ccd", "docker://localhost/mine:latest", "rejected", "storage"],
          ["1ccd", "docker://registry.example.com/app:1.0", "accepted", "storage"],
          ["1ccd", "docker://registry.example.com/app:docker", "accepted", "storage"],
          ["1ccd", "docker://registry.example.com/app:stable", "accepted", "storage"],
          ["ac5d", "docker://localhost/built:latest", "accepted", "storage"],
        ],
      );
    });

    it("or by what podman asks, with --as-stored", () => {
      const stored = policyFile({
        default: [{ type: "reject" }],
        transports: { "containers-storage": { [`[vfs@${root}]localhost`]: [{ type: "insecureAcceptAnything" }] } },
      });
      const { code, stdout } = allImages("--as-stored", "--policy", stored, store);
      assert.equal(code, 1);
      assert.match(stdout, /^accepted {2}1ccd8e5cbf77 {2}localhost\/mine:latest /m);
      assert.match(stdout, /^accepted {2}ac5de3e419d9 {2}localhost\/built:latest /m);
      assert.match(stdout, /^2 images under 5 names: 2 accepted, 3 rejected$/m);
    });

    it("and says nothing with --quiet", () => {
      assert.deepEqual(allImages("--quiet", "--policy", policy, store), { code: 1, stdout: "", stderr: "" });
      assert.deepEqual(allImages("--quiet", "--policy", acceptAnything, store), { code: 0, stdout: "", stderr: "" });
    });

    it("a storage without images is a mistake, if it is not said to be none", () => {
      assert.equal(allImages("--policy", policy, emptyStore()).code, 2);
      assert.equal(allImages("--allow-empty", "--policy", policy, emptyStore()).code, 0);
    });

    const refused: readonly { args: readonly string[]; code: number; says: RegExp }[] = [
      { args: [`dir:${fixtures}/images/unsigned`], code: 2, says: /containers-storage/ },
      { args: ["--identity", "registry.example.com/app:1.0", store], code: 2, says: /--identity/ },
      { args: ["--platform", "host", store], code: 2, says: /--platform/ },
      { args: ["--blobs", "all", store], code: 2, says: /--blobs/ },
      { args: [`${store}localhost/mine`], code: 2, says: /containers-storage/ },
      { args: [`containers-storage:[overlay@${root}]`], code: 4, says: /of the driver\s+overlay.*\sof\s+vfs/s },
      { args: ["containers-storage:[vfs@/nonexistent]"], code: 4, says: /\/nonexistent/ },
      { args: ["--policy", "/nonexistent", store], code: 3, says: /\/nonexistent/ },
    ];
    for (const { args, code, says } of refused) {
      it(`refuses ${args.map((arg) => arg.replace(fixtures, "")).join(" ")}`, () => {
        const outcome = allImages(...(args.includes("--policy") ? [] : ["--policy", policy]), ...args);
        assert.equal(outcome.code, code);
        // Where a line ends hangs on how long the path of the checkout is.
        assert.match((outcome.stderr + outcome.stdout).replaceAll(/\s+/g, " "), says);
      });
    }
  });
}

const byName = (a: string, b: string) => ((a.split(/\s+/)[2] ?? "") < (b.split(/\s+/)[2] ?? "") ? -1 : 1);
