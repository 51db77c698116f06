import { ConfGenerator, hosts, parts } from "./generate-conf.ts";
import { YamlGenerator } from "./generate-yaml.ts";
import { Random } from "./random.ts";

/** A tree of settings, and references that are looked up with them. */
export interface Question {
  /** By path below the root, in base64. */
  readonly files: Readonly<Record<string, string>>;
  /** `@ROOT@` at the beginning of a value is where the files are. */
  readonly environment: Readonly<Record<string, string>>;
  /** What `--registries-conf` and `--registries.d` name, below the root; "" if they are not given. */
  readonly conf: string;
  readonly directory: string;
  readonly references: readonly string[];
  readonly digest: string;
}

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

/** Random questions: the same seed gives the same. */
export class Generator {
  readonly #random: Random;
  readonly #conf: ConfGenerator;
  readonly #yaml: YamlGenerator;

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#conf = new ConfGenerator(this.#random);
    this.#yaml = new YamlGenerator(this.#random);
  }

  question(): Question {
    const random = this.#random;
    random.setOddity();
    const files: Record<string, string> = {};
    const put = (path: string, content: Buffer) => {
      files[path] = content.toString("base64");
    };
    const isNamed = random.chance(0.15);
    if (isNamed && !random.odd(0.05)) put("named.conf", this.#conf.file());
    const isLast = random.chance(0.1);
    if (isLast && !random.odd(0.1)) put("last.conf", this.#conf.file());
    for (const [path, probability] of mainFiles) if (random.chance(probability)) put(path, this.#conf.file());
    for (const path of random.list(0, 2, () => random.pick(dropIns))) put(path, this.#conf.file());
    for (const path of random.list(0, 3, () => random.pick(yamlFiles))) put(path, this.#yaml.file());
    const isByVariable = isNamed && random.chance(0.5);
    return {
      files,
      environment: {
        HOME: "@ROOT@/home",
        ...(random.chance(0.15) ? { XDG_CONFIG_HOME: "@ROOT@/xdg" } : {}),
        ...(random.chance(0.3) ? { _CONTAINERS_ROOTLESS_UID: random.pick(["1000", "0", "1001"]) } : {}),
        ...(isByVariable ? { CONTAINERS_REGISTRIES_CONF: "@ROOT@/named.conf" } : {}),
        ...(isLast ? { CONTAINERS_REGISTRIES_CONF_OVERRIDE: "@ROOT@/last.conf" } : {}),
      },
      conf: isNamed && !isByVariable ? "named.conf" : "",
      directory: random.chance(0.2) ? random.pick(["named.d", "missing.d"]) : "",
      references: random.list(3, 8, () => this.#reference()),
      digest,
    };
  }

  #reference(): string {
    const random = this.#random;
    const name = random.pick(hosts) + random.list(1, 3, () => `/${random.pick(parts)}`).join("");
    const named = random.chance(0.05)
      ? random.pick(["a.example.com.a.example/x", "x.a.example.y.example/x", "sub.sub.a.example/a.example/x", "app"])
      : name;
    if (random.chance(0.35)) return `${named}@${digest}`;
    return `${named}:${random.chance(0.9) ? random.pick(["1", "latest"]) : random.pick(["a.example", "ab".repeat(32), "x".repeat(128)])}`;
  }
}

const mainFiles = [
  ["etc/containers/registries.conf", 0.7],
  ["usr/share/containers/registries.conf", 0.2],
  ["home/.config/containers/registries.conf", 0.15],
  ["xdg/containers/registries.conf", 0.1],
] as const;

const directories = ["etc/containers", "usr/share/containers", "home/.config/containers", "xdg/containers"] as const;

const dropIns = directories.flatMap((directory) =>
  [
    "registries.conf.d/a.conf",
    "registries.conf.d/b.conf",
    "registries.conf.d/b.toml",
    "registries.rootful.conf.d/a.conf",
    "registries.rootless.conf.d/c.conf",
    "registries.rootless.conf.d/1000/a.conf",
  ].map((name) => `${directory}/${name}`),
) as [string, ...string[]];

const yamlFiles = [
  ...directories.flatMap((directory) =>
    [
      "registries.d/a.yaml",
      "registries.d/a.yaml",
      "registries.d/default.yaml",
      "registries.d/x.yml",
      "registries.rootful.d/a.yaml",
      "registries.rootless.d/c.yaml",
      "registries.rootless.d/1000/a.yaml",
    ].map((name) => `${directory}/${name}`),
  ),
  ...Array.from({ length: 6 }, (_, at) => `named.d/${at}.yaml`),
  ...Array.from({ length: 10 }, () => "etc/containers/registries.d/a.yaml"),
] as [string, ...string[]];
