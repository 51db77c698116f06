/** What many situations have in common: settings in their own formats, and servers that do what they should. */
import { fixtureContent, type ImageContent } from "../content.ts";
import { type Route, routesOf, type ServerScript } from "../fault-server.ts";
import type { Situation } from "../situation.ts";

export const acceptAnything = JSON.stringify({ default: [{ type: "insecureAcceptAnything" }] });
export const rejectEverything = JSON.stringify({ default: [{ type: "reject" }] });

const onlyDocker = (scope: string, requirement: object) =>
  JSON.stringify({ default: [{ type: "reject" }], transports: { docker: { [scope]: [requirement] } } });

/** `signedIdentity` is left out if it is not given. */
export function sigstorePolicy(scope = "registry.example.com", signedIdentity?: object): string {
  return onlyDocker(scope, {
    type: "sigstoreSigned",
    keyPath: "@FIXTURES@/keys/sigstore/release.pub",
    ...(signedIdentity === undefined ? {} : { signedIdentity }),
  });
}

export function gpgPolicy(scope = "registry.example.com", signedIdentity?: object): string {
  return onlyDocker(scope, {
    type: "signedBy",
    keyType: "GPGKeys",
    keyPath: "@FIXTURES@/keys/gpg/release-rsa4096.gpg",
    ...(signedIdentity === undefined ? {} : { signedIdentity }),
  });
}

interface Endpoint {
  readonly location: string;
  readonly insecure?: boolean;
  /** Lines of TOML besides. */
  readonly more?: string;
}

export interface Registry extends Partial<Endpoint> {
  readonly prefix?: string;
  readonly blocked?: boolean;
  readonly mirrors?: readonly Endpoint[];
}

/** registries.conf. Everything is insecure unless it says otherwise, for most servers here speak no TLS. */
export function registriesConf(...registries: readonly Registry[]): string {
  return registries
    .map(({ prefix, location, insecure = true, blocked, more = "", mirrors = [] }) =>
      [
        "[[registry]]",
        ...(prefix === undefined ? [] : [`prefix = "${prefix}"`]),
        ...(location === undefined ? [] : [`location = "${location}"`]),
        ...(insecure ? ["insecure = true"] : []),
        ...(blocked === true ? ["blocked = true"] : []),
        more,
        ...mirrors.flatMap((mirror) => [
          "[[registry.mirror]]",
          `location = "${mirror.location}"`,
          ...((mirror.insecure ?? true) ? ["insecure = true"] : []),
          mirror.more ?? "",
        ]),
        "",
      ].join("\n"),
    )
    .join("\n");
}

/** registry.example.com is at A; with mirrors at these places. */
export function atA(...mirrors: readonly string[]): string {
  return registriesConf({
    prefix: "registry.example.com",
    location: "@A@",
    mirrors: mirrors.map((location) => ({ location })),
  });
}

/** Signatures are attached; there is a lookaside, which is an empty folder. */
const attached = {
  "default.yaml": "default-docker:\n  lookaside: file://@DIR@/none\n  use-sigstore-attachments: true\n",
};

/** Signatures are at server L. */
export const atL = { "default.yaml": "default-docker:\n  lookaside: http://@L@/sigs\n" };

export const signed = fixtureContent("sigstore-key-tag");
export const unsigned = fixtureContent("unsigned");
export const signedByOther = fixtureContent("sigstore-second-key");
export const signedForOtherTag = fixtureContent("sigstore-payload-reference-other-tag");
export const gpgSigned = fixtureContent("gpg-release-oci");
export const digest = "sha256:592aa109c62bb091ff31e8a5aadf98312f7e20e59355df6485245ddbee36e6c2";
export const otherDigest = "sha256:7ad660e7b396bb1413e82660c21bff898a869643ddbf256fee96322fc64f3e12";

export const manifestPath = "/v2/vendor/app/manifests/1.0";
export const attachmentTag = `${digest.replace(":", "-")}.sig`;
export const attachmentPath = `/v2/vendor/app/manifests/${attachmentTag}`;
export const payloadPath = payloadPathOf("vendor/app", signed);

/** Of the first signature that is attached. */
export function payloadPathOf(repository: string, content: ImageContent): string {
  const attachment = content.manifests.get(`${digest.replace(":", "-")}.sig`);
  if (attachment === undefined) throw new Error("nothing is attached");
  return `/v2/${repository}/blobs/${JSON.parse(Buffer.from(attachment.bytes).toString()).layers[0].digest}`;
}

/** A registry with the image as vendor/app. */
export function primary(content: ImageContent = signed, routes: Readonly<Record<string, Route>> = {}): ServerScript {
  return { routes: { ...routesOf("vendor/app", content), ...routes } };
}

/** A registry with the image as copy/vendor/app. */
export function mirror(content: ImageContent = signed, routes: Readonly<Record<string, Route>> = {}): ServerScript {
  return { routes: { ...routesOf("copy/vendor/app", content), ...routes } };
}

export const mirrorManifestPath = "/v2/copy/vendor/app/manifests/1.0";

/** What is not said is as it should be: a signed image at A, its signature attached, a policy that wants it. */
export function situation(name: string, changes: Partial<Situation> = {}): Situation {
  return {
    name,
    servers: { A: primary() },
    policy: sigstorePolicy(),
    registriesConf: atA(),
    registriesD: attached,
    ...changes,
  };
}

/** As `situation`, with one mirror at B. */
export function mirrored(name: string, changes: Partial<Situation> = {}): Situation {
  return situation(name, { servers: { A: primary(), B: mirror() }, registriesConf: atA("@B@/copy"), ...changes });
}
