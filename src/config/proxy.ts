import { parseIp, toIpv4 } from "../crypto/x509/ip.ts";
import type { AccessFailure } from "../image/access-problem.ts";
import { fail, ok, type Result } from "../result.ts";
import { isWithoutProxy, type Target } from "./no-proxy.ts";
import { parseProxyAddress } from "./proxy-address.ts";

/** The environment variables that decide through which proxy a request goes. */
export interface ProxyEnvironment {
  readonly HTTP_PROXY?: string | undefined;
  readonly http_proxy?: string | undefined;
  readonly HTTPS_PROXY?: string | undefined;
  readonly https_proxy?: string | undefined;
  readonly NO_PROXY?: string | undefined;
  readonly no_proxy?: string | undefined;
  /** Set by a web server for a CGI program, where whoever makes the request sets HTTP_PROXY: its header `Proxy` gets there. */
  readonly REQUEST_METHOD?: string | undefined;
}

/**
 * The proxy for a request to `url` (http or https), `undefined` for none: golang.org/x/net/http/httpproxy `ProxyForURL`, with the
 * environment as `FromEnvironment` reads it. Its user name and password are those of the URL that is given back.
 *
 * Stricter on purpose: a proxy that cannot be used is a problem wherever it would be used. The reference goes without one where the
 * address is no URL, and takes any scheme that it does not know for http.
 */
export function proxyFor(url: URL, environment: ProxyEnvironment): Result<URL | undefined, AccessFailure> {
  const isSecure = url.protocol === "https:";
  const names = isSecure ? (["HTTPS_PROXY", "https_proxy"] as const) : (["HTTP_PROXY", "http_proxy"] as const);
  const name = names.find((variable) => environment[variable]);
  const written = name === undefined ? undefined : environment[name];
  if (name === undefined || written === undefined) return ok(undefined);
  const unusable = (reason: string) =>
    fail({ code: "source.unreachable", from: url.host, reason: `${name} ${reason}` } as const);

  // As there, before anything else.
  if (!isSecure && environment.REQUEST_METHOD) {
    return unusable("is not used in a CGI program, where it may come from the request");
  }
  if (isWithoutProxy(targetOf(url, isSecure), environment.NO_PROXY || environment.no_proxy || "")) return ok(undefined);
  const proxy = parseProxyAddress(written);
  if (proxy.ok) return proxy;
  return unusable(
    proxy.problem === "scheme" ? "is not a proxy of scheme http or https" : "is not the address of a proxy",
  );
}

/** By which proxies requests go, without their users and passwords: to tell whether it is still the same. */
export function proxiesOf(environment: ProxyEnvironment): readonly unknown[] {
  const address = (written: string | undefined) => {
    const proxy = written ? parseProxyAddress(written) : undefined;
    return proxy?.ok === true ? `${proxy.value.protocol}//${proxy.value.host}` : proxy?.problem;
  };
  const { HTTPS_PROXY, https_proxy, HTTP_PROXY, http_proxy, NO_PROXY, no_proxy, REQUEST_METHOD } = environment;
  const proxies = [HTTPS_PROXY || https_proxy, HTTP_PROXY || http_proxy].map(address);
  return [...proxies, NO_PROXY || no_proxy || "", Boolean(REQUEST_METHOD)];
}

function targetOf(url: URL, isSecure: boolean): Target {
  const { hostname } = url;
  const host = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  const ip = parseIp(host)?.bytes;
  return { host, ip: ip === undefined ? undefined : (toIpv4(ip) ?? ip), port: url.port || (isSecure ? "443" : "80") };
}
