import { digestText } from "../encoding/digest.ts";
import { parseNamed, referenceText } from "../identity/docker-reference.ts";
import type { ImageList, ImagePlace, ListedImage, NoPinning, TextRange } from "./image-list.ts";
import { type CheckedReference, readReference } from "./read-reference.ts";

export interface PinnedText {
  readonly text: string;
  /** What is left as it was. */
  readonly notPinned: readonly NotPinned[];
}

export interface NotPinned {
  readonly image: string;
  /** `undefined` in a list that was not read from a file. */
  readonly place: ImagePlace | undefined;
  readonly why: NotPinnedReason;
}

export type NotPinnedReason =
  | NoPinning
  /** There is no digest for it. */
  | "no-digest"
  /** An image on disk has no name with a digest. */
  | "local"
  /** Its text is also used for another image, by an alias, which needs it otherwise or as it is. */
  | "shared";

/**
 * The file that `list` was read from, with the images pinned by their digests, and everything else byte for byte as it was.
 *
 * `host/repository:tag` becomes `host/repository@sha256:…`, without the tag: Kubernetes, CRI-O, podman and Docker take a tag beside a
 * digest, and pass over it, but `docker://` takes one of them only (containers/image: docker/docker_transport.go), so that nothing
 * could check or copy what is rolled out under that name. What has a digest already stays as it is.
 *
 * @param pinned `host/repository@sha256:…` for the texts of the list.
 */
export function pinImages(text: string, list: ImageList, pinned: ReadonlyMap<string, string>): PinnedText {
  const edits = new Edits();
  const notPinned: NotPinned[] = [];
  for (const image of list.images) {
    const target = pinnedTarget(image, pinned);
    for (const place of image.places) {
      const why = edits.plan(image.text, place, target);
      if (why !== undefined) notPinned.push({ image: image.text, place, why });
    }
  }
  return { text: edits.applyTo(text), notPinned: [...notPinned, ...edits.shared()] };
}

/** One reference a line, pinned as {@link pinImages} does; for references that did not come from a file. */
export function pinnedList(references: readonly string[], pinned: ReadonlyMap<string, string>): PinnedText {
  const notPinned: NotPinned[] = [];
  const lines = [...new Set(references)].map((text) => {
    const target = pinnedTarget({ text, reference: readReference(text) }, pinned);
    if (typeof target === "object") return target.reference ?? text;
    notPinned.push({ image: text, place: undefined, why: target });
    return text;
  });
  return { text: lines.map((line) => `${line}\n`).join(""), notPinned };
}

/** What to write in place of a whole reference, `undefined` if nothing, and what as the digest alone. */
interface Target {
  readonly reference: string | undefined;
  readonly digest: string;
}

function pinnedTarget(
  { text, reference }: Pick<ListedImage, "text" | "reference">,
  pinned: ReadonlyMap<string, string>,
): Target | NotPinnedReason {
  if (!reference.ok) return "not-a-reference";
  if (reference.value.kind === "local") return "local";
  const name = pinned.get(text);
  if (name === undefined) return "no-digest";
  return targetOf(name, reference.value, text.startsWith("docker://") ? "docker://" : "");
}

function targetOf(
  name: string,
  { reference }: Extract<CheckedReference, { readonly kind: "registry" }>,
  prefix: string,
): Target {
  const parsed = parseNamed(name);
  const digest = parsed.ok && parsed.value.tag === undefined ? parsed.value.digest : undefined;
  const isSame = parsed.ok && parsed.value.name === reference.name;
  // A digest of another algorithm stands there already, and stays.
  const isOther =
    reference.digest?.algorithm === digest?.algorithm &&
    reference.digest !== undefined &&
    digest !== undefined &&
    digestText(reference.digest) !== digestText(digest);
  // It comes from the check of this very reference: anything else is a bug, and would roll out another image.
  if (!parsed.ok || digest === undefined || !isSame || isOther) throw new Error("not the digest of this image");
  return {
    reference: reference.digest === undefined ? `${prefix}${referenceText(parsed.value)}` : undefined,
    digest: digestText(digest),
  };
}

interface Edit {
  readonly range: TextRange;
  readonly replacement: string;
  readonly users: { readonly image: string; readonly place: ImagePlace }[];
}

/** What is to be written where. A text that has an anchor is found once for each alias, and may be part of different references. */
class Edits {
  readonly #edits = new Map<number, Edit>();
  /** Where texts begin that some reference needs as they are, or otherwise than another one. */
  readonly #contested = new Set<number>();

  /** Why it cannot be pinned; `undefined` if it is planned, or pinned already. */
  plan(image: string, place: ImagePlace, target: Target | NotPinnedReason): NotPinnedReason | undefined {
    for (const offset of place.reads) this.#contested.add(offset);
    const { pinning } = place;
    if (pinning.kind === "none") {
      if (typeof target === "string") return target;
      return target.reference === undefined ? undefined : pinning.why;
    }
    const { start } = pinning.range;
    if (typeof target === "string" || target.reference === undefined) {
      this.#contested.add(start);
      return typeof target === "string" ? target : undefined;
    }
    const replacement = pinning.kind === "digest" ? target.digest : target.reference;
    const known = this.#edits.get(start);
    if (known === undefined) this.#edits.set(start, { range: pinning.range, replacement, users: [{ image, place }] });
    else {
      known.users.push({ image, place });
      if (known.replacement !== replacement) this.#contested.add(start);
    }
    return undefined;
  }

  shared(): readonly NotPinned[] {
    const contested = [...this.#edits].filter(([start]) => this.#contested.has(start));
    return contested.flatMap(([, { users }]) => users.map((user): NotPinned => ({ ...user, why: "shared" })));
  }

  applyTo(text: string): string {
    const parts: string[] = [];
    let from = 0;
    const edits = [...this.#edits].filter(([start]) => !this.#contested.has(start)).sort(([a], [b]) => a - b);
    for (const [start, { range, replacement }] of edits) {
      parts.push(text.slice(from, start), replacement);
      from = range.end;
    }
    return [...parts, text.slice(from)].join("");
  }
}
