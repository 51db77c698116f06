/** IP addresses in text (go: net/netip ParseAddr). */

export interface IpText {
  /** 4 or 16 bytes. */
  readonly bytes: Uint8Array;
  /** What follows `%`; "" if there is none. */
  readonly zone: string;
}

/** Dotted IPv4 without leading zeros, or IPv6, which may end in a dotted IPv4 and in a zone. */
export function parseIp(text: string): IpText | undefined {
  // The first of these decides which of the two it is.
  const kind = /[.:%]/.exec(text)?.[0];
  if (kind === ".") {
    const bytes = parseIpv4(text);
    return bytes === undefined ? undefined : { bytes: Uint8Array.from(bytes), zone: "" };
  }
  return kind === ":" ? parseIpv6WithZone(text) : undefined;
}

function parseIpv4(text: string): readonly number[] | undefined {
  const fields = text.length > 15 ? [] : text.split(".");
  if (fields.length !== 4 || !fields.every((field) => /^(0|[1-9][0-9]{0,2})$/.test(field))) return undefined;
  const bytes = fields.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function parseIpv6WithZone(text: string): IpText | undefined {
  const percent = text.indexOf("%");
  const zone = percent < 0 ? "" : text.slice(percent + 1);
  if (percent >= 0 && zone === "") return undefined;
  const bytes = parseIpv6(percent < 0 ? text : text.slice(0, percent));
  return bytes === undefined ? undefined : { bytes, zone };
}

function parseIpv6(text: string): Uint8Array | undefined {
  if (text.length > 45) return undefined; // 8 groups of 4, or 6 and a dotted address
  const gap = text.indexOf("::");
  if (gap < 0) {
    const all = parseGroups(text, { mayEndDotted: true });
    return all?.length === 16 ? Uint8Array.from(all) : undefined;
  }
  const before = text.slice(0, gap);
  const after = text.slice(gap + 2);
  const head = before === "" ? [] : parseGroups(before, { mayEndDotted: false });
  const tail = after === "" ? [] : parseGroups(after, { mayEndDotted: true });
  // The gap stands for at least one group of zeros.
  if (head === undefined || tail === undefined || head.length + tail.length > 14) return undefined;
  return Uint8Array.from([...head, ...new Array<number>(16 - head.length - tail.length).fill(0), ...tail]);
}

function parseGroups(text: string, { mayEndDotted }: { readonly mayEndDotted: boolean }): number[] | undefined {
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [i, group] of groups.entries()) {
    if (mayEndDotted && i === groups.length - 1 && group.includes(".")) {
      const dotted = parseIpv4(group);
      if (dotted === undefined) return undefined;
      bytes.push(...dotted);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes;
}

/** The IPv4 address in 4 bytes, if it is one, be it mapped into IPv6 (::ffff:a.b.c.d); Go's `IP.To4`. */
export function toIpv4(ip: Uint8Array): Uint8Array | undefined {
  if (ip.length === 4) return ip;
  const isMapped =
    ip.length === 16 && ip.subarray(0, 10).every((byte) => byte === 0) && ip[10] === 0xff && ip[11] === 0xff;
  return isMapped ? ip.subarray(12) : undefined;
}
