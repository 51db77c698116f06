import type { StorageEnvironment } from "../config/storage-conf-files.ts";
import type { OpenImage } from "../image/image.ts";
import type { ImageProblem } from "../image/problem.ts";
import { assertNever, type Eventually, ok, type Result } from "../result.ts";
import { openDir } from "./dir/dir-source.ts";
import type { Place } from "./place.ts";

export interface SourceOptions {
  /** Where the settings of podman's storage are looked for. */
  readonly environment: StorageEnvironment;
  /** The signatures of a layout are what cosign attached, not the files `signature-1`, …. */
  readonly useAttachments?: boolean;
  /** Nobody will ask for the manifest: it need not be there. */
  readonly isManifestUnneeded?: boolean;
}

/** Opens an image where it lies. Who opens it closes it. What only one transport needs is loaded for that one. */
export function openSource(place: Place, options: SourceOptions): Eventually<Result<OpenImage, ImageProblem>> {
  switch (place.transport) {
    case "dir":
      return openDir(place.path);
    case "oci":
      return openOci(place, options);
    case "containers-storage":
      return openStored(place, options);
    case "oci-archive":
      return openArchivedLayout(place, options);
    case "docker-archive":
      return openDockerArchived(place);
    default:
      return assertNever(place);
  }
}

async function openOci(
  { path, image }: Extract<Place, { transport: "oci" }>,
  { useAttachments = false }: SourceOptions,
): Promise<Result<OpenImage, ImageProblem>> {
  const { openDirectoryFiles } = await import("./layout/directory-files.ts");
  const { OciLayout } = await import("./layout/oci-layout.ts");
  const files = openDirectoryFiles(path);
  return files.ok ? ok(new OciLayout(files.value, { path, image, useAttachments })) : files;
}

async function openStored(
  { store, image }: Extract<Place, { transport: "containers-storage" }>,
  { environment, isManifestUnneeded = false }: SourceOptions,
): Promise<Result<OpenImage, ImageProblem>> {
  const { openStorageOf } = await import("./storage/open-storage.ts");
  const storage = await openStorageOf(store, environment);
  if (!storage.ok) return storage;
  try {
    return storage.value.open(image, { isManifestUnneeded });
  } finally {
    storage.value.close();
  }
}

async function openArchivedLayout(
  { path, image }: Extract<Place, { transport: "oci-archive" }>,
  { useAttachments = false }: SourceOptions,
): Promise<Result<OpenImage, ImageProblem>> {
  const { openOciArchive } = await import("./archive/oci-archive.ts");
  const { OciLayout } = await import("./layout/oci-layout.ts");
  const files = await openOciArchive(path);
  return files.ok ? ok(new OciLayout(files.value, { path, image, useAttachments })) : files;
}

async function openDockerArchived({
  path,
  image,
}: Extract<Place, { transport: "docker-archive" }>): Promise<Result<OpenImage, ImageProblem>> {
  const { openDockerArchive } = await import("./archive/docker-archive.ts");
  return openDockerArchive(path, image);
}
