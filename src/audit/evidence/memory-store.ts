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

/** Of the images that were looked at last: tags of one image come one after the other, and have all in common. */
const maxRecent = 64;
const maxRecentBytes = 8 * 1024 * 1024;

/** A store that is not asked again for what was just read. */
export function withRecent(store: EvidenceStore): EvidenceStore {
  const recent = new Map<ContentKey, Uint8Array>();
  let bytes = 0;
  return {
    put: (content) => store.put(content),
    get: async (key) => {
      const known = recent.get(key);
      if (known !== undefined) return known;
      const content = await store.get(key);
      // Two that asked at once.
      if (content === undefined || recent.has(key)) return content;
      recent.set(key, content);
      bytes += content.length;
      for (const [oldest, { length }] of recent) {
        if (recent.size <= maxRecent && bytes <= maxRecentBytes) break;
        recent.delete(oldest);
        bytes -= length;
      }
      return content;
    },
    close: () => {
      recent.clear();
      store.close();
    },
  };
}
