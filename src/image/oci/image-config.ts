import { isGoTime } from "../../encoding/go-time.ts";
import { type JsonNode, parseJson } from "../../encoding/json.ts";
import { GoJsonDecoder, GoSlice } from "../../encoding/json-go.ts";
import { type GoJsonText, goList, goMapText, goString, goStruct, unlessEmpty } from "../../encoding/json-go-encode.ts";
import { decodeUtf8AsGo } from "../../encoding/utf8.ts";
import { maxConfigValues } from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";
import type { ImageProblem } from "../problem.ts";

/** A configuration as OCI has it. */
export interface OciConfig {
  readonly whole: Uint8Array;
  /** `config` alone: what concerns the container. */
  readonly inner: Uint8Array;
}

/**
 * Reads a configuration of OCI or of schema 2 into the structs of OCI's image-spec and writes it again, byte for byte as the reference does
 * (image/v5: internal/image/oci.go and docker_schema2.go `OCIConfig`; image-spec: specs-go/v1/config.go): what these do not know is gone,
 * and the digest is another one.
 */
export function ociConfig(untrustedConfig: Uint8Array): Result<OciConfig, ImageProblem> {
  return ociConfigOfText(decodeUtf8AsGo(untrustedConfig), {});
}

/** The same of JSON, where `rootfs` and `history` may come from somewhere else. */
export function ociConfigOfText(
  untrustedText: string,
  instead: { readonly rootfs?: string; readonly history?: string },
): Result<OciConfig, ImageProblem> {
  const parsed = parseJson(untrustedText, { maxValues: maxConfigValues });
  if (!parsed.ok) return malformed(parsed.problem.kind === "count" ? "it has too many values" : "it is not valid JSON");
  const decoder = new GoJsonDecoder();
  const image = new ImageStruct(decoder, untrustedText);
  image.decode(parsed.value);
  if (decoder.mismatch) return malformed("a field of it has a value of the wrong type");
  const inner = image.config.text();
  return ok({ whole: Buffer.from(image.text(inner, instead)), inner: Buffer.from(inner) });
}

function malformed(reason: string): Result<never, ImageProblem> {
  return fail({ code: "image.file.unreadable", name: "the configuration", reason });
}

/** One field of a struct: how it is read, and how it is written. */
type Fields = Map<string, (value: JsonNode) => void>;

/** image-spec: Image, with Platform embedded. */
class ImageStruct {
  readonly config: ConfigStruct;
  readonly #decoder: GoJsonDecoder;
  readonly #text: string;
  #created: string | undefined;
  readonly #strings = { author: "", architecture: "", os: "", "os.version": "", variant: "" };
  readonly #features = stringSlice();
  #rootfsType = "";
  readonly #diffIds = stringSlice();
  #hasDiffIds = false;
  readonly #history: GoSlice<HistoryStruct>;

  constructor(decoder: GoJsonDecoder, text: string) {
    this.#decoder = decoder;
    this.#text = text;
    this.config = new ConfigStruct(decoder);
    this.#history = new GoSlice(() => new HistoryStruct(decoder, text));
  }

  decode(root: JsonNode): void {
    const decoder = this.#decoder;
    const fields: Fields = new Map([
      ...stringFields(decoder, this.#strings),
      ["created", (value) => (this.#created = decodeTime(decoder, value, this.#text))],
      ["os.features", (value) => decodeStrings(decoder, value, this.#features)],
      ["config", (value) => this.config.decode(value)],
      ["rootfs", (value) => decoder.struct(value, this.#rootfsFields())],
      ["history", (value) => this.#history.decode(decoder, value, (element, item) => element.decode(item))],
    ]);
    decoder.struct(root, fields);
  }

  #rootfsFields(): Fields {
    const decoder = this.#decoder;
    return new Map<string, (value: JsonNode) => void>([
      ["type", (value) => (this.#rootfsType = decoder.string(value, this.#rootfsType))],
      [
        "diff_ids",
        (value) => {
          this.#hasDiffIds = value.kind !== "null";
          decodeStrings(decoder, value, this.#diffIds);
        },
      ],
    ]);
  }

  text(config: string, { rootfs, history }: { readonly rootfs?: string; readonly history?: string }): string {
    const { author, architecture, os, variant } = this.#strings;
    const diffIds = this.#hasDiffIds ? goList(textsOf(this.#diffIds)) : "null";
    return goStruct([
      ["created", this.#created],
      ["author", unlessEmpty(author)],
      ["architecture", goString(architecture)],
      ["os", goString(os)],
      ["os.version", unlessEmpty(this.#strings["os.version"])],
      ["os.features", listUnlessEmpty(textsOf(this.#features))],
      ["variant", unlessEmpty(variant)],
      ["config", config],
      [
        "rootfs",
        rootfs ??
          goStruct([
            ["type", goString(this.#rootfsType)],
            ["diff_ids", diffIds],
          ]),
      ],
      ["history", history ?? listUnlessEmpty(this.#history.elements.map((element) => element.text()))],
    ]);
  }
}

/** image-spec: ImageConfig. */
class ConfigStruct {
  readonly #decoder: GoJsonDecoder;
  readonly #strings = { user: "", workingdir: "", stopsignal: "" };
  readonly #lists = { env: stringSlice(), entrypoint: stringSlice(), cmd: stringSlice() };
  readonly #sets = { exposedports: new Set<string>(), volumes: new Set<string>() };
  #labels: ReadonlyMap<string, string> = new Map();
  #isEscaped = false;

  constructor(decoder: GoJsonDecoder) {
    this.#decoder = decoder;
  }

  decode(node: JsonNode): void {
    const decoder = this.#decoder;
    const fields: Fields = new Map([
      ...stringFields(decoder, this.#strings),
      ...Object.entries(this.#lists).map(
        ([name, slice]) => [name, (value: JsonNode) => decodeStrings(decoder, value, slice)] as const,
      ),
      ...Object.entries(this.#sets).map(
        ([name, set]) => [name, (value: JsonNode) => decodeSet(decoder, value, set)] as const,
      ),
      ["labels", (value) => (this.#labels = decoder.stringMap(value, this.#labels))],
      ["argsescaped", (value) => (this.#isEscaped = decoder.boolean(value, this.#isEscaped))],
    ]);
    decoder.struct(node, fields);
  }

  text(): string {
    const { user, workingdir, stopsignal } = this.#strings;
    const { env, entrypoint, cmd } = this.#lists;
    return goStruct([
      ["User", unlessEmpty(user)],
      ["ExposedPorts", setUnlessEmpty(this.#sets.exposedports)],
      ["Env", listUnlessEmpty(textsOf(env))],
      ["Entrypoint", listUnlessEmpty(textsOf(entrypoint))],
      ["Cmd", listUnlessEmpty(textsOf(cmd))],
      ["Volumes", setUnlessEmpty(this.#sets.volumes)],
      ["WorkingDir", unlessEmpty(workingdir)],
      ["Labels", this.#labels.size === 0 ? undefined : goMapText(this.#labels, goString)],
      ["StopSignal", unlessEmpty(stopsignal)],
      ["ArgsEscaped", this.#isEscaped ? "true" : undefined],
    ]);
  }
}

/** image-spec: History. */
class HistoryStruct {
  readonly #decoder: GoJsonDecoder;
  readonly #text: string;
  readonly #strings = { created_by: "", author: "", comment: "" };
  #created: string | undefined;
  #isEmpty = false;

  constructor(decoder: GoJsonDecoder, text: string) {
    this.#decoder = decoder;
    this.#text = text;
  }

  decode(node: JsonNode): void {
    const decoder = this.#decoder;
    const fields: Fields = new Map([
      ...stringFields(decoder, this.#strings),
      ["created", (value) => (this.#created = decodeTime(decoder, value, this.#text))],
      ["empty_layer", (value) => (this.#isEmpty = decoder.boolean(value, this.#isEmpty))],
    ]);
    decoder.struct(node, fields);
  }

  text(): string {
    const { created_by, author, comment } = this.#strings;
    return goStruct([
      ["created", this.#created],
      ["created_by", unlessEmpty(created_by)],
      ["author", unlessEmpty(author)],
      ["comment", unlessEmpty(comment)],
      ["empty_layer", this.#isEmpty ? "true" : undefined],
    ]);
  }
}

/** Fields that are strings; `into` has their names in lower case. */
function stringFields<K extends string>(
  decoder: GoJsonDecoder,
  into: Record<K, string>,
): readonly (readonly [string, (value: JsonNode) => void])[] {
  return (Object.keys(into) as K[]).map((name) => [name, (value) => (into[name] = decoder.string(value, into[name]))]);
}

/** `[]string`, each element in place. */
function stringSlice(): GoSlice<{ text: string }> {
  return new GoSlice(() => ({ text: "" }));
}

function decodeStrings(decoder: GoJsonDecoder, node: JsonNode, slice: GoSlice<{ text: string }>): void {
  slice.decode(decoder, node, (element, item) => (element.text = decoder.string(item, element.text)));
}

function textsOf(slice: GoSlice<{ text: string }>): readonly string[] {
  return slice.elements.map(({ text }) => goString(text));
}

/** `map[string]struct{}`: the values are objects, of which nothing is kept. */
function decodeSet(decoder: GoJsonDecoder, node: JsonNode, set: Set<string>): void {
  if (node.kind === "null") set.clear();
  else if (node.kind !== "object") decoder.mismatch = true;
  else {
    for (const { key, value } of node.members) {
      decoder.struct(value, new Map());
      set.add(key);
    }
  }
}

function listUnlessEmpty(items: readonly string[]): GoJsonText {
  return items.length === 0 ? undefined : goList(items);
}

function setUnlessEmpty(set: ReadonlySet<string>): GoJsonText {
  return set.size === 0 ? undefined : goMapText(new Map([...set].map((key) => [key, ""])), () => "{}");
}

/** A `*time.Time`, as it is written again; `text` is what `node` was read from, as no escapes count in it. */
function decodeTime(decoder: GoJsonDecoder, node: JsonNode, text: string): string | undefined {
  if (node.kind === "null") return undefined;
  const written = node.kind === "string" ? text.slice(node.at + 1, node.end - 1) : "";
  const again = isGoTime(written) ? rewrittenTime(written) : undefined;
  if (again === undefined) decoder.mismatch = true;
  return again && goString(again);
}

/**
 * A time that {@link isGoTime} takes, as Go writes it again (`time.Time` MarshalJSON): up to nine digits of a second without zeros at the
 * end, `Z` for no offset.
 *
 * @returns `undefined` for an offset of a day, which it reads and does not write.
 */
export function rewrittenTime(time: string): string | undefined {
  const [, date = "", hour = "", rest = "", fraction = "", zone = ""] =
    /^(.{10})T(\d{1,2})(:\d{2}:\d{2})(?:[.,](\d+))?(.*)$/.exec(time) ?? [];
  const digits = fraction.slice(0, 9).replace(/0+$/, "");
  const offset = rewrittenOffset(zone);
  if (offset === undefined) return undefined;
  return `${date}T${hour.padStart(2, "0")}${rest}${digits === "" ? "" : `.${digits}`}${offset}`;
}

function rewrittenOffset(zone: string): string | undefined {
  if (zone === "Z") return zone;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4));
  if (minutes === 0) return "Z";
  const two = (value: number) => String(value).padStart(2, "0");
  return minutes < 24 * 60 ? `${zone.slice(0, 1)}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}` : undefined;
}
