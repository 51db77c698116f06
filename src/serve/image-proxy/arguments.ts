import { type Digest, parseDigest } from "../../encoding/digest.ts";
import type { JsonNode } from "../../encoding/json.ts";
import { type Platform, parsePlatform } from "../../image/platform.ts";

/** An argument that is not what it has to be: told to the client, who sent it. */
export class BadArgument extends Error {}

/** Of exactly this many arguments (container-libs: common/pkg/json-proxy/handler.go). */
export function expectCount(untrusted: readonly JsonNode[], least: number, most = least): void {
  if (untrusted.length >= least && untrusted.length <= most) return;
  const expected = least === most ? `${least}` : `${least} to ${most}`;
  throw new BadArgument(`found ${untrusted.length} args, expecting ${expected}`);
}

export function textArgument(node: JsonNode | undefined, what: string): string {
  if (node?.kind !== "string") throw new BadArgument(`expecting string ${what}`);
  return node.value;
}

/** A number as Go has it in an `any`: a float64, of which the fraction is cut off, and which wraps below zero. */
export function numberArgument(node: JsonNode | undefined): bigint {
  if (node?.kind !== "number") throw new BadArgument("expecting numeric");
  const value = Number(node.text);
  if (value > Number.MAX_SAFE_INTEGER) throw new BadArgument(`out of range integer for numeric ${node.text}`);
  return BigInt.asUintN(64, BigInt(Math.trunc(Math.max(value, -Number.MAX_SAFE_INTEGER))));
}

export function digestArgument(node: JsonNode | undefined): Digest {
  const digest = parseDigest(textArgument(node, "blobid"));
  if (digest === undefined) throw new BadArgument("invalid checksum digest format");
  return digest;
}

export interface OpenArguments {
  readonly requireSigned: boolean | undefined;
  readonly platform: Platform | undefined;
}

/** The options of our own methods. What is not known is refused: a misspelt `requireSigned` must not make a verdict milder. */
export function openArguments(node: JsonNode | undefined): OpenArguments {
  let requireSigned: boolean | undefined;
  let platform: Platform | undefined;
  if (node === undefined || node.kind === "null") return { requireSigned, platform };
  if (node.kind !== "object") throw new BadArgument("expecting an object of options");
  const seen = new Set<string>();
  for (const { key, value } of node.members) {
    if (seen.has(key)) throw new BadArgument(`the option ${JSON.stringify(key)} is there twice`);
    seen.add(key);
    switch (key) {
      case "requireSigned":
        if (value.kind !== "boolean") throw new BadArgument("requireSigned has to be true or false");
        requireSigned = value.value;
        break;
      case "platform":
        platform = parsePlatform(textArgument(value, "platform"));
        if (platform === undefined) throw new BadArgument("platform has to be OS/ARCH[/VARIANT]");
        break;
      default:
        throw new BadArgument(`unknown option ${JSON.stringify(key)}`);
    }
  }
  return { requireSigned, platform };
}
