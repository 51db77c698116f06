import assert from "node:assert/strict";
import { copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type EngineOptions, type EngineRequest, openEngine } from "../../src/index.ts";
import { fixtureImage, fixtures } from "../support/images.ts";
import { ociLayout, sha256 } from "../support/layouts.ts";
import { newOpenPgpKey } from "../support/openpgp-key.ts";
import { fixturePolicyFile, temporaryDirectory } from "../support/temporary.ts";

const identity = "registry.example.com/vendor/app:1.0";
const signed = join(fixtures, "images", "gpg-release-oci");
const { manifest, signatures } = fixtureImage("gpg-release-oci");
const manifestDigest = `sha256:${sha256(manifest)}`;
const other = `sha256:${sha256("another manifest")}`;
const policy = fixturePolicyFile("rhel-like.json");
const reject = join(temporaryDirectory(), "reject.json");
writeFileSync(reject, '{"default":[{"type":"reject"}]}');

const codeOf = async (request: unknown, options: EngineOptions = { policy }): Promise<string> =>
  (await openEngine(options).verify(request as EngineRequest)).code;

describe("an engine judges", () => {
  const unsigned = ociLayout({ entries: [{ content: manifest }] });
  const layout = ociLayout({ entries: [{ content: manifest }], files: { "signature-1": signatures[0] ?? "" } });
  const image = {
    manifest: () => ({ ok: true, value: manifest }),
    signatures: async () => ({ ok: true, value: signatures }),
  };
  const rows: readonly [what: string, request: object, code: string][] = [
    ["a directory", { identity, source: signed }, "accepted"],
    ["a layout", { identity, source: `oci:${layout}` }, "accepted"],
    ["bytes", { identity, manifest, signatures }, "accepted"],
    ["a digest with signatures", { identity, manifestDigest, signatures }, "accepted"],
    ["a digest with those of a source", { identity, manifestDigest, source: signed }, "accepted"],
    ["an image of one's own", { identity, image }, "accepted"],
    [
      "a source with signatures from another",
      { identity, source: `oci:${unsigned}`, loadSignaturesFrom: signed },
      "accepted",
    ],
    ["a platform", { identity, source: signed, platform: "linux/amd64" }, "accepted"],
    ["another digest", { identity, manifestDigest: other, signatures }, "requirement.signature.not-accepted"],
    [
      "another digest in the identity",
      { identity: `registry.example.com/vendor/app@${other}`, manifestDigest, signatures },
      "requirement.identity.digest-mismatch",
    ],
    ["another identity", { identity: `${identity}1`, source: signed }, "requirement.signature.not-accepted"],
    ["a policy of its own", { identity, source: signed, policy: reject }, "requirement.reject"],
    ["a registry as the source", { identity, source: "docker://registry.example.com/app" }, "usage.source.registry"],
    ["a source that is not there", { identity, source: "/nonexistent" }, "image.source.unreadable"],
    [
      "an image whose signatures fail",
      {
        identity,
        image: {
          ...image,
          signatures: () => ({
            ok: false,
            problem: { code: "image.file.unreadable", name: "signature-1", reason: "x" },
          }),
        },
      },
      "image.file.unreadable",
    ],
    [
      "an image that throws",
      {
        identity,
        image: {
          ...image,
          manifest: () => {
            throw new Error("x");
          },
        },
      },
      "internal.error",
    ],
    [
      "an image whose problem lacks its parts",
      { identity, image: { ...image, manifest: () => ({ ok: false, problem: { code: "image.manifest.missing" } }) } },
      "internal.error",
    ],
    ["an image that gives no result", { identity, image: { ...image, manifest: () => manifest } }, "internal.error"],
    ["no request", {}, "usage.request.malformed"],
    ["nothing to judge", { identity }, "usage.request.malformed"],
    ["two things to judge", { identity, source: signed, manifest, signatures }, "usage.request.malformed"],
    ["a source with signatures", { identity, source: signed, signatures }, "usage.request.malformed"],
    ["bytes without signatures", { identity, manifest }, "usage.request.malformed"],
    [
      "a digest by SHA-512",
      { identity, manifestDigest: `sha512:${"0".repeat(128)}`, signatures },
      "usage.request.malformed",
    ],
    [
      "a platform of a digest alone",
      { identity, manifestDigest, source: signed, platform: "host" },
      "usage.request.malformed",
    ],
    ["blobs of a digest alone", { identity, manifestDigest, source: signed, blobs: "all" }, "usage.request.malformed"],
    ["blobs of bytes", { identity, manifest, signatures, blobs: "all" }, "usage.request.malformed"],
    ["blobs of an image of one's own", { identity, image, blobs: "present" }, "internal.error"],
    [
      "signatures from elsewhere for bytes",
      { identity, manifest, signatures, loadSignaturesFrom: "/" },
      "usage.request.malformed",
    ],
    [
      "signatures from two places",
      { identity, source: signed, loadSignaturesFrom: "/", layoutSignatures: true },
      "usage.request.malformed",
    ],
    ["a misspelled field", { identity, source: signed, requireSignd: true }, "usage.request.malformed"],
    ["a platform that is none", { identity, source: signed, platform: "linux" }, "usage.request.malformed"],
    ["a word for requireSigned", { identity, source: signed, requireSigned: "no" }, "usage.request.malformed"],
    ["no text as the policy", { identity, source: signed, policy: 1 }, "usage.request.malformed"],
  ];
  for (const [what, request, code] of rows) it(what, async () => assert.equal(await codeOf(request), code));

  it("and hands back the bytes that it judged", async () => {
    const engine = openEngine({ policy });
    const judged = await engine.judge({ identity, source: signed });
    assert.deepEqual(judged.manifest, readFileSync(join(signed, "manifest.json")));
    assert.equal((await engine.judge({ identity, manifestDigest, signatures })).manifest, undefined);
  });

  it("by the back ends that are named, at the time that is given", async () => {
    const old = join(fixtures, "images", "gpg-expired-key");
    const expired = { identity, source: old, policy: fixturePolicyFile("gpg-expired.json") };
    assert.equal(await codeOf(expired), "requirement.signature.not-accepted");
    assert.equal(await codeOf({ identity, source: signed }, { policy, now: () => Number.NaN }), "internal.error");
  });

  const nonsense: readonly object[] = [
    ...[{ policy: 1 }, { pinned: "yes" }, { now: 1 }, { readFile: "x" }, { onWarning: {} }],
    ...[{ openPgp: [] }, { openPgp: ["gpg"] }, { pined: true }],
  ];
  for (const options of nonsense) {
    it(`not by ${JSON.stringify(options)}`, () => assert.throws(() => openEngine(options), TypeError));
  }
});

it("a signature for a digest by another algorithm than the one that is given", async () => {
  const key = newOpenPgpKey();
  const statement = {
    critical: {
      identity: { "docker-reference": identity },
      image: { "docker-manifest-digest": `sha512:${"0".repeat(128)}` },
      type: "atomic container signature",
    },
    optional: {},
  };
  const requirement = { type: "signedBy", keyType: "GPGKeys", keyData: Buffer.from(key.ring).toString("base64") };
  const path = join(temporaryDirectory(), "policy.json");
  writeFileSync(path, JSON.stringify({ default: [requirement] }));
  const own = [key.message(JSON.stringify(statement))];
  const codes = async (image: object) => {
    const { requirements } = await openEngine({ policy: path }).verify({ identity, ...image } as EngineRequest);
    return requirements.flatMap(({ signatures: found }) => found.map(({ code }) => code));
  };
  assert.deepEqual(await codes({ manifestDigest, signatures: own }), ["signature.digest.algorithm"]);
  // With a manifest it is one that does not match, as in the reference, which computes SHA-256 only.
  assert.deepEqual(await codes({ manifest, signatures: own }), ["signature.digest.mismatch"]);
});

describe("files that change", () => {
  function scene(pinned: boolean) {
    const directory = temporaryDirectory();
    const [path, key] = [join(directory, "policy.json"), join(directory, "key.gpg")];
    const good = join(fixtures, "keys/gpg/release-rsa4096.gpg");
    copyFileSync(good, key);
    const text = JSON.stringify({ default: [{ type: "signedBy", keyType: "GPGKeys", keyPath: key }] });
    writeFileSync(path, text);
    const engine = openEngine({ policy: path, pinned });
    const code = async () => (await engine.verify({ identity, source: signed })).code;
    return { path, key, good, text, code };
  }

  it("the policy: what it says now holds, and a broken one fails", async () => {
    const { path, text, code } = scene(false);
    assert.equal(await code(), "accepted");
    writeFileSync(path, '{"default":[{"type":"reject"}]}');
    assert.equal(await code(), "requirement.reject");
    writeFileSync(path, "{");
    assert.equal(await code(), "policy.json.syntax");
    rmSync(path);
    assert.equal(await code(), "policy.unreadable");
    writeFileSync(path, text);
    assert.equal(await code(), "accepted");
  });

  it("a key that two scopes name: both are judged by the same, whenever each is first needed", async () => {
    const directory = temporaryDirectory();
    const [path, key] = [join(directory, "policy.json"), join(directory, "key.gpg")];
    copyFileSync(join(fixtures, "keys/gpg/release-rsa4096.gpg"), key);
    const requirement = [
      { type: "signedBy", keyType: "GPGKeys", keyPath: key, signedIdentity: { type: "matchRepository" } },
    ];
    const docker = { "registry.example.com/vendor": requirement, "registry.example.com/vendor/app": [...requirement] };
    writeFileSync(path, JSON.stringify({ default: [{ type: "reject" }], transports: { docker } }));
    const engine = openEngine({ policy: path });
    const code = async (request: object) => (await engine.verify({ identity, source: signed, ...request })).code;
    assert.equal(await code({}), "accepted");
    // Exchanged while another image is judged, after the policy was looked at, and before its scope needs the key.
    const image = {
      manifest: () => {
        copyFileSync(join(fixtures, "keys/gpg/unrelated.gpg"), key);
        return { ok: true, value: manifest };
      },
      signatures: () => ({ ok: true, value: signatures }),
    };
    const { verdict } = await engine.judge({ identity: "registry.example.com/vendor/other:1", image } as EngineRequest);
    assert.equal(verdict.outcome, "rejected");
    assert.equal(await code({}), "requirement.signature.not-accepted");
  });

  it("a key: by its content, also where it was missing before", async () => {
    const { key, good, code } = scene(false);
    assert.equal(await code(), "accepted");
    copyFileSync(join(fixtures, "keys/gpg/unrelated.gpg"), key);
    assert.equal(await code(), "requirement.signature.not-accepted");
    rmSync(key);
    assert.equal(await code(), "policy.trust.unreadable");
    copyFileSync(good, key);
    assert.equal(await code(), "accepted");
  });

  it("neither of a pinned engine", async () => {
    const { path, key, code } = scene(true);
    assert.equal(await code(), "accepted");
    writeFileSync(path, "{");
    rmSync(key);
    assert.equal(await code(), "accepted");
  });
});

describe("an engine that is told to stop", () => {
  it("before it began", async () => {
    const call = openEngine({ policy }).verify({ identity, source: signed }, { signal: AbortSignal.abort("enough") });
    await assert.rejects(call, (reason) => reason === "enough");
  });

  it("while it waits for a manifest: the image is not judged", async () => {
    const controller = new AbortController();
    let asked = 0;
    const image = {
      manifest: async () => {
        controller.abort("enough");
        return { ok: true, value: manifest } as const;
      },
      signatures: () => {
        asked += 1;
        return { ok: true, value: signatures } as const;
      },
    };
    const call = openEngine({ policy }).verify({ identity, image }, { signal: controller.signal });
    await assert.rejects(call, (reason) => reason === "enough");
    assert.equal(asked, 0);
  });

  it("while an image is waited for", async () => {
    const controller = new AbortController();
    const image = { manifest: () => new Promise(() => undefined), signatures: () => ({ ok: true, value: [] }) };
    const call = openEngine({ policy }).verify({ identity, image } as never, { signal: controller.signal });
    setTimeout(() => controller.abort("enough"), 10);
    await assert.rejects(call, (reason) => reason === "enough");
  });

  it("not by what is no signal", async () => {
    const call = openEngine({ policy }).verify({ identity, source: signed }, { signal: "x" } as never);
    assert.equal((await call).code, "usage.request.malformed");
  });
});

describe("many images", () => {
  const engine = openEngine({ policy });
  const requests = Array.from({ length: 25 }, (_, i) => ({
    ...{ id: i, identity: i % 3 === 0 ? identity : `${identity}${i}` },
    source: i % 5 === 0 ? "/nonexistent" : signed,
  }));
  const expected = (i: number) => (i % 5 === 0 ? "error" : i % 3 === 0 ? "accepted" : "rejected");

  for (const concurrency of [1, 4, 100]) {
    it(`in the order of the requests, ${concurrency} at a time`, async () => {
      const seen: string[] = [];
      for await (const { request, verdict } of engine.verifyMany(requests, { concurrency })) {
        seen.push(`${request.id} ${verdict.outcome}`);
      }
      assert.deepEqual(
        seen,
        requests.map(({ id }) => `${id} ${expected(id)}`),
      );
    });
  }

  it("no more are taken than may be under way", async () => {
    let taken = 0;
    let handed = 0;
    async function* endless() {
      for (;;) {
        taken += 1;
        assert.ok(taken - handed <= 4, `${taken} taken, ${handed} handed over`);
        yield { identity, source: signed };
      }
    }
    for await (const { verdict } of engine.verifyMany(endless(), { concurrency: 4 })) {
      assert.equal(verdict.outcome, "accepted");
      handed += 1;
      if (handed === 12) break;
    }
  });

  it("until told to stop", async () => {
    const controller = new AbortController();
    const seen: string[] = [];
    const run = async () => {
      for await (const { verdict } of engine.verifyMany(requests, { signal: controller.signal, concurrency: 1 })) {
        seen.push(verdict.outcome);
        if (seen.length === 3) controller.abort("enough");
      }
    };
    await assert.rejects(run, (reason) => reason === "enough");
    assert.equal(seen.length, 3);
  });

  it("not with no concurrency at all", async () => {
    await assert.rejects(async () => {
      for await (const _ of engine.verifyMany(requests, { concurrency: 0 })) assert.fail();
    }, TypeError);
  });
});

it("warns of files that others can change", async () => {
  const directory = temporaryDirectory();
  cpSync(policy, join(directory, "policy.json"));
  const { chmodSync } = await import("node:fs");
  chmodSync(join(directory, "policy.json"), 0o666);
  const warnings: string[] = [];
  const engine = openEngine({ policy: join(directory, "policy.json"), onWarning: (text) => warnings.push(text) });
  assert.equal((await engine.verify({ identity, source: signed })).code, "accepted");
  assert.equal(warnings.length, process.geteuid?.() === 0 ? 1 : warnings.length, warnings.join("\n"));
});
