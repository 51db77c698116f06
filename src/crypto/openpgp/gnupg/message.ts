import { fail, ok, type Result } from "../../../result.ts";
import { cost, type WorkBudget } from "../../budget.ts";
import type { OpenPgpProblem } from "../problems.ts";
import { ArmorSource, type ControlMark, controlMark, looksArmored } from "./armor.ts";
import { DecompressFilter, isCompression } from "./decompress.ts";
import { dropBody, type GpgPacket, type PacketFault, readPacket } from "./packets.ts";
import { costOfAreas, type GpgSignature } from "./signature.ts";
import { GpgRun, GpgStream } from "./stream.ts";

/** A message as GnuPG takes it apart: exactly one signature that it would check; nothing is verified. */
export interface GpgMessage {
  /** What it hands on. */
  readonly content: Uint8Array;
  /** What the signature is over. */
  readonly signed: Uint8Array;
  /** The hashes that it has made of that; no other will do. */
  readonly hashes: readonly number[];
  readonly signature: GpgSignature;
}

/** GnuPG: mainproc.c MAX_NESTING_DEPTH. */
const maxDepth = 32;

type Node =
  | { readonly node: "one-pass"; readonly hash: number }
  | { readonly node: "signature"; readonly signature: GpgSignature }
  /** Where the content was. */
  | { readonly node: "content" }
  | { readonly node: "clear-text"; readonly isDashEscaped: boolean; readonly hashes: readonly number[] }
  | { readonly node: "key" | "subkey" | "user-id" };

/** What was read of a literal packet. */
interface Literal {
  readonly content: Uint8Array;
  readonly signed: Uint8Array;
}

/** A signature that GnuPG checks, and over what; `literal` is absent for one that stands alone. */
interface Check {
  readonly signature: GpgSignature;
  readonly literal: Literal | undefined;
  readonly hashes: readonly number[];
}

/**
 * Takes a message apart as gpg does for GPGME's verification: without a command, so that it handles whatever comes.
 * GnuPG: mainproc.c do_proc_packets, proc_tree, check_sig_and_print. GPGME: verify.c.
 */
export function readGpgMessage(octets: Uint8Array, budget: WorkBudget): Result<GpgMessage, OpenPgpProblem> {
  const run = new GpgRun();
  const mark = controlMark(octets);
  const isArmored = octets.length > 1 && looksArmored(octets);
  const armor = isArmored ? new ArmorSource(octets, run, budget, { onlyKeys: false, mark }) : undefined;
  const stream = new GpgStream(armor ?? octets, run);
  const reader = new MessageReader(stream, mark, budget);
  const problem = reader.read();
  if (run.isTooCostly) return fail({ code: "signature.openpgp.unsupported", detail: "compressed data: too-large" });
  if (problem !== undefined) return fail(problem);
  if (!run.hasExited) armor?.close();
  const [check, ...others] = reader.checks;
  if (run.saidNoData) {
    const detail = isArmored ? "no valid armour, or no checksum in it" : "no valid OpenPGP data";
    return fail({ code: "signature.openpgp.malformed", detail });
  }
  if (check === undefined) {
    return fail({ code: "signature.openpgp.not-signed", detail: "no content with one signature" });
  }
  if (others.length > 0) return fail({ code: "signature.openpgp.several", detail: "more than one signature" });
  const { signature, literal, hashes } = check;
  if (literal === undefined) {
    return fail({ code: "signature.openpgp.not-signed", detail: "a signature that stands alone" });
  }
  return ok({ ...literal, hashes, signature });
}

type LiteralPacket = Extract<GpgPacket, { packet: "literal" }>;

/** What stops gpg at once, for good. */
type Stop = OpenPgpProblem | undefined;

class MessageReader {
  readonly checks: Check[] = [];
  readonly #stream: GpgStream;
  readonly #mark: ControlMark;
  readonly #budget: WorkBudget;
  /** Literal packets, and encrypted ones, in which there may be some. */
  #contents = 0;
  #isSigned = false;

  constructor(stream: GpgStream, mark: ControlMark, budget: WorkBudget) {
    this.#stream = stream;
    this.#mark = mark;
    this.#budget = budget;
  }

  read(): Stop {
    return this.#readLayer(1);
  }

  /** The packets up to the next end. GnuPG: do_proc_packets. */
  #readLayer(depth: number): Stop {
    if (depth > maxDepth) return malformed("too many layers");
    const layer = new Layer();
    let isEmpty = true;
    for (;;) {
      if (!this.#budget.spend(cost.packet)) this.#stream.run.isTooCostly = true;
      if (this.#stream.run.isTooCostly) return undefined;
      const read = readPacket(this.#stream, this.#mark);
      if (this.#stream.run.hasExited) return undefined;
      if ("fault" in read && read.fault === "end") break;
      isEmpty = false;
      const stop = "fault" in read ? this.#passOver(read) : this.#process(read, layer, depth);
      if (stop !== undefined) return stop;
      if (this.#stream.run.hasExited) return undefined;
    }
    if (isEmpty) return this.#stop("nothing to read");
    this.#finish(layer);
    return undefined;
  }

  #passOver(read: PacketFault): Stop {
    if (read.fault === "invalid") return this.#stop("an invalid packet");
    if (read.fault === "broken-input") dropBody(this.#stream, read.packet);
    return undefined;
  }

  #process(packet: GpgPacket, layer: Layer, depth: number): Stop {
    switch (packet.packet) {
      case "key":
        return this.#processKey(packet, layer);
      case "user-id":
        layer.addToOthers({ node: "user-id" });
        return undefined;
      case "signature":
        this.#isSigned = true;
        this.#budget.spend(costOfAreas(packet.signature));
        layer.nodes.push({ node: "signature", signature: packet.signature });
        return undefined;
      case "one-pass":
        layer.nodes.push({ node: "one-pass", hash: packet.hash });
        return undefined;
      case "clear-text":
        this.#finish(layer);
        layer.begin({ node: "clear-text", isDashEscaped: packet.isDashEscaped, hashes: packet.hashes });
        return undefined;
      case "literal":
        return this.#processLiteral(packet, layer);
      case "encrypted":
        // It cannot be decrypted; that is told, and does not matter unless there is more content.
        this.#contents++;
        dropBody(this.#stream, packet);
        return undefined;
      case "compressed":
        return this.#processCompressed(packet.algorithm, depth);
      case "other":
        return undefined;
    }
  }

  #processKey({ key, isSecret }: Extract<GpgPacket, { packet: "key" }>, layer: Layer): Stop {
    if (key.isSubkey) layer.addToOthers({ node: "subkey" });
    else {
      // It ends what is before it, and hides what is behind it.
      this.#finish(layer);
      layer.begin({ node: "key" });
      // GnuPG prints a public key, and that becomes part of the content.
      if (!isSecret) return this.#stop("a key packet");
    }
    return undefined;
  }

  #processCompressed(algorithm: number, depth: number): Stop {
    if (!isCompression(algorithm)) return malformed(`compressed data of algorithm ${algorithm}`);
    if (algorithm !== 0) this.#stream.push(new DecompressFilter(algorithm, this.#stream.run, this.#budget));
    return this.#readLayer(depth + 1);
  }

  /** GnuPG: proc_plaintext, handle_plaintext. */
  #processLiteral(packet: LiteralPacket, layer: Layer): Stop {
    if (++this.#contents > 1) {
      return { code: "signature.openpgp.trailing-data", detail: "more than one content" };
    }
    const octets = readContent(this.#stream, packet);
    this.#budget.spend(cost.octets(octets.length));
    const clearText = layer.nodes.find((node) => node.node === "clear-text");
    const isClear = clearText?.isDashEscaped === true;
    layer.literal = {
      signed: isClear ? canonicalText(octets) : octets,
      content: !isClear && isText(packet.format) ? withoutCarriageReturns(octets) : octets,
    };
    layer.hashes = clearText?.hashes ?? layer.nodes.flatMap(hashOf);
    layer.nodes.push({ node: "content" });
    return undefined;
  }

  #stop(detail: string): OpenPgpProblem {
    return this.#isSigned ? { code: "signature.openpgp.trailing-data", detail } : malformed(detail);
  }

  /** The packets so far are one signed message, or nothing that GnuPG would look at. GnuPG: release_list, proc_tree. */
  #finish(layer: Layer): void {
    for (const signature of layer.signaturesToCheck()) {
      this.checks.push({ signature, literal: layer.literal, hashes: layer.hashes });
    }
  }
}

/** The packets of one layer, since the last one that began anew. */
class Layer {
  nodes: Node[] = [];
  literal: Literal | undefined;
  hashes: readonly number[] = [];

  begin(node: Node): void {
    this.nodes = [node];
    this.literal = undefined;
    this.hashes = [];
  }

  /** A packet of a kind that cannot be the first. */
  addToOthers(node: Node): void {
    if (this.nodes.length > 0) this.nodes.push(node);
  }

  /** GnuPG: proc_tree, and what check_sig_and_print says of the sequence. */
  signaturesToCheck(): readonly GpgSignature[] {
    const [root] = this.nodes;
    // GnuPG: kbnode.c find_next_kbnode looks for signatures up to the next user id; a key begins anew.
    const stop = this.nodes.findIndex(({ node }) => node === "user-id");
    const before = stop === -1 ? this.nodes : this.nodes.slice(0, stop);
    const signatures = before.flatMap((node) => (node.node === "signature" ? [node.signature] : []));
    switch (root?.node) {
      case "one-pass":
        return this.#isOnePassMessage() ? signatures : [];
      case "clear-text":
        return this.#isClearTextMessage() ? signatures : [];
      case "signature":
        return this.#isOldMessage() ? alike(signatures, this.literal !== undefined) : [];
      default:
        return [];
    }
  }

  /** One-pass packets, the content, as many signatures. What follows these does not matter. */
  #isOnePassMessage(): boolean {
    const before = this.nodes.findIndex(({ node }) => node !== "one-pass");
    if (before === -1 || this.nodes[before]?.node !== "content") return false;
    const behind = this.nodes.slice(before + 1);
    const other = behind.findIndex(({ node }) => node !== "signature");
    return before === (other === -1 ? behind.length : other);
  }

  #isClearTextMessage(): boolean {
    const [, content, ...behind] = this.nodes;
    return content?.node === "content" && behind.length > 0 && behind.every(({ node }) => node === "signature");
  }

  /** Signatures, and perhaps the content. */
  #isOldMessage(): boolean {
    const other = this.nodes.findIndex(({ node }) => node !== "signature");
    return other === -1 || (this.nodes[other]?.node === "content" && other === this.nodes.length - 1);
  }
}

/** Of signatures before the content only the first is checked if they are not alike. */
function alike(signatures: readonly GpgSignature[], hasContent: boolean): readonly GpgSignature[] {
  const [first] = signatures;
  const isAlike = signatures.every(({ type, hash }) => type === first?.type && (!hasContent || hash === first.hash));
  return isAlike ? signatures : signatures.slice(0, 1);
}

function hashOf(node: Node): readonly number[] {
  if (node.node === "one-pass") return [node.hash];
  return node.node === "signature" ? [node.signature.hash] : [];
}

/** Reads the body of a literal packet; where the input ends before, GnuPG makes do with what there is. */
function readContent(stream: GpgStream, { body, format }: LiteralPacket): Uint8Array {
  const parts: Uint8Array[] = [];
  // Of texts GnuPG reads octet by octet, and stops at the first end. Else it goes on with what is below.
  const stopsAtEnd = body.isOpen || format === formats.mime || isText(format);
  while (body.isOpen || body.left > 0) {
    const wanted = body.isOpen ? contentOctets : Math.min(body.left, contentOctets);
    const part = stream.read(wanted);
    if (part !== undefined) parts.push(part);
    body.left -= body.isOpen ? 0 : (part?.length ?? 0);
    if (part === undefined || (stopsAtEnd && part.length < wanted)) break;
  }
  if (!body.isOpen) dropBody(stream, { packet: "literal", format, body });
  return Buffer.concat(parts);
}

/** GnuPG: handle_plaintext. */
const contentOctets = 32_768;

/** The formats of literal data that GnuPG treats in a way of their own: `t`, `u` and `m`. */
const formats = { text: 0x74, utf8: 0x75, mime: 0x6d } as const;

/** Whether GnuPG writes the lines as this system has them. */
function isText(format: number): boolean {
  return format === formats.text || format === formats.utf8;
}

function withoutCarriageReturns(octets: Uint8Array): Uint8Array {
  return octets.filter((octet) => octet !== 0x0d);
}

/** Lines that end in CR and LF, the last one without. GnuPG: handle_plaintext, for clear-signed texts. */
function canonicalText(octets: Uint8Array): Uint8Array {
  const lines = Buffer.from(octets).toString("latin1").split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return Buffer.from(lines.join("\r\n"), "latin1");
}

function malformed(detail: string): OpenPgpProblem {
  return { code: "signature.openpgp.malformed", detail };
}
