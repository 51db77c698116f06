import { parseIp } from "../crypto/x509/ip.ts";
import { fail, ok, type Result } from "../result.ts";

/** `invalid`: it is no URL that could be understood; `scheme`: it is one, of another kind of proxy. */
export type ProxyAddressProblem = "invalid" | "scheme";

/**
 * The address of a proxy as HTTP_PROXY has it: a URL of scheme http or https, or one without its scheme, which is http then
 * (golang.org/x/net/http/httpproxy `parseProxy`). A path behind it is passed over.
 *
 * It is read by its own grammar rather than by `URL` alone, which repairs much: blanks, backslashes, numbers for addresses. Stricter
 * on purpose: the reference reads `http://a b` with one more `http://` before it, and so asks a host that is called http.
 */
export function parseProxyAddress(text: string): Result<URL, ProxyAddressProblem> {
  const found = withScheme.exec(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (found === null) return fail("invalid");
  const [, scheme = "", userInfo, host = "", port = "", rest = ""] = found;
  if (host === "" || !isPercentEncoded(userInfo ?? "") || !isPercentEncoded(pathOf(rest))) return fail("invalid");
  if (!/^https?$/i.test(scheme)) return fail("scheme");
  const url = URL.parse(`${scheme}://${userInfo === undefined ? "" : `${userInfo}@`}${host}${port}`);
  return url !== null && isSameHost(url.hostname, host) ? ok(url) : fail("invalid");
}

/** RFC 3986, sections 3.1 and 3.2, with what is not ASCII in a host; `@` may stand in a password, as there. */
const withScheme =
  /^([a-z][a-z0-9+.-]*):\/\/(?:([a-z0-9\-._~!$&'()*+,;=%:@]*)@)?(\[[0-9a-f:.]*\]|[a-z0-9\-._~\x80-\uffff]*)(:[0-9]*)?([/?#][^\0-\x1f\x7f]*)?$/i;

function pathOf(rest: string): string {
  return rest.split(/[?#]/, 1)[0] ?? "";
}

/** Whether each percent sign begins an octet, and they are UTF-8 together. */
function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether `URL` has left the host as it is; names that are not ASCII are in punycode then, IPv6 addresses in their short form. */
function isSameHost(hostname: string, written: string): boolean {
  if (written.startsWith("[")) {
    const [left, right] = [hostname, written].map((host) => parseIp(host.slice(1, -1))?.bytes);
    return left !== undefined && right !== undefined && Buffer.compare(left, right) === 0;
  }
  return /[^\0-\x7f]/.test(written) || hostname === written.toLowerCase();
}
