import { type JsonNode, parseJson } from "../encoding/json.ts";
import { GoJsonDecoder } from "../encoding/json-go.ts";
import { decodeUtf8AsGo } from "../encoding/utf8.ts";
import type { ImageProblem } from "../image/problem.ts";
import { maxSignatureValues } from "../limits.ts";
import { fail, ok, type Result, type Untrusted, untrusted } from "../result.ts";
import { mistakenFile } from "./mistaken-file.ts";

/** A signature file, told apart by its first bytes. Nothing in it is to be trusted yet. */
export type SignatureBlob =
  | { readonly format: "simple-signing"; readonly openpgpMessage: Untrusted<Uint8Array> }
  | { readonly format: "sigstore"; readonly envelope: SigstoreEnvelope };

/** What the reference keeps of a sigstore signature: the signed payload, and cosign's annotations beside it. */
export interface SigstoreEnvelope {
  readonly untrustedMimeType: string;
  readonly untrustedPayload: Uint8Array;
  readonly untrustedAnnotations: ReadonlyMap<string, string>;
}

export type SignatureBlobProblem = Extract<ImageProblem, { code: `image.signature.${string}` }>;

const simpleSigningFormat = "simple-signing";
const sigstoreFormat = "sigstore-json";

/**
 * Reads one signature file as containers/image does (internal/signature/signature.go FromBlob): a bare OpenPGP message,
 * or NUL, a format name, a newline and the data.
 *
 * @param name what to call it in a problem: `signature-1`
 */
export function parseSignatureBlob(bytes: Uint8Array, name: string): Result<SignatureBlob, SignatureBlobProblem> {
  const first = bytes[0];
  if (first === undefined) return fail({ code: "image.signature.empty", name });
  if (openpgpFirstBytes.has(first)) return ok({ format: "simple-signing", openpgpMessage: untrusted(bytes) });
  if (first !== 0) {
    const detail = `begins with byte 0x${first.toString(16).padStart(2, "0")}`;
    const mistaken = mistakenFile(bytes);
    return fail({ code: "image.signature.format", name, detail, ...(mistaken === undefined ? {} : { mistaken }) });
  }
  const newline = bytes.indexOf(0x0a, 1);
  if (newline === -1) return fail({ code: "image.signature.format", name, detail: "no newline ends the format name" });
  const data = bytes.subarray(newline + 1);
  const format = Buffer.from(bytes.subarray(1, newline)).toString("latin1");
  switch (format) {
    case simpleSigningFormat:
      return ok({ format: "simple-signing", openpgpMessage: untrusted(data) });
    case sigstoreFormat:
      return parseEnvelope(data, name);
    default:
      return fail({
        code: "image.signature.format",
        name,
        detail: `the format is named ${JSON.stringify(format.slice(0, 80))}`,
      });
  }
}

/**
 * Packet headers (RFC 4880, 4.2) of a compressed, a one-pass signature and a signature packet. 0x3d ("=") is not one: the
 * reference lists it where 0x93 would belong, and so it takes the one and refuses the other.
 */
const openpgpFirstBytes: ReadonlySet<number> = new Set([
  0xa0, 0xa1, 0xa2, 0xa3, 0xc8, 0x90, 0x91, 0x92, 0x3d, 0xc4, 0x88, 0x89, 0x8a, 0x8b, 0xc2,
]);

function parseEnvelope(data: Uint8Array, name: string): Result<SignatureBlob, SignatureBlobProblem> {
  const parsed = parseJson(decodeUtf8AsGo(data), { maxValues: maxSignatureValues });
  if (!parsed.ok && parsed.problem.kind === "count") {
    return fail({ code: "image.signature.too-large", name, maxValues: maxSignatureValues });
  }
  if (!parsed.ok) return fail({ code: "image.signature.malformed", name, detail: "the sigstore data is not JSON" });
  let untrustedMimeType = "";
  let untrustedPayload: Uint8Array | undefined;
  let untrustedAnnotations: ReadonlyMap<string, string> = new Map();
  const decoder = new GoJsonDecoder();
  decoder.struct(
    parsed.value,
    new Map<string, (value: JsonNode) => void>([
      ["mimetype", (value) => (untrustedMimeType = decoder.string(value, untrustedMimeType))],
      ["payload", (value) => (untrustedPayload = decoder.bytes(value, untrustedPayload))],
      ["annotations", (value) => (untrustedAnnotations = decoder.stringMap(value, untrustedAnnotations))],
    ]),
  );
  if (decoder.mismatch) {
    return fail({ code: "image.signature.malformed", name, detail: "the sigstore data has a value of the wrong type" });
  }
  const envelope = {
    untrustedMimeType,
    untrustedPayload: untrustedPayload ?? new Uint8Array(),
    untrustedAnnotations,
  };
  return ok({ format: "sigstore", envelope });
}

/** A sigstore signature as a signature file holds it: what {@link parseSignatureBlob} reads (internal/signature/signature.go Blob). */
export function sigstoreBlob(
  mimeType: string,
  payload: Uint8Array,
  annotations: ReadonlyMap<string, string>,
): Uint8Array {
  const envelope = {
    mimeType,
    payload: Buffer.from(payload).toString("base64"),
    annotations: Object.fromEntries(annotations),
  };
  return Buffer.concat([Buffer.from(`\0${sigstoreFormat}\n`), Buffer.from(JSON.stringify(envelope))]);
}

/** A signature file with an OpenPGP message, whatever that begins with. */
export function simpleSigningBlob(openpgpMessage: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`\0${simpleSigningFormat}\n`, "latin1"), openpgpMessage]);
}
