import { fail, ok, type Result } from "../../../result.ts";
import { cost, type WorkBudget } from "../../budget.ts";
import { signatureTypes, tags } from "../algorithms.ts";
import { decompress, maxDecompressedOctets } from "../decompress.ts";
import type { OpenPgpProblem } from "../problems.ts";
import { armorText, readCleartext, sequoiaDearmor } from "./armor.ts";
import { isArmored } from "./cert-file.ts";
import { type Placed, packetAt } from "./packets.ts";
import type { SequoiaSignature } from "./signature.ts";

/** A message as Sequoia takes it apart; nothing in it is verified. */
export interface SequoiaMessage {
  readonly content: Uint8Array;
  /** In the order in which Sequoia looks at them: the outermost first. */
  readonly signatures: readonly MessageSignature[];
}

export interface MessageSignature {
  /** `undefined` if it is none that Sequoia can read. */
  readonly signature: SequoiaSignature | undefined;
  /** What it is made of; `undefined` if no one-pass packet announced it. */
  readonly signed: readonly Uint8Array[] | undefined;
}

/** sequoia-openpgp: parse.rs DEFAULT_MAX_RECURSION_DEPTH. */
const maxDepth = 16;

/** More signatures than this, or announcements of them, are refused; Sequoia has no such bound. */
const maxSignatures = 100;

/** Takes a message apart. sequoia-openpgp: parse/stream.rs Decryptor, for verification. */
export function readSequoiaMessage(octets: Uint8Array, budget: WorkBudget): Result<SequoiaMessage, OpenPgpProblem> {
  if (!isArmored(octets)) return new MessageReader(budget).read(octets);
  if (!budget.spend(3 * cost.octets(octets.length))) return malformed("too much armour");
  const text = armorText(octets);
  const cleartext = readCleartext(text, budget);
  if (cleartext !== "none") {
    return cleartext === "malformed" ? malformed("a cleartext signed message") : readSignatures(cleartext, budget);
  }
  const block = sequoiaDearmor(text);
  if (typeof block === "string") return malformed("neither packets nor armour");
  return new MessageReader(budget).read(block.octets);
}

function malformed(detail: string): { readonly ok: false; readonly problem: OpenPgpProblem } {
  return fail({ code: "signature.openpgp.malformed", detail });
}

function readSignatures(
  cleartext: {
    readonly content: Uint8Array;
    readonly signatures: Uint8Array;
  },
  budget: WorkBudget,
): Result<SequoiaMessage, OpenPgpProblem> {
  const signatures: MessageSignature[] = [];
  for (let at = 0; at < cleartext.signatures.length; ) {
    if (!budget.spend(cost.packet)) return malformed("too many packets");
    const placed = packetAt(cleartext.signatures, at, budget);
    if (placed === undefined || placed.framed.isCut) return malformed("a broken signature");
    at = placed.framed.end;
    if (placed.packet.packet === "marker") continue;
    if (placed.header.tag !== tags.signature) return malformed("something else among the signatures");
    const signature = placed.packet.packet === "signature" ? placed.packet.signature : undefined;
    const isText = signature?.type === signatureTypes.text;
    const signed = isText ? canonicalText(cleartext.content, budget) : cleartext.content;
    signatures.push({ signature, signed: [signed] });
    if (signatures.length > maxSignatures) return tooMany();
  }
  return ok({ content: cleartext.content, signatures });
}

function tooMany(): { readonly ok: false; readonly problem: OpenPgpProblem } {
  return fail({ code: "signature.openpgp.several", detail: `more than ${maxSignatures} signatures` });
}

/** Signatures that lie together in the message, and how many of those announced are still to come. */
interface Group {
  readonly signatures: MessageSignature[];
  outstanding: number;
}

/** The packets of a message in their order, and what each may be followed by. */
type Token = "one-pass" | "signature" | "content";

class MessageReader {
  /** Outermost first; `undefined` is compression. */
  readonly #layers: (Group | undefined)[] = [];
  #announced = 0;
  #total = 0;
  #room = maxDecompressedOctets;
  #content: Uint8Array | undefined;
  readonly #budget: WorkBudget;

  constructor(budget: WorkBudget) {
    this.#budget = budget;
  }

  read(octets: Uint8Array): Result<SequoiaMessage, OpenPgpProblem> {
    const problem = this.#readContainer(octets, 0);
    if (problem !== undefined) return fail(problem);
    const signatures = this.#layers.flatMap((layer) => layer?.signatures ?? []);
    if (this.#content === undefined || signatures.length === 0) {
      return fail({ code: "signature.openpgp.not-signed", detail: "there is no signed content" });
    }
    return ok({ content: this.#content, signatures });
  }

  #readContainer(octets: Uint8Array, depth: number): OpenPgpProblem | undefined {
    const tokens: Token[] = [];
    const hashing = new Hashing(this.#budget);
    for (let at = 0; at < octets.length; ) {
      if (!this.#budget.spend(cost.packet)) return problemOf("too many packets");
      const placed = packetAt(octets, at, this.#budget);
      if (placed === undefined) return problemOf("something that is no packet");
      if (placed.framed.isCut) return problemOf("a packet is cut short");
      at = placed.framed.end;
      const token = this.#readPacket(octets, placed, hashing, depth);
      if (typeof token === "object") return token;
      if (token !== "ignored") tokens.push(token);
      if (this.#total > maxSignatures) return tooMany().problem;
    }
    return followsGrammar(tokens) ? undefined : problemOf("its packets are not those of one signed message");
  }

  #readPacket(octets: Uint8Array, placed: Placed, hashing: Hashing, depth: number): Token | "ignored" | OpenPgpProblem {
    const { packet, header, framed } = placed;
    const head = octets.subarray(header.at, header.start);
    const raw = octets.subarray(header.start, framed.end);
    switch (header.tag) {
      case tags.onePassSignature:
        this.#total++;
        hashing.onePass(head, raw, packet.packet === "one-pass" ? packet : undefined);
        if (packet.packet === "one-pass") this.#announce(packet.isLast);
        return "one-pass";
      case tags.signature: {
        this.#total++;
        const signature = packet.packet === "signature" ? packet.signature : undefined;
        // As for types of packets: policy.rs PacketTagCutoffList refuses this version since 2021, and is asked up to the content.
        if (signature?.version === 3 && this.#content === undefined) {
          return problemOf("a signature of version 3 before the content");
        }
        const signed = hashing.signature(head, raw, signature);
        if (signed !== undefined && signature?.hashed.hasUnknownFingerprint === true) {
          return problemOf("a signature with a fingerprint of an unknown version");
        }
        this.#addSignature({ signature, signed });
        return "signature";
      }
      case tags.literal:
        if (packet.packet !== "literal") return problemOf("a content that is malformed");
        if (this.#content !== undefined) return problemOf("more than one content");
        this.#insertMissingGroup();
        this.#content = framed.body.subarray(packet.headOctets);
        hashing.content(this.#content);
        return "content";
      case tags.compressed: {
        hashing.other(head, raw);
        if (packet.packet !== "compressed") return problemOf("compressed data that is malformed");
        this.#insertMissingGroup();
        this.#layers.push(undefined);
        return this.#readCompressed(packet, depth) ?? "content";
      }
      default:
        hashing.other(head, raw);
        return this.#mayStand(header.tag) ? "ignored" : problemOf(`a packet of type ${header.tag}`);
    }
  }

  #readCompressed(
    packet: { readonly algorithm: number; readonly octets: Uint8Array },
    depth: number,
  ): OpenPgpProblem | undefined {
    if (depth >= maxDepth) return problemOf("too many layers");
    if (packet.algorithm === 0) return this.#readInner(packet.octets, depth);
    const result = decompress(packet.algorithm, packet.octets, this.#room, this.#budget);
    if (typeof result === "string") {
      const code = result === "corrupt" ? "signature.openpgp.malformed" : "signature.openpgp.unsupported";
      return { code, detail: `compressed data: ${result}` };
    }
    this.#room -= result.output.length;
    return this.#readInner(result.output, depth);
  }

  #readInner(octets: Uint8Array, depth: number): OpenPgpProblem | undefined {
    return octets.length === 0 ? problemOf("compressed data of nothing") : this.#readContainer(octets, depth + 1);
  }

  /**
   * Markers and padding do not matter to the grammar, nor do types from 40 on; but before the content the policy wants to know the
   * type. sequoia-openpgp: message/mod.rs MessageValidator::push, policy.rs PacketTagCutoffList.
   */
  #mayStand(tag: number): boolean {
    return tag === tags.marker || tag === tags.padding || (tag >= 40 && this.#content !== undefined);
  }

  /** sequoia-openpgp: parse/stream.rs IMessageStructure::push_ops. */
  #announce(isLast: boolean): void {
    this.#announced++;
    if (isLast) this.#insertMissingGroup();
  }

  #insertMissingGroup(): void {
    if (this.#announced > 0) this.#layers.push({ signatures: [], outstanding: this.#announced });
    this.#announced = 0;
  }

  /** sequoia-openpgp: parse/stream.rs IMessageStructure::push_signature, push_bare_signature. */
  #addSignature(signature: MessageSignature): void {
    const isBehind = this.#content !== undefined;
    let group = isBehind
      ? this.#layers.findLast((layer) => layer !== undefined && layer.outstanding > 0)
      : this.#layers.at(-1);
    if (group === undefined) {
      group = { signatures: [], outstanding: 0 };
      this.#layers.push(group);
    } else if (isBehind) {
      group.outstanding--;
    }
    group.signatures.push(signature);
  }
}

function problemOf(detail: string): OpenPgpProblem {
  return { code: "signature.openpgp.malformed", detail };
}

/** One-pass packets and signatures, one content, then a signature for each one-pass packet. sequoia-openpgp: message/grammar.lalrpop. */
function followsGrammar(tokens: readonly Token[]): boolean {
  const content = tokens.indexOf("content");
  if (content === -1) return false;
  const announced = tokens.slice(0, content).filter((token) => token === "one-pass").length;
  const behind = tokens.slice(content + 1);
  return behind.length === announced && behind.every((token) => token === "signature");
}

/** One-pass packets that belong together, and for each kind of digest among them what it is of so far. */
interface HashGroup {
  outstanding: number;
  readonly kinds: HashKind[];
}

interface HashKind {
  readonly hash: number;
  readonly isText: boolean;
  readonly salt: Uint8Array;
  readonly octets: Uint8Array[];
}

/**
 * What the signatures of one container are made of: the content and, for those announced before others, the packets of these.
 * sequoia-openpgp: parse/hashed_reader.rs, parse.rs Cookie, OnePassSig3::parse, Signature::parse_finish.
 */
class Hashing {
  readonly #budget: WorkBudget;
  /** The last is the innermost; empty before the first one-pass packet. */
  #groups: HashGroup[] = [];
  #sawLast = false;
  /** Whether the innermost group takes what comes now. */
  #isOpen = true;

  constructor(budget: WorkBudget) {
    this.#budget = budget;
  }

  onePass(
    head: Uint8Array,
    raw: Uint8Array,
    packet: { type: number; hash: number; salt: Uint8Array; isLast: boolean } | undefined,
  ): void {
    const isFirst = this.#groups.length === 0;
    // It means to open the group again once the packet is read, but does not find it then: only the content opens it.
    // parse.rs PacketParser::parse, Cookie::hashing.
    this.#isOpen = false;
    if (packet === undefined) {
      this.other(head, raw);
      return;
    }
    this.#take(head);
    if (isFirst) {
      this.#groups.push({ outstanding: 0, kinds: [] });
    } else if (this.#sawLast) {
      // The header was read before it was known to begin a group.
      for (const { octets } of this.#groups.at(-1)?.kinds ?? []) octets.push(head);
      this.#groups.push({ outstanding: 0, kinds: [] });
    }
    const isText = packet.type === signatureTypes.text;
    const group = this.#groups.at(-1);
    if (group !== undefined) {
      group.outstanding++;
      const { hash, salt } = packet;
      if (!group.kinds.some((kind) => isSameKind(kind, { hash, isText, salt }))) {
        group.kinds.push({ hash, isText, salt, octets: [] });
      }
    }
    if (isFirst) this.#isOpen = true;
    else this.#take(raw);
    this.#sawLast = packet.isLast;
  }

  /** What the signature is made of. */
  signature(
    head: Uint8Array,
    raw: Uint8Array,
    signature: SequoiaSignature | undefined,
  ): readonly Uint8Array[] | undefined {
    this.#isOpen = false;
    this.other(head, raw);
    const group = this.#groups.at(-1);
    if (signature === undefined || group === undefined) return undefined;
    const isText = signature.type === signatureTypes.text;
    if (!isText && signature.type !== signatureTypes.binary) return undefined;
    group.outstanding--;
    const kind = group.kinds.find((known) => isSameKind(known, { hash: signature.hash, isText, salt: signature.salt }));
    const signed = kind && [...kind.octets];
    if (group.outstanding === 0) this.#groups.pop();
    return isText && signed !== undefined ? [canonicalText(Buffer.concat(signed), this.#budget)] : signed;
  }

  content(content: Uint8Array): void {
    this.#isOpen = true;
    this.#take(content);
  }

  other(head: Uint8Array, raw: Uint8Array): void {
    this.#take(head);
    this.#take(raw);
  }

  #take(octets: Uint8Array): void {
    const taking = this.#isOpen ? this.#groups : this.#groups.slice(0, -1);
    for (const { kinds } of taking) for (const kind of kinds) kind.octets.push(octets);
  }
}

function isSameKind(a: Omit<HashKind, "octets">, b: Omit<HashKind, "octets">): boolean {
  return a.hash === b.hash && a.isText === b.isText && Buffer.compare(a.salt, b.salt) === 0;
}

/** Each line ends in CR LF; so does a CR or an LF alone. A message may have a hundred signatures that are each of such a copy. */
function canonicalText(content: Uint8Array, budget: WorkBudget): Uint8Array {
  if (!budget.spend(3 * cost.octets(content.length))) return content;
  const canonical = new Uint8Array(2 * content.length);
  let length = 0;
  for (let at = 0; at < content.length; at++) {
    const octet = content[at] ?? 0;
    if (octet === 0x0d && content[at + 1] === 0x0a) continue;
    if (octet === 0x0d || octet === 0x0a) canonical[length++] = 0x0d;
    canonical[length++] = octet === 0x0d ? 0x0a : octet;
  }
  return canonical.subarray(0, length);
}
