import type { BucketOptions } from "./bucket-store.ts";
import type { EvidenceStore } from "./evidence.ts";

/** Opens a directory, or a bucket (`s3://BUCKET/PREFIX`). @throws StoreFailed */
export async function openEvidenceStore(
  place: string,
  { mayMake = false, ...options }: BucketOptions & { readonly mayMake?: boolean },
): Promise<EvidenceStore> {
  if (place.startsWith("s3://")) {
    const { openBucketStore } = await import("./bucket-store.ts");
    return openBucketStore(place, options);
  }
  const { openDirectoryStore } = await import("./directory-store.ts");
  return openDirectoryStore(place, { mayMake });
}
