/** An OpenPGP key made here, and what it signs: packets that can be changed, without gpg. */
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { concat, created, literal, packet, tag } from "../attacks/packets.ts";

const certifyAndSign = 3;

/** Octets of a key packet as they are hashed (RFC 4880, section 5.2.4). */
export function framed(body: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(0x99, body.length >> 8, body.length & 0xff), body);
}

/** A new RSA key with one user id, made in 2021. */
export function newOpenPgpKey() {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const { n = "", e = "" } = publicKey.export({ format: "jwk" });
  const numbers = concat(mpi(Buffer.from(n, "base64url")), mpi(Buffer.from(e, "base64url")));
  const body = concat(Uint8Array.of(4, 0x60, 0, 0, 0, 1), numbers);
  const keyId = createHash("sha1").update(framed(body)).digest().subarray(-8);

  /** A signature packet of this type over these octets, which are those that are hashed, with these key flags. */
  const signature = (type: number, over: Uint8Array, flags = certifyAndSign): Uint8Array => {
    const hashed = concat(created, Uint8Array.of(2, 27, flags));
    const fields = concat(Uint8Array.of(4, type, 1, 8, 0, hashed.length), hashed);
    const signed = concat(over, fields, Uint8Array.of(4, 0xff, 0, 0, 0, fields.length));
    const prefix = createHash("sha256").update(signed).digest().subarray(0, 2);
    const issuer = concat(Uint8Array.of(0, 10, 9, 16), keyId);
    return packet(tag.signature, fields, issuer, prefix, mpi(sign("sha256", signed, privateKey)));
  };
  const userId = "test";
  const userIdHead = Uint8Array.of(0xb4, 0, 0, 0, userId.length);
  return {
    body,
    signature,
    ring: concat(
      packet(tag.publicKey, body),
      packet(tag.userId, userId),
      signature(0x13, concat(framed(body), userIdHead, userId)),
    ),
    /** A signed message whose content stands in it as it is. */
    message: (content: string): Uint8Array =>
      concat(
        packet(tag.onePass, Uint8Array.of(3, 0, 8, 1), keyId, Uint8Array.of(1)),
        literal(content),
        signature(0, Buffer.from(content)),
      ),
  };
}

function mpi(octets: Uint8Array): Uint8Array {
  const number = octets.subarray(octets.findIndex((octet) => octet !== 0));
  const bits = number.length * 8 - Math.clz32(number[0] ?? 0) + 24;
  return concat(Uint8Array.of(bits >> 8, bits & 0xff), number);
}
