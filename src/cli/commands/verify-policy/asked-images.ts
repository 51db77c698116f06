import { readOperandFile, readOperandStream } from "../../../host/operand-file.ts";
import { hostPathResolver } from "../../../host/path-resolver.ts";
import { parseIdentity } from "../../../identity/identity.ts";
import type { ImageList, ListedImage } from "../../../inventory/image-list.ts";
import { readReference } from "../../../inventory/read-reference.ts";
import { maxInventoryBytes } from "../../../limits.ts";
import { fail, ok, type Result } from "../../../result.ts";
import { parsePlace } from "../../../source/place.ts";
import type { CommandProblem } from "../../../words/command-words.ts";
import { imageListProblemText } from "../../../words/inventory-words.ts";
import type { Io } from "../../io.ts";
import type { AskedImage } from "./judge-reference.ts";

/** The file that `--images` names, read once. */
export interface GivenList {
  readonly path: string;
  readonly untrustedText: string;
  readonly list: ImageList;
}

/** Reads the file that names images; `-` is standard input. */
export async function readImageList(path: string, io: Io): Promise<Result<GivenList, CommandProblem>> {
  const unusable = (why: Extract<CommandProblem, { code: "usage.option.value" }>["why"]) =>
    fail({ code: "usage.option.value", option: "images", why } as const);
  const read =
    path === "-" ? await readOperandStream(io.stdin(), maxInventoryBytes) : readOperandFile(path, maxInventoryBytes);
  if (!read.ok) {
    const reason = read.problem.kind === "too-large" ? "it is too large" : read.problem.reason;
    return unusable({ kind: "unreadable", path, reason });
  }
  const { decodeImageList, parseImageList } = await import("../../../inventory/parse-image-list.ts");
  const text = decodeImageList(read.value);
  const list = text.ok ? await parseImageList(text.value) : text;
  if (!text.ok || !list.ok) {
    const reason = list.ok ? "" : imageListProblemText(list.problem);
    return unusable({ kind: "unusable", path, reason });
  }
  return ok({ path, untrustedText: text.value, list: list.value });
}

/** REF of the command line. */
export function askedByOperand(reference: string, io: Io): AskedImage {
  return askedImage({ text: reference, reference: readReference(reference) }, io);
}

/** What makes no sense is an error of that image alone. */
export function askedImage({ text, reference: read }: Pick<ListedImage, "text" | "reference">, io: Io): AskedImage {
  const reference = text;
  if (!read.ok) return { reference, image: { kind: "flawed", flaw: read.problem } };
  if (read.value.kind === "registry") {
    const { reference: name, identity } = read.value;
    return { reference, image: { kind: "registry", name, identity } };
  }
  const { source } = read.value;
  const place = parsePlace(source);
  if (!place.ok) return { reference, image: { kind: "problem", problem: place.problem } };
  const identity = parseIdentity(source, hostPathResolver(io.environment.PWD));
  if (!identity.ok) return { reference, image: { kind: "problem", problem: identity.problem } };
  return { reference, image: { kind: "source", source } };
}
