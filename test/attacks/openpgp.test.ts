/** OpenPGP messages and keyrings that are bombs, mazes or merely endless. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Code } from "../../src/codes.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { type Attack, attackTable } from "./attack-table.ts";
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
  rsaKey,
  signature,
  subpacket,
  tag,
  userId,
} from "./packets.ts";
import { base64, mebibyte, openpgpFile, policy, release, request } from "./requests.ts";

const signed = { image: "gpg-release-oci", policy: "gpg-keydata.json" };

function attack(what: string, octets: () => Uint8Array, code: Code, more: Partial<Attack> = {}): Attack {
  return {
    what,
    request: () => request(signed, { signatures: [base64(openpgpFile(octets()))] }),
    code: "requirement.signature.not-accepted",
    signature: code,
    ...more,
  };
}

const zeros = (mebibytes: number): Uint8Array => Buffer.alloc(mebibytes * mebibyte);
const nest = (octets: Uint8Array, layers: number, how: (inner: Uint8Array) => Uint8Array): Uint8Array =>
  layers === 0 ? octets : nest(how(octets), layers - 1, how);

const malformed = "signature.openpgp.malformed";
const messages: readonly Attack[] = [
  attack("zip bomb", () => compressions.zip(message(zeros(512))), malformed),
  attack("zlib bomb", () => compressions.zlib(message(zeros(512))), malformed),
  attack("zlib bomb in a zlib bomb", () => nest(message(zeros(512)), 2, compressions.zlib), malformed),
  attack("300 layers of zlib", () => nest(message("x"), 300, compressions.zlib), malformed),
  attack("300 layers without compression", () => nest(message("x"), 300, compressions.uncompressed), malformed),
  attack(
    "31 layers without compression around 3 MiB",
    () => nest(message(zeros(3)), 31, compressions.uncompressed),
    "signature.openpgp.malformed",
  ),
  attack(
    "many small zlib bombs one after the other",
    () => many(compressions.zlib(message(zeros(7))), 3 * mebibyte),
    "signature.openpgp.unsupported",
  ),
  attack(
    "many compressed packets of nothing",
    () => many(compressions.zlib(new Uint8Array()), 3 * mebibyte),
    "signature.too-costly",
    { seconds: 6 },
  ),
  attack("compressed data that is cut", () => compressions.zlib(message(zeros(1))).subarray(0, 100), malformed),
  attack("an unknown compression", () => packet(tag.compressed, Uint8Array.of(99), zeros(3)), malformed),
  attack(
    "4 MiB of bzip2 headers",
    () => packet(tag.compressed, Uint8Array.of(3), many(Buffer.from("BZh9"), 3 * mebibyte)),
    malformed,
  ),
  attack(
    "many bzip2 packets of nothing",
    () =>
      many(
        packet(tag.compressed, Uint8Array.of(3), Buffer.from("BZh9\x17\x72\x45\x38\x50\x90\0\0\0\0", "latin1")),
        3 * mebibyte,
      ),
    "signature.too-costly",
  ),
  attack(
    "content in parts of one octet",
    () =>
      concat(
        onePass,
        inSingleOctets(tag.literal, concat("b\0\0\0\0\0", zeros(1.9))),
        packet(tag.signature, signature()),
      ),
    "signature.too-costly",
    { seconds: 4 },
  ),
  attack(
    "compressed data in parts of one octet",
    () => inSingleOctets(tag.compressed, concat(Uint8Array.of(0), message(zeros(1.9)))),
    "signature.too-costly",
    { seconds: 4 },
  ),
  attack(
    "one-pass packets by the thousand",
    () => concat(many(onePass, 3 * mebibyte), message("x")),
    "signature.openpgp.several",
  ),
  attack(
    "markers by the thousand",
    () => concat(many(packet(tag.marker, "PGP"), 3 * mebibyte), message("x")),
    "signature.too-costly",
  ),
  attack(
    "signatures by the thousand",
    () => concat(onePass, literal("x"), many(packet(tag.signature, signature()), 3 * mebibyte)),
    "signature.too-costly",
  ),
  attack(
    "user ids by the thousand behind the message",
    () => concat(message("x"), many(userId("x"), 3 * mebibyte)),
    "signature.too-costly",
  ),
  attack(
    "empty packets of unknown kinds",
    () => concat(many(Uint8Array.of(0xc0 | 60, 0), 3 * mebibyte), message("x")),
    "signature.too-costly",
  ),
  attack(
    "a signature with 64 KiB of tiny subpackets",
    () =>
      concat(
        onePass,
        literal("x"),
        packet(tag.signature, signature({ hashed: concat(created, many(Uint8Array.of(1, 100), 60_000)) })),
      ),
    "signature.openpgp.malformed",
  ),
  attack(
    "signatures inside signatures",
    () => concat(onePass, literal("x"), packet(tag.signature, nestedSignature(5000))),
    malformed,
  ),
  attack(
    "a packet that promises 4 GiB",
    () => concat(onePass, Uint8Array.of(0xcb, 0xff, 0xff, 0xff, 0xff, 0xff), "b\0\0\0\0\0", zeros(3)),
    malformed,
  ),
  attack("4 MiB of 0xff", () => Buffer.alloc(4 * mebibyte - 20, 0xff), malformed),
  attack("4 MiB of NUL", () => zeros(3.9), malformed),
  attack(
    "4 MiB of line ends before armour",
    () => concat("\n".repeat(3 * mebibyte), "-----BEGIN PGP MESSAGE-----\n\n"),
    malformed,
  ),
];

/** Each in the unhashed area of the next, as deep as an area of 64 KiB allows. */
function nestedSignature(depth: number): Uint8Array {
  let inner = signature();
  for (let i = 0; i < depth && inner.length < 65_000; i++) {
    inner = signature({ unhashed: concat(issuer, subpacket(32, inner)).subarray(0, 65_535) });
  }
  return inner;
}

attackTable("OpenPGP messages", messages);

const folder = temporaryDirectory();
let rings = 0;

/** Judged with a key file like this: what it is worth is asked when there is a signature. */
function keyring(what: string, octets: () => Uint8Array, code: Code, more: Partial<Attack> = {}): Attack {
  return {
    what,
    request: () => {
      // A new name each: keyrings of a policy that was seen before are kept.
      const keyPath = join(folder, `ring-${++rings}`);
      writeFileSync(keyPath, octets());
      return request(signed, { policyText: policy({ type: "signedBy", keyType: "GPGKeys", keyPath }) });
    },
    code,
    ...more,
  };
}

const ring = 32 * mebibyte - 16;
const invalid = "policy.trust.invalid";
const keyrings: readonly Attack[] = [
  keyring("32 MiB of NUL", () => Buffer.alloc(ring), invalid),
  keyring("32 MiB of 0xff", () => Buffer.alloc(ring, 0xff), "policy.trust.empty"),
  keyring("32 MiB of letters", () => Buffer.alloc(ring, "a"), invalid),
  keyring("32 MiB of line ends", () => Buffer.alloc(ring, "\n"), invalid, { seconds: 10 }),
  keyring("32 MiB and one octet", () => Buffer.alloc(32 * mebibyte + 1), "policy.trust.too-large"),
  keyring("BEGIN lines without end", () => Buffer.alloc(ring, "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"), invalid),
  keyring(
    "BEGIN lines, each with an empty body",
    () => Buffer.alloc(ring, "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n"),
    invalid,
  ),
  keyring(
    "a block that is one line",
    () => concat("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n", Buffer.alloc(15 * mebibyte, "A")),
    invalid,
  ),
  keyring(
    "a block of empty lines",
    () => concat("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n", Buffer.alloc(15 * mebibyte, "\n")),
    "policy.trust.empty",
    { seconds: 12 },
  ),
  keyring(
    "a block of headers",
    () => concat("-----BEGIN PGP PUBLIC KEY BLOCK-----\n", Buffer.alloc(15 * mebibyte, "a: b\n")),
    invalid,
    { seconds: 8 },
  ),
  keyring("markers", () => many(packet(tag.marker, "PGP"), ring), "policy.trust.empty", { seconds: 10 }),
  keyring("user ids without a key", () => many(userId("x"), ring), invalid, { seconds: 6 }),
  keyring(
    "a key with user ids without end",
    () => concat(packet(tag.publicKey, rsaKey(2048)), many(Uint8Array.of(0xc0 | tag.userId, 1, 0x78), 4 * mebibyte)),
    invalid,
    { seconds: 6 },
  ),
  keyring(
    "a good key with user ids without end",
    () => concat(release(), manyUserIds(300_000)),
    "policy.trust.too-costly",
    {
      seconds: 8,
    },
  ),
  keyring(
    "a good key with signatures without end",
    () => concat(release(), many(packet(tag.signature, signature({ type: 0x10 })), 4 * mebibyte)),
    "accepted",
    { seconds: 8 },
  ),
  keyring(
    "a good key with bad self-signatures without end",
    () => concat(release(), many(packet(tag.signature, signature({ type: 0x13 })), 4 * mebibyte)),
    "accepted",
    { seconds: 8 },
  ),
  keyring(
    "a good key with subkeys without end",
    () => concat(release(), many(packet(tag.publicSubkey, rsaKey(1024)), 2 * mebibyte)),
    invalid,
    { seconds: 8 },
  ),
  keyring("a good key, 5,000 times", () => many(release(), 5000 * release().length), "accepted", { seconds: 8 }),
  keyring(
    "keys with moduli of 65,535 bits",
    () => many(packet(tag.publicKey, rsaKey(65_535, 65_535)), ring),
    "policy.trust.empty",
    {
      seconds: 6,
    },
  ),
  keyring("a message", () => message("x"), invalid),
  keyring("a zlib bomb", () => compressions.zlib(zeros(512)), invalid),
];

function manyUserIds(count: number): Uint8Array {
  return Buffer.concat(Array.from({ length: count }, (_, i) => userId(`${i}`)));
}

attackTable("OpenPGP keyrings", keyrings);
