import { execFileSync } from "node:child_process";

/** A command line, alone in its environment. */
export interface Command {
  readonly name: string;
  readonly argv: readonly string[];
  readonly stdin?: string;
  readonly env?: readonly string[];
}

/** What one command took, a value a round. */
export interface Times {
  readonly name: string;
  readonly exitCodes: readonly number[];
  readonly wallMs: readonly number[];
  readonly cpuMs: readonly number[];
  readonly peakKiB: readonly number[];
}

/**
 * Runs the commands in turn, round after round, by the helper of `bench/go/paired`: a small process, since what Linux
 * tells of a child's memory is never less than what its parent had.
 *
 * @throws Error if one of them does not always exit with 0, or with the code that `exitCodes` gives it.
 */
export function runPaired(
  helper: string,
  commands: readonly Command[],
  { rounds, exitCodes = {} }: { readonly rounds: number; readonly exitCodes?: Readonly<Record<string, number>> },
): ReadonlyMap<string, Times> {
  const plan = JSON.stringify({ rounds, commands: commands.map((command) => ({ stdin: "", env: [], ...command })) });
  const output = execFileSync(helper, { input: plan, encoding: "utf8", maxBuffer: 1 << 28 });
  const results: readonly Times[] = JSON.parse(output);
  for (const { name, exitCodes: found } of results) {
    const wanted = exitCodes[name] ?? 0;
    if (found.some((code) => code !== wanted))
      throw new Error(`${name} exited with ${found.join(", ")}, not ${wanted}`);
  }
  return new Map(results.map((times) => [times.name, times]));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

export function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

export function most(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), 0);
}

/** The median over the rounds of how many times as long `ours` took as `peer` did in the same round. */
export function pairedRatio(ours: readonly number[], peer: readonly number[]): number {
  return median(ours.map((value, round) => value / (peer[round] ?? Number.NaN)));
}
