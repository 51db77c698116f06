import { fail, ok, type Result } from "../../../result.ts";
import type { WorkBudget } from "../../budget.ts";
import { signatureTypes } from "../algorithms.ts";
import { maxDecompressedOctets } from "../decompress.ts";
import type { KeyFacts, OpenPgpProblem } from "../problems.ts";
import type { SignatureChecker } from "../vouches.ts";
import { goVouches } from "./key-ring.ts";
import { type GoOnePass, type GoPacket, GoPacketReader } from "./packets.ts";
import type { GoSignature } from "./signature.ts";
import { checkGoSigner, type GoSigner } from "./signer.ts";
import { type Fault, isFault, readAll } from "./source.ts";

/** A message as go-crypto takes it apart; nothing in it is verified. */
export interface GoMessage {
  readonly onePass: GoOnePass;
  readonly content: Uint8Array;
  /** The signatures after the content. */
  readonly signatures: readonly GoSignature[];
}

/** Takes a message apart. go-crypto: read.go ReadMessage, readSignedMessage, signatureCheckReader. */
export function readGoMessage(octets: Uint8Array, budget: WorkBudget): Result<GoMessage, OpenPgpProblem> {
  const reader = new GoPacketReader(octets, budget, maxDecompressedOctets);
  const start = findStart(reader);
  if (isFault(start)) return fail(malformed(start));
  let onePass: GoOnePass | undefined;
  for (let packet: GoPacket | Fault = start; ; packet = reader.next()) {
    if (isFault(packet)) return fail(malformed(packet));
    if (packet.packet === "compressed") {
      const fault = reader.enter(packet);
      if (fault !== undefined) return fail(malformed(fault));
    } else if (packet.packet === "one-pass") {
      // go-crypto takes more of them if this one is not marked as the last, GnuPG in no case.
      if (onePass !== undefined)
        return fail({ code: "signature.openpgp.several", detail: "more than one one-pass packet" });
      if (packet.type !== signatureTypes.binary && packet.type !== signatureTypes.text) {
        return fail({ code: "signature.openpgp.unsupported", detail: `signature type ${packet.type}` });
      }
      onePass = packet;
    } else if (packet.packet === "literal") {
      if (onePass === undefined)
        return fail(
          reader.skippedUnsupported
            ? { code: "signature.openpgp.unsupported", detail: "a packet of an unsupported version or algorithm" }
            : { code: "signature.openpgp.not-signed", detail: "no one-pass packet before the content" },
        );
      const body = readAll(packet.body);
      if (body.fault !== undefined) return fail(malformed(body.fault));
      return ok({ onePass, content: body.octets, signatures: readSignatures(reader) });
    }
  }
}

/** The first packet that begins a message which is not encrypted. go-crypto: read.go ReadMessage, its loop ParsePackets. */
function findStart(reader: GoPacketReader): GoPacket | Fault {
  for (;;) {
    const packet = reader.next();
    if (isFault(packet)) return packet;
    // go-crypto lets a session key pass if its key is none of the ring; nobody writes one into a signature.
    if (packet.packet === "encrypted" || packet.packet === "session-key") return "unsupported";
    if (["compressed", "literal", "one-pass"].includes(packet.packet)) return packet;
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

function malformed(fault: Fault): OpenPgpProblem {
  if (fault === "unsupported") return { code: "signature.openpgp.unsupported", detail: "not a signed message" };
  return {
    code: "signature.openpgp.malformed",
    detail: fault === "end" ? "the message ends early" : `a packet is malformed (${fault})`,
  };
}

/**
 * Whether go-crypto accepts the message as signed by `signer`. Of its signatures the one that names the one-pass packet's key
 * counts. go-crypto: read.go signatureCheckReader.Read.
 */
export async function checkGoMessage(
  message: GoMessage,
  signer: GoSigner,
  nowSeconds: number,
  checker: SignatureChecker,
  facts: KeyFacts,
): Promise<OpenPgpProblem | undefined> {
  const { onePass, signatures, content } = message;
  if (signatures.some((signature) => signature.issuerKeyId === undefined)) {
    // The reference panics here (nil dereference).
    return { code: "signature.openpgp.malformed", detail: "a signature does not name its key" };
  }
  const [signature, ...more] = signatures.filter((candidate) => candidate.issuerKeyId === onePass.keyId);
  if (signature === undefined)
    return { code: "signature.openpgp.not-signed", detail: "no signature by the announced key follows the content" };
  // A second one by the same key fails: the hash has gone on. Others it only collects.
  if (more.length > 0) return { code: "signature.openpgp.several", detail: "more than one signature by the same key" };
  const invalid = (detail: string): OpenPgpProblem => ({ code: "signature.invalid", detail });
  // It hashes as the one-pass packet says, GnuPG with the signature's own hash and without canonical line ends.
  if (onePass.hash !== signature.hash) return invalid("the one-pass packet announces another hash");
  if (onePass.type === signatureTypes.text && !hasCanonicalLineEnds(content)) {
    return invalid("a signature over text whose lines do not end in CR LF");
  }
  if (!(await goVouches(checker, signer.key, signature, content)))
    return invalid("the content or the signature was changed");
  return checkGoSigner(signer, signature, nowSeconds, facts);
}

/** Whether go-crypto's canonical form (each LF after a CR) is the content itself. go-crypto: canonical_text.go. */
function hasCanonicalLineEnds(content: Uint8Array): boolean {
  let afterReturn = false;
  for (const octet of content) {
    if (octet === 0x0a && !afterReturn) return false;
    afterReturn = octet === 0x0d && !afterReturn;
  }
  return true;
}
