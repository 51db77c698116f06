import { cost, type WorkBudget } from "../../budget.ts";
import { isCertification, signatureTypes, tags } from "../algorithms.ts";
import { ArmorSource, type ControlMark, controlMark } from "./armor.ts";
import { DecompressFilter, isCompression } from "./decompress.ts";
import type { GpgKey } from "./key.ts";
import { dropBody, type GpgPacket, type PacketFault, readPacket } from "./packets.ts";
import { costOfAreas, type GpgSignature } from "./signature.ts";
import { GpgRun, GpgStream } from "./stream.ts";

export type KeyblockNode =
  /** `isSecret`: it came with its secret half. */
  | { readonly node: "subkey"; readonly key: GpgKey; readonly isSecret: boolean }
  /** A user attribute is a kind of user id to GnuPG. */
  | { readonly node: "user-id"; readonly octets: Uint8Array; readonly isAttribute: boolean }
  | { readonly node: "signature"; readonly signature: GpgSignature };

/** A primary key and the packets that follow it, in order. */
export interface Keyblock {
  readonly primary: GpgKey;
  readonly nodes: readonly KeyblockNode[];
  /** The primary key came with its secret half. */
  readonly isSecret: boolean;
}

/** The keyblocks of a key file in order; a signature among them is a revocation certificate that stands before any key. */
export interface KeyFile {
  readonly blocks: readonly (Keyblock | GpgSignature)[];
  /** It holds more compressed data than is read, and nobody knows what else. */
  readonly isTooCostly: boolean;
  /** There are secret keys in it. */
  readonly holdsSecretKey: boolean;
}

/**
 * Reads the keyblocks of a key file, armoured or not. At a packet that GnuPG cannot read, it stops, and the block that packet
 * is in is lost with what follows. GnuPG: import.c import, read_block.
 */
export function readKeyFile(file: Uint8Array, budget: WorkBudget): KeyFile {
  const run = new GpgRun();
  const reader = new KeyFileReader(file, run, budget);
  const blocks: (Keyblock | GpgSignature)[] = [];
  for (let block = reader.readBlock(); block !== undefined; block = reader.readBlock()) blocks.push(block);
  return { blocks, isTooCostly: run.isTooCostly, holdsSecretKey: reader.holdsSecretKey };
}

type KeyPacket = Extract<GpgPacket, { packet: "key" }>;

class KeyFileReader {
  holdsSecretKey = false;
  readonly #run: GpgRun;
  readonly #mark: ControlMark;
  readonly #stream: GpgStream;
  readonly #budget: WorkBudget;
  /** A primary key that ended the block before. */
  #pending: KeyPacket | undefined;

  constructor(file: Uint8Array, run: GpgRun, budget: WorkBudget) {
    this.#run = run;
    this.#mark = controlMark(file);
    this.#stream = new GpgStream(new ArmorSource(file, run, budget, { onlyKeys: true, mark: this.#mark }), run);
    this.#budget = budget;
  }

  /** The next block, or `undefined` if GnuPG reads none any more. An end ends a block, too: there may be more behind it. */
  readBlock(): Keyblock | GpgSignature | undefined {
    let primary = this.#pending;
    this.#pending = undefined;
    const nodes: KeyblockNode[] = [];
    let skipping: "nothing" | "key" | "signatures" = "nothing";
    for (;;) {
      if (!this.#budget.spend(cost.packet)) this.#run.isTooCostly = true;
      if (this.#run.isTooCostly) return undefined;
      const read = readPacket(this.#stream, this.#mark);
      if (this.#run.hasExited) return undefined;
      if ("fault" in read) {
        if (read.fault === "end") return primary && { primary: primary.key, nodes, isSecret: primary.isSecret };
        const next = afterFault(read);
        if (next === "stop") return undefined;
        if (next === "key") skipping = next;
        else if (skipping !== "key") skipping = next;
        continue;
      }
      const { packet } = read;
      if (skipping === "signatures" && packet === "signature") continue;
      if (skipping === "signatures") skipping = "nothing";
      const isPrimary = packet === "key" && !read.key.isSubkey;
      if (packet === "key" && read.isSecret) this.holdsSecretKey = true;
      if (skipping === "key" && !isPrimary) {
        dropBody(this.#stream, read);
        continue;
      }
      skipping = "nothing";
      if (isPrimary) {
        if (primary !== undefined) {
          this.#pending = read;
          return { primary: primary.key, nodes, isSecret: primary.isSecret };
        }
        primary = read;
      } else if (packet === "signature" && primary === undefined && isKeyRevocation(read.signature)) {
        return read.signature;
      } else if (packet === "compressed") {
        if (!isCompression(read.algorithm)) return undefined;
        if (read.algorithm !== 0) this.#stream.push(new DecompressFilter(read.algorithm, this.#run, this.#budget));
      } else {
        const node = toNode(read);
        if (node?.node === "signature") this.#budget.spend(costOfAreas(node.signature));
        if (node === undefined) dropBody(this.#stream, read);
        else if (primary !== undefined && !isForeignCertification(node, primary.key)) {
          this.#budget.spend(cost.kept);
          nodes.push(node);
        }
      }
    }
  }
}

/**
 * What others say about a user id decides nothing, and well-known keys have a hundred thousand of them. Not so a revocation
 * by another key, which may have been given the right.
 */
function isForeignCertification(node: KeyblockNode, primary: GpgKey): boolean {
  if (node.node !== "signature" || node.signature.keyId === primary.keyId) return false;
  return isCertification(node.signature.type) || node.signature.type === signatureTypes.certificationRevocation;
}

function toNode(read: GpgPacket): KeyblockNode | undefined {
  switch (read.packet) {
    case "key":
      return { node: "subkey", key: read.key, isSecret: read.isSecret };
    case "user-id":
      return { node: "user-id", octets: read.octets, isAttribute: read.isAttribute };
    case "signature":
      return { node: "signature", signature: read.signature };
    default:
      return undefined;
  }
}

/** What GnuPG does without a packet: it passes over a key or over the signatures that follow, or stops. */
function afterFault(read: Exclude<PacketFault, { fault: "end" }>): "nothing" | "key" | "signatures" | "stop" {
  switch (read.fault) {
    case "unknown":
      return "nothing";
    case "invalid":
      if (read.tag === tags.userId || read.tag === tags.userAttribute) return "signatures";
      return read.tag === tags.comment || read.tag === tags.oldComment ? "nothing" : "stop";
    case "legacy":
    case "unknown-version":
      return read.tag === tags.publicKey || read.tag === tags.secretKey ? "key" : "stop";
    case "broken-input":
      return "stop";
  }
}

const knownKeys = new WeakMap<Keyblock, readonly GpgKey[]>();

/** The primary key of the block and its subkeys. All blocks are asked for them again and again. */
export function keysOf(block: Keyblock): readonly GpgKey[] {
  let keys = knownKeys.get(block);
  if (keys === undefined) {
    keys = [block.primary, ...block.nodes.flatMap((node) => (node.node === "subkey" ? [node.key] : []))];
    knownKeys.set(block, keys);
  }
  return keys;
}

/** Whether the signature revokes the primary key. */
export function isKeyRevocation(signature: GpgSignature): boolean {
  return signature.type === signatureTypes.keyRevocation;
}
