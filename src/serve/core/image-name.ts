import type { StorageEnvironment } from "../../config/storage-conf-files.ts";
import type { OpenDirectory } from "../../host/open-directory.ts";
import { hostPathResolver } from "../../host/path-resolver.ts";
import { type Identity, parseIdentity } from "../../identity/identity.ts";
import { splitOciReference } from "../../identity/oci-reference.ts";
import { transportNamed } from "../../identity/transports.ts";
import type { ConfigProblem } from "../../image/access-problem.ts";
import type { OpenImage } from "../../image/image.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { fail, ok, type Result } from "../../result.ts";
import { openDirIn } from "../../source/dir/dir-source.ts";
import { openSource } from "../../source/open-source.ts";
import { parsePlace } from "../../source/place.ts";
import type { RegistryAccess } from "../../source/registry/registry-access.ts";
import type { ErrorProblem } from "../../verdict/verdict.ts";

/** Which image is to be opened. */
export type ImageName =
  /** `transport:reference`, opened with the rights of this process. */
  | { readonly kind: "reference"; readonly untrustedText: string }
  /** What lies in a directory that the caller has opened, and this closes. */
  | {
      readonly kind: "directory";
      readonly directory: OpenDirectory;
      readonly layout: "dir" | "oci";
      /** Which of the images of an OCI layout; "" if there is only one. */
      readonly untrustedImage: string;
    };

/** Where images come from. */
export interface ImageSources {
  readonly environment: StorageEnvironment & { readonly PWD?: string | undefined };
  /** Opened once there is an image in a registry. */
  readonly registries: () => Promise<Result<RegistryAccess, ConfigProblem>>;
}

/** An image that has a name and was not looked at yet. */
export interface NamedImage {
  readonly transport: string;
  /** What the image is called by its own name; `undefined` where it has none. */
  readonly identity: Identity | undefined;
  open(signal: AbortSignal): Promise<Result<OpenImage, ImageProblem>>;
}

/** Reads a name. Nothing is opened yet, and nothing of a directory is read. */
export function nameImage(name: ImageName, sources: ImageSources): Result<NamedImage, ErrorProblem> {
  return name.kind === "directory" ? nameDirectory(name) : nameReference(name.untrustedText, sources);
}

/** With a transport, as the reference asks for it (image/v5: transports/alltransports `ParseImageName`). */
function nameReference(text: string, { environment, registries }: ImageSources): Result<NamedImage, ErrorProblem> {
  const colon = text.indexOf(":");
  const transport = colon === -1 ? undefined : transportNamed(text.slice(0, colon))?.name;
  if (transport === undefined) {
    return fail({ code: "usage.source.unsupported", source: text, transport: text.slice(0, Math.max(0, colon)) });
  }
  const identity = parseIdentity(text, hostPathResolver(environment.PWD));
  if (!identity.ok) return identity;
  const { dockerReference } = identity.value;
  if (transport === "docker" && dockerReference !== undefined) {
    const open = async (signal: AbortSignal): Promise<Result<OpenImage, ImageProblem>> => {
      const access = await registries();
      return access.ok ? access.value.open(dockerReference, signal) : access;
    };
    return ok({ transport, identity: identity.value, open });
  }
  const place = parsePlace(text);
  if (!place.ok) return place;
  const open = async () => openSource(place.value, { environment });
  return ok({ transport, identity: identity.value, open });
}

function nameDirectory({
  directory,
  layout,
  untrustedImage,
}: Extract<ImageName, { kind: "directory" }>): Result<NamedImage, ErrorProblem> {
  if (layout === "dir") {
    return ok({ transport: "dir", identity: undefined, open: async () => openDirIn(directory, sentDirectory) });
  }
  const reference = `${sentDirectory}${untrustedImage === "" ? "" : `:${untrustedImage}`}`;
  const split = splitOciReference(reference, { allowIndex: true });
  if (!split.ok) {
    directory.close();
    return fail({ code: "usage.source.invalid", source: `oci:${reference}`, transport: "oci", flaw: split.problem });
  }
  const { image } = split.value;
  const open = async (): Promise<Result<OpenImage, ImageProblem>> => {
    const [{ filesIn }, { OciLayout }] = await Promise.all([
      import("../../source/layout/directory-files.ts"),
      import("../../source/layout/oci-layout.ts"),
    ]);
    return ok(new OciLayout(filesIn(directory), { path: sentDirectory, image, useAttachments: false }));
  };
  return ok({ transport: "oci", identity: undefined, open });
}

/** What it is called in messages: it came without a name. */
const sentDirectory = "the directory that was sent";
