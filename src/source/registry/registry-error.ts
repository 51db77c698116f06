import { type JsonNode, parseJson } from "../../encoding/json.ts";
import { GoJsonDecoder } from "../../encoding/json-go.ts";
import type { HttpResponse } from "../../host/http/exchange.ts";
import type { AccessFailure } from "../../image/access-problem.ts";
import { maxRegistryErrorBytes } from "../../limits.ts";
import { readBody } from "./read-body.ts";
import type { Secrets } from "./secrets.ts";

/** What a registry says of a request that it did not fulfil. */
export interface RegistryError {
  readonly status: number;
  /** The first one's code of the distribution API, which is not shown; `undefined` if the body is not one of its errors. */
  readonly untrustedCode: string | undefined;
  /** Without secrets. */
  readonly untrustedMessage: string;
}

/** Reads the body of an answer that is not what was hoped for (docker/distribution_error.go `handleErrorResponse`). */
export async function readRegistryError(response: HttpResponse, secrets: Secrets): Promise<RegistryError> {
  const { status } = response;
  if (status < 400 || status >= 500) {
    response.discard();
    return { status, untrustedCode: undefined, untrustedMessage: "" };
  }
  const body = await readBody(response, maxRegistryErrorBytes);
  const { untrustedCode, untrustedMessage } = body.ok ? errorIn(Buffer.from(body.value).toString("utf8")) : unreadable;
  return { status, untrustedCode, untrustedMessage: secrets.redacted(untrustedMessage) };
}

const unreadable = { untrustedCode: undefined, untrustedMessage: "" };

function errorIn(text: string): Omit<RegistryError, "status"> {
  const parsed = parseJson(text, { maxValues: maxErrorValues });
  if (!parsed.ok) return { untrustedCode: undefined, untrustedMessage: text.trim() };
  const decoder = new GoJsonDecoder();
  let details = "";
  const errors: { code: string; message: string }[] = [];
  decoder.struct(
    parsed.value,
    new Map<string, (node: JsonNode) => void>([
      ["details", (node) => (details = decoder.string(node, details))],
      [
        "errors",
        (node) => void errors.splice(0, errors.length, ...decoder.list(node).map((item) => errorOf(decoder, item))),
      ],
    ]),
  );
  if (details !== "") return { untrustedCode: "UNKNOWN", untrustedMessage: details };
  const [first] = errors;
  if (first === undefined || decoder.mismatch) return { untrustedCode: undefined, untrustedMessage: text.trim() };
  return { untrustedCode: first.code, untrustedMessage: first.message };
}

function errorOf(decoder: GoJsonDecoder, item: JsonNode): { code: string; message: string } {
  let code = "";
  let message = "";
  decoder.struct(
    item,
    new Map([
      ["code", (node: JsonNode) => (code = decoder.string(node, code))],
      ["message", (node: JsonNode) => (message = decoder.string(node, message))],
    ]),
  );
  return { code, message };
}

/** Honest errors have about ten. */
const maxErrorValues = 10_000;

/** Why the manifest, the blob or whatever was `wanted` is not had, by what the registry says. */
export function failureOf(
  { status, untrustedMessage, untrustedCode: registryCode }: RegistryError,
  {
    from,
    wanted,
    hasCredentials,
  }: { readonly from: string; readonly wanted: string; readonly hasCredentials: boolean },
): AccessFailure {
  const said = untrustedMessage.slice(0, maxSaidLength);
  switch (status) {
    case 401:
    case 403:
      return { code: "source.unauthorized", registryCode, from, status, hasCredentials, untrustedMessage: said };
    case 404:
      return { code: "source.not-found", registryCode, from, wanted, untrustedMessage: said };
    case 429:
      return { code: "source.throttled", from, attempts: maxThrottledAttempts };
    default:
      return { code: "source.refused", registryCode, from, status, untrustedMessage: said };
  }
}

const maxSaidLength = 200;

/** docker/docker_client.go `backoffNumIterations`. */
export const maxThrottledAttempts = 5;

/** Whether there is no such manifest (docker/docker_client.go `isManifestUnknownError`): anything else is not an absence, but an error. */
export function isManifestUnknown({ status, untrustedCode, untrustedMessage }: RegistryError): boolean {
  if (untrustedCode === undefined) return status === 404;
  return (
    untrustedCode === "MANIFEST_UNKNOWN" ||
    (!knownCodes.has(untrustedCode) && untrustedMessage.toLowerCase().includes("not found"))
  );
}

/** Codes that mean something else than "unknown" (docker/distribution: registry/api/errcode and v2). */
const knownCodes: ReadonlySet<string> = new Set([
  "UNSUPPORTED",
  "UNAUTHORIZED",
  "DENIED",
  "UNAVAILABLE",
  "TOOMANYREQUESTS",
  "DIGEST_INVALID",
  "SIZE_INVALID",
  "NAME_INVALID",
  "TAG_INVALID",
  "NAME_UNKNOWN",
  "MANIFEST_INVALID",
  "MANIFEST_UNVERIFIED",
  "MANIFEST_BLOB_UNKNOWN",
  "BLOB_UNKNOWN",
  "BLOB_UPLOAD_UNKNOWN",
  "BLOB_UPLOAD_INVALID",
]);
