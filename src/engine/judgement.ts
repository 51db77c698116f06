import type { Verdict } from "../verdict/verdict.ts";

/** A verdict with the manifest bytes that it is about; `undefined` if there were none to judge. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly manifest: Uint8Array | undefined;
}
