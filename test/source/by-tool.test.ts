/**
 * Layouts and archives as the tools write them that people use, and what containers/image says of each: fixtures/layouts-by-tool,
 * described in the README of the fixtures.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { digestText } from "../../src/encoding/digest.ts";
import { Engine } from "../../src/engine/engine.ts";
import { readTrustFile } from "../../src/host/trust-file.ts";
import { readManifest } from "../../src/image/manifest.ts";
import { openEngine } from "../../src/index.ts";
import { fixtures } from "../support/images.ts";
import { temporaryDirectory } from "../support/temporary.ts";

interface ByTool {
  readonly id: string;
  readonly source: string;
  readonly signed: { readonly how: string; readonly key: string; readonly reference: string | null } | null;
  /** `null` where the reference cannot open it. */
  readonly digest: string | null;
  readonly mediaType: string | null;
  readonly copy: { readonly [policy: string]: { readonly [program: string]: string } };
}

const cases: readonly ByTool[] = JSON.parse(readFileSync(join(fixtures, "layouts-by-tool/cases.json"), "utf8"));
const root = join(fixtures, "..", "..");
const sourceOf = ({ source }: ByTool): string => source.replace(":test/", `:${root}/test/`);
const file = (policy: object): string => {
  const path = join(temporaryDirectory(), "policy.json");
  writeFileSync(path, JSON.stringify(policy));
  return path;
};
const anything = openEngine({ policy: file({ default: [{ type: "insecureAcceptAnything" }] }) });
const reference = "containers/image v5.42.1";

describe("what containers/image finds in a source", () => {
  assert.ok(cases.length > 50);
  for (const one of cases) {
    it(one.id, async () => {
      const { verdict, manifest } = await anything.judge({
        identity: "registry.example.com/app:1.0",
        source: sourceOf(one),
      });
      if (one.digest === null) {
        assert.equal(verdict.outcome, "error");
        assert.match(verdict.code, /^image\.source\.(ambiguous|not-found)$/);
        return;
      }
      assert.equal(verdict.outcome, "accepted");
      assert.ok(manifest !== undefined);
      assert.equal(digestText(readManifest(manifest).facts.digest), one.digest);
      assert.equal(one.copy["accept-anything"]?.[reference], "accepted");
    });
  }
});

describe("its signatures", () => {
  const engine = new Engine({
    environment: {},
    now: () => Date.now() / 1000,
    readFile: (path) => readTrustFile(path, () => undefined),
    warn: () => undefined,
    trace: () => undefined,
    openPgp: undefined,
    isPinned: true,
  });
  const judge = async (one: ByTool, useAttachments: boolean) => {
    const key = one.signed?.key ?? "keys/sigstore/release.pub";
    // A bundle says no reference.
    const signedAs = one.signed?.reference || "registry.example.com/app:1.0";
    const keyPath = join(fixtures, key);
    const kind = key.endsWith(".pub") ? { type: "sigstoreSigned" } : { type: "signedBy", keyType: "GPGKeys" };
    const path = file({ default: [{ ...kind, keyPath, signedIdentity: { type: "matchRepository" } }] });
    const { verdict } = await engine.judge({
      identity: `docker://${signedAs}`,
      image: { kind: "source", source: sourceOf(one), useAttachments },
      policy: { kind: "file", path },
      requireSigned: true,
    });
    return verdict.code;
  };

  for (const one of cases.filter(({ digest }) => digest !== null)) {
    // A bundle is another format, which nobody has asked for here.
    const isAttached = one.signed !== null && !one.signed.how.startsWith("bundle");
    const isFile = one.signed?.how.startsWith("signature-1") === true;
    it(`${one.id}: files`, async () => {
      assert.equal(await judge(one, false), isFile ? "accepted" : "requirement.signature.missing");
    });
    if (one.source.startsWith("docker-archive:")) continue;
    it(`${one.id}: attachments`, async () => {
      assert.equal(await judge(one, true), isAttached && !isFile ? "accepted" : "requirement.signature.missing");
    });
  }

  for (const one of cases.filter(({ digest, signed }) => digest === null && signed?.how === "cosign save")) {
    it(`${one.id}: as cosign saved it, without a name`, async () => {
      assert.equal(await judge(one, true), "accepted");
    });
  }
});
