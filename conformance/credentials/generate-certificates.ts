/** Directories of certs.d, as people fill them and as they go wrong. */
import type { Random } from "./random.ts";

export interface Material {
  readonly name: string;
  readonly certificate: string;
  readonly keys: readonly string[];
}

export interface CertificatesQuestion {
  readonly kind: "certificates";
  /** In Latin-1; `undefined` is a directory, "->" a link to nothing. */
  readonly files: Readonly<Record<string, string | null>>;
  readonly environment: Readonly<Record<string, string>>;
}

export class CertificatesGenerator {
  readonly #random: Random;
  readonly #materials: readonly Material[];

  constructor(random: Random, materials: readonly Material[]) {
    this.#random = random;
    this.#materials = materials;
  }

  question(): CertificatesQuestion {
    const random = this.#random;
    const files: Record<string, string | null> = {};
    for (const name of ["a.crt", "b.crt", ".crt", "c.crt"]) if (random.chance(0.3)) files[name] = this.#authorities();
    for (const base of ["c", "d", "", "e.x"]) {
      if (!random.chance(0.25)) continue;
      const material = random.pick(this.#materials);
      files[`${base}.cert`] = this.#certificate(material);
      files[`${base}.key`] = this.#key(material);
      if (random.chance(0.03)) delete files[`${base}.${random.pick(["cert", "key"])}`];
      if (random.chance(0.03)) files[`${base}.${random.pick(["cert", "key"])}`] = random.pick([null, "->"]);
    }
    for (const name of ["x.pem", "y.CRT", "z.crt~", "README", "crt", "k.key.bak"]) {
      if (random.chance(0.05)) files[name] = random.pick([this.#authorities(), "text", null]);
    }
    if (random.chance(0.02)) files["f.crt"] = random.pick([null, "->"]);
    return { kind: "certificates", files, environment: {} };
  }

  #authorities(): string {
    const random = this.#random;
    const parts = random.list(0, 3, () => {
      const material = random.pick(this.#materials);
      const text = random.chance(0.9) ? material.certificate : random.pick(material.keys);
      return this.#spoil(text, 0.25);
    });
    if (random.chance(0.1)) parts.unshift("# a comment\n");
    return parts.join(random.pick(["", "", "\n", "text\n", "\r\n"]));
  }

  #certificate(material: Material): string {
    const random = this.#random;
    const chain = [material.certificate, ...random.list(0, 2, () => random.pick(this.#materials).certificate)];
    if (random.chance(0.05)) chain.reverse();
    if (random.chance(0.05)) chain.unshift(random.pick(material.keys));
    if (random.chance(0.03)) chain.splice(0, 3);
    return chain.map((text) => this.#spoil(text, 0.06)).join("");
  }

  #key(material: Material): string {
    const random = this.#random;
    const other = random.chance(0.06) ? random.pick(this.#materials) : material;
    const keys = [random.pick(other.keys)];
    if (random.chance(0.05)) keys.unshift(material.certificate);
    if (random.chance(0.03)) keys.push(random.pick(random.pick(this.#materials).keys));
    return keys.map((text) => this.#spoil(text, 0.08)).join("");
  }

  #spoil(pem: string, probability: number): string {
    const random = this.#random;
    if (!random.chance(probability)) return pem;
    const lines = pem.trimEnd().split("\n");
    const label = /BEGIN (.*)-----/.exec(lines[0] ?? "")?.[1] ?? "";
    const at = random.below(pem.length);
    const relabel = (name: string) => pem.replaceAll(label, name);
    const der = () => Buffer.from(lines.slice(1, -1).join(""), "base64");
    const encode = (bytes: Buffer) =>
      `${lines[0]}\n${(bytes.toString("base64").match(/.{1,64}/g) ?? []).join("\n")}\n${lines.at(-1)}\n`;
    return random.pick([
      () => pem.replaceAll("\n", "\r\n"),
      () => pem.replaceAll("\n", " \n"),
      () => pem.trimEnd(),
      () => pem.slice(0, at),
      () => pem.slice(at),
      () => `${pem.slice(0, at)}${random.pick(["A", "/", "-", " ", "\n", ":", "=", "\xff"])}${pem.slice(at)}`,
      () => pem.slice(0, at) + pem.slice(at + 1),
      () => ` ${pem}`,
      () => `${lines[0]}\nProc-Type: 4\n\n${lines.slice(1).join("\n")}\n`,
      () => `${lines[0]}\nKey: value\n${lines.slice(1).join("\n")}\n`,
      () =>
        relabel(
          random.pick([
            "CERTIFICATE",
            "TRUSTED CERTIFICATE",
            "X509 CERTIFICATE",
            "PRIVATE KEY",
            "RSA PRIVATE KEY",
            "ANY PRIVATE KEY",
            "XPRIVATE KEY",
            "ENCRYPTED PRIVATE KEY",
            "certificate",
          ]),
        ),
      () => pem.replace("-----END", "-----End"),
      () => der().toString("latin1"),
      () => encode(Buffer.concat([der(), Buffer.of(0)])),
      () => {
        const bytes = der();
        const place = random.below(random.chance(0.5) ? Math.min(60, bytes.length) : bytes.length);
        bytes[place] = (bytes[place] ?? 0) ^ (1 << random.below(8));
        return encode(bytes);
      },
    ])();
  }
}
