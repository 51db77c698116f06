/** The curves that Go's crypto/x509 reads keys of. */
export type CurveName = "P-224" | "P-256" | "P-384" | "P-521";

/** y² = x³ + ax + b over a prime field. */
export interface CurveShape {
  /** Bytes of a coordinate. */
  readonly size: number;
  readonly prime: bigint;
  readonly a: bigint;
  readonly b: bigint;
}

interface Curve extends CurveShape {
  /** Dotted form. */
  readonly oid: string;
  /** Of the base point: r and s are below it. */
  readonly order: bigint;
}

/** SP 800-186, section 3.2.1: a is −3. */
export const curves: Readonly<Record<CurveName, Curve>> = {
  "P-224": {
    oid: "1.3.132.0.33",
    size: 28,
    prime: 2n ** 224n - 2n ** 96n + 1n,
    a: -3n,
    b: 0xb4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4n,
    order: 0xffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3dn,
  },
  "P-256": {
    oid: "1.2.840.10045.3.1.7",
    size: 32,
    prime: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    a: -3n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  "P-384": {
    oid: "1.3.132.0.34",
    size: 48,
    prime: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    a: -3n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
    order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
  "P-521": {
    oid: "1.3.132.0.35",
    size: 66,
    prime: 2n ** 521n - 1n,
    a: -3n,
    b: 0x051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
    order:
      0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  },
};

/** The curve with this OID in dotted form. */
export function curveWithOid(oid: string): CurveName | undefined {
  const names = Object.keys(curves) as CurveName[];
  return names.find((name) => curves[name].oid === oid);
}

/** Whether `point` is 4, x and y, both reduced, on the curve (go: crypto/ecdsa ParseUncompressedPublicKey, crypto/elliptic Unmarshal). */
export function isUncompressedPoint({ size, prime, a, b }: CurveShape, point: Uint8Array): boolean {
  if (point[0] !== 4 || point.length !== 1 + 2 * size) return false;
  const x = bigIntOf(point.subarray(1, 1 + size));
  const y = bigIntOf(point.subarray(1 + size));
  if (x >= prime || y >= prime) return false;
  return (y * y - (x * x + a) * x - b) % prime === 0n;
}

/** Big-endian, without sign; 0 for no bytes. */
export function bigIntOf(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

/** Big-endian, filled up with zeros to `size` bytes; `value` must fit. */
export function bytesOf(value: bigint, size: number): Uint8Array {
  return Buffer.from(value.toString(16).padStart(2 * size, "0"), "hex");
}
