import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

/** The lines of a file that need not fit into memory, without their ends. @throws the system's error */
export async function* linesOfFile(path: string): AsyncGenerator<string> {
  yield* createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
}
