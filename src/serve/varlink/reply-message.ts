/** What may stand in a reply. An absent `continues` means the last one, and keys that are not needed make sd-varlink close. */
export type ReplyMessage =
  | { readonly parameters: object; readonly continues?: true }
  | { readonly error: string; readonly parameters: object };

/** With its NUL, which JSON has nowhere. */
export function encodeReply(message: ReplyMessage): Uint8Array {
  return Buffer.from(`${JSON.stringify(message)}\0`);
}
