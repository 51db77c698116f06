import type { ContentKey, EvidenceStore } from "./evidence.ts";

/** What is kept in memory of one image while its evidence is collected. */
const maxKeptBytes = 16 * 1024 * 1024;

/** A store that does not have to be asked for what was just put into it. */
export function withMemory(store: EvidenceStore): EvidenceStore {
  const kept = new Map<ContentKey, Uint8Array>();
  let bytes = 0;
  return {
    put: async (content) => {
      const key = await store.put(content);
      if (!kept.has(key) && bytes + content.length <= maxKeptBytes) {
        kept.set(key, content);
        bytes += content.length;
      }
      return key;
    },
    get: async (key) => kept.get(key) ?? store.get(key),
    close: () => kept.clear(),
  };
}
