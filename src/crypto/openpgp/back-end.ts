import type { Result, Untrusted } from "../../result.ts";
import type { KeyringProblem, OpenPgpProblem } from "./problems.ts";
import type { SignatureChecker } from "./vouches.ts";

/**
 * What verifies OpenPGP in the builds of containers/image: GnuPG through GPGME, go-crypto (the build tag
 * `containers_image_openpgp`), Sequoia (`containers_image_sequoia`). docs/openpgp-back-ends.md says where they differ.
 */
export const openPgpBackEnds = ["gnupg", "go", "sequoia"] as const;

export type OpenPgpBackEnd = (typeof openPgpBackEnds)[number];

/** The keys of a policy's key files as one back end would have them, and its rules for messages. Each is a folder of its own. */
export interface BackEndKeys {
  readonly backEnd: OpenPgpBackEnd;
  /** Whether this back end alone would accept the message. `checker` is for this message only, and its budget pays for all. */
  verify(
    message: Untrusted<Uint8Array>,
    nowSeconds: number,
    checker: SignatureChecker,
  ): Promise<Result<VerifiedMessage, OpenPgpProblem>>;
}

/**
 * Loads key files, binary or armoured, in the order of the policy; or says why this back end would not judge by them.
 *
 * @param context.everyBlock a file with several armoured blocks yields the keys of all of them, also where the back end itself
 * would read the first block only
 */
export type LoadKeys<Keys extends BackEndKeys = BackEndKeys> = (
  blobs: readonly Uint8Array[],
  context: { readonly checker: SignatureChecker; readonly everyBlock: boolean },
) => Promise<Result<Keys, KeyringProblem>>;

/** A message that a key of the keyring has signed. Fingerprints in upper-case hex. */
export interface VerifiedMessage {
  /** What was signed. */
  readonly content: Uint8Array;
  /** The key that the signature counts for: containers/image compares it with the keys of the policy. */
  readonly primaryFingerprint: string;
  /** Of the primary key or the subkey that signed. */
  readonly signingFingerprint: string;
  /** The primary user id of the key: free text of whoever made it. */
  readonly userId: string | undefined;
  readonly signedAtSeconds: number;
}

/** What one back end says of a message: it accepts it if `problem` is absent. */
export interface BackEndOpinion {
  readonly backEnd: OpenPgpBackEnd;
  readonly problem: OpenPgpProblem | undefined;
}
