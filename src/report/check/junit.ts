import type { Code } from "../../codes.ts";
import type { CheckedImage, CheckRun } from "../checked-image.ts";
import { registryOf, resultsOf } from "./causes.ts";
import { shownLines, shownText } from "./shown.ts";

/** What is kept of an image until the suites are written: 100,000 of them have to fit into memory. */
interface TestCase {
  readonly untrustedReference: string;
  /** Of one that was not accepted. */
  readonly failure?: {
    readonly element: "failure" | "error";
    readonly code: Code;
    readonly untrustedReason: string;
    readonly untrustedMessage: string;
  };
}

/**
 * JUnit XML, in pieces, of the form that Jenkins (junit-10.xsd of its xUnit plugin) and GitLab take: a suite for each registry, a case for
 * each image. A rejected image has failed; one that could not be judged is an error.
 */
export function* junitPieces(run: CheckRun): Iterable<string> {
  const suites = new Map<string, TestCase[]>();
  for (const result of resultsOf(run)) {
    const registry = shownText(registryOf(result));
    const suite = suites.get(registry);
    if (suite === undefined) suites.set(registry, [testCase(result)]);
    else suite.push(testCase(result));
  }
  const seconds = Math.max(0, run.finishedAt.getTime() - run.startedAt.getTime()) / 1000;
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="sealcheck" time="${seconds.toFixed(3)}"${counts([...suites.values()].flat(), run.isComplete ? 0 : 1)}>\n`;
  for (const [registry, cases] of suites) yield* suitePieces(run, registry, cases);
  if (!run.isComplete) yield interruptedSuite(run);
  yield "</testsuites>\n";
}

function testCase({ outcome, code, reference, reason, message }: CheckedImage): TestCase {
  if (outcome === "accepted") return { untrustedReference: reference };
  const element = outcome === "rejected" ? "failure" : "error";
  const failure = { element, code, untrustedReason: reason, untrustedMessage: message } as const;
  return { untrustedReference: reference, failure };
}

function* suitePieces(run: CheckRun, registry: string, cases: readonly TestCase[]): Iterable<string> {
  yield `  <testsuite name=${attribute(registry)} timestamp=${attribute(timestamp(run.startedAt))}${counts(cases)}>\n`;
  // Jenkins takes what is before the last dot for a package.
  const className = attribute(`sealcheck.${registry.replaceAll(".", "_")}`);
  for (const { untrustedReference, failure } of cases) {
    const opened = `    <testcase classname=${className} name=${attribute(shownText(untrustedReference))}`;
    if (failure === undefined) {
      yield `${opened}/>\n`;
      continue;
    }
    const { element, code, untrustedReason, untrustedMessage } = failure;
    const said = xmlText(shownLines(untrustedMessage).join("\n"));
    const message = attribute(shownText(untrustedReason));
    yield `${opened}>\n      <${element} type=${attribute(code)} message=${message}>${said}</${element}>\n    </testcase>\n`;
  }
  yield "  </testsuite>\n";
}

/** Otherwise what was not looked at would be missing, and missing tests fail nothing. */
function interruptedSuite({ total, startedAt }: CheckRun): string {
  return (
    `  <testsuite name="sealcheck" timestamp=${attribute(timestamp(startedAt))} tests="1" failures="0" errors="1">\n` +
    `    <testcase classname="sealcheck" name="all images were looked at">\n` +
    `      <error type="interrupted" message="The check of ${total} images was interrupted."/>\n` +
    "    </testcase>\n  </testsuite>\n"
  );
}

/** @param interruptions cases that say so, and are no images. */
function counts(cases: readonly TestCase[], interruptions = 0): string {
  const count = (element: "failure" | "error") => cases.filter(({ failure }) => failure?.element === element).length;
  return ` tests="${cases.length + interruptions}" failures="${count("failure")}" errors="${count("error") + interruptions}"`;
}

/** In UTC, without a zone, as the schema has it. */
function timestamp(date: Date): string {
  return date.toISOString().slice(0, 19);
}

/** What XML 1.0 has no way to say (production Char), not even as a reference; what was made fit to be shown has none of it. */
const forbidden = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

function xmlText(text: string): string {
  return text
    .replaceAll(forbidden, "\u{fffd}")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

function attribute(text: string): string {
  const escaped = xmlText(text).replaceAll('"', "&quot;").replaceAll(/\s/g, whiteSpace);
  return `"${escaped}"`;
}

/** Otherwise a reader makes blanks of it (XML 1.0, 3.3.3). */
function whiteSpace(found: string): string {
  return found === " " ? found : `&#${found.codePointAt(0)};`;
}
