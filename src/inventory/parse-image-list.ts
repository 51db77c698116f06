import { maxInventoryBytes, maxInventoryPlaces } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import type { ImageList, ImageListProblem, ListForm } from "./image-list.ts";
import { readLines, significantLines } from "./lines.ts";
import { ListBuilder } from "./list-builder.ts";
import { positionsIn } from "./position.ts";

/**
 * Characters that are no line's end here, but are one for Go's yaml.v3, which Kubernetes and Docker read with (YAML 1.1, b-char), so that
 * it sees fields in what is a comment here; a byte order mark inside; and control characters, which are no YAML.
 */
const ambiguous = /\r(?!\n)|[\0-\x08\x0b\x0c\x0e-\x1f\x7f\u0085\u2028\u2029]|(?!^)\uFEFF/;

/** Bytes of a list of images to text. A byte order mark stays, so that what is written back has it too. */
export function decodeImageList(untrustedBytes: Uint8Array): Result<string, ImageListProblem> {
  if (untrustedBytes.length > maxInventoryBytes) return fail({ flaw: "too-large", limit: maxInventoryBytes });
  try {
    return ok(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(untrustedBytes));
  } catch {
    return fail({ flaw: "encoding" });
  }
}

/**
 * Which images a file names: a list with one reference a line, mapping.txt, or YAML or JSON with fields that name images
 * (src/inventory/yaml/find-images.ts has which).
 *
 * The first line that is neither blank nor a comment decides. YAML, if it begins as no reference can (`- `, `---`, `{`, a quotation mark
 * and the like), or has a colon before a blank or at its end, so that it is a key. If it is neither, then for YAML the whole file
 * could only be a single text, without any fields: so no file of YAML that names images is taken for lines.
 */
export async function parseImageList(untrustedText: string): Promise<Result<ImageList, ImageListProblem>> {
  // No UTF-16 unit takes less than one byte; `decodeImageList` has compared the bytes.
  if (untrustedText.length > maxInventoryBytes) return fail({ flaw: "too-large", limit: maxInventoryBytes });
  const character = ambiguous.exec(untrustedText);
  if (character !== null) {
    return fail({ flaw: "character", character: character[0], ...positionsIn(untrustedText)(character.index) });
  }
  const [first] = significantLines(untrustedText);
  if (first === undefined) return fail({ flaw: "empty" });
  const list = new ListBuilder();
  const read = beginsYaml(first.content) ? await readYaml(untrustedText, list) : ok(readLines(untrustedText, list));
  if (!read.ok) return read;
  if (list.isFull) return fail({ flaw: "too-many-images", limit: maxInventoryPlaces });
  return list.isEmpty ? fail({ flaw: "nothing-found", passedOver: list.passedOver }) : ok(list.list(read.value));
}

async function readYaml(untrustedText: string, list: ListBuilder): Promise<Result<ListForm, ImageListProblem>> {
  const { readYamlDocuments } = await import("./yaml/documents.ts");
  const { findImages } = await import("./yaml/find-images.ts");
  const position = positionsIn(untrustedText);
  const read = await readYamlDocuments(untrustedText, position, (document) => findImages(document, position, list));
  return read.ok ? ok("yaml") : read;
}

/** Characters that YAML gives a meaning at the beginning of a text (YAML 1.2.2, c-indicator), and the end of a document. */
const yamlBeginning = /^(?:[-?:,[\]{}#&*!|>'"%@`]|\.\.\.(?:\s|$))/;

function beginsYaml(line: string): boolean {
  return yamlBeginning.test(line) || /:(?:\s|$)/.test(line.replace(/\s#.*$/, ""));
}
