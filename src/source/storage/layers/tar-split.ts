import { parseJson } from "../../../encoding/json.ts";
import { GoJsonDecoder } from "../../../encoding/json-go.ts";
import { decodeUtf8AsGo } from "../../../encoding/utf8.ts";
import { maxTarSplitEntryBytes } from "../../../limits.ts";

/** A part of an archive: bytes as they were, or the content of a file. */
export type TarSplitEntry =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | {
      readonly kind: "file";
      /** As the archive calls it, which need not be UTF-8. */
      readonly untrustedName: Uint8Array;
      readonly sizeBytes: bigint;
      /** CRC-64; empty for one without content. */
      readonly checksum: Uint8Array;
    };

const none = new Uint8Array();

/** Objects of six values, and perhaps some that a later version adds. */
const maxValues = 100;

/**
 * Reads one line of the file (tar-split: tar/storage/entry.go `Entry`, packer.go). A type that is not known is refused, where the reference
 * passes over it: what it stands for would be missing. That no name comes twice is not looked at, as it is when this is written: each file
 * is compared on its own.
 *
 * @returns `undefined` if it is none.
 */
export function parseTarSplitEntry(untrustedLine: Uint8Array): TarSplitEntry | undefined {
  const root = parseJson(decodeUtf8AsGo(untrustedLine), { maxValues });
  if (!root.ok || root.value.kind !== "object") return undefined;
  const decoder = new GoJsonDecoder();
  let [type, sizeBytes, name] = [0n, 0n, ""];
  let rawName: Uint8Array | undefined;
  let payload: Uint8Array | undefined;
  for (const { key, value } of root.value.members) {
    // As the packer writes them: in lower case, each once.
    if (key === "type") type = decoder.integer(value);
    else if (key === "name") name = decoder.string(value);
    else if (key === "name_raw") rawName = decoder.bytes(value);
    else if (key === "size") sizeBytes = decoder.integer(value);
    else if (key === "payload") payload = decoder.bytes(value);
  }
  if (decoder.mismatch) return undefined;
  if (type === 2n) return { kind: "bytes", bytes: payload ?? none };
  if (type !== 1n) return undefined;
  const untrustedName = rawName === undefined || rawName.length === 0 ? Buffer.from(name, "utf8") : rawName;
  return { kind: "file", untrustedName, sizeBytes, checksum: payload ?? none };
}

const lineEnd = 0x0a;

/**
 * Cuts what comes in pieces into lines, without their ends. Throws an Error if one has more than `maxTarSplitEntryBytes`, or the last has no
 * end.
 */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let begun: Uint8Array[] = [];
  let begunBytes = 0;
  for await (const piece of pieces) {
    let start = 0;
    for (let end = piece.indexOf(lineEnd); end !== -1; end = piece.indexOf(lineEnd, start)) {
      const rest = piece.subarray(start, end);
      checkLength(begunBytes + rest.length);
      yield begun.length === 0 ? rest : Buffer.concat([...begun, rest]);
      begun = [];
      begunBytes = 0;
      start = end + 1;
    }
    if (start === piece.length) continue;
    begun.push(piece.subarray(start));
    begunBytes += piece.length - start;
    checkLength(begunBytes);
  }
  if (begunBytes > 0) throw new Error("the list of its parts ends in the middle of one");
}

function checkLength(bytes: number): void {
  if (bytes > maxTarSplitEntryBytes) {
    throw new Error(`a part in the list of its parts has more than ${maxTarSplitEntryBytes} bytes`);
  }
}
