import type { ImageListProblem, ListedImageProblem, PassedOver } from "../inventory/image-list.ts";
import type { NotPinnedReason } from "../inventory/pin-images.ts";
import { countText, sizeText } from "./format.ts";
import { referenceFlawText } from "./identity-words.ts";
import { line, plain, quote } from "./quote.ts";
import { say, type Words } from "./words.ts";

/** Why no images can be taken from the file: a sentence without its full stop, and what to do. */
export function imageListProblemText(problem: ImageListProblem): string {
  return say(imageListWords, "flaw", problem, undefined);
}

const lookedFor =
  "fields image, also with repository and tag or reference below, and additionalImages of an ImageSetConfiguration";

const imageListWords = {
  encoding: () => "The list of images is not UTF-8. Save it as UTF-8",
  "too-large": ({ limit }) => `The list of images is larger than ${sizeText(limit)}. Split it`,
  "too-many-images": ({ limit }) => `The list names more than ${countText(limit, "image")}. Split it`,
  empty: () => "The list of images is empty",
  "nothing-found": ({ passedOver }) => {
    const found = `No image was found in this YAML; looked for were ${lookedFor}. A list with one image a line must not begin with a dash, a quotation mark or a key`;
    return passedOver.length === 0 ? found : `${found}. ${passedOver.map(passedOverText).join(". ")}`;
  },
  "yaml-syntax": (problem) =>
    `${at(problem)}: this is not YAML: ${line(problem.detail)}. A template of a Helm chart is none before \`helm template\` has filled it`,
  "yaml-duplicate-key": (problem) =>
    `${at(problem)}: the key ${quote(problem.key)} is there twice, and programs differ in which they take. Remove one`,
  "yaml-alias-unknown": (problem) => `${at(problem)}: there is no anchor ${quote(problem.alias)} before this alias`,
  "yaml-depth": (problem) => `${at(problem)}: more than ${countText(problem.limit, "level")} within each other`,
  "yaml-too-many-tokens": (problem) =>
    `${at(problem)}: this YAML document holds more than ${countText(problem.limit, "token")}. Split it`,
  character: (problem) => {
    const code = (problem.character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    return `${at(problem)}: the character U+${code} is a line's end to some programs, and an error to others. Remove it`;
  },
} satisfies Words<ImageListProblem, "flaw">;

function at(place: { readonly line: number; readonly column: number }): string {
  return `Line ${place.line}, column ${place.column}`;
}

/** Why it cannot be said which image is meant: a sentence without its full stop, and what to do. `text` is what is written there. */
export function listedImageProblemText(text: string, problem: ListedImageProblem): string {
  return say(listedImageWords, "flaw", problem, text);
}

const listedImageWords = {
  empty: () => "The name of the image is empty",
  blank: ({ character }, text) => `${quote(text)} has ${quote(character)} in it, and no name of an image has that`,
  variable: ({ variable }, text) =>
    `${quote(text)} needs a value for ${quote(variable)}. Fill it in first; for Docker Compose \`docker compose config\` does`,
  template: (_, text) => `${quote(text)} is part of a template. Fill it in first; for Helm \`helm template\` does`,
  "short-name": ({ full }, text) =>
    `${quote(text)} names no registry, and which one is meant depends on the machine. Write ${plain(full)}, if that is meant`,
  path: (_, text) => `${quote(text)} is a path. For an image in a directory write dir: in front of it`,
  scheme: ({ scheme }, text) => `${quote(text)} begins with ${quote(scheme)}. Leave that out, or write docker://`,
  "transport-unsupported": ({ transport }, text) =>
    `${quote(text)} is of transport ${quote(transport)}. Images are checked from registries, and from dir:, oci:, oci-archive:, docker-archive: and containers-storage:`,
  local: ({ transport }, text) =>
    `${quote(text)} is of transport ${quote(transport)}, and this field names images of registries only`,
  "docker-reference": ({ problem }, text) =>
    `${quote(text)} is not the name of an image in a registry: ${referenceFlawText(problem)}`,
  "slashes-missing": (_, text) => `${quote(text)} has docker: without //. Write docker://`,
  "tag-and-digest": (_, text) => `${quote(text)} has a tag and a digest. Leave out the tag: the digest alone decides`,
  "not-text": ({ field }) =>
    `The field ${quote(field)} is no text here, and programs differ in which text they make of it. Put it in quotation marks`,
  tagged: ({ tag }) =>
    `The name of the image has the YAML tag ${quote(tag)}, and is not what is written. Write it in full`,
  "parts-without-tag": (_, text) =>
    `${quote(text)} has neither tag nor digest beside repository, and the chart decides. Check the output of \`helm template\``,
  merges: ({ limit }) => `More than ${limit} maps are merged into this image. Write it in full`,
} satisfies Words<ListedImageProblem, "flaw", string>;

/** What was not looked at, and how to have it checked: a sentence without its full stop. */
export function passedOverText(passedOver: PassedOver): string {
  const { what, path } = passedOver;
  return `${at(passedOver)}: ${plain(path)} was passed over: ${passedOverWords[what]}`;
}

const fromMapping = "which images that means is known to a registry only. Check the mapping.txt that oc-mirror writes";

const passedOverWords = {
  operators: fromMapping,
  platform: fromMapping,
  helm: "which images its charts name is not in this file. Check the output of `helm template`",
  samples: fromMapping,
  "kustomize-images": "what it replaces is in other files. Check the output of `kustomize build`",
} satisfies Record<PassedOver["what"], string>;

/** Why an image was not pinned, as a clause. */
export function notPinnedText(why: NotPinnedReason): string {
  return notPinnedWords[why];
}

const notPinnedWords = {
  "no-digest": "its digest is not known",
  "not-a-reference": "it cannot be said which image is meant",
  local: "an image on disk has no name with a digest",
  mapping: "the destination of a mapping is a tag",
  "no-digest-field": "it has no field digest, beside repository, with a text in quotation marks to put it in",
  shared: "its text is used for another image too, by an alias",
} satisfies Record<NotPinnedReason, string>;

/** What is said of a list of lines `source=destination`. */
export const mappingText = "The list is of lines source=destination, as in mapping.txt: the destinations are checked";
