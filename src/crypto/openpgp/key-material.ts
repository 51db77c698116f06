import type { Curve } from "./algorithms.ts";

/** The numbers of a public key that can verify signatures; big-endian, without leading zeros. `none`: it cannot, for one back end or more. */
export type KeyMaterial =
  /** `anyNumbers`: whatever size they have, and whatever the signature is, as Libgcrypt takes them. */
  | { readonly kind: "rsa"; readonly n: Uint8Array; readonly e: Uint8Array; readonly anyNumbers?: true }
  | {
      readonly kind: "dsa";
      readonly p: Uint8Array;
      readonly q: Uint8Array;
      readonly g: Uint8Array;
      readonly y: Uint8Array;
    }
  /** `point`: 0x04 and both coordinates. */
  | { readonly kind: "ecdsa"; readonly curve: Curve; readonly point: Uint8Array }
  /** `point`: 32 octets, without OpenPGP's prefix 0x40. `anyNumbers`: s need not be below the order of the group, but is no zero. */
  | { readonly kind: "ed25519"; readonly point: Uint8Array; readonly anyNumbers?: true }
  /** `point`: 57 octets. */
  | { readonly kind: "ed448"; readonly point: Uint8Array }
  | { readonly kind: "none" };
