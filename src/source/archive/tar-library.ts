import type { TarHeader } from "modern-tar";
import { errorText } from "../../result.ts";
import { malformed } from "./archive-failure.ts";

/**
 * What the blocks before a member's content say: extensions, if there are any, and its header. They have been looked at
 * (tar-header.ts). Throws ArchiveFailure if the checksum is wrong.
 *
 * The library takes a stream and makes all of it; so it is given no more than this, for each member anew, and large contents can
 * be passed over in the file.
 */
export async function decodeTarHeader(blocks: Uint8Array): Promise<TarHeader> {
  const { createTarDecoder } = await import("modern-tar");
  const { readable, writable } = createTarDecoder({ strict: true });
  const reader = readable.getReader();
  const writer = writable.getWriter();
  const first = reader.read();
  // What goes wrong here goes wrong for the reader as well: it would wait for more blocks, if there were to be any.
  writer.write(blocks).catch(() => undefined);
  writer.close().catch(() => undefined);
  try {
    const { value } = await first;
    if (value === undefined) throw new Error("no header");
    return value.header;
  } catch (error) {
    throw malformed(`a header of a member cannot be read: ${errorText(error)}`);
  } finally {
    reader.cancel().catch(() => undefined);
  }
}
