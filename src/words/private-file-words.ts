import type { PrivateFileProblem } from "../host/private-file.ts";
import { because } from "./format.ts";
import { plain } from "./quote.ts";
import type { Words } from "./words.ts";

const believed = "could be changed by somebody else, and its verdicts would be believed:";

/** Why a file is not used that verdicts are kept in. What it is called stands before it. */
export const privateFileWords = {
  symlink: (_, file) => `${file} is a symbolic link, which is not followed`,
  special: ({ isDirectory }, file) => `${file} is ${isDirectory ? "a directory" : "no regular file"}`,
  "several-names": (_, file) => `${file} has other names (hard links), under which it could be used at the same time`,
  "foreign-owner": ({ path, ownerId }, file) => `${file} ${believed} ${plain(path)} belongs to the user ${ownerId}`,
  "writable-by-others": ({ path }, file) =>
    `${file} ${believed} ${plain(path)} can be written by its group or by everybody; put it into a directory that only you can write`,
  system: ({ reason }, file) => `${file} cannot be used${because(reason)}`,
} satisfies Words<PrivateFileProblem, "kind", string>;
