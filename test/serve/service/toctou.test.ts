import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fixtureImage } from "../../support/images.ts";
import { dirLayout, ociLayout, sha256 } from "../../support/layouts.ts";
import { runtimes } from "../../support/run.ts";
import { fixturePolicyFile } from "../../support/temporary.ts";
import {
  endRunning,
  RunningService,
  type ServedReply,
  type ServiceClient,
} from "../../support/varlink/running-service.ts";

const identity = "registry.example.com/vendor/app:1.0";
const { manifest, signatures } = fixtureImage("gpg-release-oci");
const signature = signatures[0] ?? "";
const digestOf = (content: string | Uint8Array): string => `sha256:${sha256(content)}`;
const accepted = digestOf(manifest);
/** As long as the one that is signed. */
const forged = Buffer.from(Buffer.from(manifest).toString().replace("2024-01-15", "2024-01-16"));
const otherTag = fixtureImage("gpg-other-tag");
const config = "1ccd8e5cbf771eb6e55faadb09b0d710fea5f999b98b4948621b6c670065f4f4";

interface Exchange {
  readonly layout: "dir" | "oci";
  /** Whose descriptor is sent. */
  readonly path: string;
  /** What lies at these paths, now as the first, now as the second. */
  readonly places: readonly (readonly [string, string, string])[];
  /** What may be answered besides an acceptance, and has to be at some time. */
  readonly otherwise: string;
  /** Digests that may be rejected. */
  readonly rejected: readonly string[];
}

const exchanges: readonly (readonly [string, () => Exchange])[] = [
  [
    "the manifest",
    () => {
      const path = dirLayout(manifest, { "signature-1": signature, good: manifest, forged });
      const places = [[join(path, "manifest.json"), join(path, "good"), join(path, "forged")]] as const;
      return { layout: "dir", path, places, otherwise: "rejected", rejected: [digestOf(forged)] };
    },
  ],
  [
    "the manifest and its signature, for those of an image that is signed for another tag",
    () => {
      const path = dirLayout(manifest, {
        ...{ "signature-1": signature, good: manifest, "good-signature": signature },
        ...{ other: otherTag.manifest, "other-signature": otherTag.signatures[0] ?? "" },
      });
      const places = [
        [join(path, "manifest.json"), join(path, "good"), join(path, "other")],
        [join(path, "signature-1"), join(path, "good-signature"), join(path, "other-signature")],
      ] as const;
      return { layout: "dir", path, places, otherwise: "rejected", rejected: [accepted, digestOf(otherTag.manifest)] };
    },
  ],
  [
    "the manifest for a link to it",
    () => {
      const path = dirLayout(manifest, { "signature-1": signature, good: manifest });
      symlinkSync("good", join(path, "link"));
      const places = [[join(path, "manifest.json"), join(path, "good"), join(path, "link")]] as const;
      return { layout: "dir", path, places, otherwise: "image.file.symlink", rejected: [] };
    },
  ],
  [
    "the directory",
    () => {
      const path = dirLayout(manifest, { "signature-1": signature });
      const other = dirLayout(forged, { "signature-1": signature });
      return { layout: "dir", path, places: [[path, "", other]], otherwise: "rejected", rejected: [digestOf(forged)] };
    },
  ],
  [
    "the index of an OCI layout",
    () => {
      const path = ociLayout({
        entries: [{ content: manifest }],
        blobs: [forged],
        files: { "signature-1": signature },
      });
      const other = ociLayout({ entries: [{ content: forged }] });
      cpSync(join(path, "index.json"), join(path, "good"));
      cpSync(join(other, "index.json"), join(path, "forged"));
      const places = [[join(path, "index.json"), join(path, "good"), join(path, "forged")]] as const;
      return { layout: "oci", path, places, otherwise: "rejected", rejected: [digestOf(forged)] };
    },
  ],
  [
    "the blobs of an OCI layout",
    () => {
      const path = ociLayout({ entries: [{ content: manifest }], files: { "signature-1": signature } });
      const [blobs, others] = [join(path, "blobs", "sha256"), join(path, "blobs", "others")];
      cpSync(blobs, others, { recursive: true });
      writeFileSync(join(others, sha256(manifest)), forged);
      return {
        layout: "oci",
        path,
        places: [[blobs, "", others]],
        otherwise: "image.manifest.digest-mismatch",
        rejected: [],
      };
    },
  ],
];

/** Another process, which exchanges until it is ended. */
async function exchanging(places: Exchange["places"]): Promise<{ end(): Promise<void> }> {
  const script = join(import.meta.dirname, "../../support/varlink/exchange.py");
  const child: ChildProcess = spawn("python3", [script, ...places.flat()], { stdio: ["pipe", "pipe", "inherit"] });
  assert.ok(child.stdout);
  await once(child.stdout, "data");
  return {
    async end() {
      assert.equal(child.exitCode, null, "nothing was exchanged any more");
      child.stdin?.end();
      const [code] = await once(child, "exit");
      assert.equal(code, 0);
    },
  };
}

/** Of each method, in each situation. */
const calls = 120;

/** It goes on until both answers were seen, which takes some more calls on a busy machine. */
const mostCalls = 80 * calls;

for (const runtime of runtimes) {
  describe(`what is exchanged while it is judged, ${runtime.name}`, () => {
    let service: RunningService;
    let client: ServiceClient;
    before(async () => {
      const policy = `--policy=${fixturePolicyFile("rhel-like.json")}`;
      service = await RunningService.start(runtime, [policy], { abstract: true });
      client = service.connect();
    });
    after(async () => {
      client.close();
      assert.equal(await service.stop(), 0, service.stderr);
    });
    after(endRunning);

    /** @returns in a word, what the answer was. */
    function told({ parameters, error }: ServedReply, { rejected, otherwise }: Exchange): string {
      const verdict = parameters?.verdict;
      if (verdict == null) {
        assert.match(`${error}`, /^dev\.sealcheck\.(Verify|Image)\.ImageUnusable$/);
        assert.equal(parameters?.code, otherwise);
        return otherwise;
      }
      if (verdict.outcome === "accepted") assert.equal(verdict.manifest_digest, accepted);
      else {
        assert.equal(verdict.outcome, "rejected");
        assert.ok(rejected.includes(verdict.manifest_digest), verdict.manifest_digest);
      }
      return verdict.outcome;
    }

    async function assertHolds(exchange: Exchange, ask: () => Promise<string>): Promise<void> {
      const seen = new Set<string>();
      const exchanger = await exchanging(exchange.places);
      try {
        for (let count = 0; count < calls || (seen.size < 2 && count < mostCalls); count += 1) seen.add(await ask());
      } finally {
        await exchanger.end();
      }
      assert.deepEqual(seen, new Set(["accepted", exchange.otherwise]));
    }

    for (const [name, make] of exchanges) {
      const exchange = make();
      const { layout, path } = exchange;

      if (layout === "dir") {
        it(`VerifyDirectory: ${name}`, async () => {
          const parameters = { identity, directory_fd_index: 0 };
          await assertHolds(exchange, async () => {
            const answer = await client.call("Verify.VerifyDirectory", parameters, { open: [path] });
            const outcome = told(answer, exchange);
            const files = answer.files.map(({ sha256 }) => `sha256:${sha256}`);
            assert.deepEqual(files, outcome === "accepted" ? [accepted] : []);
            return outcome;
          });
        });
      }

      it(`Image.Open, and GetManifest: ${name}`, async () => {
        const parameters = { identity, directory_fd_index: 0, directory_layout: layout };
        await assertHolds(exchange, async () => {
          const answer = await client.call("Image.Open", parameters, { open: [path] });
          const outcome = told(answer, exchange);
          const image = answer.parameters?.image ?? null;
          assert.equal(image !== null, outcome === "accepted");
          if (image === null) return outcome;
          const given = await client.call("Image.GetManifest", { image });
          assert.equal(given.parameters?.digest, accepted);
          assert.deepEqual(
            given.files.map(({ sha256 }) => `sha256:${sha256}`),
            [accepted],
          );
          await client.call("Image.Close", { image });
          return outcome;
        });
      });
    }

    it("Image.GetBlob: only what the manifest names is finished", async () => {
      const good = Buffer.from("the layer that the manifest names");
      const bad = Buffer.from("a layer of somebody else, as long");
      const layers = [
        { mediaType: "application/vnd.oci.image.layer.v1.tar", digest: digestOf(good), size: good.length },
      ];
      const parts = { ...JSON.parse(Buffer.from(manifest).toString()), layers };
      const path = dirLayout(JSON.stringify(parts), { [sha256(good)]: good, good, bad, [config]: "" });
      const places = [[join(path, sha256(good)), join(path, "good"), join(path, "bad")]] as const;
      const exchange: Exchange = { layout: "dir", path, places, otherwise: "image.blob.corrupt", rejected: [] };
      const parameters = { identity: "registry.example.com/public/app:1.0", directory_fd_index: 0 };
      const { image } = (await client.call("Image.Open", parameters, { open: [path] })).parameters ?? {};
      await assertHolds(exchange, async () => {
        const { files, parameters } = await client.call("Image.GetBlob", { image, digest: digestOf(good) });
        const [pipe] = files;
        assert.ok(pipe);
        const read = await client.readPipe(pipe);
        const finished = await client.call("Image.FinishBlob", { blob: parameters?.blob });
        if (finished.error === undefined) {
          assert.equal(read.sha256, sha256(good));
          return "accepted";
        }
        assert.equal(finished.error, "dev.sealcheck.Image.BlobBroken");
        assert.equal(read.sha256, sha256(bad));
        return `${finished.parameters?.code}`;
      });
    });
  });
}
