import assert from "node:assert/strict";
import { chmodSync, cpSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fixtureImage, fixtures } from "../../support/images.ts";
import { sha256 } from "../../support/layouts.ts";
import { runtimes } from "../../support/run.ts";
import { fixturePolicyFile, temporaryDirectory } from "../../support/temporary.ts";
import { endRunning, RunningService, type ServiceClient, until } from "../../support/varlink/running-service.ts";

const identity = "docker://registry.example.com/vendor/app:1.0";
const image = fixtureImage("cosign-key-rsa");
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const manifest = base64(image.manifest);
const signatures = image.signatures.map(base64);
const digest = `sha256:${sha256(image.manifest)}`;
const signed = join(fixtures, "images", "cosign-key-rsa");
const signedByOther = join(fixtures, "images", "cosign-key-p384");
const nobody = 65534;
const isRoot = process.getuid?.() === 0;
const needsRoot = isRoot ? false : "only root can be somebody else";

/** A copy that anybody may read. */
function copyOf(source: string): string {
  const path = temporaryDirectory();
  cpSync(source, path, { recursive: true });
  chmodSync(path, 0o755);
  return path;
}

for (const runtime of runtimes) {
  describe(`dev.sealcheck.Verify, ${runtime.name}`, () => {
    let service: RunningService;
    let client: ServiceClient;
    before(async () => {
      service = await RunningService.start(runtime, [`--policy=${fixturePolicyFile("sigstore-rsa.json")}`], {
        abstract: true,
      });
      client = service.connect();
    });
    after(async () => {
      client.close();
      assert.equal(await service.stop(), 0, service.stderr);
    });
    after(endRunning);

    it("bytes: accepted, with who signed", async () => {
      const { parameters, error } = await client.call("Verify.VerifyBytes", { identity, manifest, signatures });
      assert.equal(error, undefined);
      const verdict = parameters?.verdict;
      assert.equal(verdict?.outcome, "accepted");
      assert.equal(verdict.manifest_digest, digest);
      assert.equal(verdict.manifest_size_bytes, image.manifest.length);
      assert.equal(verdict.requirements[0]?.signatures[0]?.signer?.kind, "key");
    });

    it("a digest in place of the bytes", async () => {
      const { parameters } = await client.call("Verify.VerifyBytes", { identity, manifest_digest: digest, signatures });
      assert.equal(parameters?.verdict?.outcome, "accepted");
      assert.equal(parameters?.verdict?.manifest_size_bytes, null);
    });

    const other = { ...{ identity, manifest, signatures } };
    const rows: readonly (readonly [string, object, string | undefined, string])[] = [
      ["no signature", { ...other, signatures: [] }, undefined, "rejected"],
      ["another tag", { ...other, identity: `${identity}1` }, undefined, "rejected"],
      ["another digest", { identity, signatures, manifest_digest: `sha256:${"0".repeat(64)}` }, undefined, "rejected"],
      ["no identity at all", { ...other, identity: "" }, "IdentityInvalid", "identity.empty"],
      ["an identity of nothing", { ...other, identity: "nothing:x" }, "IdentityInvalid", "identity.transport.unknown"],
      ["a manifest that is none", { ...other, manifest: base64(Buffer.from("[")) }, undefined, "rejected"],
      ["a signature that is none", { ...other, signatures: ["AAAA"] }, "ImageUnusable", "image.signature.format"],
      [
        "a manifest over the limit",
        { ...other, manifest: base64(Buffer.alloc(4194305)) },
        "ImageUnusable",
        "image.manifest.too-large",
      ],
    ];
    for (const [name, parameters, error, code] of rows) {
      it(`${name}: ${error ?? code}`, async () => {
        const answer = await client.call("Verify.VerifyBytes", parameters);
        if (error === undefined) assert.equal(answer.parameters?.verdict?.outcome, code, JSON.stringify(answer));
        else {
          assert.equal(answer.error, `dev.sealcheck.Verify.${error}`);
          assert.equal(answer.parameters?.code, code);
          assert.notEqual(answer.parameters?.message, "");
        }
      });
    }

    const senseless: readonly (readonly [object, string])[] = [
      [{ identity, signatures }, "manifest_digest"],
      [{ identity, manifest, manifest_digest: digest, signatures }, "manifest_digest"],
      [{ identity, manifest: `${manifest}\n`, signatures }, "manifest"],
      [{ identity, manifest: manifest.replace(/=+$/, ""), signatures: [], options: null, policy: "/x" }, "policy"],
      [{ identity, manifest, signatures: ["*"] }, "signatures[0]"],
      [{ identity, manifest, signatures: [signatures[0], `${signatures[0]}\n`] }, "signatures[1]"],
      [{ identity, manifest_digest: "sha256:AB", signatures }, "manifest_digest"],
      [{ identity, manifest, signatures, options: { require_singed: true } }, "options.require_singed"],
    ];
    for (const [parameters, parameter] of senseless) {
      it(`InvalidParameter ${parameter}: ${Object.keys(parameters)}`, async () => {
        const answer = await client.call("Verify.VerifyBytes", parameters);
        assert.equal(answer.error, "org.varlink.service.InvalidParameter");
        assert.deepEqual(answer.parameters, { parameter });
      });
    }

    for (const pathOnly of [false, true]) {
      it(`a directory${pathOnly ? " opened with O_PATH" : ""}: accepted, with its manifest, sealed`, async () => {
        const parameters = { identity, directory_fd_index: 0 };
        const answer = await client.call("Verify.VerifyDirectory", parameters, { open: [signed], pathOnly });
        assert.equal(answer.parameters?.verdict?.outcome, "accepted", JSON.stringify(answer));
        assert.equal(answer.parameters?.manifest_fd_index, 0);
        const [file] = answer.files;
        assert.equal(file?.text, Buffer.from(image.manifest).toString());
        assert.equal((file?.seals ?? 0) & 0xf, 0xf);
        assert.equal(file?.offset, 0);
        assert.deepEqual(file?.refused, ["write", "truncate", "reopen"]);
      });
    }

    it("a directory that is rejected comes without its manifest", async () => {
      const answer = await client.call(
        "Verify.VerifyDirectory",
        { identity, directory_fd_index: 0 },
        { open: [signedByOther] },
      );
      assert.equal(answer.parameters?.verdict?.outcome, "rejected");
      assert.equal(answer.parameters?.manifest_fd_index, null);
      assert.deepEqual(answer.files, []);
    });

    it("an index without a descriptor", async () => {
      for (const [index, open] of [
        [0, []],
        [1, [signed]],
        [-1, [signed]],
      ] as const) {
        const answer = await client.call("Verify.VerifyDirectory", { identity, directory_fd_index: index }, { open });
        assert.equal(answer.error, "org.varlink.service.InvalidParameter");
      }
    });

    it("a file, an empty directory and a link in place of a manifest", async () => {
      const empty = temporaryDirectory();
      const linked = copyOf(signed);
      rmSync(join(linked, "manifest.json"));
      symlinkSync(join(signed, "manifest.json"), join(linked, "manifest.json"));
      const file = join(signed, "manifest.json");
      const parameters = { identity, directory_fd_index: 0 };
      for (const [path, error] of [
        [file, "NotPermitted"],
        [empty, "ImageUnusable"],
        [linked, "ImageUnusable"],
      ] as const) {
        const answer = await client.call("Verify.VerifyDirectory", parameters, { open: [path] });
        assert.equal(answer.error, `dev.sealcheck.Verify.${error}`, JSON.stringify(answer));
      }
    });

    describe("with the rights of whoever asks", { skip: needsRoot }, () => {
      const rights: readonly (readonly [string, (path: string) => void, string | undefined])[] = [
        ["readable by all", () => {}, undefined],
        ["the manifest is root's alone", (path) => chmodSync(join(path, "manifest.json"), 0o600), "ImageUnusable"],
        ["a signature is root's alone", (path) => chmodSync(join(path, "signature-1"), 0o600), "ImageUnusable"],
        ["the directory cannot be searched", (path) => chmodSync(path, 0o744), "NotPermitted"],
      ];
      for (const [name, change, error] of rights) {
        it(`${name}: ${error ?? "accepted"}, and root is not refused`, async () => {
          const path = copyOf(signed);
          change(path);
          const ask = { identity, directory_fd_index: 0 };
          const asNobody = service.connect(nobody);
          const answer = await asNobody.call("Verify.VerifyDirectory", ask, { open: [path] });
          asNobody.close();
          if (error === undefined)
            assert.equal(answer.parameters?.verdict?.outcome, "accepted", JSON.stringify(answer));
          else assert.equal(answer.error, `dev.sealcheck.Verify.${error}`, JSON.stringify(answer));
          const own = await client.call("Verify.VerifyDirectory", ask, { open: [path] });
          assert.equal(own.parameters?.verdict?.outcome, "accepted");
        });
      }
    });

    it("many: one reply for each, in order", async () => {
      const requests = [
        { id: "a", identity, manifest, signatures },
        { id: "b", identity: "", manifest, signatures },
        { identity, manifest, signatures: [] },
        { id: "d", identity, manifest_digest: digest, signatures },
      ];
      const { replies } = await client.replies("Verify.VerifyMany", { requests }, { flags: { more: true } });
      const told = replies.map((reply) => {
        const { index, id, verdict, failure } = reply?.parameters ?? {};
        return [index, id, verdict?.outcome, failure?.kind, reply?.continues];
      });
      assert.deepEqual(told, [
        [0, "a", "accepted", undefined, true],
        [1, "b", undefined, "identity", true],
        [2, null, "rejected", undefined, true],
        [3, "d", "accepted", undefined, undefined],
      ]);
    });

    it("many: nothing is judged if one makes no sense; none at all; without more", async () => {
      const wrong = [
        { identity, manifest, signatures },
        { identity, manifest: "*", signatures },
      ];
      const more = { flags: { more: true } };
      const answer = await client.call("Verify.VerifyMany", { requests: wrong }, more);
      assert.deepEqual(answer.parameters, { parameter: "requests[1].manifest" });
      assert.deepEqual((await client.call("Verify.VerifyMany", { requests: [] }, more)).parameters, {
        parameter: "requests",
      });
      const single = await client.call("Verify.VerifyMany", { requests: wrong });
      assert.equal(single.error, "org.varlink.service.ExpectedMore");
    });

    it("explains", async () => {
      const { parameters } = await client.call("Verify.ExplainIdentity", { identity });
      assert.equal(parameters?.transport, "docker");
      assert.equal(parameters?.scope, "registry.example.com");
      assert.equal(parameters?.requirements?.[0]?.kind, "sigstoreSigned");
      const answer = await client.call("Verify.ExplainIdentity", { identity: "" });
      assert.equal(answer.error, "dev.sealcheck.Verify.IdentityInvalid");
    });

    it("status: what was done is counted", async () => {
      const status = async () => (await client.call("Verify.GetStatus")).parameters ?? {};
      const first = await status();
      await client.call("Verify.VerifyBytes", { identity, manifest, signatures });
      await client.call("Verify.VerifyBytes", { identity, manifest, signatures: [] });
      await client.call("Verify.VerifyBytes", { identity: "", manifest, signatures });
      const second = await status();
      const grown = (["calls", "accepted", "rejected", "errors"] as const).map(
        (key) => (second.metrics?.[key] ?? 0) - (first.metrics?.[key] ?? 0),
      );
      assert.deepEqual(grown, [4, 1, 1, 1]);
      assert.equal(second.policy_loaded_at_seconds, first.policy_loaded_at_seconds);
      const { p50_microseconds: p50 = 0, p99_microseconds: p99 = 0, connections } = second.metrics ?? {};
      assert.ok(p50 > 0);
      assert.ok(p99 >= p50);
      assert.equal(connections, 1);
    });

    it("what is refused is logged once, with who asked", async () => {
      const before = service.stderr.length;
      await client.call("Verify.VerifyBytes", { identity: `${identity}-logged`, manifest, signatures });
      await until(
        () => service.stderr.includes("app:1.0-logged"),
        () => service.stderr,
      );
      const said = service.stderr.slice(before);
      assert.equal(said.split("\n").filter((line) => line.startsWith("Rejected: ")).length, 1, said);
      assert.match(said, /asked by user \d+, process \d+/);
    });
  });
}
