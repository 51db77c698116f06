import { fstatSync } from "node:fs";
import { fail, ok, type Result } from "../result.ts";
import { errnoOf, reasonOf } from "./system-error.ts";

/** Why standard input cannot be read further, as the operating system has it. That is something else than that it has ended. */
export interface InputProblem {
  readonly reason: string;
}

/** Input in pieces; a problem is the last of them. */
export type Input = AsyncIterable<Result<Uint8Array, InputProblem>>;

/** Standard input, read until it ends. */
export async function* standardInput(stream: () => AsyncIterable<Uint8Array>): Input {
  try {
    // Node takes a directory for an input that is empty: all of nothing would be accepted.
    if (fstatSync(0).isDirectory()) yield fail({ reason: reasonOf("EISDIR") });
    else for await (const piece of stream()) yield ok(piece);
  } catch (error) {
    yield fail({ reason: reasonOf(errnoOf(error)) });
  }
}
