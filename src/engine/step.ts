import type { Identity } from "../identity/identity.ts";
import type { ImageProblem } from "../image/problem.ts";
import type { Result } from "../result.ts";
import type { Verdict } from "../verdict/verdict.ts";

/** A step on the way to a verdict, for `--debug`. */
export type Step =
  | { readonly step: "identity"; readonly identity: Identity }
  | { readonly step: "policy"; readonly path: string | undefined; readonly sizeBytes: number }
  /** `manifest` is not there if only its digest was given. */
  | { readonly step: "image"; readonly path: string | undefined; readonly manifest: Uint8Array | undefined }
  | { readonly step: "signatures"; readonly signatures: Result<readonly Uint8Array[], ImageProblem> }
  | { readonly step: "trust"; readonly path: string; readonly sizeBytes: number }
  | { readonly step: "verdict"; readonly verdict: Verdict };
