import type { AccessFailure, AccessProblem, ConfigProblem, MirrorFailure } from "../image/access-problem.ts";
import { because, countText } from "./format.ts";
import { plain, quote } from "./quote.ts";
import { say, type Words } from "./words.ts";

const phases = {
  connect: "gives no connection",
  answer: "does not answer",
  body: "stops sending",
  image: "does not give all of the image",
} as const;

/** What a server said, if it said anything. */
function said(untrustedMessage: string): string {
  return untrustedMessage === "" ? "" : `; it says ${quote(untrustedMessage)}`;
}

/** Why a server did not give what it was asked for. */
const failureWords = {
  "source.unreachable": ({ from, reason }) => `${plain(from)} cannot be reached${because(reason)}`,
  "source.timeout": ({ from, phase, seconds }) =>
    `${plain(from)} ${phases[phase]} within ${countText(seconds, "second")}`,
  "source.tls": ({ from, reason }) => `There is no secure connection to ${plain(from)}${because(reason)}`,
  "source.unauthorized": ({ from, status, hasCredentials, untrustedMessage }) =>
    `${plain(from)} refuses access${hasCredentials ? " with these credentials" : " without credentials"} (status ${status}${said(untrustedMessage)})`,
  "source.not-found": ({ from, wanted, untrustedMessage }) =>
    `${plain(from)} does not have ${wanted === "" ? "it" : plain(wanted)}${said(untrustedMessage)}`,
  "source.throttled": ({ from, attempts }) =>
    `${plain(from)} said ${countText(attempts, "time")}, one after the other, that it was asked too often (status 429)`,
  "source.refused": ({ from, status, untrustedMessage }) =>
    `${plain(from)} answers with status ${status}${said(untrustedMessage)}`,
  "source.malformed": ({ from, detail }) => `What ${plain(from)} answers makes no sense${because(detail)}`,
  "source.blocked": ({ from }) => `registries.conf blocks ${plain(from)}`,
} satisfies Words<AccessFailure, "code">;

/** What is wrong with a setting. */
export const configWords = {
  "config.registries.invalid": (problem) => `${placeOf(problem)} cannot be used${because(problem.reason)}`,
  "config.location.invalid": ({ path, reason }) =>
    `registries.conf gives the image a place that is not one, ${plain(path)}${because(reason)}`,
  "config.registries-d.invalid": (problem) =>
    `The settings for signatures in ${placeOf(problem)} cannot be used${because(problem.reason)}`,
  "config.credentials.invalid": (problem) =>
    `The credentials of ${placeOf(problem)} cannot be used${because(problem.reason)}`,
  "config.certificates.invalid": (problem) =>
    `The certificates in ${placeOf(problem)} cannot be used${because(problem.reason)}`,
} satisfies Words<ConfigProblem, "code">;

function placeOf({ path, line, column }: ConfigProblem): string {
  if (line === undefined) return plain(path);
  return column === undefined ? `${plain(path)}, line ${line},` : `${plain(path)}, line ${line}, column ${column},`;
}

/** Why an image in a registry cannot be had: a sentence without its full stop. */
export const accessWords = {
  ...configWords,
  "source.unreachable": withMirrors,
  "source.timeout": withMirrors,
  "source.tls": withMirrors,
  "source.unauthorized": withMirrors,
  "source.not-found": withMirrors,
  "source.throttled": withMirrors,
  "source.refused": withMirrors,
  "source.malformed": withMirrors,
  "source.blocked": withMirrors,
} satisfies Words<AccessProblem | ConfigProblem, "code">;

function withMirrors(problem: AccessProblem): string {
  const { mirrors = [] } = problem;
  const failure: AccessFailure = problem;
  const primary: string = say(failureWords, "code", failure, undefined);
  if (mirrors.length === 0) return primary;
  return `${primary}. Before it ${mirrors.length === 1 ? "its mirror was" : "its mirrors were"} tried: ${mirrors.map(mirrorText).join("; ")}`;
}

function mirrorText({ location, failure }: MirrorFailure): string {
  const why = isAboutSettings(failure)
    ? say(configWords, "code", failure, undefined)
    : say(failureWords, "code", failure, undefined);
  return `${plain(location)} (${why})`;
}

function isAboutSettings(failure: AccessFailure | ConfigProblem): failure is ConfigProblem {
  return failure.code.startsWith("config.");
}
