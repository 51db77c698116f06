import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ProxyEnvironment, proxyFor } from "../../src/config/proxy.ts";

const http = "http://r.example/v2/";
const https = "https://r.example/v2/";
const proxy = "http://proxy:3128";

describe("proxyFor: which variable", () => {
  const rows: readonly { url: string; environment: ProxyEnvironment; expected: string | undefined }[] = [
    { url: https, environment: {}, expected: undefined },
    { url: https, environment: { HTTPS_PROXY: "" }, expected: undefined },
    { url: https, environment: { HTTPS_PROXY: proxy }, expected: proxy },
    { url: https, environment: { https_proxy: proxy }, expected: proxy },
    { url: https, environment: { HTTPS_PROXY: proxy, https_proxy: "http://other" }, expected: proxy },
    { url: https, environment: { HTTPS_PROXY: "", https_proxy: proxy }, expected: proxy },
    { url: https, environment: { HTTP_PROXY: proxy }, expected: undefined },
    { url: http, environment: { HTTP_PROXY: proxy }, expected: proxy },
    { url: http, environment: { http_proxy: proxy }, expected: proxy },
    { url: http, environment: { HTTPS_PROXY: proxy }, expected: undefined },
    { url: https, environment: { HTTPS_PROXY: proxy, REQUEST_METHOD: "GET" }, expected: proxy },
    { url: http, environment: { HTTP_PROXY: proxy, NO_PROXY: "", no_proxy: "r.example" }, expected: undefined },
    { url: http, environment: { HTTP_PROXY: proxy, NO_PROXY: "x.example", no_proxy: "r.example" }, expected: proxy },
  ];
  for (const { url, environment, expected } of rows) {
    it(`${url} with ${JSON.stringify(environment)}`, () => {
      const found = proxyFor(new URL(url), environment);
      assert.ok(found.ok);
      assert.equal(found.value?.href, expected === undefined ? undefined : new URL(expected).href);
    });
  }
});

describe("proxyFor: what goes without", () => {
  const rows: readonly [url: string, noProxy: string, isDirect: boolean][] = [
    ["http://localhost/", "", true],
    ["http://LOCALHOST:5000/", "", true],
    ["http://localhost./", "", false],
    ["http://localhost.example/", "", false],
    ["http://127.0.0.1/", "", true],
    ["http://127.9.9.9:5000/", "", true],
    ["http://128.0.0.1/", "", false],
    ["http://[::1]:5000/", "", true],
    ["http://[::ffff:127.0.0.1]/", "", true],
    ["http://[::2]/", "", false],
    ["http://r.example/", "*", true],
    ["http://r.example/", "x, * ,y", true],
    ["http://r.example/", "**", false],
    ["http://r.example/", "r.example", true],
    ["http://r.example/", " R.Example ", true],
    ["http://R.EXAMPLE/", "r.example", true],
    ["http://a.r.example/", "r.example", true],
    ["http://ar.example/", "r.example", false],
    ["http://r.example/", ".r.example", false],
    ["http://a.r.example/", ".r.example", true],
    ["http://r.example/", "*.r.example", false],
    ["http://a.r.example/", "*.r.example", true],
    ["http://a.r.example/", "*r.example", false],
    ["http://r.example/", "r.example:80", true],
    ["http://r.example:81/", "r.example:80", false],
    ["http://r.example:81/", "r.example:", true],
    ["http://r.example/", ":80", false],
    ["http://r.example/", "r.example.", false],
    ["http://r.example/", "http://r.example", false],
    ["http://10.1.2.3/", "10.0.0.0/8", true],
    ["http://11.1.2.3/", "10.0.0.0/8", false],
    ["http://10.1.2.3/", "10.1.2.3", true],
    ["http://10.1.2.3/", "10.1.2.03", false],
    ["http://10.1.2.3/", "10.1.2.3:81", false],
    ["http://10.1.2.3:81/", "10.1.2.3:81", true],
    ["http://10.1.2.3/", "3", false],
    ["http://10.1.2.3/", "10.1.2.3/33", false],
    ["http://10.1.2.3/", "0.0.0.0/0", true],
    ["http://10.1.2.3/", "::/0", false],
    ["http://10.1.2.3/", "::ffff:10.0.0.0/104", true],
    ["http://[::ffff:10.1.2.3]/", "10.0.0.0/8", true],
    ["http://[2001:db8::1]/", "2001:db8::/32", true],
    ["http://[2001:db9::1]/", "2001:db8::/32", false],
    ["http://[2001:db8::1]/", "2001:0DB8::1", true],
    ["http://[2001:db8::1]/", "[2001:db8::1]:80", true],
    ["http://[2001:db8::1]:81/", "[2001:db8::1]:80", false],
    ["http://[2001:db8::1]/", "[2001:db8::1]", false],
    ["http://bücher.example/", "bücher.example", true],
    ["http://a.bücher.example/", ".BÜCHER.example", true],
    ["http://xn--bcher-kva.example/", "bücher.example", true],
  ];
  for (const [url, noProxy, isDirect] of rows) {
    it(`${url} with ${JSON.stringify(noProxy)}: ${isDirect ? "direct" : "proxy"}`, () => {
      const found = proxyFor(new URL(url), { HTTP_PROXY: proxy, NO_PROXY: noProxy });
      assert.ok(found.ok);
      assert.equal(found.value === undefined, isDirect);
    });
  }
});

describe("proxyFor: the address of a proxy", () => {
  const rows: readonly [written: string, expected: string][] = [
    ["proxy:3128", "http://proxy:3128/"],
    ["proxy", "http://proxy/"],
    ["10.1.2.3:3128", "http://10.1.2.3:3128/"],
    ["[2001:db8::1]:3128", "http://[2001:db8::1]:3128/"],
    ["HTTP://PROXY:3128/", "http://proxy:3128/"],
    ["https://proxy", "https://proxy/"],
    ["http://proxy:3128/a?b#c", "http://proxy:3128/"],
    ["user:p%40ss@proxy:3128", "http://user:p%40ss@proxy:3128/"],
    ["http://user:p@ss@proxy", "http://user:p%40ss@proxy/"],
    ["http://bücher.example", "http://xn--bcher-kva.example/"],
  ];
  for (const [written, expected] of rows) {
    it(written, () => {
      const found = proxyFor(new URL(https), { HTTPS_PROXY: written });
      assert.ok(found.ok);
      assert.equal(found.value?.href, expected);
    });
  }
});

describe("proxyFor: a proxy that cannot be used is a problem, not silently none", () => {
  const secret = "hunter2";
  const rows: readonly string[] = [
    `socks5://user:${secret}@proxy:1080`,
    `socks5h://user:${secret}@proxy:1080`,
    `ftp://user:${secret}@proxy`,
    `http://user:${secret}%@proxy`,
    `http://user:${secret}%ff@proxy`,
    `http://user:${secret}@`,
    `http://user:${secret}@proxy:port`,
    `http://user:${secret}@proxy:65536`,
    `http://user:${secret}@pro xy`,
    `http://user:${secret}@pro\\xy`,
    `http://user:${secret}@0x7f.1`,
    `http://user:${secret}@[::1`,
    `http://user:${secret}@a:b:c`,
    `http:///${secret}`,
    ` http://user:${secret}@proxy`,
    `http://user:${secret}@proxy\n`,
    `/${secret}`,
  ];
  for (const written of rows) {
    it(JSON.stringify(written), () => {
      const found = proxyFor(new URL(https), { HTTPS_PROXY: written });
      assert.ok(!found.ok);
      assert.equal(found.problem.code, "source.unreachable");
      assert.ok(!JSON.stringify(found.problem).includes(secret));
      assert.deepEqual(proxyFor(new URL(https), { HTTPS_PROXY: written, NO_PROXY: "r.example" }), {
        ok: true,
        value: undefined,
      });
    });
  }

  it("HTTP_PROXY in a CGI program, even where NO_PROXY has the host", () => {
    const environment = { HTTP_PROXY: proxy, REQUEST_METHOD: "GET", NO_PROXY: "*" };
    assert.ok(!proxyFor(new URL(http), environment).ok);
  });
});
