import type { Code } from "../../codes.ts";
import type { CheckedKind } from "../../words/check-words.ts";
import type { CheckedImage, CheckRun } from "../checked-image.ts";
import { type MessageParts, messageParts } from "./message-parts.ts";
import { shownText } from "./shown.ts";

/** Images that were not accepted for one reason. */
export interface Cause {
  readonly kind: Exclude<CheckedKind, "accepted">;
  readonly code: Code;
  /** Of the signatures that did not meet the requirement. */
  readonly signatureCodes: readonly Code[];
  readonly count: number;
  /** That the policy was looked up by; absent if it was its default, or none. */
  readonly untrustedScope: string | undefined;
  /** Of the first. */
  readonly untrustedRegistry: string;
  /** The first few, as given. */
  readonly untrustedReferences: readonly string[];
  /** What is said of the first of them. */
  readonly parts: MessageParts;
  /** In one line, of the first of them. */
  readonly reason: string;
  readonly isSameReason: boolean;
  /** Whether word by word the same is said of all, and the same advice given. */
  readonly isSameExplanation: boolean;
  readonly isSameNext: boolean;
}

export interface Counted {
  readonly counts: Readonly<Record<CheckedKind, number>>;
  /** Of those accepted, for how many no signature was looked at. */
  readonly uncheckedCount: number;
  /** Commonest first. */
  readonly causes: readonly Cause[];
  /** The place in `causes` of each reason, by {@link causeKey}. */
  readonly places: ReadonlyMap<string, number>;
}

/** Counts what became of the images, and puts those together that were not accepted for one reason. */
export function countResults(run: CheckRun, maxReferences: number): Counted {
  const counts = { accepted: 0, rejected: 0, unreachable: 0, unverified: 0 };
  let uncheckedCount = 0;
  const causes = new Map<string, Gathered>();
  for (const result of resultsOf(run)) {
    const kind = kindOf(result);
    counts[kind] += 1;
    if (isUnchecked(result)) uncheckedCount += 1;
    if (kind !== "accepted") gather(causes, kind, result, maxReferences);
  }
  // The sort is stable: of causes that are as common, the one that was met first comes first.
  const sorted = [...causes].sort(([, a], [, b]) => b.count - a.count);
  return {
    counts,
    uncheckedCount,
    causes: sorted.map(([, { said: _, why: __, ...cause }]) => cause),
    places: new Map(sorted.map(([key], place) => [key, place])),
  };
}

type Gathered = { -readonly [K in keyof Cause]: Cause[K] } & {
  readonly said: string;
  readonly why: string;
  untrustedReferences: string[];
};

function gather(causes: Map<string, Gathered>, kind: Cause["kind"], result: CheckedImage, maxReferences: number): void {
  const key = causeKey(result);
  const cause = causes.get(key);
  if (cause === undefined) {
    const parts = messageParts(result);
    causes.set(key, {
      ...{ kind, code: result.code, count: 1, untrustedReferences: [result.reference], parts },
      ...{ untrustedScope: result.policy.scope || undefined, untrustedRegistry: registryOf(result) },
      ...{ signatureCodes: signatureCodes(result), reason: shownText(result.reason), isSameReason: true },
      ...{ isSameExplanation: true, isSameNext: true, said: withoutHeadline(result.message), why: result.reason },
    });
    return;
  }
  cause.count += 1;
  if (cause.untrustedReferences.length < maxReferences) cause.untrustedReferences.push(result.reference);
  cause.isSameReason &&= result.reason === cause.why;
  if ((!cause.isSameExplanation && !cause.isSameNext) || cause.said === withoutHeadline(result.message)) return;
  const parts = messageParts(result);
  cause.isSameExplanation &&= isSame(parts.explanation, cause.parts.explanation);
  cause.isSameNext &&= parts.next === cause.parts.next;
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, index) => text === other[index]);
}

/** The first line names the image. */
function withoutHeadline(message: string): string {
  return message.slice(message.indexOf("\n") + 1);
}

/**
 * The results, from the beginning.
 *
 * @throws if they can be gone through only once: the second report made of them would be empty, and look like an acceptance.
 */
export function resultsOf({ results }: CheckRun): Iterable<CheckedImage> {
  const iterator: unknown = results[Symbol.iterator]();
  if (iterator === results) throw new Error("the results can be gone through only once");
  return results;
}

export function kindOf({ outcome, code }: Pick<CheckedImage, "outcome"> & { readonly code: string }): CheckedKind {
  if (outcome !== "error") return outcome;
  return code.startsWith("source.") ? "unreachable" : "unverified";
}

/** Accepted, whatever it is. */
function isUnchecked({ outcome, requirements }: CheckedImage): boolean {
  return outcome === "accepted" && requirements.every(({ type }) => type === "insecureAcceptAnything");
}

/** The same for images that one and the same thing would help. */
export function causeKey(result: CheckedImage): string {
  return JSON.stringify([result.outcome, result.code, ...whatMakesOneCause(result)]);
}

function whatMakesOneCause(result: CheckedImage): readonly unknown[] {
  const { outcome, code, policy, requirements, reason } = result;
  const area = code.split(".")[0];
  if (outcome === "error") {
    switch (area) {
      case "source":
        return [registryOf(result)];
      // Of settings and keys the reason names the file.
      case "policy":
      case "config":
      case "internal":
        return [policy.path, reason];
      default:
        return [];
    }
  }
  const place = requirements.findIndex(({ satisfied }) => !satisfied);
  return [policy.path, policy.transport, policy.scope, place, requirements[place]?.type, signatureCodes(result)];
}

/** What is wrong with the signatures, for the requirement that failed; sorted. */
function signatureCodes({ requirements }: CheckedImage): readonly Code[] {
  const failed = requirements.find(({ satisfied }) => !satisfied);
  return [...new Set(failed?.signatures.map(({ code }) => code))].sort();
}

/** `host[:port]` of an image in a registry, the transport of another; untrusted as the reference is. */
export function registryOf({ identity, reference }: Pick<CheckedImage, "identity" | "reference">): string {
  const name = identity ?? reference;
  const [, transport = "docker", rest = name] = /^([a-z-]+):(.*)$/s.exec(name) ?? [];
  if (transport === "docker") return rest.replace(/^\/\//, "").split("/", 1)[0] ?? "";
  // Without a transport, as references may be given: what is before the colon is a host with a port, or a name with a tag.
  return identity === null ? (name.split("/", 1)[0] ?? "") : transport;
}
