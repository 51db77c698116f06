import { maxTrustWork } from "../../limits.ts";
import { fail, ok, type Result } from "../../result.ts";
import { WorkBudget } from "../budget.ts";
import { type BackEndKeys, type LoadKeys, type OpenPgpBackEnd, openPgpBackEnds } from "./back-end.ts";
import { type GpgKeys, loadGpgKeys } from "./gnupg/back-end.ts";
import { keysOf } from "./gnupg/keyblock.ts";
import { type GoKeys, loadGoKeys } from "./go-crypto/back-end.ts";
import type { KeyringProblem } from "./problems.ts";
import { loadSequoiaKeys, type SequoiaKeys } from "./sequoia/back-end.ts";
import { SignatureChecker } from "./vouches.ts";

/** The keys of a policy's key files, as each back end that was asked for would have them. */
export interface Keyring {
  readonly gnupg: GpgKeys | undefined;
  readonly go: GoKeys | undefined;
  readonly sequoia: SequoiaKeys | undefined;
}

/** The back ends of a keyring, in the order in which they are named. */
export function backEndKeys({ gnupg, go, sequoia }: Keyring): readonly BackEndKeys[] {
  return [gnupg, go, sequoia].filter((keys) => keys !== undefined);
}

/**
 * Loads key files for every back end that is asked for. What one of them refuses is refused: each has to accept a signature.
 *
 * Where GnuPG is asked with others, a file with several armoured blocks, as distributions ship them, yields the keys of
 * all of them for everybody: what an administrator meant by it is not in doubt (docs/openpgp-back-ends.md).
 *
 * @param blobs the files, in the order of the policy.
 * @param budget what all of it may cost
 */
export async function loadKeyring(
  blobs: readonly Uint8Array[],
  backEnds: readonly OpenPgpBackEnd[],
  budget = new WorkBudget(maxTrustWork),
): Promise<Result<Keyring, KeyringProblem>> {
  if (backEnds.length === 0 || backEnds.some((name) => !openPgpBackEnds.includes(name))) {
    throw new Error(`not a list of OpenPGP back ends: ${backEnds.join()}`);
  }
  // All ask about the same self-signatures; the answers are kept.
  const context = { checker: new SignatureChecker(budget), everyBlock: backEnds.includes("gnupg") };
  let problem: KeyringProblem | undefined;
  const load = async <Keys extends BackEndKeys>(name: OpenPgpBackEnd, from: LoadKeys<Keys>) => {
    if (problem !== undefined || !backEnds.includes(name)) return undefined;
    const keys = await from(blobs, context);
    // First of all: with a spent budget signatures seem to be invalid that are not, revocations among them.
    if (budget.isSpent) {
      problem = { code: "policy.trust.too-costly", blobIndex: 0, detail: "" };
    } else if (!keys.ok) {
      problem = keys.problem;
    } else {
      return keys.value;
    }
    return undefined;
  };
  // go-crypto first: it says which file is at fault.
  const go = await load("go", loadGoKeys);
  const gnupg = await load("gnupg", loadGpgKeys);
  const sequoia = await load("sequoia", loadSequoiaKeys);
  return problem === undefined ? ok({ gnupg, go, sequoia }) : fail(problem);
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
