import { convertToOci } from "../../src/image/oci/convert.ts";
import { configOf } from "../../src/image/oci/image-config.ts";
import { type LayerInfo, layerInfos } from "../../src/image/oci/layer-infos.ts";
import type { Question } from "./generate.ts";

/** What the reference gives; bytes in base64. */
export interface Answer {
  readonly whole: Part;
  readonly inner: Part;
  readonly manifest: Part;
  readonly layers: { readonly infos?: readonly Info[]; readonly error?: string };
  /** What the manifest calls the configuration; "" if it names none. */
  readonly configDigest: string;
}

export type PartName = Exclude<keyof Answer, "configDigest">;

interface Part {
  readonly bytes?: string;
  readonly error?: string;
}

interface Info {
  readonly digest: string;
  readonly size: string;
  readonly mediaType: string;
}

export type Verdict = "same" | "stricter" | "different";

/** Whether each part of ours is the reference's, byte for byte, or both are an error. */
export function compare(question: Question, theirs: Answer): Readonly<Record<PartName, Verdict>> {
  const { manifest, mediaType } = question;
  const config = configOf(manifest, mediaType, question.config);
  const converted = convertToOci(manifest, mediaType, question.config);
  const layers = layerInfos(manifest, mediaType);
  const wholes = verdict(theirs.whole, config.ok ? config.value.whole : undefined, theirs);
  const inners = verdict(theirs.inner, config.ok ? config.value.inner : undefined, theirs);
  return {
    whole: wholes,
    // There it needs no time that can be written; here there is one without the other.
    inner: inners === "different" && !config.ok && isUnwritableTime(theirs.whole) ? "stricter" : inners,
    manifest: verdict(theirs.manifest, converted.ok ? converted.value : undefined, theirs),
    layers: sameLayers(theirs, layers.ok ? layers.value : undefined),
  };
}

function verdict({ bytes = "", error }: Part, ours: Uint8Array | undefined, answer: Answer): Verdict {
  if (error !== undefined) return ours === undefined || isLeftToCaller(error) ? "same" : "different";
  if (ours === undefined) return isRefusedHere(answer) ? "stricter" : "different";
  return Buffer.from(ours).toString("base64") === bytes ? "same" : "different";
}

function sameLayers(theirs: Answer, ours: readonly LayerInfo[] | undefined): Verdict {
  const { infos = [], error } = theirs.layers;
  if (error !== undefined) return ours === undefined ? "same" : "different";
  if (ours === undefined) return isRefusedHere(theirs) || hasHugeSize(theirs) ? "stricter" : "different";
  const told = ours.map(({ digest, sizeBytes, mediaType }) => ({ digest, size: String(sizeBytes), mediaType }));
  return JSON.stringify(told) === JSON.stringify(infos) ? "same" : "different";
}

/** The caller compares the configuration with its digest. */
function isLeftToCaller(error: string): boolean {
  return error.includes("config validation failed");
}

function isUnwritableTime({ error = "" }: Part): boolean {
  return error.includes("Time.MarshalJSON");
}

/** A digest that cannot be looked up, and two sizes of one blob. */
function isRefusedHere({ layers: { infos = [] }, configDigest }: Answer): boolean {
  const digests = infos.map(({ digest }) => digest);
  if (configDigest !== "") digests.push(configDigest);
  const hasTwoSizes = infos.some(({ digest, size }) =>
    infos.some((other) => other.digest === digest && other.size !== size),
  );
  return hasTwoSizes || digests.some((digest) => !lookedUp.test(digest));
}

const lookedUp = /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** A size that no blob can have. */
function hasHugeSize({ layers: { infos = [] } }: Answer): boolean {
  return infos.some(({ size }) => !Number.isSafeInteger(Number(size)));
}
