import { type JsonNode, parseJson } from "../../encoding/json.ts";
import { GoJsonDecoder } from "../../encoding/json-go.ts";
import { decodeUtf8AsGo } from "../../encoding/utf8.ts";
import { fail, ok, type Result } from "../../result.ts";

export interface ProxyRequest {
  readonly untrustedMethod: string;
  readonly untrustedArguments: readonly JsonNode[];
}

/**
 * One packet, decoded as the reference does (container-libs: common/pkg/json-proxy/handler.go processRequest, by Go's encoding/json): keys
 * in any letter case, of duplicates the last one, unknown ones are skipped, nothing there is as good as null.
 *
 * @returns why it is not a request.
 */
export function parseRequest(untrustedPacket: Uint8Array): Result<ProxyRequest, string> {
  const parsed = parseJson(decodeUtf8AsGo(untrustedPacket));
  if (!parsed.ok) {
    const { problem } = parsed;
    if (problem.kind !== "syntax") return fail("it is nested too deeply");
    return fail(problem.found === "" ? "unexpected end of JSON input" : "it is not valid JSON");
  }
  const decoder = new GoJsonDecoder();
  let untrustedMethod = "";
  let untrustedArguments: readonly JsonNode[] = [];
  decoder.struct(
    parsed.value,
    new Map<string, (node: JsonNode) => void>([
      ["method", (node) => (untrustedMethod = decoder.string(node, untrustedMethod))],
      [
        "args",
        (node) => {
          decoder.any(node);
          untrustedArguments = decoder.list(node);
        },
      ],
    ]),
  );
  if (decoder.mismatch) return fail("method has to be a string, and args a list");
  return ok({ untrustedMethod, untrustedArguments });
}
