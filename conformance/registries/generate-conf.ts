import type { Random } from "./random.ts";

/** Random files of registries.conf and registries.conf.d: mostly good, with what makes readers differ. */
export class ConfGenerator {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  file(): Buffer {
    const random = this.#random;
    const top = random.odd(0.7) ? random.list(1, 2, () => this.#topLevel()).join("") : this.#usualTop();
    const registries = random.list(1, 5, () => this.#registry());
    const isInline = random.chance(0.08);
    const body = isInline
      ? `${this.#key("registry")} = [${registries.map((fields) => inlineTable(fields)).join(", ")}]\n${top}`
      : top + registries.map((fields) => this.#table("registry", fields)).join("");
    const text = body + (random.odd(0.3) ? this.#lastTable() : "");
    const ended = random.chance(0.1) ? text.replaceAll("\n", "\r\n") : text;
    const marked = random.chance(0.03) ? `\ufeff${ended}` : ended;
    return random.odd(0.08) ? random.damaged(marked) : Buffer.from(marked);
  }

  #usualTop(): string {
    return this.#random.chance(0.3) ? 'credential-helpers = ["pass"]\nshort-name-mode = "enforcing"\n' : "";
  }

  #topLevel(): string {
    const random = this.#random;
    const [key, value] = random.pick<[string, string]>([
      ["unqualified-search-registries", this.#texts(hosts)],
      ["unqualified-search-registries", '["docker.io"]'],
      [
        "credential-helpers",
        random.pick(["[]", '["pass"]', '["secretservice", "containers-auth.json"]', '["", ""]', '"pass"', "[1]"]),
      ],
      [
        "short-name-mode",
        random.pick(['"enforcing"', '"permissive"', '"disabled"', '""', '"prompt"', '"Enforcing"', "1"]),
      ],
      ["additional-layer-store-auth-helper", random.pick(['""', '"helper"', "true"])],
      [
        "unknown",
        random.pick([
          "1",
          "2026-01-01",
          "{ a = [1, 2.5, inf] }",
          '"""\n\\\n  x"""',
          "[[1], ['a']]",
          "0x1F",
          "9223372036854775808",
        ]),
      ],
      [
        "registries",
        random.pick([
          "{}",
          "{ search = {} }",
          "{ search = { registries = [] } }",
          '{ block = { registries = ["a.example"] } }',
          "1",
          "[]",
          "{ other = 1 }",
        ]),
      ],
      ["aliases", random.pick(["{}", '{ app = "a.example/app" }', "[]"])],
      ["registry", random.pick(["[]", "{}", "[[]]", "[1]", '""'])],
    ]);
    return random.chance(key === "registries" || key === "registry" ? 0.3 : 0.8)
      ? `${this.#key(key)} = ${value}\n`
      : "";
  }

  #registry(): Field[] {
    const random = this.#random;
    const fields: Field[] = [];
    if (random.chance(0.7)) fields.push([this.#key("prefix"), this.#text(this.#prefix())]);
    if (!random.odd(0.1)) fields.push([this.#key("location"), this.#text(this.#location())]);
    this.#maybe(fields, 0.1, "insecure", () => this.#flag());
    this.#maybe(fields, 0.08, "blocked", () => this.#flag());
    const byDigest = random.chance(0.1);
    if (byDigest) fields.push([this.#key("mirror-by-digest-only"), this.#flag()]);
    if (random.odd(0.05)) this.#maybe(fields, 1, "pull-from-mirror", () => this.#text(random.pick(["", "all"])));
    this.#maybe(fields, 0.05, "namespace-proxy", () => this.#text(random.pick(["", "up.example"])));
    if (random.odd(0.3))
      this.#maybe(fields, 1, random.pick(["comment", "Endpoint", "mirrors", "file", "constructor", "__proto__"]), () =>
        random.pick(["1", '"x"', "{ location = 1 }"]),
      );
    if (random.chance(0.5)) fields.push(["mirror", random.list(0, 3, () => this.#mirror(byDigest))]);
    if (random.odd(0.03)) fields.push([this.#key("location"), this.#text(this.#location())]);
    return fields;
  }

  #mirror(byDigest: boolean): Field[] {
    const random = this.#random;
    const fields: Field[] = [];
    if (!random.odd(0.03)) fields.push([this.#key("location"), this.#text(this.#location())]);
    this.#maybe(fields, 0.25, "insecure", () => this.#flag());
    const usual = ["all", "digest-only", "tag-only", "digest-only", "tag-only"] as const;
    const which = !random.odd(0.1) ? random.pick(usual) : random.pick(["", "Digest-only", "none"]);
    this.#maybe(fields, byDigest ? (random.odd(0.2) ? 1 : 0) : 0.35, "pull-from-mirror", () => this.#text(which));
    this.#maybe(fields, 0.08, "namespace-proxy", () => this.#text(random.pick(["", "up.example"])));
    return fields;
  }

  #maybe(fields: Field[], probability: number, key: string, value: () => string): void {
    if (this.#random.chance(probability)) fields.push([this.#key(key), value()]);
  }

  #key(key: string): string {
    const random = this.#random;
    if (!random.odd(0.07)) return key;
    if (random.chance(0.3)) return `"${key.replace("k", "\u212a").replace("s", "\u017f")}"`;
    if (random.chance(0.3)) return `'${key}'`;
    return random.anyCase(key);
  }

  #flag(): string {
    return this.#random.chance(0.96)
      ? this.#random.pick(["true", "false"])
      : this.#random.pick(['"true"', "1", "True", "[]"]);
  }

  #text(text: string): string {
    const random = this.#random;
    if (!random.odd(0.1)) return `"${text}"`;
    return random.pick([
      `'${text}'`,
      `"""${text}"""`,
      `'''\n${text}'''`,
      `"\\u0061${text.slice(1)}"`,
      `"\\x61${text.slice(1)}"`,
      "1",
      "true",
      `["${text}"]`,
      `"${text}`,
      `"${text}" # comment`,
    ]);
  }

  #texts(choices: readonly [string, ...string[]]): string {
    return `[${this.#random.list(0, 3, () => this.#text(this.#random.pick(choices))).join(this.#random.pick([", ", ",\n  "]))}]`;
  }

  #prefix(): string {
    const random = this.#random;
    if (random.chance(0.2))
      return random.pick([
        "*.example",
        "*.a.example",
        "*.example",
        "*.b.example",
        "*.com",
        "*.",
        "*.a.example:5000",
        "*.example/x",
        "*",
        "a.*.example",
      ]);
    return this.#place(0.05);
  }

  #location(): string {
    const random = this.#random;
    if (random.chance(0.04))
      return random.pick([
        "",
        "/",
        "http://a.example",
        "https://b.example/x",
        "http:/a",
        " a.example",
        "\u00e9.example",
      ]);
    return this.#place(0.06);
  }

  #place(oddity: number): string {
    const random = this.#random;
    const place = random.pick(hosts) + random.list(0, 2, () => `/${random.pick(parts)}`).join("");
    return random.odd(oddity)
      ? place + random.pick([":1", "@sha256", `@sha256:${"a".repeat(64)}`, "/", "//", ":1/", "/X", ":"])
      : place;
  }

  #table(name: string, fields: readonly Field[]): string {
    const random = this.#random;
    const head = `[[${!random.odd(0.03) ? name : this.#key(name)}]]${random.chance(0.05) ? " # comment" : ""}\n`;
    const isInline = random.chance(0.1);
    const own = fields.flatMap(([key, value]) =>
      typeof value === "string"
        ? [`${key} = ${value}\n`]
        : isInline
          ? [`${key} = [${value.map(inlineTable).join(", ")}]\n`]
          : [],
    );
    const below = fields.flatMap(([key, value]) =>
      typeof value === "string" || isInline ? [] : value.map((mirror) => this.#table(`${name}.${key}`, mirror)),
    );
    return head + own.join("") + below.join("");
  }

  #lastTable(): string {
    const random = this.#random;
    return random.pick([
      `[aliases]\n${random.list(0, 3, () => `${random.pick(aliasNames)} = ${this.#text(random.pick(aliasValues))}\n`).join("")}`,
      `[registries.search]\nregistries = ["docker.io"]\n`,
      "[registries.search]\n",
      "[registries.block]\nregistries = []\n",
      "[registries.other]\nx = 1\n",
      "[[registries]]\n",
      "[unknown]\na.b = 1\na.c = 2\n",
      '[Aliases]\n"x" = "a.example/x"\n',
    ]);
  }
}

/** A key, and its value as it is written, or a list of tables. */
type Field = [key: string, value: string | Field[][]];

export const hosts = [
  "a.example",
  "b.example",
  "sub.a.example",
  "a.example:5000",
  "docker.io",
  "localhost",
  "c.b.example",
  "ho_st.com",
  "m",
] as const;
export const parts = ["library", "app", "app", "app", "vendor", "x_y"] as const;
const aliasNames = [
  "app",
  "vendor/app",
  '"a.example/x"',
  '"app:1"',
  "App",
  '"x/App"',
  '"localhost/x"',
  '""',
  `"${"a".repeat(256)}"`,
] as const;
const aliasValues = [
  "a.example/app",
  "docker.io/app",
  "",
  "app",
  "vendor/app",
  "localhost/x",
  "a.example/app:1",
  "a.example/App",
  "localhost:5000/x",
  `a.example/x@sha256:${"a".repeat(64)}`,
] as const;

function inlineTable(fields: readonly Field[]): string {
  const members = fields.map(
    ([key, value]) =>
      `${key} = ${typeof value === "string" ? value.replace(" # comment", "") : `[${value.map(inlineTable).join(", ")}]`}`,
  );
  return `{ ${members.join(", ")} }`;
}
