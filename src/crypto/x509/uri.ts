/** URIs of SANs: which ones Go's net/url takes, and their host. Texts are ASCII, one char a byte. */
import { parseIp } from "./ip.ts";

/** Host with its port, "" where there is none; `undefined` where `url.Parse` fails. */
export function parseUriHost(uri: string): string | undefined {
  const [beforeFragment, fragment] = cut(uri, "#");
  if (/[\x00-\x1f\x7f]/.test(beforeFragment) || !isEscapingValid(fragment)) return undefined;
  if (beforeFragment === "*") return "";
  const scheme = readScheme(beforeFragment);
  if (scheme === undefined) return undefined;
  const [hierarchy] = cut(beforeFragment.slice(scheme === "" ? 0 : scheme.length + 1), "?");
  if (!hierarchy.startsWith("/")) {
    if (scheme !== "") return ""; // opaque, as mailto:
    return cut(hierarchy, "/")[0].includes(":") || !isEscapingValid(hierarchy) ? undefined : "";
  }
  const hasAuthority = hierarchy.startsWith("//") && (scheme !== "" || !hierarchy.startsWith("///"));
  if (!hasAuthority) return isEscapingValid(hierarchy) ? "" : undefined;
  const slash = hierarchy.indexOf("/", 2);
  const path = slash < 0 ? "" : hierarchy.slice(slash);
  if (!isEscapingValid(path)) return undefined;
  return parseAuthority(scheme.toLowerCase(), slash < 0 ? hierarchy.slice(2) : hierarchy.slice(2, slash));
}

/** Before and after the first `separator`. */
function cut(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

/** "" where there is no scheme; `undefined` where it is empty. */
function readScheme(uri: string): string | undefined {
  if (uri.startsWith(":")) return undefined;
  return /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(uri)?.[1] ?? "";
}

/** Each `%` is followed by two hex digits. */
function isEscapingValid(text: string): boolean {
  return !/%(?![0-9A-Fa-f]{2})/.test(text);
}

function parseAuthority(scheme: string, authority: string): string | undefined {
  const at = authority.lastIndexOf("@");
  const userinfo = at < 0 ? "" : authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userinfo) || !isEscapingValid(userinfo)) return undefined;
  return parseHost(scheme, authority.slice(at + 1));
}

function parseHost(scheme: string, host: string): string | undefined {
  const bracket = host.lastIndexOf("[");
  if (bracket > 0) return undefined;
  if (bracket === 0) return parseIpLiteral(host);
  const firstColon = host.indexOf(":");
  if (firstColon >= 0) {
    // Go looks at all colons for http and https only; elsewhere people list several hosts.
    const isStrict = scheme === "http" || scheme === "https";
    if (!isOptionalPort(host.slice(isStrict ? firstColon : host.lastIndexOf(":")))) return undefined;
  }
  return unescapeHost(host);
}

function parseIpLiteral(host: string): string | undefined {
  const close = host.lastIndexOf("]");
  if (close < 0) return undefined;
  const port = host.slice(close + 1);
  if (!isOptionalPort(port)) return undefined;
  const literal = host.slice(1, close);
  const zoneAt = literal.indexOf("%25");
  const address = unescapeHost(zoneAt < 0 ? literal : literal.slice(0, zoneAt));
  const zone = zoneAt < 0 ? "" : unescapeZone(literal.slice(zoneAt));
  if (address === undefined || zone === undefined) return undefined;
  const ip = parseIp(address + zone);
  return ip === undefined || ip.bytes.length === 4 ? undefined : `[${address}${zone}]${port}`;
}

function isOptionalPort(port: string): boolean {
  return /^(:[0-9]*)?$/.test(port);
}

const hostChars = /^[A-Za-z0-9!"$&'()*+,\-.:;<=>[\]_~]$/;

/** In a host only bytes that are not ASCII may be escaped, and `%25`. */
function unescapeHost(text: string): string | undefined {
  return unescapeWith(text, (escaped, byte) => byte >= 0x80 || escaped === "%25");
}

/** In a zone also what could have stood there as it is, and blanks (RFC 6874, and Windows). */
function unescapeZone(text: string): string | undefined {
  return unescapeWith(text, (escaped, byte) => {
    return escaped === "%25" || byte === 0x20 || hostChars.test(String.fromCharCode(byte));
  });
}

function unescapeWith(text: string, isAllowed: (escaped: string, byte: number) => boolean): string | undefined {
  if (!isEscapingValid(text)) return undefined;
  let plain = "";
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "%") {
      const escaped = text.slice(i, i + 3);
      const byte = Number.parseInt(escaped.slice(1), 16);
      if (!isAllowed(escaped, byte)) return undefined;
      plain += String.fromCharCode(byte);
      i += 2;
    } else if (hostChars.test(text.charAt(i))) {
      plain += text.charAt(i);
    } else {
      return undefined;
    }
  }
  return plain;
}

/**
 * The host of a `host:port` (go: net SplitHostPort).
 *
 * @returns `undefined` without a port, with a second colon outside of brackets, and with stray brackets.
 */
export function splitHostPort(text: string): string | undefined {
  const colon = text.lastIndexOf(":");
  if (colon < 0) return undefined;
  if (!text.startsWith("[")) {
    const host = text.slice(0, colon);
    return /[:[\]]/.test(host) || /[[\]]/.test(text) ? undefined : host;
  }
  const close = text.indexOf("]");
  if (close < 0 || close + 1 !== colon) return undefined;
  if (text.indexOf("[", 1) >= 0 || text.indexOf("]", close + 1) >= 0) return undefined;
  return text.slice(1, close);
}
