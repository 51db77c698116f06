import { type PolicyFile, readDefaultPolicy, readPolicyFile } from "../host/policy-file.ts";
import { readRegistries } from "../host/registries-d.ts";
import { readTrustFile } from "../host/trust-file.ts";
import type { RegistriesConfig, RegistriesProblem } from "../inspect/registries.ts";
import type { ErrorProblem } from "../judge/verdict.ts";
import { parsePolicy } from "../policy/parse-policy.ts";
import type { Policy } from "../policy/policy.ts";
import { fail, ok, type Result } from "../result.ts";
import { printableJson } from "../text/document.ts";
import { warningText } from "../text/warning-words.ts";
import { errorVerdict } from "../verify.ts";
import { type Io, undeliveredExitCode } from "./io.ts";
import type { Options } from "./parse-arguments.ts";
import { reportVerdict } from "./report.ts";

/** Why a policy command has nothing to work on. */
export interface NoPolicy {
  readonly problem: ErrorProblem;
  readonly policyPath: string | undefined;
}

/** The policy file of that name, or the one that would be used. */
export function readPolicyInput(path: string | undefined, io: Io): Result<PolicyFile, NoPolicy> {
  const file = path === undefined ? readDefaultPolicy(io.environment, warnOn(io)) : readPolicyFile(path, warnOn(io));
  if (file.ok) return file;
  return fail({ problem: file.problem, policyPath: "path" in file.problem ? file.problem.path : undefined });
}

/** The same, parsed. */
export function parsePolicyInput(
  path: string | undefined,
  io: Io,
): Result<Policy & { readonly path: string }, NoPolicy> {
  const file = readPolicyInput(path, io);
  if (!file.ok) return file;
  const { path: policyPath, bytes } = file.value;
  const policy = parsePolicy(bytes, { path: policyPath });
  if (policy.ok) return ok({ ...policy.value, path: policyPath });
  const [first] = policy.problem;
  const problem: ErrorProblem =
    first === undefined
      ? { code: "internal.error", detail: "a policy was refused without a reason" }
      : { code: first.code, problems: policy.problem };
  return fail({ problem, policyPath });
}

/** Reads what a policy names. */
export function trustReader(io: Io): (path: string) => Uint8Array {
  return (path) => readTrustFile(path, warnOn(io));
}

/** registries.d of `--registries.d`, or of this machine. */
export function registriesInput(options: Options, io: Io): Promise<Result<RegistriesConfig, RegistriesProblem>> {
  return readRegistries(options["registries.d"], io.environment);
}

/** Prints why there is nothing to work on: as JSON the document of a verdict that is an error. */
export function reportNoPolicy({ problem, policyPath }: NoPolicy, options: Options, io: Io): Promise<number> {
  return reportVerdict(errorVerdict(problem, { policyPath }), { format: options.format ?? "text" }, io);
}

/** Prints a result, in the form that was asked for. */
export async function printResult(
  result: { readonly text: () => string; readonly document: () => object; readonly exitCode: number },
  options: Options,
  io: Io,
): Promise<number> {
  const printed =
    options.format === "json" ? printableJson(JSON.stringify(result.document(), undefined, 2)) : result.text();
  return (await io.stdout.write(`${printed}\n`)) ? result.exitCode : result.exitCode || undeliveredExitCode;
}

function warnOn(io: Io) {
  return (warning: Parameters<typeof warningText>[0]) => void io.stderr.write(`${warningText(warning)}\n`);
}
