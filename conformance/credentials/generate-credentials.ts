/** Files with credentials as people and programs write them, with what makes readers differ; and an environment that leads to them. */
import { parseNormalizedNamed } from "../../src/identity/docker-reference.ts";
import type { Random } from "./random.ts";

export interface CredentialsQuestion {
  readonly kind: "credentials";
  /** Contents by their path below the directory of the question. */
  readonly files: Readonly<Record<string, string>>;
  /** `@` is the directory of the question, in all of these. */
  readonly environment: Readonly<Record<string, string>>;
  readonly authFile: string;
  readonly reference: string;
  readonly helpers: readonly string[];
  readonly times: number;
}

/** Helpers that both sides run; `$0` is not looked at. */
export const helperScripts: Readonly<Record<string, string>> = {
  good: `read -r host\nprintf '{"ServerURL":"x","Username":"u of %s","Secret":"s"}' "$host"`,
  token: `printf '{"Username":"<token>","Secret":"t"}'`,
  emptytoken: `printf '{"Username":"<token>","Secret":""}'`,
  blank: `printf '{}'`,
  null: `printf null`,
  none: `printf 'credentials not found in native keychain\\n'\nexit 1`,
  spaced: `printf '\\302\\205 credentials not found in native keychain\\t'\nexit 1`,
  nearly: `printf 'credentials not found in native keychain.'\nexit 1`,
  zero: `printf 'credentials not found in native keychain'`,
  nourl: `printf 'no credentials server URL'\nexit 1`,
  failing: `printf '{"Username":"u","Secret":"s"}'\nexit 3`,
  killed: `kill -9 $$`,
  garbage: "printf garbage",
  silent: "exit 0",
  list: "printf '[]'",
  wrong: `printf '{"Username":1,"Secret":"s"}'`,
  url: `printf '{"Username":"u","Secret":"s","ServerURL":1}'`,
  cases: `printf '{"username":"u","SECRET":"s","\\305\\277ecret":"t","other":1e999}'`,
  twice: `printf '{"Username":"u","Username":"v","Secret":"s"} trailing'`,
  two: `printf '{"Username":"u","Secret":"s"}{"Username":"v"}'`,
  cut: `printf '{"Username":"u"'`,
  bytes: `printf '{"Username":"\\377","Secret":"\\\\ud800"}'`,
  order: `printf ' \\n{"Secret":"s"}'`,
};

const references = [
  "r.example/a",
  "r.example/a/b",
  "r.example/a/b/c:1",
  "r.example:5000/a/b",
  "busybox",
  "docker.io/library/busybox:1",
  "user/image",
  `quay.io/ns/img@sha256:${"0".repeat(64)}`,
  "localhost/x",
  "localhost:5000/x/y",
  "ho_st.com/x",
  "R.example/a",
];

export class CredentialsGenerator {
  readonly #random: Random;
  #name = "";
  #registry = "";

  constructor(random: Random) {
    this.#random = random;
  }

  question(): CredentialsQuestion {
    const random = this.#random;
    const reference = random.pick(references);
    const parsed = parseNormalizedNamed(reference);
    if (!parsed.ok) throw new Error(reference);
    this.#name = parsed.value.name;
    this.#registry = this.#name.split("/", 1)[0] ?? "";
    const files: Record<string, string> = {};
    const places: readonly [path: string, isLegacy: boolean][] = [
      ["run/containers/auth.json", false],
      ["home/.config/containers/auth.json", false],
      ["xdg/containers/auth.json", false],
      ["home/.docker/config.json", false],
      ["docker/config.json", false],
      ["home/.dockercfg", true],
      ["named.json", false],
      ["other.json", false],
    ];
    for (const [path, isLegacy] of places) if (random.chance(0.55)) files[path] = this.#file(isLegacy);
    const environment: Record<string, string> = { HOME: "@/home", PATH: "@/../helpers" };
    const maybe = (name: string, probability: number, values: readonly string[]) => {
      if (random.chance(probability)) environment[name] = random.pick(values);
    };
    maybe("XDG_RUNTIME_DIR", 0.5, ["@/run", "@/run", "@/missing", "", "@/named.json"]);
    maybe("XDG_CONFIG_HOME", 0.3, ["@/xdg", "@/xdg", "@/missing", ""]);
    maybe("DOCKER_CONFIG", 0.3, ["@/docker", "@/docker", "@/missing", ""]);
    maybe("REGISTRY_AUTH_FILE", 0.15, ["@/named.json", "@/missing.json", ""]);
    maybe("PATH", 0.03, ["", "@/missing:@/../helpers"]);
    const helpers = random.chance(0.15) ? random.list(1, 3, () => this.#helper()) : [];
    if (helpers.length > 0 && random.chance(0.5))
      helpers.splice(random.below(helpers.length + 1), 0, "containers-auth.json");
    return {
      kind: "credentials",
      files,
      environment,
      authFile: random.chance(0.15) ? random.pick(["@/named.json", "@/other.json", "@/missing.json"]) : "",
      reference,
      helpers,
      times: Object.values(files).some((text) => this.#isAmbiguous(text)) ? 100 : 1,
    };
  }

  /** Whether several keys may name the registry by an address, roughly. */
  #isAmbiguous(text: string): boolean {
    const own =
      this.#registry === "docker.io" ? ["docker.io", "index.docker.io", "registry-1.docker.io"] : [this.#registry];
    const keys = [...text.matchAll(/"((?:https?:\/\/)*)([^"/]*)[^"]*":/g)].map(([, , host = ""]) => host);
    return keys.filter((host) => own.includes(host)).length > 1;
  }

  #helper(): string {
    const names = Object.keys(helperScripts);
    return this.#random.mostly(names, ["missing", "", "../helpers/docker-credential-good", "a b", "."]);
  }

  #file(isLegacy: boolean): string {
    const random = this.#random;
    if (random.chance(0.02))
      return random.pick(["", "null", "[]", "{}", '"x"', "1", "{", "\ufeff{}", "{}x", "{}\n\n", '{"auths"}']);
    const auths = this.#map(() => [this.#key(), this.#entry()]);
    if (isLegacy) return random.chance(0.95) ? auths : `{"auths":${auths}}`;
    const members: [string, string][] = [["auths", auths]];
    if (random.chance(0.25)) members.push(["credHelpers", this.#credHelpers()]);
    if (random.chance(0.1)) members.push(["credsStore", '"good"']);
    if (random.chance(0.05))
      members.push(["auths", random.pick(["null", "{}", this.#map(() => [this.#key(), this.#entry()])])]);
    if (random.chance(0.03)) members.push(["credHelpers", random.pick(["null", "{}", this.#credHelpers()])]);
    if (random.chance(0.02))
      members.push([random.pick(["auths", "credHelpers"]), random.pick(["[]", "1", '"x"', '{"r.example":[]}'])]);
    if (random.chance(0.05)) members.reverse();
    return this.#object(members.map(([key, json]) => [this.#respell(key), json]));
  }

  #credHelpers(): string {
    const random = this.#random;
    return this.#map(() => {
      const key = random.pick([this.#registry, this.#registry, this.#name, "other.example", "index.docker.io"]);
      return [key, random.chance(0.97) ? JSON.stringify(this.#helper()) : random.pick(["null", "1", "{}"])];
    }, 2);
  }

  #key(): string {
    const random = this.#random;
    const parts = this.#name.split("/");
    const prefix = parts.slice(0, 1 + random.below(parts.length)).join("/");
    const address = () => {
      const rest = random.pick(["", "/", "/v1/", "/v2/", `/${parts.slice(1).join("/")}`, "?x", ":443/"]);
      const host = this.#registry === "docker.io" ? random.pick(["docker.io", "index.docker.io"]) : this.#registry;
      return `${random.pick(["https://", "http://", "http://https://", "https://http://", "HTTPS://", "//"])}${host}${rest}`;
    };
    return random.pick([
      () => this.#registry,
      () => prefix,
      () => prefix,
      () => this.#name,
      address,
      () => `${prefix}:1`,
      () => `${prefix}/`,
      () => prefix.toUpperCase(),
      () => `${this.#registry}:5000`,
      () => this.#registry.replace(/:.*/, ""),
      () => {
        return random.pick(["index.docker.io", "registry-1.docker.io", "docker.io", "docker.io/library"]);
      },
      () => `${this.#registry}/v1/`,
      () => random.pick(["", "other.example", "__proto__", "*"]),
    ])();
  }

  #entry(): string {
    const random = this.#random;
    if (random.chance(0.06)) return random.mostly(["{}", "null", "{}"], ["[]", '"x"', "1"]);
    const members: [string, string][] = [["auth", this.#auth()]];
    if (random.chance(0.12))
      members.push(["identitytoken", random.mostly(['"t"', '"\\u00e9"', '""', "null"], ["1", "[]"])]);
    if (random.chance(0.05)) members.push(["username", '"x"'], ["password", '"y"']);
    if (random.chance(0.05)) members.push(["auth", random.pick([this.#auth(), "null", '""'])]);
    if (random.chance(0.03)) members.reverse();
    if (random.chance(0.03)) members.shift();
    return this.#object(members.map(([key, json]) => [this.#respell(key), json]));
  }

  #auth(): string {
    const random = this.#random;
    if (random.chance(0.02)) return random.pick(["null", "1", "{}", '"x"', '""', '"    "', '"!!!!"', '"\\ud800"']);
    const number = random.below(1000);
    const contents = [
      `u${number}:p`,
      ":",
      "u:",
      ":p",
      "no colon",
      "u:p:q",
      "u:\0p\0\0",
      "u:\0",
      "\0u:p",
      "\u00fc:\u20ac",
      "a\nb:c",
    ];
    const bytes = random.chance(0.8)
      ? Buffer.from(`u${number}:p`)
      : random.mostly(
          contents.map((text) => Buffer.from(text)),
          [Buffer.of(0xff, 0x3a, 0x70), Buffer.of(0x75, 0x3a, 0xc3)],
        );
    let text = bytes.toString("base64");
    if (random.chance(0.06)) {
      const at = random.below(text.length + 1);
      text = random.pick([
        () => `${text.slice(0, at)}\n${text.slice(at)}`,
        () => `${text.slice(0, at)}\r\n${text.slice(at)}`,
        () => `${text.slice(0, at)} ${text.slice(at)}`,
        () => `${text}=`,
        () => text.replace(/=+$/, ""),
        () => text.replace(/[a-z]/, "-"),
        () => text.slice(0, -1),
        () => text.replace(/.=$/, "/="),
        () => `${text}AAAA`,
        () => `${text.slice(0, at)}\u00e9${text.slice(at)}`,
      ])();
    }
    return JSON.stringify(text);
  }

  /** The same name to Go, mostly. */
  #respell(key: string): string {
    const random = this.#random;
    if (!random.chance(0.04)) return key;
    return random.pick([
      () => key.toUpperCase(),
      () => key.toLowerCase(),
      () => key.replace("s", "\u017f"),
      () => key.replace("k", "\u212a"),
      () => `${key} `,
    ])();
  }

  #map(make: () => [string, string], most = 4): string {
    return this.#object(this.#random.list(0, most, make));
  }

  #object(members: readonly [string, string][]): string {
    return `{${members.map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(",")}}`;
  }
}
