import type { FileWarning } from "../host/file-warning.ts";
import { plain } from "./quote.ts";
import { say, type Words } from "./words.ts";

/** A warning as a line of its own. */
export function warningText(warning: FileWarning): string {
  return `sealcheck: warning: ${say(warningWords, "kind", warning, undefined)}`;
}

const warningWords = {
  "writable-by-all": ({ path }) =>
    `${plain(path)} can be changed by every user of this machine; remove that with chmod o-w`,
  "foreign-owner": ({ path, ownerId }) => `${plain(path)} belongs to user ${ownerId}, not to root, who can change it`,
} satisfies Words<FileWarning, "kind">;
