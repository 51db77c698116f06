/** What must hold of a packet for the image proxy, whatever its bytes are. */
import assert from "node:assert/strict";
import { digestText } from "../src/encoding/digest.ts";
import type { JsonNode } from "../src/encoding/json.ts";
import { decodeUtf8AsGo } from "../src/encoding/utf8.ts";
import {
  BadArgument,
  digestArgument,
  expectCount,
  numberArgument,
  openArguments,
  textArgument,
} from "../src/serve/image-proxy/arguments.ts";
import { parseRequest } from "../src/serve/image-proxy/request.ts";

export function checkProxyRequest(input: Uint8Array): void {
  const request = parseRequest(input);
  if (!request.ok) return;
  const { untrustedMethod, untrustedArguments } = request.value;
  assert.equal(untrustedMethod, methodByRuntime(decodeUtf8AsGo(input)) ?? untrustedMethod);
  orBad(() => expectCount(untrustedArguments, 0, 3));
  for (const node of untrustedArguments) checkArgument(node);
}

function checkArgument(node: JsonNode): void {
  orBad(() => {
    const number = numberArgument(node);
    assert.ok(number >= 0n && number < 1n << 64n);
  });
  orBad(() => assert.equal(typeof textArgument(node, "text"), "string"));
  orBad(() => assert.equal(node.kind === "string" && node.value, digestText(digestArgument(node))));
  orBad(() => {
    const { requireSigned, platform } = openArguments(node);
    assert.ok(requireSigned === undefined || typeof requireSigned === "boolean");
    // What was asked for is never left out.
    if (node.kind === "object") {
      const keys = node.members.map(({ key }) => key).sort();
      const taken = [...(platform ? ["platform"] : []), ...(requireSigned === undefined ? [] : ["requireSigned"])];
      assert.deepEqual(keys, taken);
    }
  });
}

/** The method by JSON.parse, where nothing of Go's ways with JSON makes a difference. */
function methodByRuntime(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (
    typeof value !== "object" ||
    value === null ||
    Object.keys(value).some((key) => key !== "method" && key !== "args")
  )
    return undefined;
  // A key that is there twice is not found by its name alone.
  if (!("method" in value) || typeof value.method !== "string" || text.split(/method/i).length !== 2) return undefined;
  return text.includes("\\") ? undefined : value.method;
}

function orBad(check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof BadArgument)) throw error;
  }
}
