import { hosts, parts } from "./generate-conf.ts";
import type { Random } from "./random.ts";

/** Random files of registries.d: mostly good, with what makes readers differ. */
export class YamlGenerator {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  file(): Buffer {
    const random = this.#random;
    const members: [string, string][] = [];
    if (random.chance(0.4)) members.push([this.#key("default-docker"), this.#namespace("  ")]);
    if (random.chance(0.85)) members.push([this.#key("docker"), this.#namespaces()]);
    if (random.chance(0.1))
      members.push([
        random.pick(["unknown", "x-anchor", "1", "~", "? a"]),
        random.pick([" 1", " [a, b]", " {a: b}", " &x {lookaside: 'https://anchor.example'}", " |\n  text\n  more"]),
      ]);
    if (random.odd(0.02)) members.push([this.#key("docker"), " {}"]);
    const text = members.map(([key, value]) => `${key}:${value}\n`).join("");
    const around = random.odd(0.1)
      ? random.pick([
          `---\n${text}`,
          `${text}---\ndocker: 1\n`,
          `${text}...\n`,
          `# comment\n${text}`,
          `%YAML 1.1\n---\n${text}`,
          `${text}---\n[`,
          `\ufeff${text}`,
          `--- !!map\n${text}`,
          "",
        ])
      : text;
    const ended = random.odd(0.05) ? around.replaceAll("\n", "\r\n") : around;
    return random.odd(0.06) ? random.damaged(ended) : Buffer.from(ended);
  }

  #namespaces(): string {
    const random = this.#random;
    if (random.odd(0.04)) return random.pick([" []", " 1", "", " ~", " null", " {}", " text"]);
    return `\n${random.list(1, 4, () => `  ${this.#scope()}:${this.#namespace("    ")}`).join("\n")}`;
  }

  #scope(): string {
    const random = this.#random;
    const host = random.chance(0.2)
      ? random.pick(["'*.example'", "'*.a.example'", '"*.com"', random.odd(0.3) ? "*.example" : "'*.example'"])
      : random.pick(hosts);
    const place =
      host.endsWith("'") || host.endsWith('"')
        ? host
        : host + random.list(0, 2, () => `/${random.pick(parts)}`).join("");
    if (random.odd(0.05)) return `${place}${random.pick([":1", ":latest", "/", `@sha256:${"a".repeat(64)}`])}`;
    return random.chance(0.02)
      ? random.pick(["1", "true", "~", "null", "2026-01-01", "1.0", "0x10", "<<", "a b", "''"])
      : place;
  }

  #namespace(indent: string): string {
    const random = this.#random;
    if (random.chance(0.08))
      return random.pick([
        "",
        " ~",
        " null",
        " {}",
        " []",
        " 1",
        " *x",
        " text",
        " &y",
        " {<<: *x}",
        " {<<: {lookaside: 'https://merged.example'}}",
      ]);
    const fields = random.list(1, 3, () => this.#field());
    const unique = random.chance(0.97)
      ? [...new Map(fields.map(([key, value]) => [key.toLowerCase(), [key, value] as const])).values()]
      : fields;
    if (random.chance(0.4)) return ` {${unique.map(([key, value]) => `${key}: ${value}`).join(", ")}}`;
    return unique.map(([key, value]) => `\n${indent}${key}: ${value}`).join("");
  }

  #field(): [string, string] {
    const random = this.#random;
    const key = random.pick([
      "lookaside",
      "lookaside",
      "lookaside",
      "sigstore",
      "lookaside-staging",
      "sigstore-staging",
      "use-sigstore-attachments",
      "use-sigstore-attachments",
      "unknown",
    ]);
    if (key === "use-sigstore-attachments")
      return [this.#key(key), !random.odd(0.3) ? random.pick(["true", "false"]) : random.pick(flags)];
    return [this.#key(key), !random.odd(0.1) ? this.#quoted(this.#address()) : random.pick(scalars)];
  }

  #key(key: string): string {
    return this.#random.chance(0.95)
      ? key
      : this.#random.pick([
          `"${key}"`,
          `'${key}'`,
          `!!str ${key}`,
          `? ${key}\n`,
          key.toUpperCase(),
          this.#random.anyCase(key),
          `${key} `,
        ]);
  }

  #quoted(text: string): string {
    const random = this.#random;
    return random.chance(0.5)
      ? text
      : random.pick([`'${text}'`, `"${text}"`, `!!str ${text}`, `&z ${text}`, `${text} # comment`]);
  }

  #address(): string {
    const random = this.#random;
    if (random.odd(0.2)) return random.pick(oddAddresses);
    const part = (usual: readonly [string, ...string[]], odd: readonly [string, ...string[]]) =>
      random.pick(random.odd(0.3) ? odd : usual);
    const scheme = part(["https", "https", "http", "file", "file"], ["HTTPS", "ftp", "File"]);
    const user = part(["", "", "", "", "", "", "u:p@"], oddUsers);
    const host = scheme === "file" ? part([""], ["host"]) : part(usualHosts, oddHosts);
    const path = random.list(0, 3, () => `/${part(["sig", "a"], oddSegments)}`).join("");
    const query = part(["", "", "", "", "?x=1"], ["?", "??", "?a b", "?x=%zz", "?\u00e9", "?a?b", "?x='1'"]);
    return `${scheme}://${user}${host}${path}${query}${random.odd(0.04) ? random.pick(["#frag", "#%zz", "#"]) : ""}`;
  }
}

const oddUsers = ["u@", "u:p%40q@", "@", "u:@", "a%3Ab:c d@", "u:p@q@", "u:%zz@", "\u00e9:p@", "u:p!'()*@"] as const;
const usualHosts = ["h", "h.example", "h.example:8443", "[::1]:80", "1.2.3.4"] as const;
const oddHosts = [
  "H.example",
  "[::1]",
  "h:",
  "h:99999",
  "h:x",
  "h_x",
  "h%41",
  "h%e9",
  "h%25",
  "[::1%25eth0]",
  "[1.2.3.4]",
  "[::1",
  "h:1:2",
  "",
  "\u00e9.example",
  "[1:2:3:4:5:6:7::]",
  "[::1.2.3.4]",
  "[::1]x",
  "h<>",
] as const;
const oddSegments = [
  "a b",
  "a%20b",
  "a%2Fb",
  "..",
  ".",
  "",
  "\u00e9",
  "%ff",
  "%00",
  "a+b",
  "a;b",
  "a'b",
  "(x)",
  "a*b",
  "%zz",
  "a%",
  "a:b",
  "@x",
  "a\\b",
  "{x}",
  "|",
  "a,b",
  "~u",
  "a=b&c",
  "$x",
  "!",
  "[x]",
] as const;

const flags = [
  "yes",
  "no",
  "on",
  "off",
  "Yes",
  "ON",
  "y",
  "n",
  "True",
  "TRUE",
  "False",
  "tRue",
  "~",
  "null",
  "",
  '"true"',
  "'yes'",
  "1",
  "0",
  "!!bool true",
  "!!bool yes",
  '!!bool "true"',
  "!!str true",
  "[]",
  "{}",
  "maybe",
  "!!bool 'yes'",
  "!x true",
] as const;

const scalars = [
  "~",
  "null",
  "Null",
  "",
  "1",
  "0x10",
  "0o7",
  "1.5",
  "1e3",
  ".inf",
  "true",
  "yes",
  "2026-01-01",
  "2026-01-01T00:00:00Z",
  "[]",
  "{}",
  "{a: b}",
  "!!str 1",
  "!!int 1",
  "!!null x",
  "!!binary aGk=",
  "!!float 1",
  "*x",
  "*unknown",
  "|\n      https://block.example/",
  ">-\n      https://folded.example/\n      more",
  '"https://\\x61.example"',
  '"\\u00e9"',
  '"\\ud800"',
  "'it''s'",
  "- a",
  "a: b",
  "@x",
  "`x",
  "%x",
  "!x text",
  "1_000",
  "0b11",
  "012",
  "-0",
  "+1",
  "1:30",
  "=",
  "<<",
  "!!timestamp 2026-01-01",
  "!!binary x",
] as const;

const oddAddresses = [
  "/var/lib/x",
  "relative",
  "file:relative",
  "file:/x",
  "file:///x",
  "file:////x",
  "https:h/x",
  "https:/h/x",
  "https:///x",
  "//h/x",
  "///x",
  "x:y",
  "1:y",
  ":x",
  "*",
  "h.example/x",
  "a/b:c",
  "HTTP://h",
  "s3://b/x",
  "https://h/#",
  "https://h?x",
  "https://h/x\u0001",
  "file://h:x/y",
  "file://a:1:2/x",
  "https:?x",
  "mailto:x@y",
  "%zz",
  "https",
  "https:",
  "https:/",
  "https://",
  "file:",
  "file://",
  "file://host",
] as const;
