import { isDeepStrictEqual } from "node:util";
import type { Answer, AnswerLookaside, OurAnswer, OurLookaside } from "./answer.ts";

/**
 * What is refused here and not there, on purpose: a key in two letter cases, of which the reference takes either; what TOML and YAML forbid and
 * Go's libraries let pass, or do not look at where nothing is needed; tags of numbers, dates and bytes on a text.
 */
const stricterConf = [/ is there \d+ times$/, /^Invalid TOML document: trying to redefine /];
const stricterDirectory = [
  /^(Flow|Block) [a-z]+ /,
  /needs quotation marks/,
  /an end of line that/,
  /a key after a question mark$/,
  /has a tag that is not understood$/,
];

/** Whether a file is refused here that the reference takes. */
export function isStricter(theirs: Answer, ours: OurAnswer): boolean {
  const isConf = theirs.confError === undefined && stricterConf.some((reason) => reason.test(ours.confError ?? ""));
  const isDirectory =
    theirs.directoryError === undefined && stricterDirectory.some((reason) => reason.test(ours.directoryError ?? ""));
  return isConf || isDirectory;
}

/** What the two differ in; `undefined` if in nothing. Roots of the trees differ, and are taken out. */
export function differenceOf(theirs: Answer, ours: OurAnswer): string | undefined {
  if ((theirs.confError === undefined) !== (ours.confError === undefined)) return "registries.conf is an error";
  if ((theirs.directoryError === undefined) !== (ours.directoryError === undefined)) return "registries.d is an error";
  if (theirs.confError === undefined) {
    if (!isDeepStrictEqual(theirs.rules, ours.rules)) return "rules";
    if (!isDeepStrictEqual(theirs.credentialHelpers, ours.credentialHelpers)) return "credential helpers";
  }
  for (const [at, their] of theirs.references.entries()) {
    const our = ours.references[at];
    if ((their.error === undefined) !== (our?.error === undefined)) return `location ${at} is an error`;
    if (!isDeepStrictEqual(their.sources, our?.sources)) return `locations ${at}`;
    if (their.lookaside === undefined) continue;
    if (our?.lookaside === undefined) return `lookaside ${at}`;
    const difference = lookasideDifference(their.lookaside, our.lookaside);
    if (difference !== undefined) return `lookaside ${at}: ${difference}`;
  }
  return undefined;
}

function lookasideDifference(theirs: AnswerLookaside, ours: OurLookaside): string | undefined {
  if (theirs.error !== undefined || "error" in ours) {
    // An IPv6 address with a zone.
    if (/^\[.*%/.test(theirs.host)) return undefined;
    return theirs.error !== undefined && "error" in ours ? undefined : "is an error";
  }
  if (theirs.attachments !== ours.attachments) return "attachments";
  const path = Buffer.from(theirs.path, "base64");
  const { address } = ours;
  if (address.kind === "none") return isRead(theirs, path) ? `not read: ${address.reason}` : undefined;
  if (address.kind === "file") {
    return theirs.scheme === "file" && withoutRoot(path.toString()) === withoutRoot(address.path) ? undefined : "file";
  }
  const { protocol, host, port, target, authorization, shown } = address;
  const [, bracketed, plain, digits = ""] = /^(?:\[(.*)\]|([^:]*))(?::(\d*))?$/.exec(theirs.host) ?? [];
  const isSame =
    `${theirs.scheme}:` === protocol &&
    (bracketed ?? plain) === host &&
    (digits === "" ? (protocol === "http:" ? 80 : 443) : Number(digits)) === port &&
    theirs.target === target &&
    theirs.redacted.replace(/#.*$/, "") === shown;
  const login = `Basic ${Buffer.from(`${theirs.user}:${theirs.password}`).toString("base64")}`;
  return isSame && (authorization ?? "Basic Og==") === login ? undefined : "address";
}

/** Whether it is of a kind that is read everywhere: what is refused here on purpose is not. */
function isRead({ scheme, host, opaque, target }: AnswerLookaside, path: Buffer): boolean {
  if (scheme === "file") return Buffer.from(path.toString()).equals(path);
  const isHttp = scheme === "http" || scheme === "https";
  const isPlain = /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{0,4})?$/.test(host);
  return isHttp && opaque === "" && isPlain && /^[!-~]*$/.test(target);
}

function withoutRoot(path: string): string {
  return path.replace(/^\/tmp\/registries-[^/]*/, "");
}
