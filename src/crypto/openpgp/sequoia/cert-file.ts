import { fail, ok, type Result } from "../../../result.ts";
import { cost, type WorkBudget } from "../../budget.ts";
import { tags } from "../algorithms.ts";
import { armorText, sequoiaDearmor } from "./armor.ts";
import { isPlausible, readHeader } from "./header.ts";
import { names, type SequoiaKey } from "./key.ts";
import { type Placed, packetAt } from "./packets.ts";
import { issuersOf, type SequoiaSignature } from "./signature.ts";

/**
 * One part of a certificate, with those of the signatures behind it that may be by the primary key. `other`: an attribute, or
 * something unknown.
 */
type CertPart = { readonly signatures: SequoiaSignature[] } & (
  | { readonly part: "subkey"; readonly key: SequoiaKey }
  | { readonly part: "user-id"; readonly octets: Uint8Array }
  | { readonly part: "primary" | "other" }
);

/** A certificate as it stands in a file; nothing in it is verified. */
export interface RawCert {
  readonly primary: SequoiaKey;
  readonly parts: CertPart[];
}

/**
 * The certificates of a file, binary or of any number of armoured blocks; or why Sequoia refuses all of it. An empty file has
 * none. sequoia-openpgp: cert/parser/mod.rs CertParser; podman-sequoia: signature.rs import_keys.
 */
export function readCertFile(file: Uint8Array, budget: WorkBudget): Result<readonly RawCert[], string> {
  const reader = new CertReader(budget);
  const { certs } = reader;
  let text: string | undefined;
  let at = 0;
  for (let isFirst = true; at < file.length; isFirst = false) {
    const rest = file.subarray(at);
    if (!isArmored(rest)) {
      const fault = reader.read(rest);
      return fault === undefined ? ok(certs) : fail(fault);
    }
    if (text === undefined) {
      budget.spend(3 * cost.octets(file.length));
      text = armorText(file);
    }
    if (!budget.spend(cost.packet)) return fail("too many blocks");
    const block = sequoiaDearmor(text, at);
    // What follows the last block does not matter, nor what follows an empty one.
    if (block === "none" && !isFirst) return ok(certs);
    if (typeof block === "string") return fail(block === "none" ? "neither packets nor armour" : "broken armour");
    const fault = reader.read(block.octets);
    if (fault !== undefined) return fail(fault);
    if (block.octets.length === 0) return ok(certs);
    at = block.end;
  }
  return ok(certs);
}

/** Whether armour is looked for: the first packet is none, or an unlikely one. sequoia-openpgp: parse/packet_parser_builder.rs build. */
export function isArmored(octets: Uint8Array): boolean {
  const header = readHeader(octets, 0);
  return header === undefined || !isPlausible(header, true);
}

/** Packets that a certificate cannot have, known by their type. */
const foreign: readonly number[] = [
  tags.reserved,
  tags.publicKeyEncryptedSessionKey,
  tags.symmetricKeyEncryptedSessionKey,
  tags.onePassSignature,
  tags.compressed,
  tags.encrypted,
  tags.literal,
  tags.encryptedIntegrity,
  tags.modificationDetection,
  tags.encryptedAead,
  // Well-formed ones are stepped over.
  tags.marker,
  tags.padding,
];

/** Reads blocks one after the other; a certificate may begin in one and go on in the next. */
class CertReader {
  readonly certs: RawCert[] = [];
  readonly #budget: WorkBudget;

  constructor(budget: WorkBudget) {
    this.#budget = budget;
  }

  /** Why Sequoia refuses the file; `undefined` if it does not. */
  read(octets: Uint8Array): string | undefined {
    for (let at = 0; at < octets.length; ) {
      if (!this.#budget.spend(cost.packet)) return "too many packets";
      const placed = packetAt(octets, at, this.#budget);
      if (placed === undefined) return "something that is not a packet";
      if (placed.framed.isCut) return "it is cut short";
      at = placed.framed.end;
      const fault = this.#add(placed);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  #add(placed: Placed): string | undefined {
    const { packet, header } = placed;
    if (packet.packet === "marker" || packet.packet === "padding") return undefined;
    if (foreign.includes(header.tag)) return `a packet of type ${header.tag}, which no key has`;
    const current = this.certs.at(-1);
    // What others say of it decides nothing, and there may be a hundred thousand of them.
    if (packet.packet === "signature" && current !== undefined && !mayBeOwn(packet.signature, current))
      return undefined;
    this.#budget.spend(cost.kept);
    if (header.tag === tags.publicKey || header.tag === tags.secretKey) {
      if (packet.packet !== "key") return "a key that is malformed or of an unsupported version";
      this.certs.push({ primary: packet.key, parts: [{ part: "primary", signatures: [] }] });
    } else if (current === undefined) {
      return "it does not begin with a key";
    } else {
      addPart(current, placed);
    }
    return undefined;
  }
}

/** Whether the signature says that the primary key made it, or does not say. sequoia-openpgp: cert.rs canonicalize. */
function mayBeOwn(signature: SequoiaSignature, { primary }: RawCert): boolean {
  const issuers = issuersOf(signature);
  return issuers.length === 0 || issuers.some((issuer) => names(issuer, primary));
}

/** sequoia-openpgp: cert/parser/low_level/grammar.lalrpop. */
function addPart({ parts }: RawCert, { packet, header }: Placed): void {
  if (header.tag === tags.signature) {
    if (packet.packet === "signature") parts.at(-1)?.signatures.push(packet.signature);
  } else if (packet.packet === "key") {
    parts.push({ part: "subkey", key: packet.key, signatures: [] });
  } else if (packet.packet === "user-id") {
    parts.push({ part: "user-id", octets: packet.octets, signatures: [] });
  } else if (header.tag !== tags.trust) {
    parts.push({ part: "other", signatures: [] });
  }
}
