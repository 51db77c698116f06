/** Repositories of a registry with signed images, made at once: as many and as odd as a test wants them. */
import {
  attachments,
  digestOf,
  type ImageContent,
  madeImage,
  manifestContent,
  mediaTypes,
  together,
} from "./content.ts";
import { type Route, routesOf, type ServerScript } from "./fault-server.ts";
import { newSigstoreKey, payloadSigner } from "./sign.ts";
import { buildScene, type Scene, type Situation } from "./situation.ts";
import { atA } from "./situations/common.ts";

const key = newSigstoreKey();
const sign = payloadSigner(key.privateKey);

export const host = "registry.example.com";

/** Every image of the host has to be signed by the key of this module. */
const policy = JSON.stringify({
  default: [{ type: "reject" }],
  transports: {
    docker: {
      [host]: [{ type: "sigstoreSigned", keyPath: "@DIR@/key.pub", signedIdentity: { type: "matchRepository" } }],
    },
    dir: { "": [{ type: "insecureAcceptAnything" }] },
    oci: { "": [{ type: "insecureAcceptAnything" }] },
  },
});

export interface MadeImage {
  readonly content: ImageContent;
  /** Of what the tag names. */
  readonly digest: string;
}

/** The layer that all images have. */
export const sharedLayer = Buffer.from("every image has this layer");

function tagged(content: ImageContent, tag: string): MadeImage {
  const manifest = content.manifests.get(tag);
  if (manifest === undefined) throw new Error(`nothing is tagged ${tag}`);
  return { content, digest: digestOf(manifest.bytes) };
}

export function unsignedImage(
  repository: string,
  { tag = "1.0", layers = [sharedLayer] as readonly Uint8Array[] } = {},
): MadeImage {
  return tagged(madeImage(layers, tag, `${repository}:${tag}`), tag);
}

function signed({ content, digest }: MadeImage, repository: string, tag = "1.0"): MadeImage {
  return { digest, content: together(content, attachments(digest, [sign(digest, `${host}/${repository}:${tag}`)])) };
}

export function signedImage(repository: string, options: Parameters<typeof unsignedImage>[1] = {}): MadeImage {
  return signed(unsignedImage(repository, options), repository, options.tag);
}

/** Platforms as in an index: "linux/arm64". Only what `isThere` says of an instance is in the registry. */
export function imageIndex(
  repository: string,
  instances: Readonly<Record<string, { readonly isSigned: boolean; readonly isThere?: boolean }>>,
): MadeImage & { readonly instances: Readonly<Record<string, string>> } {
  const digests: Record<string, string> = {};
  const contents: ImageContent[] = [];
  const manifests = Object.entries(instances).map(([platform, { isSigned, isThere = true }]) => {
    const bare = unsignedImage(`${repository} ${platform}`);
    const { digest, content } = isSigned ? signed(bare, repository) : bare;
    digests[platform] = digest;
    const named = [...content.manifests].filter(([name]) => name !== "1.0" && (isThere || name !== digest));
    contents.push({ ...content, manifests: new Map(named) });
    const [os, architecture, variant] = platform.split("/");
    const size = content.manifests.get(digest)?.bytes.length;
    return { mediaType: mediaTypes.ociManifest, digest, size, platform: { os, architecture, variant } };
  });
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }));
  const content = together(...contents, manifestContent(bytes, mediaTypes.ociIndex, "1.0"));
  return { ...tagged(content, "1.0"), instances: digests };
}

/** A registry with these repositories; `routes` are before theirs. */
export function registryOf(
  images: Readonly<Record<string, MadeImage>>,
  routes: Readonly<Record<string, Route>> = {},
): ServerScript {
  const all = Object.entries(images).map(([repository, { content }]) => routesOf(repository, content));
  return { routes: { ...Object.assign({}, ...all), ...routes } };
}

const attachedSignatures = {
  "default.yaml": "default-docker:\n  lookaside: file://@DIR@/none\n  use-sigstore-attachments: true\n",
};

/** The host is at server A, and its images have to be signed by the key of this module. */
export function catalogueScene(servers: Situation["servers"], changes: Partial<Situation> = {}): Promise<Scene> {
  return buildScene({
    name: "",
    servers,
    policy,
    registriesConf: atA(),
    registriesD: attachedSignatures,
    ...changes,
    files: { "key.pub": key.publicPem, ...changes.files },
  });
}

/** The options that say where the settings of a scene are; none of what is asked. */
export function settingsOf({ question }: Scene): readonly string[] {
  const option = (name: string, value: string) => (value === "" ? [] : [name, value]);
  return [
    ...option("--policy", question.policy),
    ...option("--registries-conf", question.registriesConf),
    ...option("--registries.d", question.registriesD),
    ...option("--authfile", question.authFile),
    ...option("--cert-dir", question.certDir),
    ...(question.tlsVerify === null ? [] : [`--tls-verify=${question.tlsVerify}`]),
  ];
}
