import { parseIp, toIpv4 } from "../crypto/x509/ip.ts";
import { trimSpaceAsGo } from "../encoding/space.ts";

/** Where a request goes to. */
export interface Target {
  /** In lower case; an IPv6 address without brackets. */
  readonly host: string;
  /** What the host is if it is an address: 4 bytes, or 16 if it is none of IPv4. */
  readonly ip: Uint8Array | undefined;
  readonly port: string;
}

/**
 * Whether requests go there without a proxy, whatever proxy there is: to this machine always, and to what NO_PROXY lists: addresses,
 * ranges of addresses, names with all names below them, `.name` for only those below it, each but ranges with a port or without;
 * `*` is everything. What is none of these matches nothing (golang.org/x/net/http/httpproxy `config.init`, `config.useProxy`).
 */
export function isWithoutProxy(target: Target, noProxy: string): boolean {
  if (target.host === "localhost" || (target.ip !== undefined && isLoopback(target.ip))) return true;
  return noProxy.split(",").some((entry) => matches(trimmed(entry).toLowerCase(), target));
}

/** go: net IP.IsLoopback. */
function isLoopback(ip: Uint8Array): boolean {
  return ip.length === 4 ? ip[0] === 127 : ip.every((byte, at) => byte === (at === 15 ? 1 : 0));
}

function trimmed(text: string): string {
  return trimSpaceAsGo(Buffer.from(text)).toString();
}

function matches(entry: string, target: Target): boolean {
  if (entry === "") return false;
  if (entry === "*") return true;
  const range = parseRange(entry);
  if (range !== undefined) return target.ip !== undefined && isInRange(target.ip, range);
  const { host, port } = splitHostPort(entry) ?? { host: entry, port: "" };
  if (port !== "" && port !== target.port) return false;
  const address = parseAddress(host);
  if (address !== undefined) return target.ip !== undefined && Buffer.compare(address, target.ip) === 0;
  return host !== "" && target.ip === undefined && isNameOrBelow(target.host, host);
}

/** `name`, `.name` or `*.name`: the latter two only what is below. */
function isNameOrBelow(host: string, written: string): boolean {
  const name = written.startsWith("*.") ? written.slice(1) : written;
  if (name.startsWith(".")) return host.endsWith(inAscii(name.slice(1), "."));
  const plain = inAscii(name, "");
  return host === plain || host.endsWith(`.${plain}`);
}

/** A name as it stands in a URL: what is not ASCII in punycode, if that is possible (RFC 3490); else it matches nothing. */
function inAscii(name: string, prefix: string): string {
  const isAscii = /^[\0-\x7f]*$/.test(name);
  return prefix + (isAscii ? name : (hostOf(name) ?? name));
}

function hostOf(name: string): string | undefined {
  // Nothing that ends the host, or begins another part, may come in between.
  return /[\0-,/:-@[-^`{-\x7f]/.test(name) ? undefined : URL.parse(`http://${name}`)?.hostname;
}

/** go: net ParseIP. */
function parseAddress(text: string): Uint8Array | undefined {
  const parsed = parseIp(text);
  if (parsed === undefined || parsed.zone !== "") return undefined;
  return toIpv4(parsed.bytes) ?? parsed.bytes;
}

interface Range {
  /** 4 or 16 bytes, with nothing set behind the bits that count. */
  readonly first: Uint8Array;
  readonly bits: number;
}

/** go: net ParseCIDR. A range of IPv4 addresses mapped into IPv6 is one of IPv4 addresses (net IPNet.Contains). */
function parseRange(text: string): Range | undefined {
  const slash = text.indexOf("/");
  const parsed = slash < 0 ? undefined : parseIp(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  if (parsed === undefined || parsed.zone !== "" || !/^[0-9]+$/.test(digits)) return undefined;
  const bits = Number(digits);
  if (bits > parsed.bytes.length * 8) return undefined;
  const first = parsed.bytes.map((byte, at) => byte & maskByte(bits, at));
  const mapped = first.length === 16 ? toIpv4(first) : undefined;
  return mapped === undefined ? { first, bits } : { first: mapped, bits: bits - 96 };
}

function isInRange(ip: Uint8Array, { first, bits }: Range): boolean {
  return ip.length === first.length && ip.every((byte, at) => (byte & maskByte(bits, at)) === first[at]);
}

function maskByte(bits: number, at: number): number {
  return 0xff & (0xff00 >> Math.min(Math.max(bits - at * 8, 0), 8));
}

/** go: net SplitHostPort; `undefined` where there is no port, or it cannot be told. */
function splitHostPort(text: string): { readonly host: string; readonly port: string } | undefined {
  const found = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:[\]]*)$/.exec(text);
  return found === null ? undefined : { host: found[1] ?? found[2] ?? "", port: found[3] ?? "" };
}
