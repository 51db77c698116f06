import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openStorage } from "../../../src/source/storage/storage.ts";
import { config, fixtures } from "../../support/stores.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const hasSkopeo = spawnSync("skopeo", ["--version"]).status === 0;

function skopeo(...args: readonly string[]): Buffer {
  return execFileSync("skopeo", args, { stdio: ["ignore", "pipe", "pipe"] });
}

/** Whether skopeo can write a storage here: without root it needs a user namespace with more than one user. */
function makeStorage(): { readonly root: string; readonly place: string } | undefined {
  if (!hasSkopeo) return undefined;
  const directory = temporaryDirectory();
  const root = join(directory, "root");
  const place = `containers-storage:[vfs@${root}+${join(directory, "run")}]`;
  const source = `dir:${join(fixtures, "images", "gpg-index")}`;
  const copied = spawnSync("skopeo", [
    "--override-arch=arm64",
    "copy",
    "--insecure-policy",
    source,
    `${place}a.example/b:1`,
  ]);
  return copied.status === 0 ? { root, place } : undefined;
}

const storage = makeStorage();
const skip = hasSkopeo ? storage === undefined && "skopeo cannot write a storage here" : "skopeo is not installed";

describe("what skopeo says of a storage that it has just written", { skip }, () => {
  const index = "sha256:a0ac1eb491450efd7d5686ee7bfb708a6ba56cecb8ea1222429cbcd957750394";
  for (const reference of ["a.example/b:1", `a.example/b@${index}`]) {
    it(`the manifest of ${reference}`, async () => {
      assert.ok(storage !== undefined);
      const raw = skopeo("inspect", "--raw", `${storage.place}${reference}`);
      const opened = openStorage(config(storage.root));
      assert.ok(opened.ok);
      const image = opened.value.open(reference);
      assert.ok(image.ok);
      assert.deepEqual(await image.value.manifest(), { ok: true, value: raw });
      image.value.close();
      opened.value.close();
    });
  }

  it("signatures of the image that it chose, and none besides", async () => {
    assert.ok(storage !== undefined);
    const opened = openStorage(config(storage.root));
    assert.ok(opened.ok);
    const image = opened.value.open("a.example/b:1");
    assert.ok(image.ok);
    const arm64 = "7ad660e7b396bb1413e82660c21bff898a869643ddbf256fee96322fc64f3e12";
    assert.deepEqual(await image.value.signatures(), {
      ok: true,
      value: [readFileSync(join(fixtures, "images", "gpg-index", `${arm64}.signature-1`))],
    });
    image.value.close();
    opened.value.close();
  });
});
