import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ProxyEnvironment, proxyFor } from "../../src/config/proxy.ts";

/*
 * What Go's golang.org/x/net/http/httpproxy v0.56.0 (`FromEnvironment`, `ProxyFunc`) says of each row; it is the copy within Go 1.26's net/http.
 * Since x/net v0.60.0 the small letters come first: a later Go may turn those rows.
 */

const proxy = "http://proxy.example.net:3128";

function said(url: string, environment: ProxyEnvironment): string | undefined {
  const found = proxyFor(new URL(url), environment);
  return found.ok ? found.value?.href.replace(/\/$/, "") : "error";
}

const named: readonly (readonly [string, ProxyEnvironment, string | undefined])[] = [
  ["http://registry.example.com/", {}, undefined],
  ["http://registry.example.com/", { HTTP_PROXY: proxy }, proxy],
  ["http://registry.example.com/", { HTTPS_PROXY: proxy }, undefined],
  ["http://registry.example.com/", { http_proxy: proxy }, proxy],
  ["http://registry.example.com/", { https_proxy: proxy }, undefined],
  ["http://registry.example.com/", { HTTP_PROXY: "", http_proxy: proxy }, proxy],
  [
    "http://registry.example.com/",
    {
      HTTPS_PROXY: "http://upper:3",
      HTTP_PROXY: "http://upper:1",
      http_proxy: "http://lower:2",
      https_proxy: "http://lower:4",
    },
    "http://upper:1",
  ],
  [
    "http://registry.example.com/",
    { HTTPS_PROXY: "proxy.example.net", HTTP_PROXY: "proxy.example.net" },
    "http://proxy.example.net",
  ],
  [
    "http://registry.example.com/",
    { HTTPS_PROXY: "proxy.example.net:3128", HTTP_PROXY: "proxy.example.net:3128" },
    proxy,
  ],
  ["http://registry.example.com/", { HTTPS_PROXY: "proxy", HTTP_PROXY: "proxy" }, "http://proxy"],
  [
    "http://registry.example.com/",
    { HTTPS_PROXY: "10.0.0.1:3128", HTTP_PROXY: "10.0.0.1:3128" },
    "http://10.0.0.1:3128",
  ],
  ["http://registry.example.com/", { HTTPS_PROXY: "[::1]:3128", HTTP_PROXY: "[::1]:3128" }, "http://[::1]:3128"],
  [
    "http://registry.example.com/",
    { HTTPS_PROXY: "http://user:pass@proxy.example.net:3128", HTTP_PROXY: "http://user:pass@proxy.example.net:3128" },
    "http://user:pass@proxy.example.net:3128",
  ],
  [
    "http://registry.example.com/",
    { HTTPS_PROXY: "user:pass@proxy.example.net:3128", HTTP_PROXY: "user:pass@proxy.example.net:3128" },
    "http://user:pass@proxy.example.net:3128",
  ],
  [
    "http://registry.example.com/",
    { HTTPS_PROXY: "HTTP://PROXY.example.net:3128", HTTP_PROXY: "HTTP://PROXY.example.net:3128" },
    proxy,
  ],
  [
    "http://registry.example.com/",
    { HTTPS_PROXY: "http://user:p%40ss@proxy:1", HTTP_PROXY: "http://user:p%40ss@proxy:1" },
    "http://user:p%40ss@proxy:1",
  ],
  ["https://registry.example.com/", {}, undefined],
  ["https://registry.example.com/", { HTTP_PROXY: proxy }, undefined],
  ["https://registry.example.com/", { HTTPS_PROXY: proxy }, proxy],
  ["https://registry.example.com/", { http_proxy: proxy }, undefined],
  ["https://registry.example.com/", { https_proxy: proxy }, proxy],
  ["https://registry.example.com/", { HTTP_PROXY: "", http_proxy: proxy }, undefined],
  [
    "https://registry.example.com/",
    {
      HTTPS_PROXY: "http://upper:3",
      HTTP_PROXY: "http://upper:1",
      http_proxy: "http://lower:2",
      https_proxy: "http://lower:4",
    },
    "http://upper:3",
  ],
  [
    "https://registry.example.com/",
    { HTTPS_PROXY: "proxy.example.net", HTTP_PROXY: "proxy.example.net" },
    "http://proxy.example.net",
  ],
  [
    "https://registry.example.com/",
    { HTTPS_PROXY: "proxy.example.net:3128", HTTP_PROXY: "proxy.example.net:3128" },
    proxy,
  ],
  ["https://registry.example.com/", { HTTPS_PROXY: "proxy", HTTP_PROXY: "proxy" }, "http://proxy"],
  [
    "https://registry.example.com/",
    { HTTPS_PROXY: "10.0.0.1:3128", HTTP_PROXY: "10.0.0.1:3128" },
    "http://10.0.0.1:3128",
  ],
  ["https://registry.example.com/", { HTTPS_PROXY: "[::1]:3128", HTTP_PROXY: "[::1]:3128" }, "http://[::1]:3128"],
  [
    "https://registry.example.com/",
    { HTTPS_PROXY: "https://proxy.example.net", HTTP_PROXY: "https://proxy.example.net" },
    "https://proxy.example.net",
  ],
  [
    "https://registry.example.com/",
    { HTTPS_PROXY: "http://user:pass@proxy.example.net:3128", HTTP_PROXY: "http://user:pass@proxy.example.net:3128" },
    "http://user:pass@proxy.example.net:3128",
  ],
  [
    "https://registry.example.com/",
    { HTTPS_PROXY: "user:pass@proxy.example.net:3128", HTTP_PROXY: "user:pass@proxy.example.net:3128" },
    "http://user:pass@proxy.example.net:3128",
  ],
  [
    "https://registry.example.com/",
    { HTTPS_PROXY: "HTTP://PROXY.example.net:3128", HTTP_PROXY: "HTTP://PROXY.example.net:3128" },
    proxy,
  ],
  [
    "https://registry.example.com/",
    { HTTPS_PROXY: "http://user:p%40ss@proxy:1", HTTP_PROXY: "http://user:p%40ss@proxy:1" },
    "http://user:p%40ss@proxy:1",
  ],
  ["http://registry.example.com/", { HTTP_PROXY: proxy, REQUEST_METHOD: "GET" }, "error"],
  ["https://registry.example.com/", { HTTPS_PROXY: proxy, REQUEST_METHOD: "GET" }, proxy],
  ["http://registry.example.com/", { REQUEST_METHOD: "GET", http_proxy: proxy }, "error"],
  ["http://localhost/", { HTTP_PROXY: proxy, REQUEST_METHOD: "GET" }, "error"],
  ["http://localhost/", { HTTPS_PROXY: proxy, HTTP_PROXY: proxy }, undefined],
  ["https://localhost:5000/", { HTTPS_PROXY: proxy, HTTP_PROXY: proxy }, undefined],
  ["http://localhost.localdomain/", { HTTPS_PROXY: proxy, HTTP_PROXY: proxy }, proxy],
  ["http://127.0.0.1:5000/", { HTTPS_PROXY: proxy, HTTP_PROXY: proxy }, undefined],
  ["http://127.8.8.8/", { HTTPS_PROXY: proxy, HTTP_PROXY: proxy }, undefined],
  ["https://[::1]:5000/", { HTTPS_PROXY: proxy, HTTP_PROXY: proxy }, undefined],
  ["http://[::ffff:127.0.0.1]/", { HTTPS_PROXY: proxy, HTTP_PROXY: proxy }, undefined],
  ["http://0.0.0.0/", { HTTPS_PROXY: proxy, HTTP_PROXY: proxy }, proxy],
  ["http://10.0.0.1/", { HTTPS_PROXY: proxy, HTTP_PROXY: proxy }, proxy],
  ["http://a.localhost/", { HTTPS_PROXY: proxy, HTTP_PROXY: proxy }, proxy],
  ["http://registry.example.com/", { HTTP_PROXY: proxy, no_proxy: "example.com" }, undefined],
  ["http://registry.example.com/", { HTTP_PROXY: proxy, NO_PROXY: "", no_proxy: "example.com" }, undefined],
  ["http://registry.example.com/", { HTTP_PROXY: proxy, NO_PROXY: "x", no_proxy: "example.com" }, proxy],
];

/** NO_PROXY, an address, and whether it is exempt. */
const exempt: readonly (readonly [string, string, boolean])[] = [
  ["registry.example.com", "http://registry.example.com/", true],
  ["example.com", "http://registry.example.com/", true],
  [".example.com", "http://registry.example.com/", true],
  ["*.example.com", "http://registry.example.com/", true],
  ["*", "http://registry.example.com/", true],
  ["*,x", "http://registry.example.com/", true],
  ["x,*", "http://registry.example.com/", true],
  ["xample.com", "http://registry.example.com/", false],
  ["registry", "http://registry.example.com/", false],
  ["registry.example.com", "http://a.registry.example.com/", true],
  [".example.com", "http://example.com/", false],
  ["*.example.com", "http://example.com/", false],
  ["example.com", "http://example.com/", true],
  ["registry.example.com:80", "http://registry.example.com/", true],
  ["registry.example.com:8080", "http://registry.example.com/", false],
  ["registry.example.com:8080", "http://registry.example.com:8080/", true],
  ["registry.example.com:443", "https://registry.example.com/", true],
  ["registry.example.com:", "http://registry.example.com:9/", true],
  ["REGISTRY.EXAMPLE.COM", "http://registry.example.com/", true],
  [" example.com ", "http://registry.example.com/", true],
  ["a, example.com", "http://registry.example.com/", true],
  [",,", "http://registry.example.com/", false],
  ["a example.com", "http://registry.example.com/", false],
  ["10.0.0.0/8", "http://10.1.2.3/", true],
  ["10.0.0.0/8", "http://11.1.2.3/", false],
  ["10.1.2.3", "http://10.1.2.3/", true],
  ["10.1.2.3:80", "http://10.1.2.3/", true],
  ["10.1.2.3:81", "http://10.1.2.3/", false],
  ["10.1.2", "http://10.1.2.3/", false],
  ["10.1.2.0/33", "http://10.1.2.3/", false],
  ["0.0.0.0/0", "http://10.1.2.3/", true],
  ["0.0.0.0/0", "http://registry.example.com/", false],
  ["10.1.2.0/24", "http://registry.example.com/", false],
  ["10.1.2.9/31", "http://10.1.2.8/", true],
  ["2001:db8::/32", "http://[2001:db8::1]/", true],
  ["2001:db8::1", "http://[2001:db8::1]/", true],
  ["[2001:db8::1]", "http://[2001:db8::1]/", false],
  ["[2001:db8::1]:80", "http://[2001:db8::1]/", true],
  ["[2001:db8::1]:81", "http://[2001:db8::1]/", false],
  ["2001:db8::0:1", "http://[2001:db8::1]/", true],
  ["::ffff:10.1.2.3", "http://10.1.2.3/", true],
  ["::ffff:10.1.2.0/120", "http://10.1.2.3/", true],
  ["http://registry.example.com", "http://registry.example.com/", false],
  ["registry.example.com/", "http://registry.example.com/", false],
  ["registry.*", "http://registry.example.com/", false],
  ["*.*", "http://registry.example.com/", false],
  ["*example.com", "http://registry.example.com/", false],
  [".", "http://registry.example.com/", false],
  ["*.", "http://registry.example.com/", false],
  [":80", "http://registry.example.com/", false],
  ["[]", "http://registry.example.com/", false],
  ["com", "http://registry.example.com/", true],
  ["..example.com", "http://registry.example.com/", false],
  ["registry.example.com.", "http://registry.example.com/", false],
  ["a:b:c", "http://registry.example.com/", false],
  ["10.01.2.3", "http://10.1.2.3/", false],
  ["010.1.2.3/8", "http://10.1.2.3/", false],
  ["*:80", "http://registry.example.com/", false],
  ["*.example.com:80", "http://registry.example.com/", true],
  ["*.example.com:81", "http://registry.example.com/", false],
  ["https://registry.example.com:443", "https://registry.example.com/", false],
  ["2001:db8::1", "http://[2001:db8::2]/", false],
  ["::/0", "http://[2001:db8::2]/", true],
  ["::/0", "http://10.1.2.3/", false],
  ["10.1.2.3/08", "http://10.1.2.3/", true],
  ["10.1.2.3/", "http://10.1.2.3/", false],
];

/** Go makes something else of these, or goes without a proxy, or by a kind that there is not here: an error, and no other way. */
const unusable: readonly string[] = [
  "%zz",
  "/path",
  "ftp://proxy.example.net",
  "http://",
  "http://:3128",
  "http://pro xy",
  "http://proxy.example.net:99999",
  "https://proxy.example.net",
  "socks5://proxy.example.net",
];

describe("the proxy for an address", () => {
  for (const [url, environment, expected] of named) {
    it(`${url} ${JSON.stringify(environment)}`, () => assert.equal(said(url, environment), expected));
  }
});

describe("NO_PROXY", () => {
  for (const [noProxy, url, isExempt] of exempt) {
    it(`${JSON.stringify(noProxy)}: ${url}`, () => {
      const environment = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: noProxy };
      assert.equal(said(url, environment), isExempt ? undefined : proxy);
    });
  }
});

describe("a proxy that cannot be used", () => {
  for (const value of unusable) {
    it(value, () => {
      const found = proxyFor(new URL("http://registry.example.com/"), { HTTP_PROXY: value });
      assert.equal(found.ok, false);
      // The exempt do without.
      assert.equal(said("http://127.0.0.1/", { HTTP_PROXY: value }), undefined);
    });
  }

  it("its password is not told", () => {
    for (const value of ["http://user:pass-word@proxy:99999", "ftp://user:pass-word@proxy", "user:pass-word@ proxy"]) {
      const found = proxyFor(new URL("http://registry.example.com/"), { HTTP_PROXY: value });
      assert.ok(!found.ok && !found.problem.includes("pass-word"), value);
    }
  });
});
