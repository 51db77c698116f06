/**
 * What containers/image and we give of the layers of stored images: `compare.ts [DRIVER:GRAPHROOT:IMAGE…]`. Without arguments, of stores that it
 * makes with skopeo, vfs and, where that is allowed, overlay. The reference opens the stores as podman would: give it copies.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StoreConfig } from "../../src/config/storage-conf.ts";
import { digestText } from "../../src/encoding/digest.ts";
import { openStorage } from "../../src/source/storage/storage.ts";
import { hashOf, type LayerFields } from "../../test/support/layer-stores.ts";
import { temporaryDirectory } from "../../test/support/temporary.ts";

interface Layer {
  readonly digest: string;
  readonly size: number;
  readonly mediaType: string;
  /** Of what came; "" if nothing did, or not all. */
  readonly sha256: string;
}

interface Answer {
  readonly layers: readonly Layer[];
  readonly error?: string;
}

interface Store extends StoreConfig {
  readonly name: string;
  readonly image: string;
}

const oracle = join(import.meta.dirname, "../bin/layers");
const stores = process.argv.length > 2 ? process.argv.slice(2).map(written) : made();

let agreed = 0;
for (const store of stores) {
  const [ours, reference] = [await ask(store), askReference(store)];
  const differences = compare(ours, reference);
  if (differences.length === 0) agreed += 1;
  console.log(
    `${differences.length === 0 ? "agree" : "DIFFER"}: ${store.name}, ${usable(ours)} of ${reference.layers?.length ?? 0} layers as their digests say`,
  );
  for (const difference of differences) console.log(`  ${difference}`);
}
console.log(`${agreed} of ${stores.length} agree`);
process.exitCode = agreed === stores.length && stores.length > 0 ? 0 : 1;

function written(text: string): Store {
  const [driver = "", graphRoot = "", ...image] = text.split(":");
  return { name: text, driver, graphRoot, additionalImageStores: [], image: image.join(":") };
}

function made(): readonly Store[] {
  const image = "registry.example.com/layers:1.0";
  const found: Store[] = [];
  for (const driver of ["vfs", "overlay"]) {
    for (const kind of ["docker", "oci"]) {
      const work = temporaryDirectory();
      const source = join(work, "image");
      execFileSync("python3", [join(import.meta.dirname, "../../test/fixtures/stores/layers.py"), source, kind]);
      const graphRoot = join(work, "root");
      const place = `containers-storage:[${driver}@${graphRoot}+${join(work, "run")}]${image}`;
      const copied = spawnSync("skopeo", ["--insecure-policy", "copy", "--quiet", `dir:${source}`, place]);
      if (copied.status !== 0) {
        console.log(`not made: ${driver}, ${kind}: ${copied.stderr}`);
        continue;
      }
      const own = { driver, graphRoot, additionalImageStores: [], image };
      found.push({ ...own, name: `${driver}, ${kind}` });
      if (driver === "overlay") spawnSync("umount", [join(graphRoot, "overlay")]);
      found.push({
        ...own,
        name: `${driver}, ${kind}, an additional store`,
        graphRoot: join(work, "empty"),
        additionalImageStores: [graphRoot],
      });
      found.push({ ...own, name: `${driver}, ${kind}, an image store`, ...apart(work, driver, graphRoot) });
    }
  }
  return [...found, ...found.slice(0, 1).flatMap(changed)];
}

/** Copies of a store, with other lists of layers. */
function changed(store: Store): readonly Store[] {
  const toc = (first: LayerFields, flags?: object) => {
    const { "diff-digest": digest, ...rest } = first;
    return { ...rest, "toc-digest": digest, ...(flags === undefined ? {} : { flags }) };
  };
  const expected = (first: LayerFields) => ({ "expected-layer-diffid": first["diff-digest"] });
  const changes: Readonly<Record<string, (first: LayerFields, second: LayerFields) => readonly object[]>> = {
    "a table of contents": (first, second) => [toc(first, expected(first)), second],
    "a table of contents alone": (first, second) => [toc(first), second],
    "a table of contents and a number": (first, second) => [toc(first, { "expected-layer-diffid": 1 }), second],
    "no digest": ({ "diff-digest": _, ...first }, second) => [first, second],
    "no size": (first, second) => [{ ...first, "diff-size": -1 }, second],
    "an ID twice": (first, second) => [first, second, { ...second, "diff-digest": first["diff-digest"] }],
    "another letter case": ({ "diff-digest": digest, ...first }, second) => [
      { ...first, "DIFF-digest": digest },
      second,
    ],
    "a layer too few": (first, second) => [first, { ...second, parent: "" }],
    "a layer that is not there": (first, second) => [{ ...first, parent: "0".repeat(64) }, second],
    "a layer that was not finished": (first, second) => [{ ...first, flags: { incomplete: true } }, second],
    "flags of another kind": (first, second) => [{ ...first, flags: { other: { a: [1, null] } } }, second],
    "no list of flags": (first, second) => [{ ...first, flags: 1 } as object, second],
  };
  return Object.entries(changes).map(([name, change]) => {
    const graphRoot = join(temporaryDirectory(), "root");
    execFileSync("cp", ["-a", store.graphRoot, graphRoot]);
    const list = join(graphRoot, `${store.driver}-layers`, "layers.json");
    const [first, second] = JSON.parse(readFileSync(list, "utf8"));
    writeFileSync(list, JSON.stringify(change(first, second)));
    return { ...store, name: `${store.name}, ${name}`, graphRoot };
  });
}

/** Another store, whose images lie apart. */
function apart(
  work: string,
  driver: string,
  from: string,
): { readonly graphRoot: string; readonly imageStore: string } {
  const [graphRoot, imageStore] = [join(work, "apart"), join(work, "images")];
  execFileSync("cp", ["-a", from, graphRoot]);
  mkdirSync(join(imageStore, `${driver}-layers`), { recursive: true });
  for (const name of [driver, `${driver}-images`, join(`${driver}-layers`, "layers.json")]) {
    renameSync(join(graphRoot, name), join(imageStore, name));
  }
  return { graphRoot, imageStore };
}

async function ask({ image: reference, ...config }: Store): Promise<Answer> {
  const storage = openStorage(config);
  if (!storage.ok) return failed(storage.problem);
  const image = storage.value.open(reference);
  storage.value.close();
  if (!image.ok) return failed(image.problem);
  const manifest = await image.value.manifest();
  if (!manifest.ok) return failed(manifest.problem);
  const listed = await image.value.layersForCopy?.(manifest.value);
  if (listed?.ok !== true) return failed(listed?.problem);
  const layers: Layer[] = [];
  for (const { digest, sizeBytes, mediaType } of listed.value) {
    const blob = await image.value.blobForCopy?.(digest);
    const sha256 =
      blob?.ok === true
        ? await hashOf(blob.value.content).then(
            ({ hex }) => hex,
            () => "",
          )
        : "";
    layers.push({ digest: digestText(digest), size: sizeBytes ?? -1, mediaType, sha256 });
  }
  await image.value.close();
  return { layers };
}

function failed(problem: unknown): Answer {
  return { layers: [], error: JSON.stringify(problem) };
}

function askReference({ driver, graphRoot, imageStore, additionalImageStores, image }: Store): Answer {
  const runRoot = temporaryDirectory();
  const question = { driver, graphRoot, imageStore, runRoot, additional: additionalImageStores, image };
  const answer = execFileSync(oracle, { input: `${JSON.stringify(question)}\n`, encoding: "utf8" });
  if (driver === "overlay") spawnSync("umount", [join(graphRoot, "overlay")]);
  return JSON.parse(answer);
}

function usable({ layers }: Answer): number {
  return layers.filter(({ digest, sha256 }) => digest === `sha256:${sha256}`).length;
}

/** What it gives with another digest we may refuse to give: nobody could use it. */
function compare(ours: Answer, reference: Answer): readonly string[] {
  const theirs = reference.layers ?? [];
  if ((ours.error === undefined) !== (reference.error === undefined))
    return [`ours: ${ours.error}; theirs: ${reference.error}`];
  if (ours.layers.length !== theirs.length) return [`ours: ${ours.layers.length} layers; theirs: ${theirs.length}`];
  return theirs.flatMap((their, index) => {
    const our = ours.layers[index];
    const isUsable = their.digest === `sha256:${their.sha256}`;
    const isSame =
      our?.digest === their.digest &&
      our.size === their.size &&
      our.mediaType === their.mediaType &&
      (our.sha256 === their.sha256 || (our.sha256 === "" && !isUsable));
    return isSame ? [] : [`ours: ${JSON.stringify(our)}; theirs: ${JSON.stringify(their)}`];
  });
}
