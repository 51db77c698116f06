/** What go-crypto takes from the subpackets of a signature, both areas together. */
export interface Subpackets {
  readonly createdAtSeconds: number;
  readonly lifetimeSeconds?: number;
  readonly keyLifetimeSeconds?: number;
  /** Upper-case hex; from the last issuer or issuer fingerprint subpacket, in whichever area. */
  readonly issuerKeyId?: string;
  /** From the issuer fingerprint subpacket: the version of the key, and the fingerprint. */
  readonly issuer?: { readonly version: number; readonly fingerprint: Uint8Array };
  readonly isPrimaryUserId?: boolean;
  /** The first octet of the key flags (0 if they are empty), absent without the subpacket. */
  readonly keyFlags?: number;
  readonly revocationReason?: number;
  readonly hasCriticalNotation?: boolean;
  readonly embedded?: GoSignature;
}

/** A signature packet as go-crypto reads it. */
export interface GoSignature extends Subpackets {
  readonly packet: "signature";
  readonly version: 4 | 6;
  readonly type: number;
  readonly algorithm: number;
  readonly hash: number;
  /** What is hashed before the signed data: of version 6 only. */
  readonly salt: Uint8Array;
  /** What is hashed after the signed data (RFC 9580 section 5.2.4). */
  readonly trailer: Uint8Array;
  /** The first two octets of the digest, as the packet has them. */
  readonly hashPrefix: Uint8Array;
  /** The numbers of the signature, as they are in the packet; one string of octets for the algorithms of RFC 9580. */
  readonly values: readonly Uint8Array[];
}
