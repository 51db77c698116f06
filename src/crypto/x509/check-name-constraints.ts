/**
 * Name constraints at work (go: crypto/x509 constraints.go, the sorted sets of Go 1.26).
 *
 * Go sorts each list of constraints, drops those inside of the one before, and finds a name by binary search: n log n
 * for lists that an attacker made long. The same steps are taken here, because for odd constraints (an address with
 * bits outside of its mask) they decide the result.
 */
import { type Certificate, extensionOf, extensionOid } from "./certificate.ts";
import { isDomainNameValid, lowerCaseAscii, type Mailbox, parseMailbox } from "./domain.ts";
import { parseIp, toIpv4 } from "./ip.ts";
import type { IpRange, NameConstraints, Subtrees } from "./name-constraints.ts";
import { splitHostPort } from "./uri.ts";

/** Why the names of the chain break its name constraints, in English; `undefined` if they do not. Leaf first. */
export function nameConstraintFlaw(chain: readonly Certificate[]): string | undefined {
  const checkers = chain.map((certificate) => certificate.nameConstraints && checkerOf(certificate.nameConstraints));
  for (const [i, certificate] of chain.entries()) {
    if (extensionOf(certificate, extensionOid.subjectAltName) === undefined) continue;
    // A certificate's own constraints do not bind it, only those of the certificates above it.
    const above = checkers.slice(i + 1).filter((checker) => checker !== undefined);
    if (above.length === 0) return undefined;
    const names = constrainedNames(certificate);
    if (typeof names === "string") return names;
    for (const checker of above) {
      const flaw = checker(names);
      if (flaw !== undefined) return flaw;
    }
  }
  return undefined;
}

interface ConstrainedNames {
  readonly ips: readonly Uint8Array[];
  readonly dns: readonly string[];
  readonly uriDomains: readonly string[];
  readonly mailboxes: readonly Mailbox[];
}

/** A text is the reason why a name cannot be held against constraints, whatever their kind. */
function constrainedNames(certificate: Certificate): ConstrainedNames | string {
  const uriDomains: string[] = [];
  for (const host of certificate.uriHosts) {
    const domain = uriDomain(host);
    if (domain === undefined) return "a URI cannot be held against the name constraints";
    uriDomains.push(domain);
  }
  const mailboxes: Mailbox[] = [];
  for (const email of certificate.emailAddresses) {
    const mailbox = parseMailbox(email);
    if (mailbox === undefined) return "an email address cannot be held against the name constraints";
    mailboxes.push({ local: mailbox.local, domain: lowerCaseAscii(mailbox.domain) });
  }
  return { ips: certificate.ipAddresses, dns: certificate.dnsNames, uriDomains, mailboxes };
}

/** Without its port; a URI without a host and an IP address never satisfy constraints. */
function uriDomain(host: string): string | undefined {
  if (host === "") return undefined;
  const domain = host.includes(":") && !host.endsWith("]") ? splitHostPort(host) : host;
  if (domain === undefined || parseIp(domain) !== undefined) return undefined;
  return domain.startsWith("[") && domain.endsWith("]") ? undefined : domain;
}

type Checker = (names: ConstrainedNames) => string | undefined;
type Query<Name> = (name: Name) => boolean;

function checkerOf({ permitted, excluded }: NameConstraints): Checker {
  const isIpAllowed = allowing(ipQuery(permitted.ips), ipQuery(excluded.ips));
  const isDnsAllowed = allowing(dnsQuery(permitted.dns, "permitted"), dnsQuery(excluded.dns, "excluded"));
  const isUriAllowed = allowing(dnsQuery(permitted.uris, "permitted"), dnsQuery(excluded.uris, "excluded"));
  const isMailAllowed = allowing(mailQuery(permitted, "permitted"), mailQuery(excluded, "excluded"));
  return ({ ips, dns, uriDomains, mailboxes }) => {
    if (!ips.every(isIpAllowed)) return "an IP address is outside of the name constraints";
    const isDomainAllowed = (isAllowed: Query<string>) => (domain: string) =>
      isDomainNameValid(domain, { isConstraint: false }) && isAllowed(domain);
    if (!dns.every(isDomainAllowed(isDnsAllowed))) return "a DNS name is outside of the name constraints";
    if (!uriDomains.every(isDomainAllowed(isUriAllowed))) return "a URI is outside of the name constraints";
    if (!mailboxes.every(isMailAllowed)) return "an email address is outside of the name constraints";
    return undefined;
  };
}

function allowing<Name>(permitted: Query<Name> | undefined, excluded: Query<Name> | undefined): Query<Name> {
  return (name) => (permitted === undefined || permitted(name)) && (excluded === undefined || !excluded(name));
}

function mailQuery({ emails }: Subtrees, side: "permitted" | "excluded"): Query<Mailbox> | undefined {
  if (emails.length === 0) return undefined;
  const keyOf = ({ local, domain }: Mailbox): string => JSON.stringify([local, lowerCaseAscii(domain)]);
  const whole = new Set<string>();
  for (const email of emails) {
    const mailbox = email.includes("@") ? parseMailbox(email) : undefined;
    if (mailbox !== undefined) whole.add(keyOf(mailbox));
  }
  const domains = dnsQuery(
    emails.filter((email) => !email.includes("@")),
    side,
  );
  return (mailbox) => whole.has(keyOf(mailbox)) || domains?.(mailbox.domain) === true;
}

function dnsQuery(constraints: readonly string[], side: "permitted" | "excluded"): Query<string> | undefined {
  if (constraints.length === 0) return undefined;
  if (constraints.includes("")) return () => true;
  const kept = sortAndPrune(constraints.map(lowerCaseAscii), compareDns, isDnsSuffix);
  // "*.example.com" stands for names that an exclusion of "a.example.com" forbids.
  const parents = new Set(side === "excluded" ? kept.map(withoutFirstLabel) : []);
  return (name) => {
    const lower = lowerCaseAscii(name);
    if (isFound(kept, lower, { compare: compareDns, covers: isDnsSuffix })) return true;
    if (side === "permitted" || !lower.startsWith("*")) return false;
    const parent = withoutFirstLabel(lower);
    return parent !== "" && parents.has(parent);
  };
}

/** With the dot; "" for a single label. */
function withoutFirstLabel(domain: string): string {
  const dot = domain.indexOf(".");
  return dot < 0 ? "" : domain.slice(dot);
}

/** Whether `domain` is `constraint`, or below it. A constraint with a leading dot does not cover the name itself. */
function isDnsSuffix(constraint: string, domain: string): boolean {
  if (!domain.endsWith(constraint)) return false;
  const before = domain.at(-constraint.length - 1);
  return constraint.startsWith(".") || domain.length === constraint.length || before === ".";
}

/** From the end; a dot sorts before everything, so that names below a name follow it directly. */
function compareDns(a: string, b: string): number {
  for (let i = 1; i <= a.length && i <= b.length; i++) {
    const difference = rank(a.charCodeAt(a.length - i)) - rank(b.charCodeAt(b.length - i));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function rank(char: number): number {
  return char === 0x2e ? 0 : char;
}

function ipQuery(ranges: readonly IpRange[]): Query<Uint8Array> | undefined {
  if (ranges.length === 0) return undefined;
  const sorted = (size: number): readonly IpRange[] =>
    sortAndPrune(
      ranges.filter(({ ip }) => ip.length === size),
      (a, b) => Buffer.compare(a.ip, b.ip) || Buffer.compare(a.mask, b.mask),
      isSubrange,
    );
  const bySize = new Map([4, 16].map((size) => [size, sorted(size)]));
  const compare = (range: IpRange, ip: Uint8Array): number => Buffer.compare(range.ip, ip);
  return (ip) => isFound(bySize.get(ip.length) ?? [], ip, { compare, covers: isInRange });
}

/** go: net IPNet.Contains: IPv4-mapped IPv6 addresses count as IPv4 ones, on both sides. */
function isInRange(range: IpRange, ip: Uint8Array): boolean {
  const network = toIpv4(range.ip) ?? range.ip;
  const mask = range.mask.subarray(range.mask.length - network.length);
  const address = toIpv4(ip) ?? ip;
  if (address.length !== network.length) return false;
  return network.every((byte, i) => ((byte ^ (address[i] ?? 0)) & (mask[i] ?? 0)) === 0);
}

function isSubrange(outer: IpRange, inner: IpRange): boolean {
  const last = inner.ip.map((byte, i) => byte | (~(inner.mask[i] ?? 0) & 0xff));
  return isInRange(outer, inner.ip) && isInRange(outer, last);
}

function sortAndPrune<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
  covers: (outer: T, inner: T) => boolean,
): readonly T[] {
  const kept: T[] = [];
  for (const item of items.toSorted(compare)) {
    const last = kept.at(-1);
    if (last === undefined || !covers(last, item)) kept.push(item);
  }
  return kept;
}

interface Order<T, Name> {
  readonly compare: (item: T, name: Name) => number;
  readonly covers: (item: T, name: Name) => boolean;
}

/** Whether the greatest item not above `name` is equal to it or covers it; the first one if all are above. */
function isFound<T, Name>(items: readonly T[], name: Name, { compare, covers }: Order<T, Name>): boolean {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && compare(item, name) < 0) low = middle + 1;
    else high = middle;
  }
  const found = items[low];
  if (found !== undefined && compare(found, name) === 0) return true;
  const below = items[Math.max(low - 1, 0)];
  return below !== undefined && covers(below, name);
}
