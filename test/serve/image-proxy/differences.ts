/** Where the image proxy means to differ from the reference. By conversation, then by the number of its step, from 0. */
export interface Difference {
  readonly why: string;
  readonly exitCode?: number;
  /** Our outcome in brief: `success`, or the error_code; after it that of FinishPipe, or of the pipe for errors. */
  readonly steps?: Readonly<Record<number, string>>;
}

const cut = "what is cut off in a registry is retryable; the reference says so only of a connection that is reset";
const bare =
  "an error of a registry is retryable by its code; the reference takes it for none if it has the words of the specification and no detail";

export const differences: Readonly<Record<string, Difference>> = {
  "FinishPipe without arguments": {
    why: "the reference takes the first of no arguments, which is a panic that ends it",
    exitCode: 0,
    steps: { 1: "other" },
  },
  "a registry's manifest: blob-unknown": { why: bare, steps: { 1: "retryable", 2: "retryable" } },
  "a registry's blob: blob-unknown": { why: bare, steps: { 2: "retryable", 3: "retryable" } },
  "a registry's manifest: other-bytes": {
    why: "a manifest that names neither configuration nor layers is none",
    steps: { 1: "other", 2: "other" },
  },
  "a registry's manifest: unavailable-once": {
    why: "where a server fails, and there is no other, it is asked again",
    steps: { 1: "success", 2: "success" },
  },
  "a registry's manifest: cut": { why: cut, steps: { 1: "retryable", 2: "retryable" } },
  "a registry's blob: cut": { why: cut, steps: { 2: "success retryable", 3: "success retryable" } },
  "a registry's blob: cut-at-once": { why: cut, steps: { 2: "success retryable", 3: "success retryable" } },
  "a registry's blob: unfinished": { why: cut, steps: { 2: "success retryable", 3: "success retryable" } },
};
