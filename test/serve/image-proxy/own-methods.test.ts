/** What the reference's image proxy does not have: GetExtensions, OpenImageWithIdentity, VerifyImage, and verdicts in replies. */
import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { encodeReply, valueReply } from "../../../src/serve/image-proxy/reply.ts";
import { policyPath, proxyImages, surroundings } from "../../support/image-proxy/play.ts";
import { closeClients, ProxyClient, readPipe, socketArguments } from "../../support/image-proxy/proxy-client.ts";
import { fixtures } from "../../support/images.ts";
import { runtimes } from "../../support/run.ts";
import { arm64, index, oci } from "../../support/stores.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { isDocumentedVerdict } from "../../support/verdict-schema.ts";

after(closeClients);

const image = (name: string) => `dir:${fixtures}/images/${name}`;
const identity = "docker://registry.example.com/vendor/app:1.0";
const unreleased = "registry.example.com/vendor/unreleased:1.0";
const byDigest = (digest: string) => `registry.example.com/vendor/app@${digest}`;
const own = "OpenImageWithIdentity VerifyImage".split(" ");

/** By the policy rhel-like.json: signed by the vendor in registry.example.com, and anything elsewhere. */
const judged: readonly (readonly [why: string, code: string, args: readonly unknown[]])[] = [
  ["signed for this identity", "accepted", [image("gpg-release-oci"), identity]],
  ["an identity without a transport", "accepted", [image("gpg-release-oci"), identity.slice("docker://".length)]],
  ["an identity by digest", "accepted", [image("gpg-release-oci"), byDigest(oci)]],
  ["no options", "accepted", [image("gpg-release-oci"), identity, null]],
  ["empty options", "accepted", [image("gpg-release-oci"), identity, {}]],
  ["a signature, where one is required", "accepted", [image("gpg-release-oci"), identity, { requireSigned: true }]],
  ["of schema 2", "accepted", [image("gpg-release-docker-schema2"), identity]],
  ["by another key", "requirement.signature.not-accepted", [image("gpg-unknown-key"), identity]],
  ["for another identity", "requirement.signature.not-accepted", [image("gpg-release-oci"), `${identity}.1`]],
  ["no signature", "requirement.signature.missing", [image("unsigned"), identity]],
  ["an identity that is always rejected", "requirement.reject", [image("gpg-release-oci"), unreleased]],
  [
    "another digest in the identity",
    "requirement.identity.digest-mismatch",
    [image("gpg-release-oci"), byDigest(arm64)],
  ],
  ["not signed, where anything is accepted", "accepted", [image("unsigned"), image("unsigned")]],
  [
    "the same, if a signature is required",
    "requirement.signed.missing",
    [image("unsigned"), image("unsigned"), { requireSigned: true }],
  ],
  ["the same, if none is required", "accepted", [image("unsigned"), image("unsigned"), { requireSigned: false }]],
  ["a list that is signed", "accepted", [image("gpg-index-only-list-signed"), identity, { platform: "linux/arm64" }]],
  [
    "a list, whose images are signed",
    "accepted",
    [image("gpg-index-only-instances-signed"), identity, { platform: "linux/arm64" }],
  ],
  [
    "a list that is signed for another identity",
    "requirement.signature.missing",
    [image("gpg-index-only-list-signed"), `${identity}.1`, { platform: "linux/arm64" }],
  ],
  [
    "a platform that is not listed",
    "image.platform.missing",
    [image("gpg-index"), identity, { platform: "linux/s390x" }],
  ],
  ["an empty identity", "identity.empty", [image("gpg-release-oci"), ""]],
  ["an identity of no transport", "identity.transport.unknown", [image("gpg-release-oci"), "nonsense:x"]],
  ["an identity that is no name", "identity.reference.invalid", [image("gpg-release-oci"), "docker://UPPER/x"]],
  ["no image", "image.source.unreadable", [image("no-such-image"), identity]],
  ["a tag that is not there", "image.source.not-found", [`oci:${fixtures}/layouts/app-oci:none`, identity]],
  ["an image of no transport", "usage.source.unsupported", ["no-transport", identity]],
];

/** Told in `error` alone: it never came to a verdict. */
const malformed: readonly (readonly [why: string, args: readonly unknown[], error: RegExp])[] = [
  ["no arguments", [], /found 0 args, expecting 2 to 3/],
  ["one argument", [image("unsigned")], /found 1 args/],
  ["four arguments", [image("unsigned"), identity, {}, {}], /found 4 args/],
  ["an image that is no text", [1, identity], /expecting string imageref/],
  ["an identity that is no text", [image("unsigned"), null], /expecting string identity/],
  ["a list of options", [image("unsigned"), identity, []], /expecting an object of options/],
  ["a text of options", [image("unsigned"), identity, "requireSigned"], /expecting an object of options/],
  [
    "an option of other letters",
    [image("unsigned"), identity, { RequireSigned: true }],
    /unknown option "RequireSigned"/,
  ],
  ["an option that is not known", [image("unsigned"), identity, { policy: "/x" }], /unknown option "policy"/],
  ["an option of the prototype", [image("unsigned"), identity, { toString: true }], /unknown option "toString"/],
  ["requireSigned as a text", [image("unsigned"), identity, { requireSigned: "true" }], /requireSigned has to be/],
  ["requireSigned as null", [image("unsigned"), identity, { requireSigned: null }], /requireSigned has to be/],
  ["a platform that is none", [image("unsigned"), identity, { platform: "linux" }], /platform has to be OS\/ARCH/],
  ["an empty platform", [image("unsigned"), identity, { platform: "" }], /platform has to be OS\/ARCH/],
  ["a platform as a number", [image("unsigned"), identity, { platform: 1 }], /expecting string platform/],
];

for (const { name, command } of runtimes) {
  describe(`the image proxy's own methods, ${name}`, () => {
    const start = (policy: string, ...flags: readonly string[]) =>
      ProxyClient.start(
        [...command, "experimental-image-proxy", "--policy", policy, ...flags, ...socketArguments],
        surroundings,
      );
    const end = async (client: ProxyClient) => {
      client.close();
      const { code, stdout } = await client.ended;
      assert.deepEqual({ code, stdout }, { code: 0, stdout: "" });
    };
    const reply = async (client: ProxyClient, method: string, ...args: readonly unknown[]) => {
      const { reply, descriptors } = await client.call(method, ...args);
      assert.equal(descriptors.length, 0);
      return reply;
    };
    const withClient = async (body: (client: ProxyClient) => Promise<void>, ...flags: readonly string[]) => {
      const client = await start(policyPath("rhel-like.json"), ...flags);
      await body(client);
      await end(client);
    };
    const initialized = (body: (client: ProxyClient) => Promise<void>, ...flags: readonly string[]) =>
      withClient(
        async (client) => {
          assert.equal((await reply(client, "Initialize")).success, true);
          await body(client);
        },
        ...flags,
      );

    let shared: ProxyClient;
    before(async () => {
      shared = await start(policyPath("rhel-like.json"), "--override-arch", "amd64", "--override-os", "linux");
      await reply(shared, "Initialize");
    });
    after(() => end(shared));

    it("GetExtensions tells their names, before Initialize too, and has no arguments", () =>
      withClient(async (client) => {
        const value = { methods: own };
        for (const when of ["before", "after"]) {
          assert.deepEqual((await reply(client, "GetExtensions")).value, value);
          for (const argument of [null, "x", {}]) {
            const { success, value: none, error_code } = await reply(client, "GetExtensions", argument);
            assert.deepEqual({ success, none, error_code }, { success: false, none: null, error_code: "other" });
          }
          assert.equal((await reply(client, "Initialize")).success, when === "before");
        }
      }));

    it("those that judge have to be initialized", () =>
      withClient(async (client) => {
        for (const method of own) {
          const { success, error, verdict } = await reply(client, method, image("gpg-release-oci"), identity);
          assert.deepEqual({ success, verdict }, { success: false, verdict: undefined });
          assert.match(error, /must invoke Initialize/);
        }
      }));

    for (const method of own) {
      for (const [why, code, args] of judged) {
        it(`${method}: ${why}`, async () => {
          const answer = await reply(shared, method, ...args);
          const { success, value, error_code, verdict } = answer;
          const isAccepted = code === "accepted";
          assert.deepEqual(
            { success, code: answer.code, error_code, pipeid: answer.pipeid },
            { success: isAccepted, code, error_code: isAccepted ? "" : "other", pipeid: 0 },
          );
          assert.ok(isDocumentedVerdict(verdict), JSON.stringify(isDocumentedVerdict.errors));
          assert.equal(verdict?.outcome === "accepted", isAccepted);
          assert.equal(verdict?.code, code);
          assert.equal(answer.error === "", isAccepted);
          assert.equal(typeof value, isAccepted && method === "OpenImageWithIdentity" ? "number" : "object");
          if (typeof value === "number") assert.equal((await reply(shared, "CloseImage", value)).success, true);
          else assert.equal(value, null);
        });
      }

      for (const [why, args, expected] of malformed) {
        it(`${method}: ${why}`, async () => {
          const { success, value, error_code, error, verdict } = await reply(shared, method, ...args);
          assert.deepEqual(
            { success, value, error_code, verdict },
            { success: false, value: null, error_code: "other", verdict: undefined },
          );
          assert.match(error, expected);
        });
      }

      it(`${method}: an option that is there twice`, async () => {
        const options = '{"requireSigned":true,"requireSigned":false}';
        const args = `[${JSON.stringify(image("unsigned"))},${JSON.stringify(image("unsigned"))},${options}]`;
        await shared.send(`{"method":"${method}","args":${args}}`);
        const { success, error } = (await shared.receive())?.reply ?? {};
        assert.equal(success, false);
        assert.match(error ?? "", /the option "requireSigned" is there twice/);
      });

      it(`${method}: what the process requires is not taken back`, () =>
        initialized(async (client) => {
          const { success, code } = await reply(client, method, image("unsigned"), image("unsigned"), {
            requireSigned: false,
          });
          assert.deepEqual({ success, code }, { success: false, code: "requirement.signed.missing" });
        }, "--require-signed"));
    }

    it("the platform says which image of a list is opened", async () => {
      const manifestOf = async (options: object) => {
        const opened = await reply(shared, "OpenImageWithIdentity", image("gpg-index"), identity, options);
        const { reply: manifest, descriptors } = await shared.call("GetManifest", opened.value);
        const [contents] = await Promise.all([
          Promise.all(descriptors.map(readPipe)),
          reply(shared, "FinishPipe", manifest.pipeid),
        ]);
        assert.equal(`sha256:${contents[0]?.sha256}`, manifest.value);
        return [manifest.value, opened.verdict?.manifest];
      };
      const [[ofAmd64, toldOfAmd64], [ofArm64, toldOfArm64]] = [
        await manifestOf({}),
        await manifestOf({ platform: "linux/arm64" }),
      ];
      assert.notEqual(ofAmd64, ofArm64);
      assert.equal(ofArm64, arm64);
      for (const [digest, told] of [
        [ofAmd64, toldOfAmd64],
        [ofArm64, toldOfArm64],
      ]) {
        assert.ok(JSON.stringify(told).includes(String(digest)));
      }
    });

    it("a verdict names the list that was accepted in place of the image", async () => {
      const options = { platform: "linux/arm64" };
      const { verdict } = await reply(shared, "VerifyImage", image("gpg-index-only-list-signed"), identity, options);
      assert.ok(JSON.stringify(verdict).includes(index));
    });

    it("VerifyImage uses up no handle, and one that is opened is like any other", () =>
      initialized(async (client) => {
        for (const name of ["gpg-release-oci", "gpg-unknown-key"])
          await reply(client, "VerifyImage", image(name), identity);
        assert.equal((await reply(client, "OpenImageWithIdentity", image("gpg-unknown-key"), identity)).success, false);
        assert.equal((await reply(client, "GetLayerInfo", 1)).success, false);
        assert.equal((await reply(client, "OpenImageWithIdentity", image("gpg-release-oci"), identity)).value, 1);
        assert.equal((await reply(client, "OpenImage", image("unsigned"))).value, 2);
        assert.equal((await reply(client, "GetLayerInfo", 1)).success, true);
        assert.equal((await reply(client, "CloseImage", 1)).success, true);
        assert.equal((await reply(client, "GetLayerInfo", 1)).success, false);
      }));

    it("what is accepted and no manifest cannot be opened, and uses up no handle", () =>
      initialized(async (client) => {
        const manifest = image("manifest-not-json");
        assert.equal((await reply(client, "VerifyImage", manifest, manifest)).success, true);
        for (const [method, ...args] of [
          ["OpenImageWithIdentity", manifest, manifest],
          ["OpenImage", manifest],
          ["OpenImageOptional", manifest],
        ] as const) {
          const { success, value, error_code, code, verdict } = await reply(client, method, ...args);
          const failed = { success: false, value: null, error_code: "other", code: "image.manifest.malformed" };
          assert.deepEqual({ success, value, error_code, code }, failed);
          assert.equal(verdict?.outcome, "error");
        }
        assert.equal((await reply(client, "OpenImage", image("unsigned"))).value, 1);
      }));

    it("skopeo's methods judge by the image's own name, and their refusals have code and verdict", () =>
      initialized(async (client) => {
        for (const method of ["OpenImage", "OpenImageOptional"]) {
          for (const [reference, code] of [
            [image("no-such-image"), "image.source.unreadable"],
            ["nonsense:x", "usage.source.unsupported"],
            [`oci:${proxyImages()}/oci`, "image.source.malformed"],
          ] as const) {
            const answer = await reply(client, method, reference);
            assert.deepEqual([answer.success, answer.code], [false, code], reference);
            assert.ok(isDocumentedVerdict(answer.verdict), JSON.stringify(isDocumentedVerdict.errors));
            assert.equal(answer.verdict?.code, code);
          }
          // An acceptance has no verdict there, as clients of the reference expect it.
          const accepted = await reply(client, method, image("unsigned"));
          assert.deepEqual(Object.keys(accepted), ["success", "value", "pipeid", "error_code", "error"]);
        }
        const { code, error } = await reply(client, "OpenImage", image("unsigned"), "more");
        assert.equal(code, undefined);
        assert.match(error, /found 2 args, expecting 1/);
      }));

    it("an image that the policy rejects is refused with its verdict", async () => {
      const client = await start(policyPath("reject-all.json"));
      await reply(client, "Initialize");
      const { success, code, verdict } = await reply(client, "OpenImageOptional", image("unsigned"));
      assert.deepEqual({ success, code }, { success: false, code: "requirement.reject" });
      assert.equal(verdict?.outcome, "rejected");
      await end(client);
    });

    it("the policy is the one of Initialize, whatever becomes of its file", async () => {
      const path = join(temporaryDirectory(), "policy.json");
      copyFileSync(policyPath("reject-all.json"), path);
      const client = await start(path);
      await reply(client, "Initialize");
      copyFileSync(policyPath(), path);
      assert.equal((await reply(client, "VerifyImage", image("unsigned"), identity)).code, "requirement.reject");
      await end(client);
    });

    it("a policy that cannot be used is told by Initialize, with code and verdict", async () => {
      const client = await start(policyPath("invalid-not-json.json"));
      const { success, code, verdict } = await reply(client, "Initialize");
      assert.deepEqual({ success, code }, { success: false, code: "policy.json.syntax" });
      assert.ok(isDocumentedVerdict(verdict), JSON.stringify(isDocumentedVerdict.errors));
      await end(client);
    });
  });
}

it("a verdict that would make a reply larger than clients read is left out, and its code is not", () => {
  const verdict = (length: number) => ({
    version: 1 as const,
    outcome: "rejected" as const,
    code: "requirement.reject" as const,
    exitCode: 1 as const,
    message: "x".repeat(length),
    reason: "",
    identity: null,
    manifest: null,
    policy: { path: null, transport: "", scope: "" },
    requirements: [],
  });
  const keys = (length: number) => {
    const bytes = encodeReply(valueReply(null, { verdict: verdict(length) }));
    assert.ok(bytes.length <= 32_000);
    return Object.keys(JSON.parse(Buffer.from(bytes).toString())).slice(5);
  };
  assert.deepEqual(keys(31_000), ["code", "verdict"]);
  assert.deepEqual(keys(32_000), ["code"]);
});
