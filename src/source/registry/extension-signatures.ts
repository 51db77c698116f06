import { type Digest, digestText } from "../../encoding/digest.ts";
import { type JsonNode, parseJson } from "../../encoding/json.ts";
import { GoJsonDecoder } from "../../encoding/json-go.ts";
import { decodeUtf8AsGo } from "../../encoding/utf8.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { maxSignatureListBytes } from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";
import { simpleSigningBlob } from "../../signature/blob.ts";
import type { Endpoint } from "./endpoint.ts";
import { readBody } from "./read-body.ts";

/**
 * The signatures that OpenShift's registry keeps of a manifest, of the kind `atomic`: simple signing (docker/docker_client.go
 * `getExtensionsSignatures`).
 */
export async function readExtensionSignatures(
  endpoint: Endpoint,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<Result<readonly Uint8Array[], ImageProblem>> {
  const answer = await endpoint.ask(`signatures/${digestText(digest)}`, { root: "/extensions/v2", signal });
  if (!answer.ok) return fail(answer.problem.failure);
  const { response, from } = answer.value;
  const body = await readBody(response, maxSignatureListBytes);
  if (!body.ok) return fail(endpoint.client.requester.broken(body.problem, from));
  const signatures = parseList(body.value);
  if (signatures !== undefined) return ok(signatures);
  return fail({ code: "source.malformed", from, detail: "its list of signatures is not one" });
}

const maxListValues = 10_000;

function parseList(body: Uint8Array): readonly Uint8Array[] | undefined {
  const parsed = parseJson(decodeUtf8AsGo(body), { maxValues: maxListValues });
  if (!parsed.ok) return undefined;
  const decoder = new GoJsonDecoder();
  let signatures: readonly (Uint8Array | undefined)[] = [];
  const list = (node: JsonNode): void => {
    signatures = decoder.list(node).map((item) => signatureOf(decoder, item));
  };
  decoder.struct(parsed.value, new Map([["signatures", list]]));
  return decoder.mismatch ? undefined : signatures.filter((signature) => signature !== undefined);
}

/** docker/docker_client.go `extensionSignature`; `undefined` for those of another kind. */
function signatureOf(decoder: GoJsonDecoder, item: JsonNode): Uint8Array | undefined {
  let version = 0n;
  let type = "";
  let content: Uint8Array | undefined;
  decoder.struct(
    item,
    new Map<string, (node: JsonNode) => void>([
      ["schemaversion", (node) => (version = decoder.integer(node, version))],
      ["name", (node) => decoder.string(node)],
      ["type", (node) => (type = decoder.string(node, type))],
      ["content", (node) => (content = decoder.bytes(node, content))],
    ]),
  );
  return version === 2n && type === "atomic" ? simpleSigningBlob(content ?? new Uint8Array()) : undefined;
}
