/** What a registry asks for in a `WWW-Authenticate` header: RFC 7235, as far as the reference reads it. */
export interface Challenge {
  /** In lower case: `basic`, `bearer`, or another that is not known. */
  readonly scheme: string;
  /** By their names in lower case. */
  readonly untrustedParameters: ReadonlyMap<string, string>;
}

/** One for each header; those after a comma in the same header are read as its parameters, or not at all (docker/wwwauthenticate.go). */
export function parseChallenges(headers: readonly string[]): readonly Challenge[] {
  return headers.flatMap((header) => parseChallenge(header) ?? []);
}

function parseChallenge(header: string): Challenge | undefined {
  const scheme = tokenAt(header, 0);
  if (scheme === "") return undefined;
  const untrustedParameters = new Map<string, string>();
  const challenge = { scheme: scheme.toLowerCase(), untrustedParameters };
  let at = afterSpace(header, scheme.length);
  for (let isFirst = true; isFirst || header[at] === ","; isFirst = false) {
    if (!isFirst) at = afterSpace(header, at + 1);
    const key = tokenAt(header, at);
    at += key.length;
    if (key === "" || header[at] !== "=") break;
    const value = header[at + 1] === '"' ? quotedAt(header, at + 2) : plainAt(header, at + 1);
    if (value === undefined || value.text === "") break;
    untrustedParameters.set(key.toLowerCase(), value.text);
    at = afterSpace(header, value.end);
  }
  return challenge;
}

/** RFC 7230 `token`, which may be empty. */
const token = /[!#$%&'*+\-.^_`|~0-9A-Za-z]*/y;

function tokenAt(text: string, at: number): string {
  token.lastIndex = at;
  return token.exec(text)?.[0] ?? "";
}

function afterSpace(text: string, at: number): number {
  let end = at;
  while (end < text.length && " \t\r\n".includes(text[end] ?? "")) end += 1;
  return end;
}

interface Value {
  readonly text: string;
  readonly end: number;
}

function plainAt(header: string, at: number): Value {
  const text = tokenAt(header, at);
  return { text, end: at + text.length };
}

/** Up to the closing quote; `undefined` if there is none. */
function quotedAt(header: string, at: number): Value | undefined {
  let text = "";
  for (let end = at; end < header.length; end += 1) {
    const character = header[end] ?? "";
    if (character === '"') return { text, end: end + 1 };
    if (character !== "\\") {
      text += character;
    } else {
      end += 1;
      text += header[end] ?? "";
    }
  }
  return undefined;
}
