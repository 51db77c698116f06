import { decodeHex } from "../encoding/hex.ts";
import { type JsonNode, parseJson } from "../encoding/json.ts";
import { canonicalJson } from "../encoding/json-canonical.ts";
import { GoJsonDecoder } from "../encoding/json-go.ts";
import { exactMembers } from "../encoding/json-strict.ts";
import { decodeUtf8AsGo } from "../encoding/utf8.ts";
import { maxSignatureValues } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";

/**
 * Rekor's promise that a signature was logged, as cosign stores it: the signed entry timestamp (SET), and the entry in
 * the canonical form that was signed. The rules are those of signature/internal/rekor_set.go.
 */
export interface RekorSet {
  readonly untrustedSignedEntryTimestamp: Uint8Array;
  readonly untrustedCanonicalPayload: Uint8Array;
}

export interface RekorProblem {
  readonly code: "signature.rekor.malformed" | "signature.rekor.unsupported";
  readonly detail: string;
}

const limits = { maxValues: maxSignatureValues };

/** The annotation `dev.sigstore.cosign/bundle`, before its signature is checked. */
export function parseRekorSet(text: string): Result<RekorSet, RekorProblem> {
  const parsed = parseJson(text, limits);
  if (!parsed.ok) return malformed("the bundle is not JSON");
  const members = exactMembers(parsed.value, ["SignedEntryTimestamp", "Payload"]);
  if (!members.ok) return malformed(`the bundle: ${members.problem}`);
  const decoder = new GoJsonDecoder();
  const timestamp = decoder.bytes(members.value.SignedEntryTimestamp);
  if (decoder.mismatch) return malformed("SignedEntryTimestamp is not base64");
  const payload = members.value.Payload;
  if (payload.kind !== "object" && payload.kind !== "array") return malformed("Payload is not an object");
  const canonical = canonicalJson(payload, text);
  if (canonical === undefined) return malformed("Payload has no canonical form");
  return ok({
    untrustedSignedEntryTimestamp: timestamp ?? new Uint8Array(),
    untrustedCanonicalPayload: Buffer.from(canonical),
  });
}

/** A log entry of kind hashedrekord, version 0.0.1: which key or certificate made which signature over which hash. */
export interface HashedRekord {
  readonly integratedTimeSeconds: number;
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
  readonly payloadSha256: Uint8Array;
}

/** The canonical payload of a SET, once its signature has checked out. */
export function parseRekorPayload(canonicalPayload: Uint8Array): Result<HashedRekord, RekorProblem> {
  const parsed = parseJson(decodeUtf8AsGo(canonicalPayload), limits);
  if (!parsed.ok) return malformed("Payload is not JSON");
  const members = exactMembers(parsed.value, ["body", "integratedTime", "logIndex", "logID"]);
  if (!members.ok) return malformed(`Payload: ${members.problem}`);
  const decoder = new GoJsonDecoder();
  const body = decoder.bytes(members.value.body);
  const integratedTime = decoder.integer(members.value.integratedTime);
  decoder.integer(members.value.logIndex);
  decoder.string(members.value.logID);
  if (decoder.mismatch) return malformed("Payload has a value of the wrong type");
  const entry = parseHashedRekord(body ?? new Uint8Array());
  return entry.ok ? ok({ ...entry.value, integratedTimeSeconds: Number(integratedTime) }) : entry;
}

function parseHashedRekord(body: Uint8Array): Result<Omit<HashedRekord, "integratedTimeSeconds">, RekorProblem> {
  const parsed = parseJson(decodeUtf8AsGo(body), limits);
  if (!parsed.ok) return malformed("the body of the entry is not JSON");
  const entry = readEntry(parsed.value);
  if (entry === undefined) return malformed("the body of the entry has a value of the wrong type");
  if (entry.kind !== "hashedrekord") return unsupported(`an entry of kind ${JSON.stringify(entry.kind.slice(0, 80))}`);
  if (entry.apiVersion !== "0.0.1") return unsupported("another version of hashedrekord than 0.0.1");
  const spec = entry.spec === undefined ? undefined : readSpec(entry.spec);
  if (spec === undefined) return malformed("the spec of the entry is missing or has a value of the wrong type");
  if (spec.publicKey === undefined) return malformed("the entry has no signature.publicKey");
  if (spec.hashAlgorithm === undefined) return malformed("the entry has no data.hash.algorithm");
  if (spec.hashAlgorithm !== "sha256") return unsupported("a hash other than sha256");
  const payloadSha256 = spec.hashValue === undefined ? undefined : decodeHex(spec.hashValue);
  if (payloadSha256 === undefined) return malformed("data.hash.value of the entry is not hex");
  return ok({ publicKey: spec.publicKey, signature: spec.signature, payloadSha256 });
}

type Field = readonly [name: string, read: (value: JsonNode) => void];

function readEntry(node: JsonNode) {
  const entry: { kind: string; apiVersion: string | undefined; spec: JsonNode | undefined } = {
    kind: "",
    apiVersion: undefined,
    spec: undefined,
  };
  const decoder = new GoJsonDecoder();
  const fields: readonly Field[] = [
    ["kind", (value) => (entry.kind = decoder.string(value, entry.kind))],
    ["apiversion", (value) => (entry.apiVersion = optionalString(decoder, value))],
    ["spec", (value) => (entry.spec = value)],
  ];
  decoder.struct(node, new Map(fields));
  return decoder.mismatch ? undefined : entry;
}

/** Pointers in the reference's struct: null makes them absent again, an object fills what is there. */
interface Spec {
  signature: Uint8Array;
  publicKey: Uint8Array | undefined;
  hashAlgorithm: string | undefined;
  hashValue: string | undefined;
}

function readSpec(node: JsonNode): Spec | undefined {
  const spec: Spec = {
    signature: new Uint8Array(),
    publicKey: undefined,
    hashAlgorithm: undefined,
    hashValue: undefined,
  };
  const decoder = new GoJsonDecoder();
  const pointer = (fields: readonly Field[], clear: () => void, fill?: () => void) => (value: JsonNode) => {
    if (value.kind === "null") clear();
    else {
      fill?.();
      decoder.struct(value, new Map(fields));
    }
  };
  const clearHash = () => {
    spec.hashAlgorithm = undefined;
    spec.hashValue = undefined;
  };
  const clearKey = () => {
    spec.publicKey = undefined;
  };
  const hash: readonly Field[] = [
    ["algorithm", (value) => (spec.hashAlgorithm = optionalString(decoder, value))],
    ["value", (value) => (spec.hashValue = optionalString(decoder, value))],
  ];
  const publicKey: readonly Field[] = [
    ["content", (value) => (spec.publicKey = decoder.bytes(value, spec.publicKey) ?? new Uint8Array())],
  ];
  const signature: readonly Field[] = [
    ["content", (value) => (spec.signature = decoder.bytes(value, spec.signature) ?? new Uint8Array())],
    ["publickey", pointer(publicKey, clearKey, () => (spec.publicKey ??= new Uint8Array()))],
  ];
  const clearSignature = () => {
    spec.signature = new Uint8Array();
    clearKey();
  };
  decoder.struct(
    node,
    new Map<string, (value: JsonNode) => void>([
      ["data", pointer([["hash", pointer(hash, clearHash)]], clearHash)],
      ["signature", pointer(signature, clearSignature)],
    ]),
  );
  return decoder.mismatch ? undefined : spec;
}

function optionalString(decoder: GoJsonDecoder, node: JsonNode): string | undefined {
  return node.kind === "null" ? undefined : decoder.string(node);
}

function malformed(detail: string): { readonly ok: false; readonly problem: RekorProblem } {
  return fail({ code: "signature.rekor.malformed", detail });
}

function unsupported(detail: string): { readonly ok: false; readonly problem: RekorProblem } {
  return fail({ code: "signature.rekor.unsupported", detail });
}
