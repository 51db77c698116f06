import { type JsonNode, parseJson } from "../../encoding/json.ts";
import { goMap } from "../../encoding/json-go.ts";
import { encodeGoMap } from "../../encoding/json-go-encode.ts";
import { field, goElements, goSlice, goSliceOf, goString, goStruct } from "../../encoding/json-go-type.ts";
import { decodeUtf8AsGo } from "../../encoding/utf8.ts";
import { maxManifestValues } from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";
import type { ImageProblem } from "../problem.ts";
import { schema1Layers, withoutSignatures } from "../schema1-layers.ts";
import { decodeAs, dockerHistoryType, dockerRootFsType, dockerV1ImageType, generationType } from "./config-type.ts";

/**
 * The configuration that an image of schema 1 would have in schema 2, made from its history. What its layers unpack to nobody knows here,
 * so each has an empty diff ID, as there (image/v5: internal/image/docker_schema1.go OCIConfig; manifest/docker_schema1.go ToSchema2Config).
 */
export function schema1Config(untrustedManifest: Uint8Array): Result<Uint8Array, ImageProblem> {
  const generations = readGenerations(untrustedManifest);
  if (!generations.ok) return generations;
  const newest = generations.value[0];
  const config = newest && newestConfig(newest.text);
  if (config === undefined) return malformed("the newest entry of its history is no configuration");
  const rootFs = dockerRootFsType.encode({
    type: "layers",
    diffIds: goSliceOf(generations.value.filter(({ isThrownAway }) => !isThrownAway).map(() => "")),
  });
  const history = goSlice(dockerHistoryType).encode(
    goSliceOf(
      generations.value.toReversed().map(({ created, author, comment, containerConfig, isThrownAway }) => {
        const createdBy = goElements(containerConfig.cmd).join(" ");
        return { created, author, createdBy, comment, isEmptyLayer: isThrownAway };
      }),
    ),
  );
  if (rootFs === undefined || history === undefined) return malformed("a time in its history cannot be written");
  for (const key of ["id", "parent", "parent_id", "layer_id", "throwaway", "Size"]) config.delete(key);
  return ok(Buffer.from(encodeGoMap([...config.set("rootfs", rootFs).set("history", history)])));
}

const manifestType = goStruct({
  history: field("history", goSlice(goStruct({ v1Compatibility: field("v1Compatibility", goString) }))),
});

/** The entries of its history, the newest first, without those that are said twice. */
function readGenerations(untrustedManifest: Uint8Array) {
  const parsed = parseJson(decodeUtf8AsGo(untrustedManifest), { maxValues: maxManifestValues });
  if (!parsed.ok) return malformed("it is not valid JSON");
  const layers = schema1Layers(untrustedManifest, parsed.value);
  if (!layers.ok) return layers;
  const payload = withoutSignatures(untrustedManifest, parsed.value);
  if (!payload.ok) return payload;
  const texts = goElements(decodeAs(manifestType, payload.value)?.history).map((entry) => entry.v1Compatibility);
  const all = texts.map((text) => {
    const entry = parseJson(text);
    const generation = entry.ok ? decodeAs(generationType, entry.value) : undefined;
    if (generation === undefined) throw new Error("schema1Layers lets no other entry pass");
    return { ...generation, text };
  });
  return ok(all.filter(({ id }, at) => id !== all[at + 1]?.id));
}

/** The members of the newest entry, encoded; where an old Docker made it, they are written anew, with all that it left out. */
function newestConfig(text: string): Map<string, string> | undefined {
  const members = encodedMembers(text);
  const image = members && decodeAs(dockerV1ImageType, members.root);
  if (image === undefined) return undefined;
  if (image.dockerVersion === "" || !isOlder(image.dockerVersion, "1.8.3")) return members?.map;
  const encoded = dockerV1ImageType.encode(image);
  return encoded === undefined ? undefined : encodedMembers(encoded)?.map;
}

function encodedMembers(text: string): { readonly root: JsonNode; readonly map: Map<string, string> } | undefined {
  const parsed = parseJson(text);
  // Null is as good as an empty object.
  if (!parsed.ok || (parsed.value.kind !== "object" && parsed.value.kind !== "null")) return undefined;
  const members = parsed.value.kind === "object" ? goMap(parsed.value) : new Map<string, JsonNode>();
  const map = new Map([...members].map(([key, { at, end }]) => [key, text.slice(at, end)] as const));
  return { root: parsed.value, map };
}

/** moby: client/pkg/versions LessThan. What is no number counts as 0. */
function isOlder(version: string, other: string): boolean {
  const [left, right] = [version, other].map((text) => text.split(".").map(atoi)) as [bigint[], bigint[]];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [one, two] = [left[at] ?? 0n, right[at] ?? 0n];
    if (one !== two) return one < two;
  }
  return false;
}

/** Go's strconv.Atoi without its error, which leaves the nearest number where one is out of range. */
function atoi(text: string): bigint {
  if (!/^[+-]?[0-9]+$/.test(text)) return 0n;
  const isNegative = text.startsWith("-");
  const digits = text.replace(/^[+-]?0*/, "");
  const size = BigInt(digits.length > 20 ? "9".repeat(20) : digits);
  const most = 2n ** 63n - (isNegative ? 0n : 1n);
  const value = size > most ? most : size;
  return isNegative ? -value : value;
}

function malformed(detail: string): Result<never, ImageProblem> {
  return fail({ code: "image.manifest.malformed", detail });
}
