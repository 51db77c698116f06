import { type CurveShape, curves as nist } from "../curves.ts";
/** Numbers of RFC 4880 section 9 that the back ends know, and what they stand for. */

export interface HashAlgorithm {
  readonly id: number;
  /** As `node:crypto` calls it. */
  readonly name: string;
  readonly sizeBytes: number;
  /** What PKCS#1 v1.5 puts before the digest (RFC 4880 section 5.2.2). */
  readonly digestInfoHex: string;
}

const hashes: readonly HashAlgorithm[] = [
  { id: 2, name: "sha1", sizeBytes: 20, digestInfoHex: "3021300906052b0e03021a05000414" },
  { id: 3, name: "ripemd160", sizeBytes: 20, digestInfoHex: "3021300906052b2403020105000414" },
  { id: 8, name: "sha256", sizeBytes: 32, digestInfoHex: "3031300d060960864801650304020105000420" },
  { id: 9, name: "sha384", sizeBytes: 48, digestInfoHex: "3041300d060960864801650304020205000430" },
  { id: 10, name: "sha512", sizeBytes: 64, digestInfoHex: "3051300d060960864801650304020305000440" },
  { id: 11, name: "sha224", sizeBytes: 28, digestInfoHex: "302d300d06096086480165030402040500041c" },
  { id: 12, name: "sha3-256", sizeBytes: 32, digestInfoHex: "3031300d060960864801650304020805000420" },
  { id: 14, name: "sha3-512", sizeBytes: 64, digestInfoHex: "3051300d060960864801650304020a05000440" },
];

/** The hash of this number, or `undefined` for those that no back end accepts (MD5 among them). */
export function hashAlgorithm(id: number): HashAlgorithm | undefined {
  return hashes.find((hash) => hash.id === id);
}

/** Public-key algorithm numbers, RFC 4880 section 9.1, RFC 6637, RFC 9580 and RFC 9980. */
export const publicKeyAlgorithms = {
  rsa: 1,
  rsaEncryptOnly: 2,
  rsaSignOnly: 3,
  elgamal: 16,
  dsa: 17,
  ecdh: 18,
  ecdsa: 19,
  elgamalBoth: 20,
  eddsa: 22,
  x25519: 25,
  x448: 26,
  ed25519: 27,
  ed448: 28,
  mlDsa65Ed25519: 30,
  mlDsa87Ed448: 31,
  slhDsaShake128s: 32,
  slhDsaShake128f: 33,
  slhDsaShake256s: 34,
  mlKem768X25519: 35,
  mlKem1024X448: 36,
} as const;

export const signatureTypes = {
  binary: 0x00,
  text: 0x01,
  subkeyBinding: 0x18,
  primaryKeyBinding: 0x19,
  directKey: 0x1f,
  keyRevocation: 0x20,
  subkeyRevocation: 0x28,
  certificationRevocation: 0x30,
} as const;

/** Whether the type certifies a user id (0x10 to 0x13). */
export function isCertification(type: number): boolean {
  return (type & ~3) === 0x10;
}

/** Packet tags, RFC 4880 section 4.3. */
export const tags = {
  reserved: 0,
  publicKeyEncryptedSessionKey: 1,
  signature: 2,
  symmetricKeyEncryptedSessionKey: 3,
  onePassSignature: 4,
  secretKey: 5,
  publicKey: 6,
  secretSubkey: 7,
  compressed: 8,
  encrypted: 9,
  marker: 10,
  literal: 11,
  trust: 12,
  userId: 13,
  publicSubkey: 14,
  oldComment: 16,
  userAttribute: 17,
  encryptedIntegrity: 18,
  modificationDetection: 19,
  encryptedAead: 20,
  padding: 21,
  comment: 61,
  gpgControl: 63,
} as const;

/** An elliptic curve for ECDSA (RFC 6637 section 11, RFC 5639, SEC 2). */
export interface Curve extends CurveShape {
  /** As openpgp.js calls it. */
  readonly name: string;
  readonly oidHex: string;
  /** The curve's name in a JSON Web Key, for those that `node:crypto` has on every run time. */
  readonly jwkName?: string;
  /** What stands before the point in a SubjectPublicKeyInfo, for those that `node:crypto` has without such a name. */
  readonly spkiHeadHex?: string;
}

const curves: readonly Curve[] = [
  { ...nist["P-256"], name: "nistP256", oidHex: "2a8648ce3d030107", jwkName: "P-256" },
  { ...nist["P-384"], name: "nistP384", oidHex: "2b81040022", jwkName: "P-384" },
  { ...nist["P-521"], name: "nistP521", oidHex: "2b81040023", jwkName: "P-521" },
  {
    name: "secp256k1",
    oidHex: "2b8104000a",
    size: 32,
    prime: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn,
    a: 0x0n,
    b: 0x7n,
  },
  {
    name: "brainpoolP256r1",
    oidHex: "2b2403030208010107",
    size: 32,
    prime: 0xa9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377n,
    a: 0x7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9n,
    b: 0x26dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b6n,
  },
  {
    name: "brainpoolP384r1",
    oidHex: "2b240303020801010b",
    size: 48,
    prime: 0x8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123acd3a729901d1a71874700133107ec53n,
    a: 0x7bc382c63d8c150c3c72080ace05afa0c2bea28e4fb22787139165efba91f90f8aa5814a503ad4eb04a8c7dd22ce2826n,
    b: 0x04a8c7dd22ce28268b39b55416f0447c2fb77de107dcd2a62e880ea53eeb62d57cb4390295dbc9943ab78696fa504c11n,
  },
  {
    name: "brainpoolP512r1",
    oidHex: "2b240303020801010d",
    size: 64,
    prime:
      0xaadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca703308717d4d9b009bc66842aecda12ae6a380e62881ff2f2d82c68528aa6056583a48f3n,
    a: 0x7830a3318b603b89e2327145ac234cc594cbdd8d3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94can,
    b: 0x3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94cadc083e67984050b75ebae5dd2809bd638016f723n,
  },
];

/** Of the curves above GnuPG alone knows it. `node:crypto` has it on every run time, though not by a JSON Web Key. */
export const nistP224: Curve = {
  ...nist["P-224"],
  name: "nistP224",
  oidHex: "2b81040021",
  spkiHeadHex: "304e301006072a8648ce3d020106052b81040021033a00",
};

export function ecdsaCurve(oidHex: string): Curve | undefined {
  return curves.find((curve) => curve.oidHex === oidHex);
}

/** The object identifier of Ed25519 as OpenPGP's algorithm 22 spells it. */
export const ed25519OidHex = "2b06010401da470f01";
/** Curve25519 for ECDH, Ed448 and X448: curves go-crypto knows and that cannot sign for every back end. */
export const otherCurveOids = { curve25519: "2b060104019755010501", ed448: "2b6571", x448: "2b656f" } as const;
