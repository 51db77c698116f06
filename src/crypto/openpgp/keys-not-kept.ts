import { createHash } from "node:crypto";
import { maxTrustFileBytes, maxTrustWork } from "../../limits.ts";
import { WorkBudget } from "../budget.ts";
import { tags } from "./algorithms.ts";
import { type Frame, frameAt } from "./frames.ts";
import { ArmorSource, controlMark } from "./gnupg/armor.ts";
import { PacketBody } from "./gnupg/body.ts";
import { readGpgKey } from "./gnupg/key.ts";
import { keysOf, readKeyFile } from "./gnupg/keyblock.ts";
import { GpgRun, GpgStream } from "./gnupg/stream.ts";
import { hex, laterKeyHashInput, uint } from "./octets.ts";

/** A key that is in a file, and that GnuPG does not have after the import: for messages to people, never to judge by. */
export interface KeyNotKept {
  /** Upper-case hex; of version 4 SHA-1, of later ones SHA-256. */
  readonly fingerprint: string;
  /** Upper-case hex, 16 digits. */
  readonly keyId: string;
  readonly version: number;
  readonly isSubkey: boolean;
  /** The first one behind the key, as free text; nothing says that it belongs there. */
  readonly userId: string | undefined;
  /**
   * `version`: GnuPG does not know keys of this version. `stopped`: it gave up reading before, or in the middle of the key.
   * `unbound`: it reads the key, and no valid self-signature binds it to a user id or a primary key.
   */
  readonly why: "version" | "stopped" | "unbound";
}

/** Keys of a file that are told of; it bounds the time. Debian's keyring of a thousand developers has 5,000. */
const maxKeys = 20_000;

/**
 * What is in a file beyond what GnuPG keeps of it: RFC 9580 keys, and all that GnuPG does not get to because of them
 * (import.c read_block stops at a subkey of a version that it does not know, and loses the key before it too).
 *
 * @param imported fingerprints of the keys and subkeys that are in GnuPG's database.
 */
export function keysNotKept(blob: Uint8Array, imported: ReadonlySet<string>): readonly KeyNotKept[] {
  const budget = new WorkBudget(maxTrustWork);
  const read = new Set(
    readKeyFile(blob, budget).blocks.flatMap((block) =>
      "primary" in block ? keysOf(block).map(({ fingerprint }) => fingerprint) : [],
    ),
  );
  const keys = keysIn(withoutArmor(blob, budget), budget);
  // What was read up to there says nothing of the rest.
  if (budget.isSpent) return [];
  return keys.flatMap((key) => {
    if (imported.has(key.fingerprint)) return [];
    return { ...key, why: key.version !== 4 ? "version" : read.has(key.fingerprint) ? "unbound" : "stopped" };
  });
}

function withoutArmor(file: Uint8Array, budget: WorkBudget): Uint8Array {
  const run = new GpgRun();
  const stream = new GpgStream(new ArmorSource(file, run, budget, { onlyKeys: true, mark: controlMark(file) }), run);
  return stream.read(maxTrustFileBytes) ?? new Uint8Array(0);
}

type KeyInFile = Omit<KeyNotKept, "why">;

/** One packet after the other, whatever is in them. */
function keysIn(packets: Uint8Array, budget: WorkBudget): readonly KeyInFile[] {
  const keys = new Map<string, KeyInFile>();
  let last: KeyInFile | undefined;
  for (let at = 0; at < packets.length && keys.size < maxKeys; ) {
    const frame = frameAt(packets, at, budget);
    if (frame === undefined) break;
    at = frame.end;
    if (frame.tag === tags.userId && last !== undefined && !last.isSubkey && last.userId === undefined) {
      last = { ...last, userId: Buffer.from(frame.body).toString("utf8") };
      keys.set(last.fingerprint, last);
    }
    const key = keyIn(frame);
    if (key === undefined || keys.has(key.fingerprint)) continue;
    last = key;
    keys.set(key.fingerprint, key);
  }
  return [...keys.values()];
}

function keyIn({ tag, body, length }: Frame): KeyInFile | undefined {
  const isSubkey = tag === tags.publicSubkey || tag === tags.secretSubkey;
  if (!isSubkey && tag !== tags.publicKey && tag !== tags.secretKey) return undefined;
  const version = body[0] ?? 0;
  if (version === 4) {
    const key = readGpgKey(new PacketBody(new GpgStream(body), length), tag);
    if (typeof key === "string") return undefined;
    return { fingerprint: key.fingerprint, keyId: key.keyId, version, isSubkey, userId: undefined };
  }
  if (version !== 5 && version !== 6) return undefined;
  const fingerprint = laterFingerprint(version, body);
  return { fingerprint, keyId: fingerprint.slice(0, 16), version, isSubkey, userId: undefined };
}

/** RFC 9580 section 5.5.4.3: the public half is as long as it says. */
function laterFingerprint(version: 5 | 6, body: Uint8Array): string {
  const half = body.subarray(0, 10 + uint(body, 6, 4));
  return hex(createHash("sha256").update(laterKeyHashInput(version, half)).digest());
}
