import { type Code, codes } from "../../codes.ts";
import { sha256Hex } from "../../runtime/sha256.ts";
import type { CheckedImage, CheckRun } from "../checked-image.ts";
import { printableJson } from "../document.ts";
import { resultsOf } from "./causes.ts";
import { messageParts } from "./message-parts.ts";
import { shownText } from "./shown.ts";

/**
 * SARIF 2.1.0, in pieces: a result for each image that was not accepted, and a rule for each code among them. The rules come last, when they
 * are known.
 *
 * @param version of this program.
 */
export function* sarifPieces(run: CheckRun, version: string): Iterable<string> {
  const rules = new Map<Code, number>();
  yield sarifHead;
  let index = 0;
  let separator = "\n";
  for (const result of resultsOf(run)) {
    const line = run.list?.lineOf(index);
    index += 1;
    if (result.outcome === "accepted") continue;
    const rule = rules.get(result.code) ?? rules.size;
    rules.set(result.code, rule);
    yield `${separator}${json(sarifResult(result, rule, place(run.list?.path, line)))}`;
    separator = ",\n";
  }
  const driver = { name: "sealcheck", version, rules: [...rules.keys()].map(ruleOf) };
  yield sarifTail([invocation(run, index)], driver);
}

/** Until the first result. */
export const sarifHead = `{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{\n"results":[`;

/** From behind the last one. */
export function sarifTail(invocations: readonly unknown[], driver: unknown): string {
  return `],\n"columnKind":"utf16CodeUnits",\n"invocations":${json(invocations)},\n"tool":${json({ driver })}\n}]}\n`;
}

export function json(value: unknown): string {
  return printableJson(JSON.stringify(value));
}

/** @param code of another version of this program it may be one that is not known here */
export function ruleOf(code: string): unknown {
  const meaning = isCode(code) ? codes[code].meaning : code;
  return {
    id: code,
    name: code,
    shortDescription: { text: meaning },
    help: { text: `${meaning} What it means and what to do is in the message of each result, and in docs/codes.md.` },
    // An image that could not be judged was not accepted either: nothing is a mere warning.
    defaultConfiguration: { level: "error" },
  };
}

function isCode(code: string): code is Code {
  return Object.hasOwn(codes, code);
}

/** An image, which has no place in a file. */
export function logicalPlace(name: string): { readonly logicalLocations: readonly unknown[] } {
  return { logicalLocations: [{ name, fullyQualifiedName: name, kind: "resource" }] };
}

function sarifResult(result: CheckedImage, ruleIndex: number, physicalLocation: object | undefined): unknown {
  const { code, reference, pinned, served_by, policy } = result;
  const name = shownText(reference);
  const { explanation, next } = messageParts(result);
  const said = [...explanation, ...(next === undefined ? [] : [`Next: ${next}`])];
  return {
    ruleId: code,
    ruleIndex,
    level: "error",
    message: { text: markdownless(`${name}: ${said.join("\n")}`) },
    locations: [
      {
        ...(physicalLocation === undefined ? {} : { physicalLocation }),
        ...logicalPlace(name),
      },
    ],
    // The same finding tomorrow, wherever its line has moved to.
    partialFingerprints: { "referenceAndCode/v1": fingerprint(reference, code) },
    properties: {
      outcome: result.outcome,
      reason: shownText(result.reason),
      ...(pinned === undefined ? {} : { pinned: shownText(pinned) }),
      servedBy: served_by === null ? null : shownText(served_by),
      scope: policy.scope === "" ? policy.transport : `${policy.transport}:${shownText(policy.scope)}`,
    },
  };
}

function fingerprint(reference: string, code: Code): string {
  return sha256Hex(new TextEncoder().encode(JSON.stringify([reference, code])));
}

/** In a message `[text](1)` would be a link, and `{0}` a placeholder (SARIF 2.1.0, 3.11.5 and 3.11.6). */
export function markdownless(text: string): string {
  return text.replaceAll(/[\\[\]]/g, "\\$&").replaceAll(/[{}]/g, "$&$&");
}

function place(path: string | undefined, line: number | undefined): object | undefined {
  if (path === undefined) return undefined;
  return {
    artifactLocation: { uri: uriOf(path) },
    ...(line === undefined ? {} : { region: { startLine: line } }),
  };
}

/** A URI reference (RFC 3986, 4.1): a colon in its first segment would be taken for a scheme. */
function uriOf(path: string): string {
  const encoded = path
    .split("/")
    .map((segment) => encodeURIComponent(segment.toWellFormed()))
    .join("/");
  return encoded.startsWith("/") ? `file://${encoded}` : encoded;
}

function invocation({ isComplete, startedAt, finishedAt, total }: CheckRun, done: number): unknown {
  return {
    executionSuccessful: isComplete,
    startTimeUtc: startedAt.toISOString(),
    endTimeUtc: finishedAt.toISOString(),
    ...(isComplete
      ? {}
      : {
          toolExecutionNotifications: [
            { level: "error", message: { text: `The check was interrupted after ${done} of ${total} images.` } },
          ],
        }),
  };
}
