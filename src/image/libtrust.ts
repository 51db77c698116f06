import { decodeBase64UrlAsGo } from "../encoding/base64.ts";
import { type JsonNode, type JsonObject, parseJson } from "../encoding/json.ts";
import { fitsGoAny, GoJsonDecoder, goMap } from "../encoding/json-go.ts";
import { decodeUtf8AsGo } from "../encoding/utf8.ts";
import { maxManifestSignatures } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import { nodeCrypto } from "../runtime/built-in.ts";
import { sha256Hex } from "../runtime/sha256.ts";

/**
 * The payload of the JWS signatures in a signed schema 1 manifest (containers/libtrust: jsonsign.go ParsePrettySignature):
 * its bytes up to `formatLength`, and `formatTail`, both from their protected headers. The signatures themselves are not
 * checked, there or here; but their keys must parse, and a key ID must be the key's.
 *
 * @param manifest the bytes; `root` is their JSON, an object.
 */
export function prettySignaturePayload(manifest: Uint8Array, root: JsonObject): Result<Uint8Array, string> {
  // A Go map, not a struct: the name is exact, and the last duplicate counts.
  const signatures = root.members.findLast((member) => member.key === "signatures")?.value;
  if (signatures === undefined) return fail("there is no signatures key");

  let formatLength = 0;
  let formatTail: Uint8Array = new Uint8Array();
  const decoder = new GoJsonDecoder();
  const list = decoder.list(signatures);
  if (list.length > maxManifestSignatures) return fail(`it has more than ${maxManifestSignatures} signatures`);
  const blocks = list.map((block) => readBlock(decoder, block));
  if (decoder.mismatch) return fail("the signatures are malformed");
  for (const block of blocks) {
    const header = readProtectedHeader(block.protected);
    if (header === undefined) return fail("a protected header is malformed");
    if (formatLength === 0) formatLength = header.formatLength;
    else if (formatLength !== header.formatLength) return fail("the signatures disagree on formatLength");
    if (formatTail.length === 0) formatTail = header.formatTail;
    else if (Buffer.compare(formatTail, header.formatTail) !== 0) return fail("the signatures disagree on formatTail");
    if (block.jwk !== undefined && !isUsableJwk(block.jwk)) return fail("the key of a signature is malformed");
  }
  // The reference panics on a negative length.
  if (formatLength < 0 || formatLength > manifest.length) return fail("formatLength is out of range");
  return ok(Buffer.concat([manifest.subarray(0, formatLength), formatTail]));
}

interface SignatureBlock {
  protected: string;
  jwk: JsonNode | undefined;
}

/** libtrust's jsParsedSignature: all its fields must be of the right type, also those that do not matter here. */
function readBlock(decoder: GoJsonDecoder, node: JsonNode): SignatureBlock {
  const block: SignatureBlock = { protected: "", jwk: undefined };
  const headerFields = new Map<string, (value: JsonNode) => void>([
    ["jwk", (value) => (block.jwk = value)],
    ["alg", (value) => decoder.string(value)],
    ["x5c", (value) => decoder.list(value).forEach((item) => void decoder.string(item))],
  ]);
  decoder.struct(
    node,
    new Map<string, (value: JsonNode) => void>([
      ["header", (value) => decoder.struct(value, headerFields)],
      ["signature", (value) => decoder.string(value)],
      ["protected", (value) => (block.protected = decoder.string(value, block.protected))],
    ]),
  );
  return block;
}

function readProtectedHeader(encoded: string): { formatLength: number; formatTail: Uint8Array } | undefined {
  const bytes = decodeJose(encoded);
  const map = bytes && readGoMap(bytes);
  const length = map?.get("formatLength");
  const tail = map?.get("formatTail");
  if (length?.kind !== "number" || tail?.kind !== "string") return undefined;
  const formatTail = decodeJose(tail.value);
  return formatTail && { formatLength: Math.trunc(Number(length.text)), formatTail };
}

function isUsableJwk(node: JsonNode): boolean {
  if (!fitsGoAny(node) || node.kind !== "object") return false;
  const jwk = goMap(node);
  const text = (name: string): string | undefined => {
    const value = jwk.get(name);
    return value?.kind === "string" ? value.value : undefined;
  };
  const bytes = (name: string): Uint8Array | undefined => decodeJose(text(name));
  const kty = text("kty");
  let key: Readonly<Record<string, string | undefined>>;
  if (kty === "EC") {
    const coordinateBytes = curveBytes.get(text("crv") ?? "");
    const x = bytes("x");
    const y = bytes("y");
    if (coordinateBytes === undefined || x?.length !== coordinateBytes || y?.length !== coordinateBytes) return false;
    key = { kty, crv: text("crv"), x: toBase64Url(x), y: toBase64Url(y) };
  } else if (kty === "RSA") {
    const n = bytes("n");
    const e = bytes("e");
    if (n === undefined || e === undefined || e.length > 4 || jwk.has("d")) return false;
    key = { kty, n: toBase64Url(n), e: toBase64Url(e) };
  } else {
    return false;
  }
  // A key that cannot be marshalled (a point that is not on the curve) has the empty ID.
  if (!jwk.has("kid")) return true;
  const spki = exportSpki(key);
  return text("kid") === (spki === undefined ? "" : keyId(spki));
}

const curveBytes: ReadonlyMap<string, number> = new Map([
  ["P-256", 32],
  ["P-384", 48],
  ["P-521", 66],
]);

function exportSpki(jwk: Readonly<Record<string, string | undefined>>): Uint8Array | undefined {
  try {
    return nodeCrypto()
      .createPublicKey({ key: { ...jwk }, format: "jwk" })
      .export({ type: "spki", format: "der" });
  } catch {
    return undefined;
  }
}

/** libtrust's fingerprint: 240 bits of SHA-256 over the key, as twelve groups of four base32 letters. */
function keyId(spki: Uint8Array): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  let rest = BigInt(`0x${sha256Hex(spki).slice(0, 60)}`);
  let letters = "";
  for (let i = 0; i < 48; i++) {
    letters = alphabet.charAt(Number(rest & 31n)) + letters;
    rest >>= 5n;
  }
  return letters.match(/.{4}/g)?.join(":") ?? "";
}

/** A Go `map[string]any`: exact keys, the last duplicate counts. */
function readGoMap(bytes: Uint8Array): ReadonlyMap<string, JsonNode> | undefined {
  const parsed = parseJson(decodeUtf8AsGo(bytes));
  if (!parsed.ok || parsed.value.kind !== "object" || !fitsGoAny(parsed.value)) return undefined;
  return goMap(parsed.value);
}

/** libtrust: util.go joseBase64UrlDecode. */
function decodeJose(text: string | undefined): Uint8Array | undefined {
  if (text === undefined) return undefined;
  const plain = text.replaceAll("\n", "").replaceAll(" ", "");
  const padding = ["", undefined, "==", "="][plain.length % 4];
  return padding === undefined ? undefined : decodeBase64UrlAsGo(plain + padding);
}

function toBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
