/** A member of an archive that is written byte by byte, so that it may be odd. Fields that are left out are honest. */
export interface TarEntry {
  readonly name: string | Uint8Array;
  readonly type?: string;
  readonly content?: string | Uint8Array;
  readonly target?: string;
  /** The size field, as it stands there, or what it says. */
  readonly size?: string | Uint8Array | number;
  readonly magic?: string;
  readonly prefix?: string | Uint8Array;
  /** Anything else: where it stands, and what. */
  readonly patch?: readonly [number, string];
  /** The checksum is off by one. */
  readonly wrongChecksum?: boolean;
}

const ustar = "ustar\x0000";
export const gnu = "ustar  \0";
/** Two blocks of zeros. */
export const tarEnd = Buffer.alloc(1024);

/** A tar archive of these members, with its end. */
export function tar(...entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.map(tarEntry), tarEnd]);
}

/** One member: header, content, and what fills the block. */
export function tarEntry(entry: TarEntry): Buffer {
  const content = Buffer.from(entry.content ?? "");
  return Buffer.concat([tarHeader(entry, content.length), content, Buffer.alloc(-content.length & 511)]);
}

function tarHeader(entry: TarEntry, contentBytes: number): Buffer {
  const { name, type = "0", target = "", size = contentBytes, magic = ustar, prefix = "", patch } = entry;
  const header = Buffer.alloc(512);
  const put = (at: number, value: string | Uint8Array) => Buffer.from(value).copy(header, at);
  put(0, name);
  put(100, "0000644\0");
  put(108, "0000000\0");
  put(116, "0000000\0");
  put(124, typeof size === "number" ? `${size.toString(8).padStart(11, "0")}\0` : size);
  put(136, "00000000000\0");
  put(156, type);
  put(157, target);
  put(257, magic);
  put(345, prefix);
  if (patch !== undefined) put(...patch);
  header.fill(" ", 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0) + (entry.wrongChecksum ? 1 : 0);
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  return header;
}

/** A record of an extended header. Its length may be said to be another. */
export function paxRecord(key: string, value: string, length?: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let total = rest + 1;
  while (String(total).length + rest !== total) total++;
  return `${length ?? total} ${key}=${value}\n`;
}

/** An extended header for the member that follows it. */
export function pax(...records: readonly string[]): TarEntry {
  return { name: "PaxHeaders/x", type: "x", content: records.join("") };
}
