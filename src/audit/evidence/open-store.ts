import { openDirectoryStore } from "./directory-store.ts";
import type { EvidenceStore } from "./evidence.ts";

/** Opens where contents are kept: a directory, which is made if it is not there. @throws StoreFailed */
export function openEvidenceStore(place: string): Promise<EvidenceStore> {
  return openDirectoryStore(place);
}
