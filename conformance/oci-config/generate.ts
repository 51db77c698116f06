import { createHash } from "node:crypto";
import { Random } from "../credentials/random.ts";

/** Random configurations and manifests: mostly good, with what makes decoders and encoders differ. The same seed gives the same. */

export interface Question {
  readonly manifest: Uint8Array;
  readonly mediaType: string;
  readonly config: Uint8Array;
}

const ociManifest = "application/vnd.oci.image.manifest.v1+json";
const ociConfig = "application/vnd.oci.image.config.v1+json";
const schema2 = "application/vnd.docker.distribution.manifest.v2+json";
const schema1 = "application/vnd.docker.distribution.manifest.v1+json";
const signedSchema1 = "application/vnd.docker.distribution.manifest.v1+prettyjws";
const otherTypes = [
  ...[ociManifest, schema2, schema1, signedSchema1, "application/json", ""],
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];

/** Members of an object, in order; a key may come several times. Values are JSON texts. */
type Members = [key: string, json: string][];

/** What stands for bytes that are no UTF-8: a string of this program cannot hold them. */
const brokenBytes: readonly (readonly [mark: string, bytes: readonly number[]])[] = [
  ["\ue000", [0xff]],
  ["\ue001", [0xed, 0xa0, 0x80]],
  ["\ue002", [0xe2, 0x82]],
];

export class Generator {
  readonly #random: Random;
  /** How much of this question is not as programs write it. */
  #oddity = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  question(): Question {
    this.#oddity = this.#random.pick([0, 0.1, 0.3, 1]);
    const config = toBytes(this.#finish(this.#config()));
    const random = this.#random;
    const kind = random.pick([ociManifest, schema2, schema2, schema2, schema1]);
    const make: Readonly<Record<string, () => string>> = {
      [ociManifest]: () => this.#oci(config),
      [schema2]: () => this.#schema2(config),
    };
    const manifest = toBytes(make[kind]?.() ?? this.#schema1());
    const said = kind === schema1 ? random.pick([schema1, signedSchema1, "application/json"]) : kind;
    return { manifest, mediaType: random.chance(0.98) ? said : random.pick(otherTypes), config };
  }

  #config(): Members {
    const random = this.#random;
    const members: Members = [];
    const some = (key: string, probability: number, make: () => string) => {
      if (random.chance(probability)) members.push([key, make()]);
    };
    some("id", 0.1, () => this.#string());
    some("created", 0.85, () => this.#time());
    some("author", 0.3, () => this.#string());
    some("architecture", 0.9, () => this.#string());
    some("os", 0.9, () => this.#string());
    some("os.version", 0.15, () => this.#string());
    some("os.features", 0.15, () => this.#strings());
    some("variant", 0.2, () => this.#string());
    some("config", 0.85, () => this.#execution());
    some("container_config", 0.3, () => this.#execution());
    some("docker_version", 0.3, () => this.#string());
    some("rootfs", 0.9, () => this.#rootFs());
    some("history", 0.7, () => this.#list(() => this.#history()));
    some("Size", 0.05, () => this.#number());
    this.#disturb(members, {
      rootfs: () => this.#rootFs(),
      config: () => this.#execution(),
      history: () => this.#list(() => this.#history()),
      created: () => this.#time(),
    });
    return members;
  }

  /** Of the configuration of OCI and of Docker: what a container is run with. */
  #execution(): string {
    const random = this.#random;
    const makers: Readonly<Record<string, () => string>> = {
      Hostname: () => this.#string(),
      User: () => this.#string(),
      AttachStdin: () => this.#boolean(),
      ExposedPorts: () => this.#names(),
      Tty: () => this.#boolean(),
      Env: () => this.#strings(),
      Cmd: () => (this.#odd(0.05) ? this.#string() : this.#strings()),
      Healthcheck: () => this.#healthcheck(),
      ArgsEscaped: () => this.#boolean(),
      Image: () => this.#string(),
      Volumes: () => this.#names(),
      WorkingDir: () => this.#string(),
      Entrypoint: () => (this.#odd(0.05) ? this.#string() : this.#strings()),
      NetworkDisabled: () => this.#boolean(),
      OnBuild: () => this.#strings(),
      Labels: () => this.#labels(),
      StopSignal: () => this.#string(),
      StopTimeout: () => this.#number(),
      Shell: () => this.#strings(),
    };
    const members: Members = [];
    for (const [key, make] of Object.entries(makers)) if (random.chance(0.35)) members.push([key, make()]);
    this.#disturb(members, makers);
    return object(members);
  }

  #healthcheck(): string {
    const members: Members = [["Test", this.#strings()]];
    for (const key of ["Interval", "Timeout", "StartPeriod", "StartInterval", "Retries"]) {
      if (this.#random.chance(0.5)) members.push([key, this.#number()]);
    }
    this.#disturb(members, { Test: () => this.#strings() });
    return this.#random.chance(0.9) ? object(members) : "null";
  }

  #rootFs(): string {
    const members: Members = [
      ["type", '"layers"'],
      ["diff_ids", this.#list(() => this.#random.mostly([text(`sha256:${this.#hex(64)}`)], ['""', '"x<>"', "null"]))],
    ];
    if (this.#random.chance(0.05)) members[1] = ["diff_ids", this.#random.pick(["null", "[]"])];
    this.#disturb(members, { diff_ids: () => this.#strings() });
    return object(members);
  }

  #history(): string {
    const members: Members = [];
    const random = this.#random;
    if (random.chance(0.9)) members.push(["created", this.#time()]);
    if (random.chance(0.8)) members.push(["created_by", this.#string()]);
    if (random.chance(0.2)) members.push(["author", this.#string()]);
    if (random.chance(0.3)) members.push(["comment", this.#string()]);
    if (random.chance(0.4)) members.push(["empty_layer", this.#boolean()]);
    this.#disturb(members, { created: () => this.#time(), empty_layer: () => this.#boolean() });
    return object(members);
  }

  #oci(config: Uint8Array): string {
    const random = this.#random;
    const layerTypes = ["v1.tar", "v1.tar+gzip", "v1.tar+zstd", "nondistributable.v1.tar+gzip"];
    const configType = random.chance(0.9)
      ? ociConfig
      : random.pick(["application/vnd.oci.empty.v1+json", "", "x/y", "application/vnd.docker.container.image.v1+json"]);
    const layer = () =>
      this.#descriptor(
        random.chance(0.9) ? `application/vnd.oci.image.layer.${random.pick(layerTypes)}` : "text/<plain>",
        this.#digest(),
      );
    const members: Members = [
      ["schemaVersion", "2"],
      ["mediaType", text(ociManifest)],
      ["config", this.#descriptor(configType, digestOf(config))],
      ["layers", this.#list(layer)],
    ];
    if (random.chance(0.2)) members.push(["annotations", this.#labels()]);
    if (random.chance(0.1)) members.push(["artifactType", this.#string()]);
    this.#disturb(members, { layers: () => this.#list(layer) });
    return this.#finish(members);
  }

  #schema2(config: Uint8Array): string {
    const random = this.#random;
    const names = ["diff.tar.gzip", "diff.tar", "foreign.diff.tar", "foreign.diff.tar.gzip", "diff.tar.zstd"];
    const odd = [schema2, "application/vnd.docker.container.image.v1+json", ociManifest, "", schema1];
    const layer = () =>
      this.#descriptor(
        random.chance(0.98) ? `application/vnd.docker.image.rootfs.${random.pick(names)}` : random.pick(odd),
        this.#digest(),
      );
    const members: Members = [
      ["schemaVersion", "2"],
      ["mediaType", text(random.chance(0.97) ? schema2 : random.pick(odd))],
      ["config", this.#descriptor("application/vnd.docker.container.image.v1+json", digestOf(config))],
      ["layers", random.chance(0.97) ? this.#list(layer) : "null"],
    ];
    this.#disturb(members, { layers: () => this.#list(layer) });
    return this.#finish(members);
  }

  #descriptor(mediaType: string, digest: string): string {
    const random = this.#random;
    const sizes = ["-1", "0", "-0", "9223372036854775807", "9007199254740993", "null"];
    const size = !this.#odd(0.05) ? String(random.below(100_000)) : random.mostly(sizes, ["1e3", '"1"', "1.0"]);
    const members: Members = [
      ["mediaType", text(mediaType)],
      ["size", size],
      ["digest", text(digest)],
    ];
    if (random.chance(0.2)) members.push(["urls", this.#strings()]);
    if (random.chance(0.1)) members.push(["annotations", this.#labels()]);
    this.#disturb(members, { urls: () => this.#strings() });
    return object(members);
  }

  #schema1(): string {
    const random = this.#random;
    const count = 1 + random.below(4);
    const ids = Array.from({ length: count }, () => this.#hex(64));
    if (count > 1 && random.chance(0.2)) ids[count - 2] = ids[count - 1] ?? "";
    if (count > 2 && random.chance(0.1)) ids[0] = ids[1] ?? "";
    const history = ids.map((id, at) => {
      const parent = ids.slice(at + 1).find((older) => older !== id) ?? "";
      return object([["v1Compatibility", text(this.#generation(id, parent))]]);
    });
    const members: Members = [
      ["schemaVersion", "1"],
      ["name", '"library/app"'],
      ["tag", '"latest"'],
      ["architecture", '"amd64"'],
      ["fsLayers", `[${ids.map(() => object([["blobSum", text(this.#digest())]])).join(",")}]`],
      ["history", `[${history.join(",")}]`],
    ];
    this.#disturb(members, {});
    return random.chance(0.3) ? this.#sign(members) : this.#finish(members);
  }

  /** A configuration of an old Docker's, with what is about the layer. */
  #generation(id: string, parent: string): string {
    const random = this.#random;
    const versions = ["1.8.3", "1.8.2", "1.8", "1.7.1", "1.10.0", "0.9", "19.03", "x", "1.x.9", "1.8.3-dev", "-1"];
    const more = ["99999999999999999999.1", "1.-99999999999999999999", "+1.+8.+2", "1.8.3.0", "1_0", " 1"];
    const members: Members = this.#config().filter(([key]) => !/^(id|docker_version)$/i.test(key));
    members.push(["id", text(id)]);
    if (parent !== "") members.push(["parent", text(parent)]);
    if (random.chance(0.7)) members.push(["docker_version", text(random.pick([...versions, ...versions, ...more]))]);
    if (random.chance(0.3)) members.push(["throwaway", random.mostly(["true", "false", "null"], ["1"])]);
    if (random.chance(0.3)) members.push(["comment", this.#string()]);
    if (random.chance(0.1)) members.push(["parent_id", this.#string()], ["layer_id", "1"]);
    if (random.chance(0.1)) members.push([random.pick(["Rootfs", "HISTORY", "History", "rootf\u017f"]), "[{}]"]);
    if (random.chance(0.1)) members.push(["History", this.#list(() => this.#history())]);
    this.#disturb(members, {});
    return object(members).replaceAll(/[\ue000-\ue002]/g, "\ufffd");
  }

  /** As libtrust writes a signed one: the signatures are put in before the last brace. Neither side checks them. */
  #sign(members: Members): string {
    const body = `${object(members).slice(0, -1)}\n}`;
    const encode = (text: string) => Buffer.from(text).toString("base64url");
    const header = JSON.stringify({ formatLength: Buffer.byteLength(body) - 2, formatTail: encode("\n}") });
    const signature = JSON.stringify({ header: { alg: "ES256" }, signature: "x", protected: encode(header) });
    return `${body.slice(0, -2)},"signatures":[${signature}]}`;
  }

  #string(): string {
    const random = this.#random;
    if (random.chance(0.6)) return text(random.pick(["linux", "amd64", "/bin/sh -c #(nop) ADD x", "root", "1.0", "a"]));
    const pieces = [
      ...["<", ">", "&", '"', "\\", "/", "'", "\u2028", "\u2029", "\u0000", "\u001f", "\u007f", "\b\f\n\r\t", "\u0080"],
      ...["ä", "漢", "😀", "\ufffd", "\ufeff", "\ue000", "\ue001", "\ue002", "\u{10ffff}", "=", "x"],
    ];
    const spelled = text(random.list(0, 4, () => random.pick(pieces)).join(""));
    const escapes = ["\\ud800", "\\u003C", "\\/", "\\ud83d\\ude00", "\\udc00\\ud800", "\\u00e4", "\\u2028"];
    const string = random.chance(0.3) ? `${spelled.slice(0, -1)}${random.pick(escapes)}"` : spelled;
    return !this.#odd(0.03) ? string : random.mostly(["null"], ["1", "[]", "{}", "true"]);
  }

  #strings(): string {
    if (this.#odd(0.08)) return this.#random.mostly(["null", "[]", "[null]"], ["{}", '"x"', "[[]]"]);
    return this.#list(() => this.#string());
  }

  #boolean(): string {
    return this.#random.chance(0.97)
      ? this.#random.pick(["true", "false"])
      : this.#random.mostly(["null"], ["0", '""']);
  }

  #number(): string {
    const odd = ["0", "-0", "null", "-5", "9223372036854775807", "-9223372036854775808"];
    const wrong = ["9223372036854775808", "1.5", "1e9", '"30s"'];
    return !this.#odd(0.2) ? String(this.#random.below(1e10)) : this.#random.mostly(odd, wrong);
  }

  #names(): string {
    const random = this.#random;
    if (this.#odd(0.08)) return random.mostly(["null", "{}"], ["[]", '"80/tcp"']);
    return object(
      random.list(0, 4, () => [
        this.#key(),
        random.pick(["{}", "{}", "null", '{"a":[1]}', this.#odd(0.05) ? "1" : "{}"]),
      ]),
    );
  }

  #labels(): string {
    const random = this.#random;
    if (this.#odd(0.05)) return random.mostly(["null", "{}"], ["[]"]);
    return object(random.list(0, 5, () => [this.#key(), this.#string()]));
  }

  /** Of a map: sorted by bytes, which is another order than that of UTF-16. */
  #key(): string {
    const keys = [
      "80/tcp",
      "8080/tcp",
      "a",
      "A",
      "a<b",
      "",
      "ä",
      "\uffff",
      "😀",
      "\ue000",
      "\u2028",
      "b",
      "ab",
      "a.b",
      "A.b",
    ];
    return this.#random.pick(keys);
  }

  #time(): string {
    const random = this.#random;
    const fraction = () =>
      random.pick(["", ".5", ",5", ".120", ".000", ".123456789", ".1234567891", ".000000001", ".0000000001"]);
    const zones = ["Z", "Z", "+00:00", "-00:00", "+01:00", "-08:30", "-23:59", "+14:00", "+00:60", "-00:01", "+22:60"];
    if (!this.#odd(0.3)) return `"2024-02-29T12:34:56${fraction()}${random.pick(zones)}"`;
    const year = random.pick(["2024", "2023", "1900", "2000", "0000", "0001", "9999", "10000", "1969"]);
    const month = random.pick(["02", "01", "12", "06"]);
    const day = random.pick(["28", "29", "30", "31", "01", "01"]);
    const hour = random.pick(["00", "23", "24", "7", "07"]);
    const minute = random.pick(["00", "59", "59", "60"]);
    const zone = random.pick([...zones, ...zones, "z", "+24:00", "-23:60", "+25:00", "+01:61", "+0100", "", "-24:60"]);
    const odd = [
      "null",
      "null",
      "null",
      "1",
      "[]",
      "{}",
      '""',
      '"2024-02-29t12:34:56Z"',
      '"2024-02-29T12\\u003a34:56Z"',
    ];
    return random.chance(0.2) ? random.pick(odd) : `"${year}-${month}-${day}T${hour}:${minute}:00${fraction()}${zone}"`;
  }

  #digest(): string {
    const random = this.#random;
    if (this.#odd(0.01)) return random.pick(["", "sha256:x", "md5:00", this.#hex(64)]);
    return random.chance(0.1) ? `sha512:${this.#hex(128)}` : `sha256:${this.#hex(64)}`;
  }

  /** Puts in what makes readers of JSON differ: keys in other letter cases, twice, unknown; wrong values. */
  #disturb(members: Members, again: Readonly<Record<string, () => string>>): void {
    const random = this.#random;
    if (members.length === 0 || !this.#odd(0.08)) return;
    const at = random.below(members.length);
    const [key = "", json = ""] = members[at] ?? [];
    const anew = again[key] ?? (() => json);
    const add = (value: string) => members.push([this.#respell(key), value]);
    random.pick<() => unknown>([
      () => members.splice(at, 1, [this.#respell(key), json]),
      () => members.splice(at, 1, [this.#respell(key), json]),
      () => members.splice(at, 1),
      () => members.splice(at, 1, [key, "null"]),
      () => members.splice(at, 1, [key, random.pick(["1", '"x"', "[]", "{}", "true", "[null]", "[{}]", "1e999"])]),
      () => add("null"),
      () => [add("null"), add(anew())],
      () => add(random.pick(["[]", "{}", "[null]", "[null,null,null]", "[{}]"])),
      () => add(anew()),
      () => [add(anew()), add(anew())],
      () => members.unshift([this.#respell(key), anew()]),
      () => members.push([random.pick(["x", "Architecture ", "<"]), random.pick(["1e999", "{}", '{"os":1}'])]),
      () => members.reverse(),
    ])();
  }

  /** The same name to Go, mostly. */
  #respell(key: string): string {
    return this.#random.pick([
      key,
      key.toUpperCase(),
      key.toLowerCase(),
      key.charAt(0).toUpperCase() + key.slice(1),
      key.replace("s", "\u017f"),
      key.replace("k", "\u212a"),
      `${key} `,
    ]);
  }

  #finish(members: Members): string {
    const json = object(members);
    if (!this.#odd(0.02)) return json;
    const odd = [`${json}x`, json.slice(0, -1), `\ufeff${json}`, ` ${json}\n`, `[${json}]`, "null", "", "{}", "\ue000"];
    return this.#random.pick(odd);
  }

  #odd(probability: number): boolean {
    return this.#random.chance(probability * this.#oddity);
  }

  #list(item: () => string): string {
    const items = this.#random.list(0, 3, item);
    if (this.#odd(0.03)) items.push(this.#random.pick(["null", "{}", "1"]));
    return `[${items.join(",")}]`;
  }

  #hex(digits: number): string {
    return Array.from({ length: digits }, () => "0123456789abcdef".charAt(this.#random.below(16))).join("");
  }
}

function object(members: Members): string {
  return `{${members.map(([key, json]) => `${text(key)}:${json}`).join(",")}}`;
}

/** A string as JSON. */
function text(value: string): string {
  return JSON.stringify(value);
}

function digestOf(config: Uint8Array): string {
  return `sha256:${createHash("sha256").update(config).digest("hex")}`;
}

function toBytes(content: string): Uint8Array {
  const pieces = content.split(/([\ue000-\ue002])/);
  return Buffer.concat(
    pieces.map((piece) => Buffer.from(brokenBytes.find(([mark]) => mark === piece)?.[1] ?? Buffer.from(piece))),
  );
}
