/** Environments that name a proxy, and addresses that are asked for. */
import type { Random } from "./random.ts";

export interface ProxyQuestion {
  readonly kind: "proxy";
  readonly environment: Readonly<Record<string, string>>;
  readonly url: string;
}

const names = [
  "r.example",
  "a.r.example",
  "ar.example",
  "example",
  "localhost",
  "localhost.",
  "localhost.r.example",
  "r.example.",
  "xn--bcher-kva.example",
  "r-x.example",
  "r_x.example",
];
const addresses = [
  "10.1.2.3",
  "10.200.0.1",
  "127.0.0.1",
  "127.255.0.9",
  "128.0.0.1",
  "0.0.0.0",
  "192.168.7.7",
  "255.255.255.255",
];
const longAddresses = [
  "::1",
  "::2",
  "::",
  "::ffff:7f00:1",
  "::ffff:a01:203",
  "2001:db8::1",
  "2001:db8:1::2",
  "fe80::1",
  "ffff::",
];
const ports = ["", "", "", ":80", ":443", ":5000", ":8080"];

export class ProxyGenerator {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  question(): ProxyQuestion {
    const random = this.#random;
    const host = this.#host();
    const environment: Record<string, string> = {};
    const maybe = (name: string, probability: number, value: () => string) => {
      if (random.chance(probability)) environment[name] = value();
    };
    maybe("HTTP_PROXY", 0.7, () => this.#proxy());
    maybe("http_proxy", 0.4, () => this.#proxy());
    maybe("HTTPS_PROXY", 0.7, () => this.#proxy());
    maybe("https_proxy", 0.4, () => this.#proxy());
    maybe("NO_PROXY", 0.7, () => this.#noProxy(host));
    maybe("no_proxy", 0.3, () => this.#noProxy(host));
    maybe("REQUEST_METHOD", 0.04, () => random.pick(["GET", ""]));
    const url = `${random.pick(["http", "https"])}://${host}${random.pick(ports)}/v2/`;
    return { kind: "proxy", environment, url: new URL(url).href };
  }

  #host(): string {
    const random = this.#random;
    return random.pick([
      () => random.pick(names),
      () => random.pick(names),
      () => random.pick(addresses),
      () => `[${random.pick(longAddresses)}]`,
    ])();
  }

  #noProxy(host: string): string {
    const random = this.#random;
    const entries = random.list(0, 4, () => this.#entry(host));
    return entries
      .map((entry) => (random.chance(0.1) ? ` ${entry}\t` : entry))
      .join(random.pick([",", ",", ",,", ", ", " "]));
  }

  #entry(host: string): string {
    const random = this.#random;
    const bare = host.replace(/^\[|\]$/g, "");
    const above = bare.slice(bare.indexOf(".") + 1);
    const entry = random.pick([
      () => host,
      () => bare,
      () => above,
      () => `.${bare}`,
      () => `.${above}`,
      () => `*.${above}`,
      () => `*${above}`,
      () => `${random.pick([bare, host])}${random.pick([":80", ":443", ":5000", ":", ":http", ":080"])}`,
      () => `.${above}${random.pick([":80", ":443"])}`,
      () =>
        `${random.pick([...addresses, ...longAddresses, bare])}/${random.pick(["0", "1", "7", "8", "16", "24", "31", "32", "33", "64", "96", "97", "100", "104", "120", "128", "129", "08", "", "-1", "+8", "x", "99999999999"])}`,
      () => random.pick([...addresses, ...longAddresses, ...names]),
      () =>
        random.pick([
          "*",
          "**",
          "*.",
          ".",
          "..",
          ":",
          ":80",
          "[",
          "]",
          "[]",
          "[]:80",
          "[[::1]]:80",
          "::1]",
          "[::1",
          "a:b:c",
          "010.1.2.3",
          "10.1.2",
          "1.2.3.4.5",
          "256.1.1.1",
          "2001:DB8::1",
          "::ffff:10.1.2.3",
          "::ffff:10.0.0.0/104",
          "::ffff:0:0/95",
          "::1.2.3.4",
          "fe80::1%eth0",
          "1::2::3",
          "bücher.example",
          ".bücher.example",
          "BÜCHER.example",
          "http://r.example",
          "r.example/path",
          "r example",
          "R.Example",
          "\u00a0r.example\u0085",
          "\ufeffr.example",
        ]),
    ])();
    return random.chance(0.05) ? entry.toUpperCase() : entry;
  }

  #proxy(): string {
    const random = this.#random;
    if (random.chance(0.05)) return "";
    const schemes = ["http://", "http://", "http://", "", "", "https://", "HTTP://"];
    const strange = [
      "socks5://",
      "socks5h://",
      "ftp://",
      "//",
      "http:/",
      "http:",
      "://",
      "ht tp://",
      "1http://",
      "h+t.t-p://",
      "http:///",
    ];
    const users = [
      "",
      "",
      "",
      "",
      "u@",
      "u:p@",
      "u:@",
      ":p@",
      "@",
      "u:p:q@",
      "u%40x:p%3A@",
      "u@x:p@y@",
      "%C3%BC:%E2%82%AC@",
      "u!$&'()*+,;=:~-._@",
    ];
    const strangeUsers = ["u%:p@", "u%zz@", "%ff@", "ü:p@", "u/x@", "u p@", 'u"@', "u[@"];
    const hosts = [
      "proxy",
      "proxy.example",
      "PROXY.Example",
      "10.0.0.1",
      "[2001:db8::1]",
      "[2001:DB8:0::1]",
      "[::ffff:1.2.3.4]",
      "p_x.example",
      "localhost",
      "proxy.",
      "b\u00fccher.example",
    ];
    const strangeHosts = [
      "",
      ".",
      "..",
      "[::1",
      "::1",
      "[]",
      "[10.0.0.1]",
      "[fe80::1%25eth0]",
      "0x7f.1",
      "010.0.0.1",
      "1",
      "1.2.3",
      "a b",
      "a%41",
      "a*b",
      "a;b",
      "a,b",
      "a<b",
      "a\\b",
      "a~b",
      "\u200b",
      "a\u0001",
      "%C3%BC",
    ];
    const rests = ["", "", "", "", "/", "/path", "?q", "#f", "/a?b#c", "/%zz", "/a b", "?%zz", "/\u00e9", "\n", " "];
    return [
      random.mostly(schemes, strange),
      random.mostly(users, strangeUsers),
      random.mostly(hosts, strangeHosts),
      random.mostly(
        ["", "", ":3128", ":80", ":443", ":65535"],
        [":", ":0", ":65536", ":99999999", ":port", ":80:80", ":+80", ": 80"],
      ),
      random.mostly(["", "", "", "/", "/path"], rests),
    ].join("");
  }
}
