import { closeSync, constants, fstatSync, openSync, type Stats } from "node:fs";
import { fail, ok, type Result } from "../result.ts";
import { readToEnd } from "./bounded-file.ts";
import type { Input } from "./standard-input.ts";
import { errnoOf, reasonOf } from "./system-error.ts";

/** Why a file cannot be read: it is too large, or what the operating system says. */
export type OperandProblem = { readonly kind: "too-large" } | { readonly kind: "unreadable"; readonly reason: string };

/**
 * Reads a file that the user named on the command line, once, to its end. Unlike files that are found by others, it may be
 * anything: a pipe such as a shell's `<(command)`, or `/dev/stdin`; what has no end is too large.
 *
 * @param inspect is shown the open file before it is read.
 */
export function readOperandFile(
  path: string,
  maxBytes: number,
  inspect: (status: Stats) => void = () => undefined,
): Result<Uint8Array, OperandProblem> {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOCTTY);
    const status = fstatSync(descriptor);
    inspect(status);
    const content = readToEnd(descriptor, Math.min(status.size, maxBytes), maxBytes);
    return content === undefined ? fail({ kind: "too-large" }) : ok(content);
  } catch (error) {
    return fail({ kind: "unreadable", reason: reasonOf(errnoOf(error)) });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** The same for standard input, by the stream of it. */
export async function readOperandStream(stream: Input, maxBytes: number): Promise<Result<Uint8Array, OperandProblem>> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of stream) {
    if (!piece.ok) return fail({ kind: "unreadable", reason: piece.problem.reason });
    length += piece.value.length;
    if (length > maxBytes) return fail({ kind: "too-large" });
    pieces.push(piece.value);
  }
  return ok(Buffer.concat(pieces));
}
