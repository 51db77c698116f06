/**
 * The pieces of a docker reference (containers/image: docker/reference `regexp.go`), scanned by hand: the same grammar as a
 * backtracking regular expression takes exponential time on hostile text.
 */

export const nameLengthMax = 255;
export const tagLengthMax = 128;

/**
 * Whether all of `text` is a domain: components of letters, digits and inner dashes, joined by dots, and perhaps a `:port` of any
 * length. Bracketed IPv6 addresses are none. As the anchored `DomainRegexp`.
 */
export function isReferenceDomain(text: string): boolean {
  let beforeIsAlphanumeric = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isDigit(code) || isLower(code) || isUpper(code)) {
      beforeIsAlphanumeric = true;
    } else if (code === dash) {
      // Dashes may follow each other, but not begin a component; what follows the last one is checked there.
      if (at === 0 || text.charCodeAt(at - 1) === dot) return false;
      beforeIsAlphanumeric = false;
    } else if (code === dot) {
      if (!beforeIsAlphanumeric) return false;
      beforeIsAlphanumeric = false;
    } else {
      return code === colon && beforeIsAlphanumeric && isAllDigits(text, at + 1);
    }
  }
  return beforeIsAlphanumeric;
}

/** Whether `text` begins with a domain and a slash, whatever comes then. As `DomainRegexp` anchored at the start, and `/`. */
export function startsWithReferenceDomain(text: string): boolean {
  const slash = text.indexOf("/");
  return slash > 0 && isReferenceDomain(text.slice(0, slash));
}

/** Whether all of `text` is a name, with or without a domain, of any length. As the anchored `NameRegexp`. */
export function isReferenceName(text: string): boolean {
  const pathAt = startsWithReferenceDomain(text) ? text.indexOf("/") + 1 : 0;
  return findBadComponent(text.slice(pathAt)) === undefined;
}

/**
 * The first part of `path` between slashes that is no path component: lower-case letters and digits, in runs joined by one dot, one
 * or two underscores, or any number of dashes. `undefined` if all are.
 */
export function findBadComponent(path: string): string | undefined {
  for (let start = 0; ; ) {
    const slash = path.indexOf("/", start);
    const component = path.slice(start, slash === -1 ? path.length : slash);
    if (!isPathComponent(component)) return component;
    if (slash === -1) return undefined;
    start = slash + 1;
  }
}

export function isPathComponent(text: string): boolean {
  let at = skipAlphanumeric(text, 0);
  if (at === 0) return false;
  while (at < text.length) {
    const runAt = skipSeparator(text, at);
    at = skipAlphanumeric(text, runAt);
    if (at === runAt) return false;
  }
  return true;
}

/** The offset in `tag` of the first character that a tag may not have there, or `undefined`. Neither length is checked. */
export function findBadTagCharacter(tag: string): number | undefined {
  for (let at = 0; at < tag.length; at++) {
    const code = tag.charCodeAt(at);
    const isWord = isDigit(code) || isLower(code) || isUpper(code) || code === underscore;
    if (!isWord && (at === 0 || (code !== dot && code !== dash))) return at;
  }
  return undefined;
}

/** Whether `text` is 64 lower-case hex digits, as an image ID is. */
export function isIdentifier(text: string): boolean {
  return text.length === 64 && /^[a-f0-9]*$/.test(text);
}

const dash = 0x2d;
const dot = 0x2e;
const colon = 0x3a;
const underscore = 0x5f;

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isLower(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}

function isUpper(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

function isAllDigits(text: string, from: number): boolean {
  for (let at = from; at < text.length; at++) {
    if (!isDigit(text.charCodeAt(at))) return false;
  }
  return from < text.length;
}

function skipAlphanumeric(text: string, from: number): number {
  let at = from;
  while (at < text.length && (isDigit(text.charCodeAt(at)) || isLower(text.charCodeAt(at)))) at++;
  return at;
}

/** Past one separator of a path component; `from` itself if there is none. */
function skipSeparator(text: string, from: number): number {
  const code = text.charCodeAt(from);
  if (code === dot) return from + 1;
  if (code === underscore) return text.charCodeAt(from + 1) === underscore ? from + 2 : from + 1;
  let at = from;
  while (at < text.length && text.charCodeAt(at) === dash) at++;
  return at;
}
