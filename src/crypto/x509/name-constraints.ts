/** The extension of RFC 5280, section 4.2.1.10, as it is read (go: crypto/x509 parseNameConstraintsExtension). */
import { decodeIa5 } from "../../encoding/asn1-string.ts";
import { constructedContextTag, contextTag, DerReader, derTag } from "../../encoding/der.ts";
import { fail, ok, type Result } from "../../result.ts";
import { isDomainNameValid, parseMailbox } from "./domain.ts";
import { parseIp } from "./ip.ts";

/** Both of 4, or both of 16 bytes. The address may have bits outside of the mask. */
export interface IpRange {
  readonly ip: Uint8Array;
  readonly mask: Uint8Array;
}

export interface Subtrees {
  readonly dns: readonly string[];
  readonly ips: readonly IpRange[];
  readonly emails: readonly string[];
  readonly uris: readonly string[];
}

export interface NameConstraints {
  readonly permitted: Subtrees;
  readonly excluded: Subtrees;
  /** There is a constraint of a kind that is not understood, as a directory name. */
  readonly hasUnknownKinds: boolean;
}

/** The problem is said in English, as a detail. */
export function parseNameConstraints(value: Uint8Array): Result<NameConstraints, string> {
  const outer = new DerReader(value);
  const sequence = outer.enter(derTag.sequence);
  if (sequence === undefined || !outer.isEmpty) return fail("the name constraints are malformed");
  const permitted = readOptional(sequence, constructedContextTag(0));
  const excluded = readOptional(sequence, constructedContextTag(1));
  if (permitted === undefined || excluded === undefined || !sequence.isEmpty) {
    return fail("the name constraints are malformed");
  }
  if (permitted.length === 0 && excluded.length === 0) return fail("the name constraints are empty");
  const permittedTrees = parseSubtrees(permitted);
  if (!permittedTrees.ok) return permittedTrees;
  const excludedTrees = parseSubtrees(excluded);
  if (!excludedTrees.ok) return excludedTrees;
  return ok({
    permitted: permittedTrees.value.trees,
    excluded: excludedTrees.value.trees,
    hasUnknownKinds: permittedTrees.value.hasUnknownKinds || excludedTrees.value.hasUnknownKinds,
  });
}

function readOptional(reader: DerReader, tag: number): Uint8Array | undefined {
  return reader.isNext(tag) ? reader.read(tag) : new Uint8Array();
}

interface ParsedSubtrees {
  readonly trees: Subtrees;
  readonly hasUnknownKinds: boolean;
}

/** Minimum and maximum are not looked at. */
function parseSubtrees(bytes: Uint8Array): Result<ParsedSubtrees, string> {
  const reader = new DerReader(bytes);
  const dns: string[] = [];
  const ips: IpRange[] = [];
  const emails: string[] = [];
  const uris: string[] = [];
  let hasUnknownKinds = false;
  while (!reader.isEmpty) {
    const base = reader.enter(derTag.sequence)?.readAny();
    if (base === undefined) return fail("the name constraints are malformed");
    const text = decodeIa5(base.content);
    switch (base.tag) {
      case contextTag(1):
        if (text === undefined || !isEmailConstraint(text)) return fail("an email constraint is malformed");
        emails.push(text);
        break;
      case contextTag(2):
        if (text === undefined || !isDomainNameValid(text, { isConstraint: true })) {
          return fail("a DNS constraint is malformed");
        }
        dns.push(text);
        break;
      case contextTag(6):
        if (text === undefined || !isUriConstraint(text)) return fail("a URI constraint is malformed");
        uris.push(text);
        break;
      case contextTag(7): {
        const range = parseIpRange(base.content);
        if (range === undefined) return fail("an IP constraint is malformed");
        ips.push(range);
        break;
      }
      default:
        hasUnknownKinds = true;
    }
  }
  return ok({ trees: { dns, ips, emails, uris }, hasUnknownKinds });
}

/** A whole mailbox, or a domain. */
function isEmailConstraint(text: string): boolean {
  return text.includes("@") ? parseMailbox(text) !== undefined : isDomainNameValid(text, { isConstraint: true });
}

function isUriConstraint(text: string): boolean {
  const ip = parseIp(text);
  return (ip === undefined || ip.zone !== "") && isDomainNameValid(text, { isConstraint: true });
}

function parseIpRange(content: Uint8Array): IpRange | undefined {
  if (content.length !== 8 && content.length !== 32) return undefined;
  const half = content.length / 2;
  const mask = content.subarray(half);
  return isPrefixMask(mask) ? { ip: content.subarray(0, half), mask } : undefined;
}

/** Ones, then zeros. */
function isPrefixMask(mask: Uint8Array): boolean {
  return /^1*0*$/.test([...mask].map((byte) => byte.toString(2).padStart(8, "0")).join(""));
}
