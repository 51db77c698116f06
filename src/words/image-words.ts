import { digestText } from "../encoding/digest.ts";
import type { ArchiveFlaw, FoundSource, ImageProblem } from "../image/problem.ts";
import { accessWords } from "./access-words.ts";
import { because, countText, listText, sizeText } from "./format.ts";
import { mistakenText } from "./mistaken-words.ts";
import { plain, quote } from "./quote.ts";
import type { Words } from "./words.ts";

const archiveFlaws = {
  path: "which leads out of it",
  encoding: "whose name is not UTF-8",
  link: "which is a link",
  special: "which is neither a file nor a directory",
  sparse: "which is a sparse file",
  duplicate: "which it has twice",
  "too-large": "which is larger than such a file may be",
} as const satisfies Record<ArchiveFlaw, string>;

const foundWords = {
  dir: "a directory as `skopeo copy … dir:` writes it",
  oci: "an OCI layout",
  "oci-archive": "an OCI archive",
  "docker-archive": "a Docker archive",
} as const satisfies Record<FoundSource, string>;

/** Why an image cannot be judged: a sentence without its full stop. */
export const imageWords = {
  ...accessWords,
  "image.source.unreadable": ({ path, reason, isForSignatures }) =>
    `${isForSignatures === true ? "The directory of signatures " : ""}${plain(path)} cannot be opened${because(reason)}`,
  "image.source.malformed": (problem) =>
    "detail" in problem
      ? `${plain(problem.name)} is malformed${because(problem.detail)}`
      : `There is no ${plain(problem.name)}${problem.found === undefined ? "" : `: this is ${foundWords[problem.found]}`}`,
  "image.source.not-found": ({ wanted, untrustedNames }) =>
    untrustedNames.length === 0
      ? `There is no image ${quote(wanted)}, nor any other`
      : `There is no image ${quote(wanted)}; there is ${listText(untrustedNames.map(quote), "and")}`,
  "image.source.ambiguous": ({ count, untrustedNames, wanted }) => {
    if (count === 0) return "It lists no image";
    const what = wanted === undefined ? ", and none was named" : ` of the name ${quote(wanted)}`;
    const names = untrustedNames.length === 0 ? "" : `: ${listText(untrustedNames.map(quote), "and")}`;
    return `There are ${countText(count, "image")}${what}${names}`;
  },
  "image.source.changed": ({ path, missing }) =>
    missing === undefined
      ? `${plain(path)} was changed while it was read, each time`
      : `images.json lists ${plain(missing)}, which is not in ${plain(path)}`,
  "image.archive.malformed": (problem) =>
    "detail" in problem
      ? `The archive cannot be read${because(problem.detail)}`
      : `The archive is compressed with ${problem.compression}, which is not read here; gzip and zstd are`,
  "image.archive.member": ({ untrustedName, flaw }) =>
    `The archive has a member ${quote(untrustedName)}, ${archiveFlaws[flaw]}`,
  "image.archive.too-large": ({ maxBytes }) =>
    `The archive unpacks to more than ${sizeText(maxBytes)}, far more than its size lets expect`,
  "image.version.unsupported": ({ untrustedVersion }) =>
    `The version file says ${quote(untrustedVersion)}, which is no known version of this directory layout; ` +
    'known are "Directory Transport Version: 1.1" with a line end, and the like up to 1.2',
  "image.manifest.missing": ({ path }) => `There is no manifest.json in ${plain(path)}`,
  "image.manifest.too-large": (problem) => {
    if ("maxValues" in problem)
      return `The manifest holds more than ${countText(problem.maxValues, "value")}, nested ones included`;
    return "maxImages" in problem
      ? `The index is not accepted itself, and lists more than ${countText(problem.maxImages, "image")}`
      : `The manifest is larger than ${sizeText(problem.maxBytes)}`;
  },
  "image.manifest.malformed": ({ detail }) => `The manifest is malformed${because(detail)}`,
  "image.manifest.ambiguous": ({ flaw, untrustedKey }) =>
    flaw === "other-kind"
      ? `The manifest (signed, schema 1) has ${quote(untrustedKey)} as only other kinds of manifest have, and could be read as either`
      : `The manifest (signed, schema 1) shows other content than its digest covers: ${quote(untrustedKey)} differs, ` +
        "so a signature of that digest does not vouch for it",
  "image.manifest.digest-mismatch": ({ expected, actual }) =>
    `What lies under ${digestText(expected)} is another manifest, ${digestText(actual)}`,
  "image.instance.missing": ({ digest, platform }) =>
    `The index lists ${digestText(digest)} for ${plain(platform)}, and that manifest is not there`,
  "image.platform.missing": ({ wanted, untrustedPlatforms }) =>
    `The index lists no image for ${plain(wanted)}, but for ${listText(untrustedPlatforms.map(plain), "and")}`,
  "image.blob.missing": ({ missing }) =>
    `${countText(missing.length, "blob")} missing: ${listText(missing.map(plain), "and")}`,
  "image.blob.corrupt": ({ corrupt, missing }) =>
    `${countText(corrupt.length, "blob")} with other content than the manifest says: ${listText(corrupt.map(plain), "and")}` +
    (missing.length === 0
      ? ""
      : `; ${countText(missing.length, "blob")} missing: ${listText(missing.map(plain), "and")}`),
  "image.file.unreadable": ({ name, reason }) => `${plain(name)} cannot be read${because(reason)}`,
  "image.file.symlink": ({ name }) => `${plain(name)} is a symbolic link, and links are not followed here`,
  "image.file.special": ({ name }) => `${plain(name)} is not a regular file`,
  "image.signature.too-large": ({ name, maxBytes, maxValues }) =>
    maxBytes === undefined
      ? `${plain(name)} holds more than ${countText(maxValues ?? 0, "value")}`
      : `${plain(name)} is larger than ${sizeText(maxBytes)}`,
  "image.signature.too-many": ({ maxCount }) => `There are more than ${maxCount} signatures`,
  "image.signature.empty": ({ name }) => `${plain(name)} is empty`,
  "image.signature.format": ({ name, detail, mistaken }) =>
    mistaken === undefined
      ? `${plain(name)} is no signature of a known format${because(detail)}`
      : `${plain(name)} is no signature file of containers/image, but ${mistakenText(mistaken)}`,
  "image.signature.malformed": ({ name, detail }) => `${plain(name)} is broken${because(detail)}`,
} satisfies Words<ImageProblem, "code">;
