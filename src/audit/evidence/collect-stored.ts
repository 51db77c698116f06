import type { PlatformChoice } from "../../engine/choices.ts";
import { identityOf, type NamedImage, namedImages } from "../../source/storage/named-images.ts";
import type { ImageStorage } from "../../source/storage/storage.ts";
import type { StoredImage } from "../../source/storage/stored-image.ts";
import { collect, noEvidence } from "./collect.ts";
import { saveEvidence } from "./encode-evidence.ts";
import type { ContentKey, Evidence, EvidenceStore } from "./evidence.ts";

/** An image that lies on this machine, by one of its names, and what was found of it. */
export interface KeptImage {
  /** As a SOURCE. */
  readonly source: string;
  /** What a pull of it would be judged as. */
  readonly identity: string;
  readonly evidence: ContentKey;
}

/**
 * Keeps what there is of the images of a storage, one after the other. What cannot be read is kept as that. Blobs are not looked at: podman has
 * unpacked them.
 *
 * @throws {@link StoreFailed}
 */
export async function* collectStored(
  storage: ImageStorage,
  images: readonly StoredImage[],
  { store, platform }: { readonly store: EvidenceStore; readonly platform: PlatformChoice },
): AsyncGenerator<KeptImage> {
  for (const named of namedImages(storage, images)) {
    const evidence = await saveEvidence(store, await evidenceOf(storage, named, { store, platform }));
    yield { source: named.source, identity: identityOf(named), evidence };
  }
}

const transport = "containers-storage";

async function evidenceOf(
  storage: ImageStorage,
  { reference }: NamedImage,
  how: { readonly store: EvidenceStore; readonly platform: PlatformChoice },
): Promise<Evidence> {
  const opened = storage.open(reference);
  if (!opened.ok) return noEvidence(transport, opened.problem);
  try {
    return await collect(
      opened.value,
      { transport },
      { ...how, blobs: "none", blobMemo: new Map(), signal: undefined },
    );
  } finally {
    await opened.value.close();
  }
}
