import type { Turn } from "../../../engine/host-queue.ts";
import { inOrderByHost } from "../../../engine/in-order-by-host.ts";
import type { StateProblem } from "../../../record/problem.ts";
import type { RunRecord } from "../../../record/run-record.ts";
import type { CheckedImage } from "../../../report/checked-image.ts";
import { bun } from "../../../runtime/built-in.ts";
import { type AskedImage, type Check, judgeReference } from "./judge-reference.ts";

/** Registries that throttle are told apart by their hosts. */
export type Turns = Map<string, Turn>;

/** A verdict could not be kept: the run ends, and can be resumed. */
export class NotKept extends Error {
  readonly problem: StateProblem;

  constructor(problem: StateProblem) {
    super(problem.code);
    this.problem = problem;
  }
}

/** A result in memory, besides its message, about. */
const bytesOfResult = 2000;

/**
 * Judges images, those of different registries beside each other, and hands the results over in order.
 *
 * @param options.perHost images of one registry that are under way at a time
 * @throws the signal's reason once it is aborted; {@link NotKept}.
 */
export async function* checkImages(
  asked: readonly AskedImage[],
  check: Check,
  {
    perHost,
    turns,
    record,
  }: { readonly perHost: number; readonly turns: Turns; readonly record: RunRecord | undefined },
): AsyncGenerator<CheckedImage> {
  const hosts = await hostsOf(asked, check);
  const once = oncePerImage(asked);
  const judge = async (image: AskedImage, turn: Turn): Promise<CheckedImage> => {
    // What is on disk is judged again: where a path leads, and what lies there, the record does not know.
    const known = image.image.kind === "registry" ? record?.known(image.reference) : undefined;
    // This program wrote it, and nobody else could.
    if (known !== undefined) return JSON.parse(known) as CheckedImage;
    turns.set(hosts(image), turn);
    const result = await once(image, () => judgeReference(image, check));
    const kept = record?.keep(image.reference, JSON.stringify(result));
    if (kept?.ok === false) throw new NotKept(kept.problem);
    return result;
  };
  const bounds = {
    perHost,
    // One that does not answer holds no more than its share.
    total: perHost * hostsAtATime,
    bytesOf: ({ message }: CheckedImage) => bytesOfResult + 2 * message.length,
    signal: check.signal,
  };
  let count = 0;
  for await (const { result } of inOrderByHost(asked, hosts, judge, bounds)) {
    yield result;
    count += 1;
    // Bun lets a heap grow to twice what is in use (docs/performance.md).
    if (count % resultsPerCollection === 0) bun?.gc(true);
  }
}

/** What is asked for several times in a run is judged once; not kept longer than it is needed. */
function oncePerImage(asked: readonly AskedImage[]) {
  const left = new Map<string, number>();
  for (const { image } of asked)
    if (image.kind === "registry") left.set(image.identity, (left.get(image.identity) ?? 0) + 1);
  for (const [identity, count] of left) if (count === 1) left.delete(identity);
  const results = new Map<string, Promise<CheckedImage>>();
  return async ({ reference, image }: AskedImage, judge: () => Promise<CheckedImage>): Promise<CheckedImage> => {
    const count = image.kind === "registry" ? left.get(image.identity) : undefined;
    if (image.kind !== "registry" || count === undefined) return judge();
    const result = results.get(image.identity) ?? judge();
    results.set(image.identity, result);
    left.set(image.identity, count - 1);
    if (count === 1) results.delete(image.identity);
    return { ...(await result), reference };
  };
}

const hostsAtATime = 4;

/** It takes some fifty milliseconds, and these take one or two seconds. */
const resultsPerCollection = 2000;

/** Which registry is asked first for an image; "" for what is on disk. */
async function hostsOf(asked: readonly AskedImage[], check: Check): Promise<(image: AskedImage) => string> {
  const isAnyInRegistry = asked.some(({ image }) => image.kind === "registry");
  const access = isAnyInRegistry ? await check.registries() : undefined;
  return ({ image }) => {
    if (image.kind !== "registry") return "";
    return access?.ok === true ? access.value.firstHost(image.name) : image.name.domain;
  };
}
