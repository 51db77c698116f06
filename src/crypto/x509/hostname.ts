import type { Certificate } from "./certificate.ts";
import { lowerCaseAscii } from "./domain.ts";
import { parseIp, toIpv4 } from "./ip.ts";

/**
 * Whether the certificate is for this host, an IP address or a name (go: crypto/x509 Certificate.VerifyHostname).
 *
 * An address may stand in brackets, and is compared with IP SANs only. A name may end in a dot; a SAN may have `*` as its
 * first label. Names that are no valid host names are compared as they are. The common name never counts.
 */
export function verifyHostname(certificate: Certificate, host: string): boolean {
  const ip = parseIp(/^\[.+\]$/s.test(host) ? host.slice(1, -1) : host);
  if (ip !== undefined && ip.zone === "") {
    return certificate.ipAddresses.some((address) => isSameIp(address, ip.bytes));
  }
  const name = lowerCaseAscii(host);
  const relative = name.endsWith(".") ? name.slice(0, -1) : name;
  const labels = isHostname(relative, { mayBeWildcard: false }) ? relative.split(".") : undefined;
  return certificate.dnsNames.some((san) => {
    const pattern = lowerCaseAscii(san);
    if (labels !== undefined && isHostname(pattern, { mayBeWildcard: true })) return matches(pattern, labels);
    return pattern !== "" && pattern !== "." && pattern === name;
  });
}

function isSameIp(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(toIpv4(a) ?? a, toIpv4(b) ?? b) === 0;
}

function isHostname(name: string, { mayBeWildcard }: { readonly mayBeWildcard: boolean }): boolean {
  if (name === "*") return false;
  return name.split(".").every((label, i) => {
    return (mayBeWildcard && i === 0 && label === "*") || /^[a-z0-9_][a-z0-9_-]*$/.test(label);
  });
}

function matches(pattern: string, labels: readonly string[]): boolean {
  const patternLabels = pattern.split(".");
  if (patternLabels.length !== labels.length) return false;
  return patternLabels.every((label, i) => (i === 0 && label === "*") || label === labels[i]);
}
