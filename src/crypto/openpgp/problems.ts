import type { MistakenFile } from "../../image/problem.ts";
import type { TooCostly } from "../budget.ts";
import type { MessageForm } from "./message-form.ts";

/** The key that was found to be meant: upper-case hex of the key or subkey that signed, and what its owner calls it. */
export interface KeyFacts {
  readonly fingerprint: string;
  /** The primary user id: free text of whoever made the key. */
  readonly userId: string | undefined;
}

/** Why a message is not accepted. `detail` is a short technical fact, in English. */
export type OpenPgpProblem =
  | {
      readonly code:
        | "signature.openpgp.malformed"
        | "signature.openpgp.unsupported"
        | "signature.openpgp.not-signed"
        | "signature.openpgp.several"
        | "signature.openpgp.trailing-data"
        | "signature.invalid";
      readonly detail: string;
      /** Added where the message is refused as a whole. */
      readonly form?: MessageForm;
      /** No message at all; only standalone-verify takes any file for one. */
      readonly mistaken?: MistakenFile;
    }
  | TooCostly
  /** Upper-case hex, 16 digits, as the message claims it. */
  | { readonly code: "signature.key.unknown"; readonly untrustedKeyId: string }
  | ({
      readonly code:
        | "signature.key.expired"
        | "signature.expired"
        | "signature.time.future"
        | "signature.time.before-key";
      /** When the key or the signature expired, or the time that the signature gives. */
      readonly atSeconds: number;
    } & KeyFacts)
  | ({
      readonly code: "signature.key.revoked" | "signature.key.unusable" | "signature.key.weak" | "signature.hash.weak";
      readonly detail: string;
    } & KeyFacts);

/** Why a list of key files is no keyring. */
export interface KeyringProblem {
  readonly code: "policy.trust.invalid" | "policy.trust.empty" | "policy.trust.too-costly";
  /** Which of the blobs; 0 if it is all of them together. */
  readonly blobIndex: number;
  readonly detail: string;
}
