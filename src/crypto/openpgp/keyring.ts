import { ok, type Result } from "../../result.ts";
import type { BackEndKeys, LoadKeys, OpenPgpBackEnd } from "./back-end.ts";
import { type GpgKeys, loadGpgKeys } from "./gnupg/back-end.ts";
import { keysOf } from "./gnupg/check.ts";
import { type GoKeys, loadGoKeys } from "./go-crypto/back-end.ts";
import type { KeyringProblem } from "./problems.ts";
import { SignatureChecker } from "./vouches.ts";

/** The keys of a policy's key files, as each back end that was asked for would have them. */
export interface Keyring {
  readonly gnupg: GpgKeys | undefined;
  readonly go: GoKeys | undefined;
}

/** The back ends of a keyring, in the order in which they are named. */
export function backEndKeys({ gnupg, go }: Keyring): readonly BackEndKeys[] {
  return [gnupg, go].filter((keys) => keys !== undefined);
}

/**
 * Loads key files for every back end that is asked for. What one of them refuses is refused: each has to accept a signature.
 *
 * Where GnuPG is asked with others, a file with several armoured blocks, as distributions ship them, yields the keys of
 * all of them for everybody: what an administrator meant by it is not in doubt (docs/openpgp-back-ends.md).
 *
 * @param blobs the files, in the order of the policy.
 */
export async function loadKeyring(
  blobs: readonly Uint8Array[],
  backEnds: readonly OpenPgpBackEnd[],
): Promise<Result<Keyring, KeyringProblem>> {
  // All ask about the same self-signatures; the answers are kept.
  const checker = new SignatureChecker();
  const context = { checker, everyBlock: backEnds.includes("gnupg") };
  let problem: KeyringProblem | undefined;
  const load = async <Keys extends BackEndKeys>(name: OpenPgpBackEnd, from: LoadKeys<Keys>) => {
    if (problem !== undefined || !backEnds.includes(name)) return undefined;
    const keys = await from(blobs, context);
    if (keys.ok) return keys.value;
    problem = keys.problem;
    return undefined;
  };
  // go-crypto first: it says which file is at fault.
  const go = await load("go", loadGoKeys);
  const gnupg = await load("gnupg", loadGpgKeys);
  return problem === undefined ? ok({ gnupg, go }) : { ok: false, problem };
}

/** One key of a keyring, for messages. */
export interface ListedKey {
  /** Upper-case hex. */
  readonly fingerprint: string;
  /** Free text of whoever made the key. */
  readonly userIds: readonly string[];
  /** Fingerprints of its subkeys. */
  readonly subkeys: readonly string[];
}

/** The keys of the keyring, as GnuPG would list them. */
export function keyringKeys({ gnupg }: Keyring): readonly ListedKey[] {
  return (gnupg?.keyblocks ?? []).map((block) => ({
    fingerprint: block.primary.fingerprint,
    userIds: block.nodes.flatMap((node) =>
      node.node === "user-id" && !node.isAttribute ? [Buffer.from(node.octets).toString("utf8")] : [],
    ),
    subkeys: keysOf(block)
      .slice(1)
      .map((key) => key.fingerprint),
  }));
}
