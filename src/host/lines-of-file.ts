import { createReadStream, statSync } from "node:fs";
import { createInterface } from "node:readline";

/** How large a file is; 0 for one that cannot be looked at, or is none. */
export function sizeOfFile(path: string): number {
  const status = statSync(path, { throwIfNoEntry: false });
  return status?.isFile() === true ? status.size : 0;
}

/** The lines of a file that need not fit into memory, without their ends. @throws the system's error */
export async function* linesOfFile(path: string): AsyncGenerator<string> {
  yield* createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
}
