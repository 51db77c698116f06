import { type Digest, digestText } from "../../encoding/digest.ts";
import { parseNormalizedNamed, referenceText } from "../../identity/docker-reference.ts";
import { cleanPath } from "../../identity/path.ts";
import type { ImageInDockerArchive } from "../../identity/transport/docker-archive.ts";
import { blobOfBytes } from "../../image/blob-of-bytes.ts";
import type { Blob, OpenImage } from "../../image/image.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { maxArchiveManifestBytes, maxConfigBytes, maxManifestBytes } from "../../limits.ts";
import { type Eventually, fail, ok, type Result } from "../../result.ts";
import { sha256Hex } from "../../runtime/sha256.ts";
import { type Archive, type FileMember, openArchive } from "./archive.ts";
import { ArchiveFailure, attempt, badMember } from "./archive-failure.ts";
import { compressionOf, UnpackBudget, unpack } from "./compression.ts";
import {
  type Content,
  type DockerArchiveImage,
  dockerArchiveManifest,
  parseArchiveManifest,
  parseDiffIds,
} from "./docker-files.ts";

/** A layer that the config lists. */
interface Layer extends Content {
  /** `undefined`: a link that leads nowhere. */
  readonly file: FileMember | undefined;
}

const manifestName = "manifest.json";
/** Names that are told to people. */
const mostNames = 100;

/**
 * Opens an image of a `docker-archive:`, as `docker save` and `podman save` write it, without unpacking it to disk. There is no
 * manifest in it: the reference makes one of its config and layers, and so does this. It cannot hold signatures.
 *
 * image/v5: docker/internal/tarfile/reader.go, src.go. Stricter: see tar-header.ts and archive.ts.
 */
export async function openDockerArchive(
  path: string,
  choice: ImageInDockerArchive,
): Promise<Result<OpenImage, ImageProblem>> {
  const archive = await openArchive(path, { links: true, toEnd: true });
  if (!archive.ok) return archive;
  const image = await attempt(() => openImage(archive.value, choice));
  if (!image.ok) await archive.value.close();
  return image;
}

async function openImage(archive: Archive, choice: ImageInDockerArchive): Promise<OpenImage> {
  if (fileOf(archive, manifestName) === undefined) {
    const found = archive.find("index.json")?.kind === "file" ? "oci-archive" : undefined;
    throw problem({ code: "image.source.malformed", name: manifestName, found });
  }
  const images = parseArchiveManifest(await readFile(archive, manifestName, maxArchiveManifestBytes));
  if (!images.ok) throw noLayout(manifestName, images.problem);
  const image = chooseImage(images.value, choice);
  const configBytes = await readFile(archive, image.untrustedConfig, maxConfigBytes);
  const config = {
    digest: { algorithm: "sha256", hex: sha256Hex(configBytes) },
    sizeBytes: configBytes.length,
  } as const;
  const diffIds = parseDiffIds(configBytes);
  if (!diffIds.ok) throw noLayout("the config", diffIds.problem);
  const layers = await readLayers(archive, image, diffIds.value);
  const manifest = dockerArchiveManifest(
    config,
    diffIds.value.flatMap((id) => layers.get(digestText(id)) ?? []),
  );
  return {
    manifest: () =>
      manifest.length > maxManifestBytes
        ? fail({ code: "image.manifest.too-large", maxBytes: maxManifestBytes })
        : ok(manifest),
    signatures: () => ok([]),
    signaturesOf: () => ok([]),
    signaturesFrom: { kind: "none" },
    // What it makes is never an index.
    instance: (digest) => {
      const missing = fail({ code: "image.instance.missing", digest, platform: "any platform" } as const);
      return { manifest: () => missing, signatures: () => ok([]) };
    },
    present: () => [],
    blob: (digest) =>
      digestText(digest) === digestText(config.digest)
        ? ok(blobOfBytes(configBytes))
        : layerBlob(archive, digest, layers.get(digestText(digest))),
    close: () => archive.close(),
  };
}

/** image/v5: docker/internal/tarfile/reader.go ChooseManifestItem. */
function chooseImage(images: readonly DockerArchiveImage[], choice: ImageInDockerArchive): DockerArchiveImage {
  const untrustedNames = images.flatMap(({ untrustedTags }) => untrustedTags).slice(0, mostNames);
  if (choice.kind === "only") {
    const [only] = images;
    if (only === undefined) throw noLayout(manifestName, "it lists no image");
    if (images.length > 1) throw problem({ code: "image.source.ambiguous", count: images.length, untrustedNames });
    return only;
  }
  const found =
    choice.kind === "index" ? images[Number(choice.index)] : imageOfName(images, referenceText(choice.reference));
  if (found !== undefined) return found;
  const wanted = choice.kind === "index" ? `@${choice.index}` : referenceText(choice.reference);
  throw problem({ code: "image.source.not-found", wanted, untrustedNames });
}

/** The first one of this name. One that cannot be read, and stands before it, ends the search as an error. */
function imageOfName(images: readonly DockerArchiveImage[], name: string): DockerArchiveImage | undefined {
  return images.find(({ untrustedTags }) =>
    untrustedTags.some((untrustedTag) => {
      const tag = parseNormalizedNamed(untrustedTag);
      if (!tag.ok) throw noLayout(manifestName, "the name of an image in it is none");
      return referenceText(tag.value) === name;
    }),
  );
}

async function readFile(archive: Archive, untrustedName: string, maxBytes: number): Promise<Uint8Array> {
  const file = fileOf(archive, cleanPath(untrustedName));
  if (file === undefined) throw noLayout(manifestName, missingDetail(untrustedName));
  if (file.sizeBytes > maxBytes) throw badMember(file.name, "too-large");
  return archive.read(file);
}

function missingDetail(untrustedName: string): string {
  return untrustedName === manifestName ? "it is missing" : "the config that it names is missing";
}

/** A file, or the one that a link leads to at once (image/v5: docker/internal/tarfile/reader.go openTarComponent). */
function fileOf(archive: Archive, name: string): FileMember | undefined {
  const member = archive.find(name);
  const target = member?.kind === "link" ? archive.find(member.target) : member;
  return target?.kind === "file" ? target : undefined;
}

/**
 * The layers by their digest (image/v5: docker/internal/tarfile/src.go prepareLayerData). Of a layer that occurs twice the first
 * place counts; one that is compressed counts with its size unpacked, and a link with its own, which is 0.
 */
async function readLayers(
  archive: Archive,
  image: DockerArchiveImage,
  diffIds: readonly Digest[],
): Promise<ReadonlyMap<string, Layer>> {
  if (image.untrustedLayers.length !== diffIds.length) {
    throw noLayout(manifestName, "it lists another number of layers than the config");
  }
  const layers = new Map<string, Layer>();
  const used = new Set<string>();
  const compressed = new Map<FileMember, Digest>();
  for (const [index, digest] of diffIds.entries()) {
    if (layers.has(digestText(digest))) continue;
    const name = cleanPath(image.untrustedLayers[index] ?? "");
    if (used.has(name)) throw noLayout(manifestName, "it lists a file for two different layers");
    used.add(name);
    const member = archive.find(name);
    if (member === undefined) throw problem({ code: "image.blob.missing", missing: [digestText(digest)] });
    if (member.kind === "directory") throw noLayout(manifestName, "it lists a directory as a layer");
    const sizeBytes = member.kind === "file" ? member.sizeBytes : 0;
    layers.set(digestText(digest), { digest, sizeBytes, file: fileOf(archive, name) });
    if (member.kind === "file" && compressionOf(member.start) !== undefined) compressed.set(member, digest);
  }
  const budget = new UnpackBudget(archive.fileBytes);
  await archive.visit([...compressed.keys()], async (file, pieces) => {
    let sizeBytes = 0;
    for await (const piece of unpackLayer(file, pieces, budget)) sizeBytes += piece.length;
    const digest = compressed.get(file);
    if (digest !== undefined) layers.set(digestText(digest), { digest, sizeBytes, file });
  });
  return layers;
}

function unpackLayer(
  file: FileMember,
  pieces: AsyncIterable<Uint8Array>,
  budget: UnpackBudget,
): AsyncIterable<Uint8Array> {
  const compression = compressionOf(file.start);
  return compression === undefined ? pieces : unpack(compression, pieces, budget);
}

function layerBlob(archive: Archive, digest: Digest, layer: Layer | undefined): Eventually<Result<Blob, ImageProblem>> {
  if (layer?.file === undefined) return fail({ code: "image.blob.missing", missing: [digestText(digest)] });
  const content = unpackLayer(layer.file, archive.contents(layer.file), new UnpackBudget(archive.fileBytes));
  return ok({ sizeBytes: layer.sizeBytes, content });
}

function noLayout(name: string, detail: string): ArchiveFailure {
  return problem({ code: "image.source.malformed", name, detail });
}

function problem(problem: ImageProblem): ArchiveFailure {
  return new ArchiveFailure(problem, problem.code);
}
