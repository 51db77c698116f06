import { readFileSync } from "node:fs";

/** One line of `cases.jsonl`, as the generator writes it. */
export interface TestCase {
  readonly id: string;
  readonly category: string;
  /** What was done to something valid, for a person. */
  readonly mutations: readonly string[];
  readonly identity: string;
  readonly source: string;
  readonly policy: string;
  readonly requireSigned?: boolean;
  /** Whether the verdict may depend on the OpenPGP back end. */
  readonly openpgp?: boolean;
  /** A policy that makes go-crypto load the keys that GnuPG loads from `policy`; used where GnuPG is asked too. */
  readonly policyForGoCrypto?: string;
  /** Whether the verdict will be another one before 2060: such a case is replayed only where a clock can be set. */
  readonly volatile?: boolean;
}

/** The lines of a JSON Lines file. They are ours, so their shape is taken on trust. */
export function readLines<T>(file: string): T[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as T);
}
