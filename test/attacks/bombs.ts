/** Small files that ask for much work: as messages, as many of them in one image, and as key files. */
import { createHash, randomBytes } from "node:crypto";
import type { Code } from "../../src/codes.ts";
import { newKey, pem, rsaSpki } from "../support/certificates.ts";
import { fixtureImage } from "../support/images.ts";
import { framed, newOpenPgpKey } from "../support/openpgp-key.ts";
import {
  compressions,
  concat,
  created,
  inSingleOctets,
  issuer,
  literal,
  many,
  message,
  onePass,
  packet,
  signature,
  subpacket,
  tag,
} from "./packets.ts";
import { base64, mebibyte, openpgpFile, release, sigstoreFile } from "./requests.ts";

export interface Bomb {
  readonly what: string;
  readonly file: () => Uint8Array;
  /** Of the signature, where there is one such file. */
  readonly code: Code;
  /** Of the last signature, where there are fifteen. */
  readonly fifteen: Code;
}

const zeros = (octets: number): Uint8Array => Buffer.alloc(octets);
const room = 4 * mebibyte - 1024;
const empty = (tagNumber: number): Uint8Array => Uint8Array.of(0xc0 | tagNumber, 0);

function openpgp(what: string, octets: () => Uint8Array, code: Code, fifteen: Code): Bomb {
  return { what, file: () => openpgpFile(octets()), code, fifteen };
}

const malformed = "signature.openpgp.malformed";
const tooCostly = "signature.too-costly";

export const openpgpBombs: readonly Bomb[] = [
  openpgp("bzip2 of 7 MiB", () => bzip2Packet(sevenMebibytes), malformed, tooCostly),
  openpgp("bzip2 of 7 MiB that do not repeat at once", () => bzip2Packet(sevenMebibytesOfTwo), tooCostly, tooCostly),
  openpgp("bzip2 in blocks of one octet", () => bzip2Packet(bzip2OfSingleOctets(100_000)), tooCostly, tooCostly),
  openpgp(
    "bzip2 streams of one octet each",
    () => many(bzip2Packet(bzip2OfSingleOctets(1)), room),
    malformed,
    malformed,
  ),
  openpgp(
    "one bzip2 packet of many streams of one octet",
    () => bzip2Packet(many(bzip2OfSingleOctets(1), room)),
    tooCostly,
    tooCostly,
  ),
  openpgp(
    "one bzip2 packet of many streams of nothing",
    () => bzip2Packet(many(Buffer.from("BZh9\x17\x72\x45\x38\x50\x90\0\0\0\0", "latin1"), room)),
    tooCostly,
    tooCostly,
  ),
  openpgp("zlib of 512 MiB", () => compressions.zlib(message(zeros(512 * mebibyte))), malformed, tooCostly),
  openpgp("zip of 7 MiB", () => compressions.zip(message(zeros(7 * mebibyte))), "signature.key.unknown", tooCostly),
  openpgp("zlib in 31 layers of 250 KiB", () => layers(31, 250 * 1024), malformed, tooCostly),
  openpgp("compressed packets of nothing", () => many(compressions.zlib(new Uint8Array()), room), tooCostly, tooCostly),
  openpgp("31 layers without compression around 4 MiB", () => uncompressed(31), malformed, malformed),
  openpgp("markers", () => concat(many(packet(tag.marker, "PGP"), room), message("x")), tooCostly, tooCostly),
  openpgp("padding", () => concat(many(empty(21), room), message("x")), tooCostly, tooCostly),
  openpgp("empty user ids", () => concat(message("x"), many(empty(tag.userId), room)), tooCostly, tooCostly),
  openpgp("user ids", () => concat(message("x"), many(packet(tag.userId, "x"), room)), tooCostly, tooCostly),
  openpgp("trust packets", () => concat(onePass, many(empty(12), room), message("x")), tooCostly, tooCostly),
  openpgp("one-pass packets", () => many(onePass, room), "signature.openpgp.several", tooCostly),
  openpgp(
    "signatures",
    () => concat(onePass, literal("x"), many(packet(tag.signature, signature()), room)),
    tooCostly,
    tooCostly,
  ),
  openpgp(
    "subpackets of two octets",
    () => concat(onePass, literal("x"), many(packet(tag.signature, signature({ hashed: tinySubpackets })), room)),
    tooCostly,
    tooCostly,
  ),
  openpgp(
    "notations",
    () => concat(onePass, literal("x"), many(packet(tag.signature, signature({ hashed: notations })), room)),
    tooCostly,
    tooCostly,
  ),
  openpgp(
    "signatures inside signatures",
    () => concat(onePass, literal("x"), many(packet(tag.signature, nested(8)), room)),
    tooCostly,
    tooCostly,
  ),
  openpgp(
    "content in parts of one octet",
    () =>
      concat(
        onePass,
        inSingleOctets(tag.literal, concat("b\0\0\0\0\0", zeros(2_000_000))),
        packet(tag.signature, signature()),
      ),
    tooCostly,
    tooCostly,
  ),
  openpgp(
    "a hundred signatures of 4 MiB as text",
    () =>
      concat(many(textOnePass, 90 * textOnePass.length), literal(Buffer.alloc(room - 20_000, "\n")), textSignatures),
    tooCostly,
    tooCostly,
  ),
  openpgp(
    "a signed text that is one line of blanks",
    () => concat(clearTextHead, Buffer.alloc(room - 1000, " "), "x\n", clearTextEnd),
    malformed,
    tooCostly,
  ),
  openpgp(
    "a signed text of blanks and line ends",
    () => concat(clearTextHead, Buffer.alloc(room - 1000, " \n"), clearTextEnd),
    tooCostly,
    tooCostly,
  ),
  openpgp(
    "an armoured message of line ends",
    () => concat("-----BEGIN PGP MESSAGE-----\n\n", Buffer.alloc(room - 1000, "\n")),
    malformed,
    tooCostly,
  ),
  openpgp(
    "4 MiB of line ends, signed as text",
    () => concat(textOnePass, literal(Buffer.alloc(room - 100, "\n")), packet(tag.signature, signature({ type: 1 }))),
    "signature.key.unknown",
    tooCostly,
  ),
  openpgp(
    "4 MiB of content, of which nothing is JSON",
    () => message(zeros(room - 100)),
    "signature.key.unknown",
    "signature.key.unknown",
  ),
  openpgp(
    "4 MiB of JSON as the content",
    () => message(lists(room - 100)),
    "signature.key.unknown",
    "signature.key.unknown",
  ),
];

const textOnePass = packet(tag.onePass, Uint8Array.of(3, 1, 8, 1), "12345678", Uint8Array.of(1));

const textSignatures = many(packet(tag.signature, signature({ type: 1 })), 90 * 50);

const clearTextHead = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n";
const clearTextEnd = `-----BEGIN PGP SIGNATURE-----\n\n${Buffer.from(signature({ type: 1 })).toString("base64")}\n-----END PGP SIGNATURE-----\n`;

/** `[[],[],…]`: a value in three octets. */
function lists(octets: number): string {
  return `[${"[],".repeat(octets / 3 - 2)}[]]`;
}

const cosign = "application/vnd.dev.cosign.simplesigning.v1+json";
const envelope = (annotations: string, payload = "e30=", signature = "MAA=") =>
  sigstoreFile(
    `{"mimeType":"${cosign}","payload":"${payload}","annotations":{"dev.cosignproject.cosign/signature":"${signature}"${annotations}}}`,
  );

function sigstore(what: string, file: () => Uint8Array, code: Code, fifteen: Code): Bomb {
  return { what, file, code, fifteen };
}

export const sigstoreBombs: readonly Bomb[] = [
  sigstore("a payload of 3 MiB", () => envelope("", "AAAA".repeat(mebibyte - 100)), "signature.invalid", tooCostly),
  sigstore(
    "a payload that is 3 MiB of JSON",
    () => envelope("", Buffer.from(lists(3 * mebibyte - 300)).toString("base64")),
    "signature.invalid",
    tooCostly,
  ),
  sigstore(
    "an envelope of 1.3 million values",
    () => sigstoreFile(lists(room)),
    "image.signature.too-large",
    "image.signature.too-large",
  ),
  sigstore(
    "an annotation of 4 MiB",
    () => envelope(`,"x":"${"\u00e9".repeat(2 * mebibyte - 200)}"`),
    "signature.invalid",
    "signature.invalid",
  ),
  sigstore(
    "an annotation of 4 MiB in characters beyond Latin-1",
    () => envelope(`,"x":"${"\u4e00".repeat(room / 3 - 200)}"`),
    "signature.invalid",
    "signature.invalid",
  ),
  sigstore(
    "an annotation of 4 MiB of escapes",
    () => envelope(`,"x":"${"\\u4e00".repeat(room / 6 - 200)}"`),
    "signature.invalid",
    "signature.invalid",
  ),
];

const bundle = (text: string) => envelope(`,"dev.sigstore.cosign/bundle":${JSON.stringify(text)}`);
const entry = (payload: string) => `{"SignedEntryTimestamp":"MAA=","Payload":${payload}}`;

/** Judged by a policy that asks for a log entry. */
export const rekorBombs: readonly Bomb[] = [
  sigstore(
    "a log entry that is one text of escapes",
    () => bundle(entry(`{"body":"${"\\u0041".repeat(room / 7 - 200)}"}`)),
    "signature.rekor.untrusted",
    tooCostly,
  ),
  sigstore(
    "a log entry that is one text",
    () => bundle(entry(`{"body":"${"A".repeat(room - 400)}"}`)),
    tooCostly,
    tooCostly,
  ),
  sigstore(
    "a log entry of 9,000 long keys",
    () => bundle(entry(`{${Array.from({ length: 9000 }, (_, i) => `"${i}${"k".repeat(400)}":1`)}}`)),
    "signature.rekor.untrusted",
    tooCostly,
  ),
];

/** Octets of bzip2, as the content of a compressed packet. */
function bzip2Packet(stream: Uint8Array): Uint8Array {
  return packet(tag.compressed, Uint8Array.of(3), stream);
}

/** `bzip2 -9` of 7 MiB of NUL. */
const sevenMebibytes = Buffer.from("QlpoOTFBWSZTWeG03JgAODhBAMAAAAQACCAAMMwFKaYKgVsQqBXi7kinChIcNpuTAA==", "base64");

/** `bzip2 -9` of 7 MiB of "ab": its first step finds no runs. */
const sevenMebibytesOfTwo = Buffer.from(
  "QlpoOTFBWSZTWREfKpgDbuMBADAAIAAwgE1GioQiYVCETmKCskymsmKIj8wG3cYCAGAAQABhAJqMKhCJoqEInMUFZJlNZER8qmANu4wEAMAAgADCATUaKhCJhUIROYoKyTKayYoiPzAbdxgIAYABAAGEAmowqEImioQicxQVkmU1kRHyqYA27jAQAwACAAMIBNRoqEImFQhE5igrJMprJiiI/MBt3GAgBgAEAAYQCajCoQiaKhCJzFBWSZTWREfKpgDbuMBADAAIAAwgE1GioQiYVCETmKCskymsmKIj8wG3cYCAGAAQABhAJqMKhCJoqEInMUFZJlNZ6TF8DQCI5YEAMAAgADCAKRiioQxRUIcXckU4UJCGXv7a",
  "base64",
);

/** `bzip2 -9` of "A". */
const oneOctet = Buffer.from("QlpoOTFBWSZTWYGwLYsAAAAEACAAIAAhGEaC7kinChIQNgWxYA==", "base64");

/** A bzip2 stream of so many blocks, each of the octet "A": the bits of the block in `oneOctet`, again and again. */
function bzip2OfSingleOctets(count: number): Uint8Array {
  const bits = (octets: Uint8Array) => [...octets].map((octet) => octet.toString(2).padStart(8, "0")).join("");
  const all = bits(oneOctet);
  const footer = bits(Buffer.from("177245385090", "hex"));
  const block = all.slice(32, all.lastIndexOf(footer));
  const check = Number.parseInt(block.slice(48, 80), 2);
  let combined = 0;
  for (let i = 0; i < count; i++) combined = (((combined << 1) | (combined >>> 31)) ^ check) >>> 0;
  const stream = all.slice(0, 32) + block.repeat(count) + footer + combined.toString(2).padStart(32, "0");
  return Uint8Array.from({ length: Math.ceil(stream.length / 8) }, (_, i) =>
    Number.parseInt(stream.slice(8 * i, 8 * i + 8).padEnd(8, "0"), 2),
  );
}

/** What goes through every layer is large, and what comes out of the last one is a message. */
function layers(count: number, octets: number): Uint8Array {
  let inner = message(randomBytes(octets));
  for (let i = 0; i < count; i++) inner = compressions.zlib(inner);
  return inner;
}

function uncompressed(count: number): Uint8Array {
  let inner = message(zeros(room - 1000));
  for (let i = 0; i < count; i++) inner = compressions.uncompressed(inner);
  return inner;
}

const tinySubpackets = concat(created, many(Uint8Array.of(1, 100), 9900));
const notations = concat(created, many(subpacket(20, zeros(8)), 9900));

function nested(depth: number): Uint8Array {
  let inner = signature({ type: 0x19, unhashed: concat(issuer, many(Uint8Array.of(1, 100), 5000)) });
  for (let i = 0; i < depth; i++) inner = signature({ type: 0x19, unhashed: concat(issuer, subpacket(32, inner)) });
  return inner;
}

export interface RingBomb {
  readonly what: string;
  /** A key file that is this share of the largest one. */
  readonly ring: (share: number) => Uint8Array;
  readonly code: Code;
}

const ringRoom = 32 * mebibyte - 16_384;
const costly = "policy.trust.too-costly";
const certifications = (share: number): Uint8Array =>
  many(packet(tag.signature, signature({ type: 0x10 })), 150_000 * 40 * share);

/** Key files that are large, or look at once as if they were. */
export const largeRings: readonly RingBomb[] = [
  {
    what: "a good key and 16 million empty user ids",
    ring: (share) => concat(release(), many(empty(13), ringRoom * share)),
    code: costly,
  },
  { what: "line ends", ring: (share) => Buffer.alloc(ringRoom * share, "\n"), code: "policy.trust.invalid" },
  {
    what: "150,000 certifications by others",
    ring: (share) => concat(release(), certifications(share)),
    code: "accepted",
  },
  { what: "secret Elgamal of 16,384 bits", ring: () => withSecretSubkey(elgamalSecret()), code: costly },
  {
    what: "secret DSA whose order has 16,384 bits",
    ring: () => withSecretSubkey(dsaSecret()),
    code: "policy.trust.invalid",
  },
];

/** GnuPG takes the dashes behind letters without padding and checksum for more of them, and finds no key; the others do. */
const noChecksum = "policy.trust.empty";

function armoured(octets: Uint8Array): string {
  return pem("PGP PUBLIC KEY BLOCK", octets).replace("-----\n", "-----\n\n");
}

/** Others, that a budget of their share ends as soon. */
export const costlyRings: readonly RingBomb[] = [
  {
    what: "a good key and 16 million trust packets",
    ring: (share) => concat(release(), many(empty(12), ringRoom * share)),
    code: costly,
  },
  {
    what: "signatures with subpackets of two octets",
    ring: (share) =>
      concat(
        release(),
        many(packet(tag.signature, signature({ type: 0x10, hashed: tinySubpackets })), ringRoom * share),
      ),
    code: costly,
  },
  {
    what: "as many certifications as fit",
    ring: (share) => concat(release(), certifications(5.5 * share)),
    code: costly,
  },
  {
    what: "150,000 of them and the same again",
    ring: (share) => concat(release(), certifications(share), release(), certifications(share)),
    code: "accepted",
  },
  {
    what: "a good armoured key, thousands of times",
    ring: (share) => many(concat(armoured(release())), ringRoom * share),
    code: noChecksum,
  },
  {
    what: "a good armoured key, and blocks of nothing by the hundred thousand",
    ring: (share) => concat(armoured(release()), many(concat(armoured(new Uint8Array(0))), ringRoom * share)),
    code: noChecksum,
  },
  {
    what: "RSA of 16,384 bits, thousands of keys",
    ring: (share) => keysWithBadSignatures(4000 * share, rsa16384),
    code: costly,
  },
  {
    what: "DSA of 8,192 bits, hundreds of keys",
    ring: (share) => keysWithBadSignatures(300 * share, dsa8192),
    code: costly,
  },
];

/** A multiprecision integer of exactly so many bits, odd. */
function number(bits: number): Uint8Array {
  const octets = randomBytes(Math.ceil(bits / 8));
  const last = octets.length - 1;
  octets[0] = ((octets[0] ?? 0) & (0xff >> (8 * octets.length - bits))) | (0x80 >> (8 * octets.length - bits));
  octets[last] = (octets[last] ?? 0) | 1;
  return concat(Uint8Array.of(bits >> 8, bits & 0xff), octets);
}

const head = (algorithm: number): Uint8Array => Uint8Array.of(4, 0x60, 0, 0, 0, algorithm);
const rsa16384 = () => ({ algorithm: 1, body: concat(head(1), number(16_384), number(24)), values: number(16_380) });
const dsa8192 = () => ({
  algorithm: 17,
  body: concat(head(17), number(8192), number(256), number(8190), number(8190)),
  values: concat(number(255), number(255)),
});

/** Each key with a user id and a certification of it that names the key and is none of it. */
function keysWithBadSignatures(
  count: number,
  make: () => { readonly algorithm: number; readonly body: Uint8Array; readonly values: Uint8Array },
): Uint8Array {
  const keys = Array.from({ length: count }, () => {
    const { algorithm, body, values } = make();
    const keyId = createHash("sha1").update(framed(body)).digest().subarray(-8);
    const areas = concat(Uint8Array.of(0, created.length), created, Uint8Array.of(0, 10, 9, 16), keyId);
    const certification = concat(Uint8Array.of(4, 0x13, algorithm, 8), areas, Uint8Array.of(0, 0), values);
    return concat(packet(tag.publicKey, body), packet(tag.userId, "x"), packet(tag.signature, certification));
  });
  return Buffer.concat([release(), ...keys]);
}

const elgamalSecret = () => ({
  body: concat(head(16), number(16_384), number(3), number(16_380)),
  secret: number(256),
});
const dsaSecret = () => ({
  body: concat(head(17), number(1024), number(16_384), number(1000), number(1000)),
  secret: number(256),
});

/** Flags of a subkey that may not sign, so that it need not have signed in turn. */
const encrypt = 12;

/** A sound key with a sound binding of a subkey whose secret half is not encrypted: its sum is right, so that it is looked at. */
function withSecretSubkey({ body, secret }: { readonly body: Uint8Array; readonly secret: Uint8Array }): Uint8Array {
  const key = newOpenPgpKey();
  const sum = secret.reduce((total, octet) => (total + octet) & 0xffff, 0);
  return concat(
    key.ring,
    packet(7, body, Uint8Array.of(0), secret, Uint8Array.of(sum >> 8, sum & 0xff)),
    key.signature(0x18, concat(framed(key.body), framed(body)), encrypt),
  );
}

export interface PolicyBomb {
  readonly what: string;
  readonly requirement: () => readonly object[];
  /** By another key. */
  readonly signature: Uint8Array;
  readonly copies: number;
  readonly code: Code;
}

const pemKey = (spki: Uint8Array): string => base64(pem("PUBLIC KEY", spki));
const p256 = (count: number): readonly string[] => Array.from({ length: count }, () => pemKey(newKey().spki));

const [cosigned = new Uint8Array()] = fixtureImage("sigstore-key-tag").signatures;

export const policyBombs: readonly PolicyBomb[] = [
  {
    what: "a hundred keys, and a thousand signatures",
    requirement: () => [{ type: "sigstoreSigned", keyDatas: p256(100) }],
    signature: cosigned,
    copies: 1000,
    code: tooCostly,
  },
  {
    what: "5,000 keys, and one signature",
    requirement: () => {
      const keys = p256(50);
      return [{ type: "sigstoreSigned", keyDatas: Array.from({ length: 5000 }, (_, i) => keys[i % 50]) }];
    },
    signature: cosigned,
    copies: 1,
    code: tooCostly,
  },
  {
    what: "an RSA key of 16,384 bits with the largest exponent, and a thousand signatures",
    requirement: () => [{ type: "sigstoreSigned", keyData: pemKey(rsaSpki(16_384, 2n ** 31n - 1n)) }],
    signature: envelope("", "e30=", base64(Buffer.alloc(2048, 1))),
    copies: 1000,
    code: tooCostly,
  },
  {
    what: "60,000 keys",
    requirement: () => {
      const keys = p256(50);
      return [{ type: "sigstoreSigned", keyDatas: Array.from({ length: 60_000 }, (_, i) => keys[i % 50]) }];
    },
    signature: cosigned,
    copies: 1,
    code: tooCostly,
  },
];
