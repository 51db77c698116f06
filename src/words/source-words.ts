import type { InternalProblem, SourceProblem } from "../verdict/verdict.ts";
import { because } from "./format.ts";
import { referenceFlawText } from "./identity-words.ts";
import { line, plain, quote } from "./quote.ts";
import type { Words } from "./words.ts";

/** What was named as the source or request is nothing that can be judged: a sentence without its full stop. */
export const sourceWords = {
  "usage.source.registry": ({ source }) =>
    `${plain(source)} is a registry. What was verified must be what gets installed, and a registry can give ` +
    "something else the next time it is asked, so only an image on disk is verified",
  "usage.source.unsupported": ({ source, transport }) =>
    `${plain(source)} is of transport ${quote(transport)}, and images are read from dir:, oci:, oci-archive:, docker-archive: and containers-storage: only`,
  "usage.source.invalid": ({ source, transport, flaw }) =>
    `${plain(source)} is not a reference of transport ${plain(transport)}: ${referenceFlawText(flaw)}`,
  "usage.request.malformed": ({ detail, form }) => {
    if (form === "input") return `Standard input cannot be read, and may have more requests${because(detail)}`;
    return `This ${form === "call" ? "call has no request that can be judged" : "line is not a request"}${because(detail)}`;
  },
} satisfies Words<SourceProblem, "code">;

export const internalWords = {
  "internal.error": ({ detail }) =>
    `This is a bug in sealcheck, and the image was not accepted${detail === "" ? "" : ` (${line(detail)})`}`,
} satisfies Words<InternalProblem, "code">;
