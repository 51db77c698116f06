import { type Digest, digestText, parseDigest } from "../../encoding/digest.ts";
import { isIdentifier } from "../../identity/docker-grammar.ts";
import {
  type DockerReference,
  parseNormalizedNamed,
  referenceText,
  withDefaultTag,
} from "../../identity/docker-reference.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { fail, ok, type Result } from "../../result.ts";
import type { ImageRecord } from "./image-record.ts";

/** The images of each place of a storage, in the order in which it is searched. */
export type ImageLists = readonly (readonly ImageRecord[])[];

export interface FoundImage {
  readonly record: ImageRecord;
  /** In which of the lists it is. */
  readonly list: number;
  /** By which name it was asked for, with a tag or digest; `undefined` if by its ID alone. */
  readonly named: DockerReference | undefined;
}

const maxNames = 100;

/** No shorter beginning of an ID is taken for one (containers/image: storage_transport.go `minimumTruncatedIDLength`). */
const minIdPrefixLength = 3;

/**
 * Finds the image that the part of a containers-storage reference behind the store means: `NAME[:TAG][@DIGEST][@ID]`, `ID`, or `@ID`,
 * where an ID may be the beginning of the one that begins so. "" means the only image that there is.
 *
 * As containers/image: storage_transport.go `ParseStoreReference`, then storage_reference.go `resolveImage`, but where several images
 * match a digest: the reference takes the one for this machine's platform, or the first. Here they have to be told apart by their IDs.
 */
export function resolveImage(text: string, lists: ImageLists): Result<FoundImage, ImageProblem> {
  if (text === "") return onlyImage(lists);
  const { nameText, id } = splitId(text, lists);
  if (nameText === undefined) return notFound(text, lists);
  if (nameText === "") return byId(id ?? "", undefined, text, lists);
  const parsed = parseNormalizedNamed(nameText);
  if (!parsed.ok) return notFound(text, lists);
  const named = withDefaultTag(parsed.value);
  return id === undefined ? byName(named, text, lists) : byId(id, named, text, lists);
}

/** The images of all lists; of those with the same ID the first counts. */
export function allImages(lists: ImageLists): readonly ImageRecord[] {
  const byId = new Map<string, ImageRecord>();
  for (const record of lists.flat()) if (!byId.has(record.id)) byId.set(record.id, record);
  return [...byId.values()];
}

function onlyImage(lists: ImageLists): Result<FoundImage, ImageProblem> {
  const records = allImages(lists);
  const [only] = records;
  if (only === undefined) return notFound("", lists);
  if (records.length === 1) return ok({ record: only, list: listOf(only, lists), named: undefined });
  return fail({ code: "image.source.ambiguous", count: records.length, untrustedNames: namesOf(lists) });
}

/** Takes the ID off a reference; `nameText` is `undefined` where what stands in its place is none. */
function splitId(text: string, lists: ImageLists): { readonly nameText: string | undefined; readonly id?: string } {
  const at = text.lastIndexOf("@");
  const last = at === -1 ? undefined : text.slice(at + 1);
  if (last !== undefined && parseDigest(last) === undefined) {
    const id = isIdentifier(last) ? last : expandId(last, lists);
    return id === undefined ? { nameText: undefined } : { nameText: text.slice(0, at), id };
  }
  const id = /[@:]/.test(text) ? undefined : expandId(text, lists);
  return id === undefined ? { nameText: text } : { nameText: "", id };
}

function expandId(text: string, lists: ImageLists): string | undefined {
  const id = text.length < minIdPrefixLength ? undefined : lookUp(text, lists)?.record.id;
  return id?.startsWith(text) ? id : undefined;
}

function byId(
  id: string,
  named: DockerReference | undefined,
  text: string,
  lists: ImageLists,
): Result<FoundImage, ImageProblem> {
  const found = lookUp(id, lists);
  if (found === undefined || (named !== undefined && !isOfRepository(found.record, named.name))) {
    return notFound(text, lists);
  }
  return ok({ ...found, named });
}

function byName(named: DockerReference, text: string, lists: ImageLists): Result<FoundImage, ImageProblem> {
  const exact = lookUp(referenceText(named), lists);
  if (exact !== undefined) {
    return isOfRepository(exact.record, named.name) ? ok({ ...exact, named }) : notFound(text, lists);
  }
  const { digest } = named;
  const matching = digest === undefined ? [] : withDigest(digest, named.name, lists);
  const [only] = matching;
  if (only === undefined) return notFound(text, lists);
  if (matching.length === 1) return ok({ record: only, list: listOf(only, lists), named });
  const untrustedNames = matching.slice(0, maxNames).map(({ id }) => `${referenceText(named)}@${id}`);
  return fail({ code: "image.source.ambiguous", count: matching.length, untrustedNames, wanted: text });
}

function withDigest(digest: Digest, repository: string, lists: ImageLists): readonly ImageRecord[] {
  const wanted = digestText(digest);
  return allImages(lists).filter(
    (record) => record.digests.some((own) => digestText(own) === wanted) && isOfRepository(record, repository),
  );
}

/** containers/image: storage_reference.go `imageMatchesRepo`. */
function isOfRepository({ untrustedNames }: ImageRecord, repository: string): boolean {
  return untrustedNames.some((name) => {
    const parsed = parseNormalizedNamed(name);
    return parsed.ok && parsed.value.name === repository;
  });
}

/**
 * An image by its ID, a name exactly as it is listed, or the beginning of an ID (containers/storage: store.go `Image`). A list behind the
 * first may have the record of an image that was since given other names in the first: then the first counts.
 */
function lookUp(key: string, lists: ImageLists): Pick<FoundImage, "record" | "list"> | undefined {
  for (const [list, records] of lists.entries()) {
    const record = lookUpIn(records, key);
    if (record === undefined) continue;
    if (list > 0 && lists[0]?.some(({ id }) => id === record.id)) continue;
    return { record, list };
  }
  return undefined;
}

/** containers/storage: images.go `lookup`, truncindex.go `Get`. */
function lookUpIn(records: readonly ImageRecord[], key: string): ImageRecord | undefined {
  const exact =
    records.find(({ id }) => id === key) ?? records.find(({ untrustedNames }) => untrustedNames.includes(key));
  if (exact !== undefined) return exact;
  const matching = records.filter(({ id }) => id.startsWith(key));
  return matching.length === 1 ? matching[0] : undefined;
}

function listOf(record: ImageRecord, lists: ImageLists): number {
  return lists.findIndex((records) => records.includes(record));
}

function notFound(wanted: string, lists: ImageLists): Result<never, ImageProblem> {
  return fail({ code: "image.source.not-found", wanted, untrustedNames: namesOf(lists) });
}

/** What images can be asked for by: their names, or their ID where they have none. */
function namesOf(lists: ImageLists): readonly string[] {
  return allImages(lists)
    .flatMap(({ id, untrustedNames }) => (untrustedNames.length === 0 ? [id] : untrustedNames))
    .slice(0, maxNames);
}
