import { fail, ok, type Result } from "../../../result.ts";
import type { WorkBudget } from "../../budget.ts";
import { tags } from "../algorithms.ts";
import { decompress, maxDecompressedOctets } from "../decompress.ts";
import { concat } from "../octets.ts";
import type { OpenPgpProblem } from "../problems.ts";
import { type Frame, frameAt } from "./frames.ts";
import { readGpgKey } from "./key.ts";
import { isSessionKey } from "./session-key.ts";
import { type GpgSignature, readGpgSignature } from "./signature.ts";

/** A message as GnuPG takes it apart: exactly one signature; nothing is verified. */
export interface GpgMessage {
  /** The hash that the one-pass packet announces. */
  readonly announcedHash: number;
  readonly content: Uint8Array;
  readonly signature: GpgSignature;
}

/** GnuPG: parse-packet.c MAX_UID_PACKET_LENGTH. */
const maxUserId = 2048;

/** GnuPG: mainproc.c MAX_NESTING_DEPTH. */
const maxDepth = 32;

type Item =
  | { readonly item: "one-pass"; readonly hash: number }
  | { readonly item: "content"; readonly octets: Uint8Array }
  | { readonly item: "signature"; readonly signature: GpgSignature }
  | { readonly item: "other" };

/** Takes a message apart. GnuPG: mainproc.c do_proc_packets, proc_tree, check_sig_and_print. */
export function readGpgMessage(octets: Uint8Array, budget: WorkBudget): Result<GpgMessage, OpenPgpProblem> {
  if (looksArmored(octets))
    return fail({ code: "signature.openpgp.malformed", detail: "the first packet is none of a message" });
  const reader = new MessageReader(budget);
  const problem = reader.read(octets, 1);
  if (problem !== undefined) return fail(problem);
  const [message] = reader.messages;
  if (message === undefined) {
    return fail({ code: "signature.openpgp.not-signed", detail: "not a one-pass packet, the content and a signature" });
  }
  return reader.count === 1
    ? ok(message)
    : fail({ code: "signature.openpgp.several", detail: "more than one signature" });
}

/** Whether GnuPG would look for armour, judging by the first packet header. GnuPG: armor.c is_armored. */
export function looksArmored(octets: Uint8Array): boolean {
  const [first = 0, second = 0] = octets;
  if ((first & 0x80) === 0) return true;
  const isNew = (first & 0x40) !== 0;
  const tag = isNew ? first & 0x3f : (first >> 2) & 0xf;
  if (indefiniteStarts.includes(tag)) return false;
  if (!definiteStarts.includes(tag)) return true;
  return isNew ? second >= 224 && second < 255 : (first & 3) === 3;
}

const definiteStarts: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 10, 12, 13, 14, 17, 19];
const indefiniteStarts: readonly number[] = [8, 9, 18, 11, 16, 61, 63];

class MessageReader {
  readonly messages: GpgMessage[] = [];
  readonly #budget: WorkBudget;
  #strays = 0;
  #contents = 0;
  #room = maxDecompressedOctets;

  constructor(budget: WorkBudget) {
    this.#budget = budget;
  }

  /** How many signatures GnuPG has looked at. */
  get count(): number {
    return this.messages.length + this.#strays;
  }

  /** Reads the packets of one layer. */
  read(input: Uint8Array, depth: number): OpenPgpProblem | undefined {
    if (depth > maxDepth) return malformed("too many layers");
    let items: Item[] = [];
    let at = 0;
    while (at < input.length) {
      const frame = frameAt(input, at, this.#budget);
      if (frame === undefined) return this.#stop("a packet header is invalid", items);
      if (frame.tag === tags.gpgControl && frame.length === 0xffffffff) {
        // GnuPG takes this for the output of a broken decompression, and exits: what is done is done.
        return this.messages.length > 0 ? undefined : malformed("a run of 0xff");
      }
      at = frame.end;
      if (frame.tag === tags.compressed) {
        const next = this.#readCompressed(input, frame, depth);
        if (typeof next !== "number") return next;
        at = next;
        continue;
      }
      const item = readItem(frame, { hasItems: items.length > 0, hasContent: this.#contents > 0 });
      if (item === "skip") continue;
      if (item === "key") {
        // It ends what is before it, and hides what is behind it.
        this.#finish(items);
        items = [{ item: "other" }];
        continue;
      }
      if (typeof item === "string") return this.#stop(item, items);
      if (item.item === "content" && ++this.#contents > 1) {
        return { code: "signature.openpgp.trailing-data", detail: "more than one content" };
      }
      items.push(item);
    }
    if (input.length === 0) return this.#stop("nothing to read", items);
    this.#finish(items);
    return undefined;
  }

  #stop(detail: string, items: readonly Item[]): OpenPgpProblem {
    const isComplete = this.messages.length > 0 || items.some(({ item }) => item === "signature");
    return isComplete ? { code: "signature.openpgp.trailing-data", detail } : malformed(detail);
  }

  /** Reads what is compressed, and says where the outer layer goes on. */
  #readCompressed(input: Uint8Array, frame: Frame, depth: number): number | OpenPgpProblem | undefined {
    const algorithm = frame.body[0];
    if (algorithm === undefined) return malformed("an empty compressed packet");
    // GnuPG does not look at the length of a compressed packet: its content goes on to the end, unless it is in parts.
    const inParts = frame.streamed && frame.isNewFormat;
    const source = inParts ? frame.body.subarray(1) : input.subarray(frame.start + 1);
    if (algorithm === 0) return this.read(source, depth + 1) ?? (inParts ? frame.end : input.length);
    // Behind a raw deflate stream GnuPG feeds an octet of its own, and one more each time it finds that there is nothing
    // left, twice for a message; that matters if the stream is cut. GnuPG: compress.c do_uncompress.
    const fed = algorithm === 1 ? concat(source, new Uint8Array(3).fill(0xff)) : source;
    const result = decompress(algorithm, fed, this.#room, this.#budget);
    if (typeof result === "string") {
      const code = result === "corrupt" ? "signature.openpgp.malformed" : "signature.openpgp.unsupported";
      return { code, detail: `compressed data: ${result}` };
    }
    this.#room -= result.output.length;
    const problem = this.read(result.output, depth + 1);
    if (problem !== undefined) return problem;
    // The decompressor is fed in pieces, and what is left of the last one is lost. GnuPG: compress.c do_uncompress.
    const taken = Math.min(source.length, Math.ceil(Math.max(1, result.consumed) / feedOctets) * feedOctets);
    if (!inParts) return frame.start + 1 + taken;
    return taken < source.length ? malformed("data behind compressed data") : frame.end;
  }

  /** A layer has ended: its packets are one signed message, or nothing GnuPG would look at. */
  #finish(items: readonly Item[]): void {
    const [onePass, content, ...rest] = items;
    // Signatures that stand alone in a layer are counted too, and never good.
    if (onePass?.item === "signature") this.#strays++;
    const signatures = rest.flatMap((item) => (item.item === "signature" ? [item.signature] : []));
    const [signature] = signatures;
    if (onePass?.item !== "one-pass" || content?.item !== "content" || signature === undefined) return;
    if (rest[0]?.item !== "signature" || rest[1]?.item === "signature") return;
    for (const each of signatures) {
      this.messages.push({ announcedHash: onePass.hash, content: content.octets, signature: each });
    }
  }
}

const feedOctets = 2048;

function malformed(detail: string): OpenPgpProblem {
  return { code: "signature.openpgp.malformed", detail };
}

/** The packet as a part of a message; `skip` if GnuPG passes over it, else why it stops. */
function readItem(
  frame: Frame,
  { hasItems, hasContent }: { readonly hasItems: boolean; readonly hasContent: boolean },
): Item | "skip" | string {
  const { tag, body, length, streamed, isNewFormat } = frame;
  switch (tag) {
    case tags.onePassSignature:
      if (length < 13 || body.length < 13 || body[0] !== 3) return "an invalid one-pass packet";
      return { item: "one-pass", hash: body[2] ?? 0 };
    case tags.signature: {
      const signature = readGpgSignature(body, length);
      return signature === undefined ? "an invalid signature packet" : { item: "signature", signature };
    }
    case tags.literal: {
      const headLength = 6 + (body[1] ?? 0);
      if ((!streamed && length < 6) || body.length < headLength || body.length < length)
        return "an invalid literal packet";
      return { item: "content", octets: body.subarray(headLength) };
    }
    case tags.marker:
      return length === 3 && Buffer.from(body).toString("latin1") === "PGP" ? "skip" : "an invalid marker packet";
    case tags.publicKey:
    case tags.publicSubkey:
    case tags.secretKey:
    case tags.secretSubkey: {
      const isSubkey = tag === tags.publicSubkey || tag === tags.secretSubkey;
      const key = readGpgKey(body, length, isSubkey);
      if (key === "invalid") return "an invalid key packet";
      if (typeof key === "string") return "skip";
      // GnuPG prints a public key, and that becomes part of the content.
      if (tag === tags.publicKey) return "a key packet";
      if (!isSubkey) return "key";
      return hasItems ? { item: "other" } : "skip";
    }
    case tags.userId:
    case tags.userAttribute:
      if (tag === tags.userId && length > maxUserId) return "a user id that is too long";
      return hasItems ? { item: "other" } : "skip";
    case tags.publicKeyEncryptedSessionKey:
    case tags.symmetricKeyEncryptedSessionKey:
      return isSessionKey(frame) ? "skip" : "an invalid session key packet";
    case tags.modificationDetection:
      return isNewFormat && length === 20 ? "skip" : "an invalid packet";
    case tags.gpgControl:
      return "a control packet";
    case tags.encrypted:
    case tags.encryptedIntegrity:
      // GnuPG cannot decrypt it, and says so, but of a message before it that does not change a thing.
      return hasContent && (tag === tags.encrypted || body[0] === 1) ? "skip" : "an encrypted message";
    case tags.encryptedAead:
      return "an encrypted message";
    default:
      return "skip";
  }
}
