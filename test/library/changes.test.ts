/** Whoever hands in bytes and changes them while a verdict is waited for changes nothing: it is about what was handed in. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { parsePolicy, prepareVerifier, type Verifier, type VerifyRequest } from "../../src/index.ts";
import { fixtureImage, fixturePolicy } from "../support/images.ts";
import { newOpenPgpKey } from "../support/openpgp-key.ts";

/** More than any verdict takes; a test below sees to that. */
const ticks = 160;

const identity = "docker://registry.example.com/vendor/app:1.0";
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const none = () => ({ ok: false, problem: { path: "", errno: "ENOENT" } }) as const;

function verifierOf(
  policyText: Uint8Array | string,
  readFile = (path: string): Uint8Array => readFileSync(path),
): Verifier {
  const policy = parsePolicy(Buffer.from(policyText), {});
  assert.ok(policy.ok);
  return prepareVerifier(policy.value, { readFile, now: () => 1.8e9, paths: { resolveFully: none, open: none } });
}

/** Two manifests of the same length, the first signed, and what turns the statement about it into one about the other. */
interface Scene {
  readonly name: string;
  readonly verifier: () => Verifier;
  readonly signed: Uint8Array;
  readonly other: Uint8Array;
  readonly signature: Uint8Array;
  /** The same signature, but what it says is about the other manifest. */
  readonly changed: Uint8Array;
}

function replaced(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const text = Buffer.from(bytes).toString("latin1");
  assert.ok(text.includes(from) && from.length === to.length);
  return Buffer.from(text.replaceAll(from, to), "latin1");
}

/** What a signature of this manifest says. */
function statementAbout(manifest: Uint8Array): string {
  return JSON.stringify({
    critical: {
      identity: { "docker-reference": "registry.example.com/vendor/app:1.0" },
      image: { "docker-manifest-digest": `sha256:${sha256(manifest)}` },
      type: "atomic container signature",
    },
    optional: {},
  });
}

function gpgScene(): Scene {
  const signed = Buffer.from('{"schemaVersion":2,"a":1}');
  const other = Buffer.from('{"schemaVersion":2,"a":2}');
  const key = newOpenPgpKey();
  const signature = key.message(statementAbout(signed));
  const keyData = Buffer.from(key.ring).toString("base64");
  const policy = JSON.stringify({ default: [{ type: "signedBy", keyType: "GPGKeys", keyData }] });
  const changed = replaced(signature, sha256(signed), sha256(other));
  return { name: "GPG", verifier: () => verifierOf(policy), signed, other, signature, changed };
}

function sigstoreScene(): Scene {
  const { manifest: signed, signatures } = fixtureImage("sigstore-key-tag");
  const [signature = new Uint8Array()] = signatures;
  const other = Uint8Array.from(signed);
  other[other.length - 2] = (other[other.length - 2] ?? 0) ^ 1;
  const { payload } = JSON.parse(Buffer.from(signature).toString().slice("\0sigstore-json\n".length));
  const changedPayload = replaced(Buffer.from(payload, "base64"), sha256(signed), sha256(other));
  const changed = replaced(signature, payload, Buffer.from(changedPayload).toString("base64"));
  // Before the one that counts there is one that is waited for.
  const policy = JSON.parse(Buffer.from(fixturePolicy("sigstore-key.json")).toString());
  const requirements = Object.values(policy.transports.docker).flat();
  const text = JSON.stringify({ default: [...requirements, ...requirements] });
  return { name: "sigstore", verifier: () => verifierOf(text), signed, other, signature, changed };
}

/** The bytes in memory of the caller: a view, a pooled buffer, or memory that is shared between threads. */
const memories: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  Uint8Array: (bytes) => Uint8Array.from(bytes),
  Buffer: (bytes) => Buffer.from(bytes),
  "part of a larger buffer": (bytes) => {
    const larger = new Uint8Array(bytes.length + 32);
    larger.set(bytes, 16);
    return larger.subarray(16, 16 + bytes.length);
  },
  SharedArrayBuffer: (bytes) => {
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    return shared;
  },
};

async function outcomeAfter(verifier: Verifier, request: VerifyRequest, tick: number, change: () => void) {
  const verdict = verifier.verify(request);
  let isDone = false;
  void verdict.then(() => {
    isDone = true;
  });
  for (let i = 0; i < tick; i++) await null;
  const wasDone = isDone;
  change();
  const { outcome, code } = await verdict;
  return { outcome, code, wasDone };
}

for (const { name, verifier: make, signed, other, signature, changed } of [gpgScene(), sigstoreScene()]) {
  describe(`${name}: bytes that change at any tick`, () => {
    const request = (manifest: Uint8Array, file: Uint8Array): VerifyRequest => ({
      identity,
      manifest,
      signatures: [file],
      requireSigned: true,
    });

    it("the scene: only the signed manifest with its signature is accepted", async () => {
      const verifier = make();
      const outcome = async (manifest: Uint8Array, file: Uint8Array) =>
        (await verifier.verify(request(manifest, file))).outcome;
      assert.equal(await outcome(signed, signature), "accepted");
      assert.equal(await outcome(other, signature), "rejected");
      assert.equal(await outcome(other, changed), "rejected");
    });

    for (const [memory, held] of Object.entries(memories)) {
      it(`${memory}: the other manifest is never accepted`, async () => {
        const verifier = make();
        for (let tick = 0; tick < ticks; tick++) {
          for (const target of ["manifest", "signature"]) {
            const [manifest, file] = [held(other), held(signature)];
            const { outcome } = await outcomeAfter(verifier, request(manifest, file), tick, () => {
              if (target === "manifest") manifest.set(signed);
              else file.set(changed);
            });
            assert.equal(outcome, "rejected", `${target}, tick ${tick}`);
          }
        }
      });

      it(`${memory}: the signed one stays accepted`, async () => {
        let last = { wasDone: false };
        for (let tick = 0; tick < ticks; tick++) {
          const verifier = make();
          const [manifest, file] = [held(signed), held(signature)];
          const result = await outcomeAfter(verifier, request(manifest, file), tick, () => {
            manifest.set(other);
            file.fill(0);
          });
          assert.equal(result.outcome, "accepted", `tick ${tick}`);
          last = result;
        }
        // Signatures by keys that are read anew take longer than promises do.
        if (name === "GPG") assert.ok(last.wasDone, "it takes more ticks than are tried");
      });
    }
  });
}

describe("what else a host may change", () => {
  const { signed, signature } = gpgScene();
  const [key, stranger] = [newOpenPgpKey(), newOpenPgpKey()];
  const statement = statementAbout(signed);
  const policy = JSON.stringify({ default: [{ type: "signedBy", keyType: "GPGKeys", keyPath: "/key" }] });
  const asked = (file: Uint8Array) => ({ identity, manifest: signed, signatures: [file], requireSigned: true });

  it("the bytes of a key file, after they were handed over", async () => {
    const memory = Buffer.from(key.ring);
    const verifier = verifierOf(policy, () => memory);
    assert.equal((await verifier.verify(asked(key.message(statement)))).outcome, "accepted");
    memory.set(stranger.ring.subarray(0, memory.length));
    assert.equal((await verifier.verify(asked(key.message(statement)))).outcome, "accepted");
    assert.equal((await verifier.verify(asked(stranger.message(statement)))).outcome, "rejected");
  });

  it("the list of signatures, and the request itself", async () => {
    const verifier = verifierOf(policy, () => key.ring);
    for (let tick = 0; tick < 40; tick++) {
      const files = [signature];
      const request = { ...asked(signature), signatures: files };
      const { outcome } = await outcomeAfter(verifier, request, tick, () => {
        files[0] = key.message(statement);
        Object.assign(request, { requireSigned: false, signatures: [key.message(statement)] });
      });
      assert.equal(outcome, "rejected", `tick ${tick}`);
    }
  });

  it("the policy", async () => {
    const parsed = parsePolicy(Buffer.from('{"default": [{"type": "reject"}]}'));
    assert.ok(parsed.ok);
    const paths = { resolveFully: none, open: none };
    const verifier = prepareVerifier(parsed.value, { readFile: () => key.ring, now: () => 1.8e9, paths });
    const verdict = verifier.verify({ ...asked(signature), requireSigned: false });
    const accepting = { type: "insecureAcceptAnything" } as const;
    Object.assign(parsed.value.default[0] ?? {}, accepting);
    Object.assign(parsed.value, { default: [accepting] });
    assert.equal((await verdict).code, "requirement.reject");
    assert.equal((await verifier.verify({ ...asked(signature), requireSigned: false })).code, "requirement.reject");
    const [outcome] = (await verdict).requirements;
    assert.throws(() => Object.assign(outcome?.requirement ?? {}, accepting), TypeError);
  });
});
