import type { PolicyFile } from "../../../config/policy-file.ts";
import type { RegistriesConfig, RegistriesProblem } from "../../../config/registries.ts";
import { readRegistries } from "../../../config/registries-d.ts";
import { errorVerdict } from "../../../engine/error-verdict.ts";
import { type NoPolicy, parsePolicyText, readPolicyAt } from "../../../engine/read-policy.ts";
import type { FileWarning } from "../../../host/file-warning.ts";
import { readTrustFile } from "../../../host/trust-file.ts";
import { effectiveUserId } from "../../../host/user.ts";
import type { Policy } from "../../../policy/policy.ts";
import { printableJson } from "../../../report/document.ts";
import { ok, type Result } from "../../../result.ts";
import type { ReadTrustFile } from "../../../trust/trust-content.ts";
import { warningText } from "../../../words/warning-words.ts";
import { formatOf } from "../../arguments/format-option.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import { type Io, printText } from "../../io.ts";
import { reportPolicyError } from "../../report.ts";

const rootId = 0;

/** The files that a policy command reads. */
export class PolicyFiles {
  readonly #io: Io;
  readonly #tellsOfWritable: boolean;
  readonly #writable = new Set<string>();

  /** @param tells.ofWritable the command itself tells, of files that every user can change, whoever runs it */
  constructor(io: Io, tells: { readonly ofWritable: boolean }) {
    this.#io = io;
    this.#tellsOfWritable = tells.ofWritable;
  }

  /** The policy file of that name, or the one that would be used. */
  readPolicy(path: string | undefined): Result<PolicyFile, NoPolicy> {
    return readPolicyAt(path, { environment: this.#io.environment, warn: this.#warn.bind(this), userId: rootId });
  }

  /** The same, parsed. */
  parsePolicy(path: string | undefined): Result<Policy & { readonly path: string }, NoPolicy> {
    const file = this.readPolicy(path);
    if (!file.ok) return file;
    const policy = parsePolicyText(file.value);
    return policy.ok ? ok({ ...policy.value, path: file.value.path }) : policy;
  }

  /** A file that a policy names, and what is asked about it afterwards. */
  get trust(): {
    readonly readFile: ReadTrustFile;
    readonly isWritableByAll: (path: string) => boolean;
  } {
    return {
      readFile: (path) => readTrustFile(path, this.#warn.bind(this), rootId),
      isWritableByAll: (path) => this.#writable.has(path),
    };
  }

  #warn(warning: FileWarning): void {
    const isTold = warning.kind === "writable-by-all" && this.#tellsOfWritable;
    if (isTold) this.#writable.add(warning.path);
    else if (effectiveUserId() === rootId) void this.#io.stderr.write(`${warningText(warning)}\n`);
  }
}

/** registries.d of `--registries.d`, or of this machine. */
export function registriesInput(options: Options, io: Io): Promise<Result<RegistriesConfig, RegistriesProblem>> {
  return readRegistries(options["registries.d"], io.environment);
}

/** Prints why there is nothing to work on: as JSON the document of a verdict that is an error. */
export function reportNoPolicy({ problem, policyPath }: NoPolicy, options: Options, io: Io): Promise<number> {
  return reportPolicyError(errorVerdict(problem, { policyPath }), formatOf(options), io);
}

/** Prints a result, in the form that was asked for. */
export async function printResult(
  result: { readonly text: () => string; readonly document: () => object; readonly exitCode: number },
  options: Options,
  io: Io,
): Promise<number> {
  const printed =
    options.format === "json" ? printableJson(JSON.stringify(result.document(), undefined, 2)) : result.text();
  return printText(printed, io, result.exitCode);
}
