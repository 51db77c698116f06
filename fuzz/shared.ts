/** What the fuzzing thread shows to the one that watches it. */

/** The largest input that a finding is kept of. */
export const maxInputBytes = 256 * 1024;

/** Places in the shared numbers: how many inputs were begun, and the length of the current one. */
export const begun = 0;
export const inputLength = 1;

export interface Shared {
  readonly numbers: Int32Array<SharedArrayBuffer>;
  readonly input: Uint8Array<SharedArrayBuffer>;
}

export interface Task {
  readonly shared: Shared;
  readonly target: string;
  readonly seconds: number;
  readonly seed: number;
}

export type Message =
  | { readonly kind: "finding"; readonly what: string; readonly input: Uint8Array }
  | { readonly kind: "done"; readonly executions: number; readonly corpus: number; readonly blocks: number };
