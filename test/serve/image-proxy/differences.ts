/** Where the image proxy means to differ from the reference. By conversation, then by the number of its step, from 0. */
export interface Difference {
  readonly why: string;
  readonly exitCode?: number;
  /** Our outcome in brief: `success`, or the error_code; of a pipe that of FinishPipe after it. */
  readonly steps?: Readonly<Record<number, string>>;
}

export const differences: Readonly<Record<string, Difference>> = {
  "FinishPipe without arguments": {
    why: "the reference takes the first of no arguments, which is a panic that ends it",
    exitCode: 0,
    steps: { 1: "other" },
  },
};
