import { fail, ok, type Result } from "../result.ts";

/** The environment variables that name proxies. */
export interface ProxyEnvironment {
  readonly HTTP_PROXY?: string | undefined;
  readonly http_proxy?: string | undefined;
  readonly HTTPS_PROXY?: string | undefined;
  readonly https_proxy?: string | undefined;
  readonly NO_PROXY?: string | undefined;
  readonly no_proxy?: string | undefined;
  /** Set for programs that a web server runs. */
  readonly REQUEST_METHOD?: string | undefined;
}

/**
 * The proxy for an address, as Go finds it in the environment (golang.org/x/net/http/httpproxy): `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`, or the
 * same in small letters. This machine itself is never asked through one.
 *
 * @returns `undefined` for none; the problem is why there is one that cannot be used.
 */
export function proxyFor(url: URL, environment: ProxyEnvironment): Result<URL | undefined, string> {
  const isSecure = url.protocol === "https:";
  const named = isSecure
    ? environment.HTTPS_PROXY || environment.https_proxy
    : environment.HTTP_PROXY || environment.http_proxy;
  if (!named) return ok(undefined);
  const proxy = parseProxy(named);
  // There a client chooses what HTTP_PROXY is: golang.org/s/cgihttpproxy.
  if (!isSecure && environment.REQUEST_METHOD)
    return fail("HTTP_PROXY does not count where REQUEST_METHOD is set, as for CGI");
  if (isExempt(url, environment.NO_PROXY || environment.no_proxy || "")) return ok(undefined);
  if (proxy === undefined) return fail("what the environment names as its proxy is no address");
  if (proxy.protocol === "http:" || (proxy.protocol === "https:" && isSecure)) return ok(proxy);
  return fail(`its proxy is of a kind that is not used here (${proxy.protocol}//)`);
}

/**
 * With or without `http://`. Of what is no address Go makes another, `http://http://…`, or passes over it: but whoever names a proxy
 * does not want to do without.
 */
function parseProxy(text: string): URL | undefined {
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (/^[a-z]+:\/\/(?:\/|$)/i.test(address) || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  return url.hostname === "" ? undefined : url;
}

function isExempt(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  if (host === "localhost") return true;
  const address = addressBytes(host);
  if (address !== undefined && isLoopback(address)) return true;
  const entries = noProxy.split(",").map((entry) => entry.trim().toLowerCase());
  return entries.includes("*") || entries.some((entry) => entry !== "" && matches(entry, { host, port, address }));
}

interface Target {
  readonly host: string;
  readonly port: string;
  readonly address: Uint8Array | undefined;
}

function matches(entry: string, { host, port, address }: Target): boolean {
  const [, network = "", bits = ""] = /^([0-9a-f.:]+)\/(\d{1,3})$/.exec(entry) ?? [];
  if (bits !== "") {
    const base = addressBytes(network);
    // One of IPv4 may be written as one of IPv6.
    const isMapped = base?.length === 4 && network.includes(":");
    if (base !== undefined && Number(bits) <= (isMapped ? 128 : base.length * 8)) {
      const length = isMapped ? Math.max(0, Number(bits) - 96) : Number(bits);
      return address !== undefined && isInNetwork(address, base, length);
    }
  }
  const [, bracketed, plain, wanted] = /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/.exec(entry) ?? [];
  const name = bracketed ?? plain ?? entry;
  const isPort = wanted === undefined || wanted === "" || wanted === port;
  const own = addressBytes(name);
  if (own !== undefined) return address !== undefined && isPort && isSame(own, address);
  if (name === "") return false;
  const suffix = name.startsWith("*.") ? name.slice(1) : name;
  const isInside = suffix.startsWith(".") ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`);
  return isInside && isPort;
}

/** Of an IPv4 or IPv6 address; one that is both is the former. */
function addressBytes(text: string): Uint8Array | undefined {
  if (/^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/.test(text)) {
    const bytes = text.split(".").map(Number);
    return bytes.every((byte) => byte < 256) ? Uint8Array.from(bytes) : undefined;
  }
  if (!text.includes(":") || !URL.canParse(`http://[${text}]`)) return undefined;
  const [head = "", tail] = new URL(`http://[${text}]`).hostname.slice(1, -1).split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)));
  const [before, after] = [groups(head), groups(tail ?? "")];
  const all = [...before, ...new Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0), ...after];
  const bytes = Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
  const isV4 = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  return isV4 ? bytes.subarray(12) : bytes;
}

function isLoopback(address: Uint8Array): boolean {
  return address.length === 4 ? address[0] === 127 : address.every((byte, at) => byte === (at === 15 ? 1 : 0));
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

function isInNetwork(address: Uint8Array, network: Uint8Array, bits: number): boolean {
  if (address.length !== network.length) return false;
  return address.every((byte, at) => {
    const own = Math.max(0, Math.min(8, bits - at * 8));
    const mask = (0xff << (8 - own)) & 0xff;
    return (byte & mask) === ((network[at] ?? 0) & mask);
  });
}
