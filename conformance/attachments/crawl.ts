/** Everything that a registry has in some repositories, as test/fixtures/registry/tool-images.json keeps it. */
import { digestOf, mediaTypes } from "../../test/support/registry/content.ts";
import type { StoredRepository, ToolImages } from "../../test/support/registry/tool-images.ts";

type Crawled = Pick<ToolImages, "manifests" | "blobs" | "repositories">;

/** What a manifest may name. */
interface UntrustedManifest {
  readonly config?: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string }[];
  readonly fsLayers?: readonly { readonly blobSum: string }[];
  readonly manifests?: readonly { readonly digest: string }[];
}

/** `url` is of a registry that asks for no password. */
export async function crawl(url: string, repositories: readonly string[]): Promise<Crawled> {
  const manifests: Record<string, { mediaType: string; text: string }> = {};
  const blobs: Record<string, string> = {};
  const stored: Record<string, StoredRepository> = {};
  for (const repository of repositories) {
    const named: Record<string, string> = {};
    const needed = new Set<string>();
    const left = await tagsOf(url, repository);
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      if (named[name] !== undefined) continue;
      const { mediaType, text, digest } = await manifestOf(url, repository, name);
      const id = digestOf(text);
      manifests[id] = { mediaType, text };
      named[name] = id;
      named[digest] = id;
      const { config, layers = [], fsLayers = [], manifests: instances = [] }: UntrustedManifest = JSON.parse(text);
      for (const each of [...(config === undefined ? [] : [config]), ...layers]) needed.add(each.digest);
      for (const each of fsLayers) needed.add(each.blobSum);
      left.push(...instances.map((each) => each.digest));
    }
    for (const digest of needed) blobs[digest] ??= await blobOf(url, repository, digest);
    stored[repository] = { manifests: named, blobs: [...needed].sort() };
  }
  return { manifests, blobs, repositories: stored };
}

async function tagsOf(url: string, repository: string): Promise<string[]> {
  const { tags }: { tags: string[] } = JSON.parse(await (await got(`${url}/v2/vendor/${repository}/tags/list`)).text());
  return tags.sort();
}

async function manifestOf(url: string, repository: string, name: string) {
  const accept = Object.values(mediaTypes).join(", ");
  const response = await got(`${url}/v2/vendor/${repository}/manifests/${name}`, accept);
  return {
    mediaType: response.headers.get("content-type") ?? "",
    digest: response.headers.get("docker-content-digest") ?? "",
    text: await response.text(),
  };
}

async function blobOf(url: string, repository: string, digest: string): Promise<string> {
  const response = await got(`${url}/v2/vendor/${repository}/blobs/${digest}`);
  return Buffer.from(await response.arrayBuffer()).toString("base64");
}

async function got(url: string, accept = "*/*"): Promise<Response> {
  const response = await fetch(url, { headers: { Accept: accept } });
  if (response.status !== 200) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response;
}
