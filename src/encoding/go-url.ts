import { fail, ok, type Result } from "../result.ts";

/**
 * A URL as Go's `net/url` reads it, which differs from the URL standard: nothing is normalized, and the path is kept without its escapes. All parts
 * are bytes, one a character (`latin1`).
 */
export interface GoUrl {
  /** In lower case; "" if there is none. */
  readonly scheme: string;
  readonly user?: GoUserinfo;
  /** With the port, if there is one. */
  readonly host: string;
  /** What follows a scheme without a slash: then there is neither host nor path. */
  readonly opaque: string;
  readonly path: string;
  /** As it is written, with the question mark; "" if there is none. */
  readonly query: string;
}

/** Name and password before a host. */
export interface GoUserinfo {
  readonly name: string;
  readonly password?: string;
}

type Authority = Pick<GoUrl, "user" | "host">;

/**
 * Parses as Go 1.26 `url.Parse`; what stands behind `#` is checked and left out. Stricter on purpose: an IPv6 address with a zone is none.
 *
 * @returns a reason that quotes nothing of the text, which may have a password in it.
 */
export function parseGoUrl(text: string): Result<GoUrl, string> {
  const [written, fragment = ""] = cut(Buffer.from(text, "utf8").toString("latin1"), "#");
  if (hasControlCharacter(written)) return fail("it has a control character");
  if (withoutEscapes(fragment) === undefined) return fail(badEscape);
  if (written.startsWith(":")) return fail("it begins with a colon");
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*(?=:)/.exec(written)?.[0] ?? "";
  const [rest, query] = cut(scheme === "" ? written : written.slice(scheme.length + 1), "?");
  const common = { scheme: scheme.toLowerCase(), query: query === undefined ? "" : `?${query}` };
  if (scheme !== "" && !rest.startsWith("/")) return ok({ ...common, host: "", opaque: rest, path: "" });

  const hasAuthority = rest.startsWith("//") && (scheme !== "" || !rest.startsWith("///"));
  const pathAt = hasAuthority ? endOfAuthority(rest) : 0;
  const authority = hasAuthority ? parseAuthority(rest.slice(2, pathAt), common.scheme) : ok({ host: "" });
  if (!authority.ok) return authority;
  const path = withoutEscapes(rest.slice(pathAt));
  if (path === undefined) return fail(badEscape);
  if (!path.startsWith("/") && rest.split("/", 1)[0]?.includes(":") && !hasAuthority) {
    return fail("what stands before its first colon is no scheme");
  }
  return ok({ ...common, ...authority.value, opaque: "", path });
}

/** The path with escapes, as `URL.EscapedPath` writes one that was changed. */
export function escapeGoPath(path: string): string {
  return withEscapes(path, /[^A-Za-z0-9\-_.~$&+,/:;=@]/g);
}

/** Name and password with escapes, as `URL.Redacted` writes them: the password is `xxxxx`. */
export function redactGoUserinfo({ name, password }: GoUserinfo): string {
  const shown = withEscapes(name, /[^A-Za-z0-9\-_.~$&+,;=]/g);
  return password === undefined ? shown : `${shown}:xxxxx`;
}

/** A text that should be a URL, with `xxxxx` for what is, or may be meant as, the name and password in it. */
export function withoutUserinfo(text: string): string {
  const url = parseGoUrl(text);
  const { user, opaque = "" } = url.ok ? url.value : {};
  if (url.ok && user === undefined && opaque === "") return text;
  const begin = text.indexOf("//") + 2;
  const length = user === undefined ? -1 : text.slice(begin).search(/[/?#]/);
  const end = text.lastIndexOf("@", length === -1 ? text.length : begin + length);
  if (end === -1) return text;
  return `${begin < 2 || begin > end ? "" : text.slice(0, begin)}xxxxx${text.slice(end)}`;
}

const badEscape = "it has a % that is not followed by two hexadecimal digits";

function cut(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

function hasControlCharacter(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

function endOfAuthority(rest: string): number {
  const slash = rest.indexOf("/", 2);
  return slash === -1 ? rest.length : slash;
}

function parseAuthority(authority: string, scheme: string): Result<Authority, string> {
  const at = authority.lastIndexOf("@");
  const host = parseHost(authority.slice(at + 1), scheme);
  if (!host.ok) return host;
  if (at === -1) return ok({ host: host.value });
  const userinfo = authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userinfo)) return fail("its user name or password needs escapes");
  const [name, password] = cut(userinfo, ":");
  const plain = { name: withoutEscapes(name), password: password === undefined ? "" : withoutEscapes(password) };
  if (plain.name === undefined || plain.password === undefined) return fail(badEscape);
  const user = password === undefined ? { name: plain.name } : { name: plain.name, password: plain.password };
  return ok({ host: host.value, user });
}

function parseHost(host: string, scheme: string): Result<string, string> {
  const bracket = host.lastIndexOf("[");
  if (bracket > 0) return fail(badHost);
  if (bracket === 0) return parseBracketed(host);
  const isStrict = scheme === "http" || scheme === "https";
  const colon = isStrict ? host.indexOf(":") : host.lastIndexOf(":");
  if (colon !== -1 && !isPort(host.slice(colon))) return fail("its port is not a number");
  const plain = unescapeHost(host);
  return plain === undefined ? fail(badHost) : ok(plain);
}

const badHost = "its host is not valid";

function parseBracketed(host: string): Result<string, string> {
  const end = host.lastIndexOf("]");
  const address = host.slice(1, end);
  const isAddress = end !== -1 && /^[0-9A-Fa-f:.]+$/.test(address) && URL.canParse(`http://[${address}]/`);
  const port = host.slice(end + 1);
  if (!isAddress) return fail(badHost);
  return port === "" || isPort(port) ? ok(host) : fail("its port is not a number");
}

function isPort(text: string): boolean {
  return /^:[0-9]*$/.test(text);
}

/** Only what is not ASCII may be escaped in a host, and a percent sign. */
function unescapeHost(host: string): string | undefined {
  if (/[^A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"%\x80-\xff]/.test(host)) return undefined;
  if (/%(?!25)[0-7]/.test(host)) return undefined;
  return withoutEscapes(host);
}

function withoutEscapes(text: string): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  return text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function withEscapes(text: string, special: RegExp): string {
  return text.replaceAll(special, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
}
