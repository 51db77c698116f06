import { fail, ok, type Result } from "../../../result.ts";
import type { WorkBudget } from "../../budget.ts";
import { signatureTypes } from "../algorithms.ts";
import { maxDecompressedOctets } from "../decompress.ts";
import { concat } from "../octets.ts";
import type { KeyFacts, OpenPgpProblem } from "../problems.ts";
import type { SignatureChecker } from "../vouches.ts";
import { anyRecipient } from "./encrypted.ts";
import { type GoOnePass, type GoPacket, GoPacketReader } from "./packets.ts";
import type { GoSignature } from "./signature-fields.ts";
import { checkGoSigner, type GoSigner } from "./signer.ts";
import { type Fault, isFault, OctetSource, readAll } from "./source.ts";
import { goVouches } from "./vouching.ts";

/** A message as go-crypto takes it apart; nothing in it is verified. */
export interface GoMessage {
  /** In the order of the message: of several the last one counts, but for the key, if there is none for it. */
  readonly onePasses: readonly GoOnePass[];
  readonly lastOnePass: GoOnePass;
  readonly content: Uint8Array;
  /** The signatures after the content. */
  readonly signatures: readonly GoSignature[];
}

/** Whether there are keys that a session key may be for: then go-crypto wants an encrypted message. */
export interface Recipients {
  has(keyId: string): boolean;
  readonly hasSecretSubkeys: boolean;
}

const nobody: Recipients = { has: () => false, hasSecretSubkeys: false };

/** Takes a message apart. go-crypto: read.go ReadMessage, readSignedMessage, signatureCheckReader. */
export function readGoMessage(
  octets: Uint8Array,
  budget: WorkBudget,
  recipients = nobody,
): Result<GoMessage, OpenPgpProblem> {
  const reader = new GoPacketReader(new OctetSource(octets), budget, maxDecompressedOctets);
  const start = findStart(reader, recipients);
  if (isFault(start)) return fail(malformed(start));
  const onePasses: GoOnePass[] = [];
  for (let packet: GoPacket | Fault = start; ; packet = reader.next()) {
    if (isFault(packet)) return fail(malformed(packet));
    if (packet.packet === "compressed") {
      const fault = reader.enter(packet);
      if (fault !== undefined) return fail(malformed(fault));
    } else if (packet.packet === "one-pass") {
      if (onePasses.at(-1)?.isLast) {
        return fail({ code: "signature.openpgp.several", detail: "a one-pass packet after the last one" });
      }
      onePasses.push(packet);
    } else if (packet.packet === "literal") {
      const lastOnePass = onePasses.at(-1);
      if (lastOnePass === undefined) return fail(notSigned(reader));
      const body = readAll(packet.body);
      if (body.fault !== undefined) return fail(malformed(body.fault));
      return ok({ onePasses, lastOnePass, content: body.octets, signatures: readSignatures(reader) });
    }
  }
}

/** The first packet that begins a message which is not encrypted. go-crypto: read.go ReadMessage, its loop ParsePackets. */
function findStart(reader: GoPacketReader, recipients: Recipients): GoPacket | Fault {
  let isForUs = false;
  for (;;) {
    const packet = reader.next();
    if (isFault(packet)) return packet;
    // It decrypts with a secret key of the ring; nobody encrypts what is signed, nor keeps a secret key there.
    if (packet.packet === "encrypted") return "unsupported";
    if (packet.packet === "session-key") {
      const { recipient } = packet;
      if (recipient === "nobody") continue;
      isForUs ||=
        recipient === "passphrase" ||
        (recipient.keyId === anyRecipient ? recipients.hasSecretSubkeys : recipients.has(recipient.keyId));
    }
    if (["compressed", "literal", "one-pass"].includes(packet.packet)) return isForUs ? "structural" : packet;
  }
}

/** go-crypto reads on until the end or the first fault, which it does not mind. */
function readSignatures(reader: GoPacketReader): readonly GoSignature[] {
  const signatures: GoSignature[] = [];
  for (;;) {
    const packet = reader.next();
    if (isFault(packet)) return signatures;
    if (packet.packet === "signature") signatures.push(packet);
  }
}

function notSigned(reader: GoPacketReader): OpenPgpProblem {
  return reader.skippedUnsupported
    ? { code: "signature.openpgp.unsupported", detail: "a packet of an unsupported version or algorithm" }
    : { code: "signature.openpgp.not-signed", detail: "no one-pass packet before the content" };
}

function malformed(fault: Fault): OpenPgpProblem {
  if (fault === "unsupported" || fault === "refused") {
    return { code: "signature.openpgp.unsupported", detail: "not a signed message" };
  }
  return {
    code: "signature.openpgp.malformed",
    detail: fault === "end" ? "the message ends early" : `a packet is malformed (${fault})`,
  };
}

/**
 * Whether go-crypto accepts the message as signed by `signer`. Of its signatures those count that name the key of the one-pass
 * packet, and of them the last. go-crypto: read.go signatureCheckReader.Read.
 */
export async function checkGoMessage(
  message: GoMessage,
  signer: GoSigner,
  nowSeconds: number,
  checker: SignatureChecker,
  facts: KeyFacts,
): Promise<OpenPgpProblem | undefined> {
  const { lastOnePass, content } = message;
  const signatures = countingSignatures(message);
  const signature = signatures.at(-1);
  if (signature === undefined) {
    return { code: "signature.openpgp.not-signed", detail: "no signature by the announced key follows the content" };
  }
  // The hash goes on from one signature to the next.
  const earlier = signatures.slice(0, -1).map(({ trailer }) => trailer);
  const hashed = lastOnePass.type === signatureTypes.text ? withCanonicalLineEnds(content) : content;
  const signed = concat(lastOnePass.salt, hashed, ...earlier);
  if (!(await goVouches(checker, signer.key, signature, signed, lastOnePass.hash))) {
    return earlier.length > 0
      ? { code: "signature.openpgp.several", detail: "more than one signature by the same key" }
      : { code: "signature.invalid", detail: "the content or the signature was changed" };
  }
  return checkGoSigner(signer, signature, nowSeconds, facts);
}

/** What is wrong with it whoever signed it. go-crypto: read.go hashForSignature. */
export function unsupportedType({ onePasses }: GoMessage): OpenPgpProblem | undefined {
  const odd = onePasses.find(({ type }) => type !== signatureTypes.binary && type !== signatureTypes.text);
  return odd && { code: "signature.openpgp.unsupported", detail: `signature type ${odd.type}` };
}

/** Those that name the key of the last one-pass packet. */
export function countingSignatures({ lastOnePass, signatures }: GoMessage): readonly GoSignature[] {
  return signatures.filter(({ issuerKeyId }) => issuerKeyId === lastOnePass.keyId);
}

/** With each LF after a CR, if it is not the second one of CR CR LF. go-crypto: canonical_text.go. */
function withCanonicalLineEnds(content: Uint8Array): Uint8Array {
  // At worst each octet becomes two; a list of the parts between would take a hundred times their size.
  const canonical = new Uint8Array(2 * content.length);
  let length = 0;
  let afterReturn = false;
  for (const octet of content) {
    if (octet === 0x0a && !afterReturn) canonical[length++] = 0x0d;
    canonical[length++] = octet;
    afterReturn = octet === 0x0d && !afterReturn;
  }
  return canonical.subarray(0, length);
}
