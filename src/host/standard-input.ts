import { fstatSync } from "node:fs";
import { errnoOf, reasonOf } from "./system-error.ts";

/** Standard input that cannot be read, which is something else than one that has ended. */
export class UnreadableInput extends Error {
  /** In words, as the operating system has it. */
  readonly reason: string;

  constructor(errno: string) {
    super(errno);
    this.reason = reasonOf(errno);
  }
}

/**
 * Standard input, read until it ends.
 *
 * @throws UnreadableInput
 */
export async function* standardInput(stream: () => AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    // Node takes a directory for an input that is empty: all of nothing would be accepted.
    if (fstatSync(0).isDirectory()) throw new UnreadableInput("EISDIR");
    yield* stream();
  } catch (error) {
    throw error instanceof UnreadableInput ? error : new UnreadableInput(errnoOf(error));
  }
}
