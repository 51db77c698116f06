/** Random lists of images and random manifests: mostly good, with what makes decoders differ. The same seed gives the same. */

export interface Question {
  readonly content: string;
  readonly mediaType: string;
  /** With a platform, which image of a list; without, which blobs of a manifest. */
  readonly os: string;
  readonly arch: string;
  readonly variant: string;
}

const ociIndex = "application/vnd.oci.image.index.v1+json";
const dockerList = "application/vnd.docker.distribution.manifest.list.v2+json";
const ociManifest = "application/vnd.oci.image.manifest.v1+json";
const schema2 = "application/vnd.docker.distribution.manifest.v2+json";
const schema1 = "application/vnd.docker.distribution.manifest.v1+json";
const signedSchema1 = "application/vnd.docker.distribution.manifest.v1+prettyjws";
const architectures = [...Array(3).fill("amd64"), ...Array(4).fill("arm"), ...Array(3).fill("arm64"), "s390x"];
const types = [
  ociIndex,
  dockerList,
  ociManifest,
  schema2,
  schema1,
  signedSchema1,
  "application/json",
  "text/plain",
  "",
];

/** Members of an object, in order; a key may come several times. Values are JSON texts. */
type Members = [key: string, json: string][];

export class Generator {
  #state: number;
  /** The architecture that is asked for; many images of a list are for it. */
  #wanted = "";

  constructor(seed: number) {
    this.#state = (seed * 2_654_435_761) >>> 0;
  }

  question(): Question {
    this.#wanted = this.#pick(architectures);
    return this.#chance(0.7) ? this.#aboutList() : this.#aboutManifest();
  }

  #aboutList(): Question {
    const isOci = this.#chance(0.6);
    const members: Members = [
      ["schemaVersion", "2"],
      ["mediaType", this.#text(isOci ? ociIndex : dockerList)],
      ["manifests", this.#list(0, 8, () => this.#listed(isOci))],
    ];
    if (this.#chance(0.1)) members.push(["annotations", this.#object([["a", '"b"']])]);
    if (this.#chance(0.05)) members.push(["artifactType", '"x/y"']);
    if (this.#chance(0.05)) members.push(["subject", this.#listed(true)]);
    this.#disturb(members, { manifests: () => this.#list(0, 8, () => this.#listed(isOci)) });
    const arch = this.#wanted;
    const variants = arch.startsWith("arm")
      ? ["", "", "", "v5", "v6", "v7", "v7", "v8", "v8", "v9"]
      : ["", "", "", "v2"];
    return {
      content: this.#finish(members),
      mediaType: this.#chance(0.96) ? (isOci ? ociIndex : dockerList) : this.#pick(types),
      os: this.#pick([...Array(9).fill("linux"), "windows"]),
      arch,
      variant: this.#pick(variants),
    };
  }

  #listed(isOci: boolean): string {
    const members: Members = [
      ["mediaType", this.#text(this.#pick([ociManifest, schema2, ociIndex]))],
      ["digest", this.#digest(0.06)],
      ["size", this.#size()],
    ];
    if (this.#chance(0.93)) members.push(["platform", this.#platform()]);
    if (isOci ? this.#chance(0.4) : this.#chance(0.1)) members.push(["annotations", this.#annotations()]);
    if (this.#chance(0.06))
      members.push(["artifactType", this.#mostly(['"application/vnd.in-toto+json"', "null"], ["1"])]);
    if (this.#chance(0.05))
      members.push(["data", this.#mostly(['"e30="', "[1,255]", "null"], ['"e30"', "[256]", "{}"])]);
    this.#addUrls(members);
    this.#disturb(members, {
      platform: () => this.#platform(),
      digest: () => this.#digest(0.1),
      annotations: () => this.#annotations(),
    });
    return this.#object(members);
  }

  #platform(): string {
    if (this.#chance(0.03)) return this.#mostly(["null", "{}"], ["[]", '"linux/amd64"']);
    const architecture = this.#chance(0.5) ? this.#wanted : this.#pick([...architectures, "AMD64"]);
    const members: Members = [
      ["architecture", this.#text(architecture)],
      ["os", this.#text(this.#pick(["linux", "linux", "linux", "linux", "linux", "linux", "windows", "unknown"]))],
    ];
    if (this.#chance(architecture.startsWith("arm") ? 0.6 : 0.1)) {
      members.push(["variant", this.#text(this.#pick(["v5", "v6", "v7", "v7", "v8", "v8", "v8", "v9", "V8", ""]))]);
    }
    if (this.#chance(0.1)) members.push(["os.version", this.#pick(['"10.0.14393.1066"', "null"])]);
    if (this.#chance(0.1)) members.push(["os.features", this.#mostly(['["win32k"]', "[]", "null", "[null]"], ["[1]"])]);
    if (this.#chance(0.05)) members.push(["features", this.#mostly(['["sse4"]'], ["[1]", "1"])]);
    this.#disturb(members, { variant: () => this.#text(this.#pick(["v6", "v7", "v8", ""])) });
    return this.#object(members);
  }

  #annotations(): string {
    if (this.#chance(0.05)) return this.#mostly(["null", "{}"], ["[]"]);
    const key = this.#chance(0.92) ? "io.github.containers.compression.zstd" : "io.github.containers.compression.ZSTD";
    const values = ['"true"', '"true"', '"true"', '"true"', '"false"', '"True"', '""', "null"];
    const members: Members = [[key, this.#mostly(values, ["true", "1"])]];
    if (this.#chance(0.3)) members.push(["a", '"b"']);
    if (this.#chance(0.1)) members.push([key, this.#pick(values)]);
    return this.#object(members);
  }

  #aboutManifest(): Question {
    const [mediaType, content] = this.#pick([
      () => [ociManifest, this.#ociManifest()] as const,
      () => [schema2, this.#schema2()] as const,
      () => [this.#pick([schema1, signedSchema1, "application/json"]), this.#schema1()] as const,
    ])();
    return {
      content,
      mediaType: this.#chance(0.96) ? mediaType : this.#pick(types),
      ...{ os: "", arch: "", variant: "" },
    };
  }

  #ociManifest(): string {
    const layer = () => this.#blob("application/vnd.oci.image.layer.v1.tar+gzip", true);
    const members: Members = [
      ["schemaVersion", "2"],
      ["mediaType", this.#text(ociManifest)],
      ["config", this.#blob("application/vnd.oci.image.config.v1+json", true)],
      ["layers", this.#list(0, 4, layer)],
    ];
    if (this.#chance(0.1)) members.push(["annotations", this.#annotations()]);
    if (this.#chance(0.05)) members.push(["subject", this.#blob(ociManifest, true)]);
    if (this.#chance(0.05)) members.splice(2, 1);
    this.#disturb(members, { layers: () => this.#list(0, 4, layer), config: layer });
    return this.#finish(members);
  }

  #schema2(): string {
    const layer = () => {
      const names = ["diff.tar.gzip", "diff.tar.gzip", "diff.tar", "foreign.diff.tar.gzip", "diff.tar.zstd"];
      const type = this.#chance(0.95) ? `application/vnd.docker.image.rootfs.${this.#pick(names)}` : this.#pick(types);
      return this.#blob(type, false);
    };
    const members: Members = [
      ["schemaVersion", "2"],
      ["mediaType", this.#text(this.#chance(0.95) ? schema2 : this.#pick(types))],
      ["config", this.#blob("application/vnd.docker.container.image.v1+json", false)],
      ["layers", this.#list(0, 4, layer)],
    ];
    this.#disturb(members, { layers: () => this.#list(0, 4, layer), config: layer });
    return this.#finish(members);
  }

  #blob(mediaType: string, isOci: boolean): string {
    const members: Members = [
      ["mediaType", this.#text(mediaType)],
      ["digest", this.#digest(0.03)],
      ["size", this.#size()],
    ];
    this.#addUrls(members);
    if (isOci && this.#chance(0.05)) members.push(["annotations", this.#annotations()]);
    if (isOci && this.#chance(0.03)) members.push(["platform", this.#platform()]);
    if (this.#chance(0.05)) members.splice(2, 1);
    this.#disturb(members, { size: () => this.#size(), digest: () => this.#digest(0.1) });
    return this.#object(members);
  }

  #addUrls(members: Members): void {
    if (this.#chance(0.08))
      members.push(["urls", this.#mostly(['["https://a.example/b"]', "[]", "null", "[null]"], ["[1]"])]);
  }

  #schema1(): string {
    const count = this.#chance(0.03) ? 0 : 1 + this.#below(4);
    const ids = Array.from({ length: count }, () => this.#hex(64));
    if (count > 1 && this.#chance(0.2)) ids[this.#below(count)] = ids[this.#below(count)] ?? "";
    if (count > 1 && this.#chance(0.2)) ids[count - 2] = ids[count - 1] ?? "";
    const layers = ids.map(() => this.#object([["blobSum", this.#digest(0.02)]]));
    const history = ids.map((id, at) => {
      const parent = ids.slice(at + 1).find((older) => older !== id) ?? "";
      return this.#object([["v1Compatibility", this.#text(this.#generation(id, parent))]]);
    });
    if (this.#chance(0.03)) history.pop();
    const members: Members = [
      ["schemaVersion", this.#chance(0.97) ? "1" : "2"],
      ["name", '"library/app"'],
      ["tag", '"latest"'],
      ["architecture", '"amd64"'],
      ["fsLayers", `[${layers.join(",")}]`],
      ["history", `[${history.join(",")}]`],
    ];
    this.#disturb(members, {});
    return this.#chance(0.3) ? this.#sign(members) : this.#finish(members);
  }

  #generation(id: string, parent: string): string {
    const text = (value: string) => this.#text(value);
    const members: Members = [
      ["id", text(this.#chance(0.98) ? id : this.#pick([id.toUpperCase(), id.slice(1), "", `${id}\n`]))],
      ["created", this.#time()],
    ];
    if (parent !== "" || this.#chance(0.02))
      members.push(["parent", text(this.#chance(0.97) ? parent : "a".repeat(64))]);
    if (this.#chance(0.5))
      members.push(["container_config", this.#pick(['{"Cmd":["/bin/sh"]}', '{"Cmd":null}', "{}", "null"])]);
    if (this.#chance(0.03)) members.push(["container_config", this.#pick(['{"Cmd":"x"}', '{"CMD":[1]}', "[]"])]);
    if (this.#chance(0.3)) members.push(["throwaway", this.#pick(["true", "false", "null", "true", "true"])]);
    if (this.#chance(0.02)) members.push(["throwaway", this.#pick(["1", '"true"'])]);
    if (this.#chance(0.2)) members.push(["config", this.#pick(["{}", '{"Env":1}', "[]"])]);
    if (this.#chance(0.3)) this.#disturb(members, {});
    return this.#chance(0.99) ? this.#object(members) : this.#pick(["", "null", "[]", "{", "1"]);
  }

  /** Mostly a time, then one that is nearly one. */
  #time(): string {
    if (this.#chance(0.8)) return '"2024-02-29T12:34:56.789Z"';
    const year = this.#pick(["2024", "2024", "2023", "1900", "2000", "0000", "9999", "24"]);
    const month = this.#pick(["02", "02", "01", "12", "00", "13", "4", "11"]);
    const day = this.#pick(["28", "29", "30", "31", "00", "1"]);
    const hour = this.#pick(["00", "23", "24", "7", "07"]);
    const minute = this.#pick(["00", "59", "60", "5"]);
    const second = this.#pick(["00", "59", "60", "5"]);
    const fraction = this.#pick(["", ".5", ",5", ".", ".123456789123", ". 5"]);
    const zone = this.#pick(["Z", "z", "+00:00", "-23:59", "+24:00", "+25:00", "+01:60", "+01:61", "+0100", "", "Z "]);
    const odd = this.#pick(["null", "1", "[]", '""', '"2024-02-29t12:34:56Z"', '"2024-02-29T12\\u003a34:56Z"']);
    return this.#chance(0.15) ? odd : `"${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${zone}"`;
  }

  /** As libtrust writes a signed one: the signatures are put in before the last brace. Neither side checks them. */
  #sign(members: Members): string {
    const body = `${this.#finish(members).slice(0, -1)}\n}`;
    const encode = (text: string) => Buffer.from(text).toString("base64url");
    const length = body.length - 2 + (this.#chance(0.03) ? this.#below(9) - 4 : 0);
    const header = JSON.stringify({ formatLength: length, formatTail: encode("\n}") });
    const signature = JSON.stringify({ header: { alg: "ES256" }, signature: "x", protected: encode(header) });
    const more = this.#chance(0.03) ? this.#pick([',"tag":"other"', ',"x":1', ',"layers":[]']) : "";
    return `${body.slice(0, -2)},"signatures":[${signature}]${more}}`;
  }

  #digest(wrong: number): string {
    if (!this.#chance(wrong)) {
      const few = "0123456789abcdef".charAt(this.#below(16)).repeat(64);
      const longer = this.#pick([() => `sha512:${this.#hex(128)}`, () => `sha384:${this.#hex(96)}`]);
      return this.#text(this.#chance(0.9) ? `sha256:${this.#chance(0.3) ? few : this.#hex(64)}` : longer());
    }
    const hex = this.#hex(64);
    const texts = [
      "",
      hex,
      `sha256:${hex.slice(1)}`,
      `sha256:${hex.toUpperCase()}A`,
      `sha256:`,
      `md5:${hex.slice(32)}`,
    ];
    const more = [`SHA256:${hex}`, `sha256:${hex} `, `sha512:${hex}`, `blake3:${hex}`, `sha256:${hex.slice(1)}G`];
    return this.#mostly([...texts, ...more].map(this.#text).concat("null"), ["1", "{}", "true"]);
  }

  #size(): string {
    if (this.#chance(0.96)) return String(this.#below(10_000));
    const wrong = ["9223372036854775808", "1.0", "1e3", '"1"', "[]"];
    return this.#mostly(["-1", "0", "-0", "9223372036854775807", "null"], wrong);
  }

  /** Of `good`, or one time in ten of `bad`. */
  #mostly(good: readonly string[], bad: readonly string[]): string {
    return this.#pick(this.#chance(0.9) ? good : bad);
  }

  /** Puts in what makes readers of JSON differ: keys in other letter cases, twice, of other kinds of manifests; wrong values. */
  #disturb(members: Members, again: Readonly<Record<string, () => string>>): void {
    if (members.length === 0 || !this.#chance(0.05)) return;
    const at = this.#below(members.length);
    const [key = "", json = ""] = members[at] ?? [];
    const set = (name: string, value: string) => members.splice(at, 1, [name, value]);
    const add = (value: string) => members.push([this.#respell(key), value]);
    const anew = again[key] ?? (() => json);
    const wrong = ["1", '"x"', "[]", "{}", "true", "[null]", "[{}]", '{"a":null}', "1e999"];
    const disturbances: (() => unknown)[] = [
      () => set(this.#respell(key), json),
      () => set(this.#respell(key), json),
      () => members.splice(at, 1),
      () => set(key, "null"),
      () => set(key, this.#pick(wrong)),
      () => add("null"),
      () => add(json),
      () => add(anew()),
      () => add(anew()),
      () => members.unshift([this.#respell(key), anew()]),
      () => [add(anew()), add(anew())],
      () =>
        members.push([this.#respell(this.#pick(kindFields)), this.#pick(["null", "[]", "{}", "0", "1e999", '"x"'])]),
      () => members.push(["x", this.#pick(["1e999", "{}", '{"digest":1}', '"\\ud800"'])]),
      () => members.reverse(),
    ];
    this.#pick(disturbances)();
  }

  /** The same name to Go, mostly. */
  #respell(key: string): string {
    return this.#pick([
      () => key,
      () => key.toUpperCase(),
      () => key.toLowerCase(),
      () => key.charAt(0).toUpperCase() + key.slice(1),
      () => key.replace("s", "\u017f"),
      () => key.replace("k", "\u212a"),
      () => key.replace("i", "\u0131"),
      () => `${key} `,
    ])();
  }

  #finish(members: Members): string {
    const text = this.#object(members);
    if (this.#chance(0.99)) return text;
    return this.#pick([
      `${text}x`,
      text.slice(0, -1),
      `\ufeff${text}`,
      ` ${text}\n`,
      `[${text}]`,
      "null",
      "",
      "{}",
      `${text}{}`,
    ]);
  }

  #list(least: number, most: number, item: () => string): string {
    const items = Array.from({ length: least + this.#below(most - least + 1) }, item);
    if (this.#chance(0.02)) items.push(this.#pick(["null", "{}", "1", "[]"]));
    return `[${items.join(",")}]`;
  }

  #object(members: Members): string {
    return `{${members.map(([key, json]) => `${this.#text(key)}:${json}`).join(",")}}`;
  }

  #text(value: string): string {
    return JSON.stringify(value);
  }

  #hex(digits: number): string {
    return Array.from({ length: digits }, () => "0123456789abcdef".charAt(this.#below(16))).join("");
  }

  #pick<T>(values: readonly T[]): T {
    return values[this.#below(values.length)] as T;
  }

  #chance(probability: number): boolean {
    return this.#next() < probability;
  }

  #below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  /** mulberry32. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }
}

const kindFields = ["config", "fsLayers", "history", "layers", "manifests", "signatures"];
