import type { LogEntry } from "./service-log.ts";

/** Of every entry, so that all of them are found by it: `journalctl MESSAGE_ID=…`. */
const messageId = "8f9c2d5c0b8e4f6c9d3a6a1f5e0c7b42";

/**
 * An entry in the journal's native protocol (systemd: docs/JOURNAL_NATIVE_PROTOCOL.md): `FIELD=value` on a line, and what has several lines
 * with its length before it.
 */
export function journalBytes({ priority, message, fields }: LogEntry): Uint8Array {
  const all = {
    MESSAGE: message,
    MESSAGE_ID: messageId,
    PRIORITY: `${priority}`,
    SYSLOG_IDENTIFIER: "sealcheck",
    ...fields,
  };
  return Buffer.concat(Object.entries(all).flatMap(([name, value]) => fieldBytes(name, value)));
}

function fieldBytes(name: string, value: string): readonly Uint8Array[] {
  const bytes = Buffer.from(value);
  if (!value.includes("\n")) return [Buffer.from(`${name}=`), bytes, lineEnd];
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return [Buffer.from(`${name}\n`), length, bytes, lineEnd];
}

const lineEnd = Buffer.from("\n");

/** The same as lines for standard error, with its severity as systemd reads it (sd-daemon(3)) where that is asked for. */
export function plainText(
  { priority, message, fields }: LogEntry,
  { hasSeverity }: { readonly hasSeverity: boolean },
): string {
  const prefix = hasSeverity ? `<${priority}>` : "";
  const peer = fields.SEALCHECK_PEER_UID;
  const asker = peer === undefined ? [] : [`asked by user ${peer}, process ${fields.SEALCHECK_PEER_PID}`];
  const told = [...(fields.SEALCHECK_CODE === undefined ? [] : [fields.SEALCHECK_CODE]), ...asker];
  const who = told.length === 0 ? "" : ` (${told.join(", ")})`;
  const [first = "", ...rest] = message.split("\n");
  return [`${first}${who}`, ...rest].map((line) => `${prefix}${line}\n`).join("");
}
