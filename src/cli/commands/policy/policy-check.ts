import { dirname } from "node:path";
import { decodeUtf8AsGo } from "../../../encoding/utf8.ts";
import { errorVerdict } from "../../../engine/error-verdict.ts";
import type { NoPolicy } from "../../../engine/read-policy.ts";
import { hostPathResolver } from "../../../host/path-resolver.ts";
import { checkPolicy } from "../../../inspect/check-policy.ts";
import { explainProblem } from "../../../report/explain.ts";
import { checkDocument, checkText, countOf } from "../../../report/inspect-check.ts";
import { formatOf } from "../../arguments/format-option.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import type { Io } from "../../io.ts";
import { printFailedCheck, reportCommandProblem } from "../../report.ts";
import { PolicyFiles, printResult, registriesInput, reportNoPolicy } from "./policy-input.ts";

/**
 * Says what is wrong with a policy: the given one, or the one that would be used.
 *
 * @returns the exit code: 3 with errors, 1 with warnings that `--strict` counts.
 */
export async function policyCheck(options: Options, operand: string | undefined, io: Io): Promise<number> {
  if (operand !== undefined && options.policy !== undefined) {
    const why = { kind: "not-with-argument", argument: "FILE" } as const;
    const problem = { code: "usage.option.combination", option: "policy", why } as const;
    return reportCommandProblem(problem, "policy check", formatOf(options), io);
  }
  const files = new PolicyFiles(io, { ofWritable: true });
  const file = files.readPolicy(operand ?? options.policy);
  if (!file.ok) return reportNothingToCheck(file.problem, options, io);
  const { path, bytes } = file.value;
  // There, relative paths begin where the policy is: nothing but a remark.
  const isInWorkingDirectory = dirname(path) === ".";
  const { findings, relativeFiles } = await checkPolicy(bytes, {
    ...files.trust,
    nowSeconds: io.now(),
    paths: hostPathResolver(io.environment.PWD),
    registries: await registriesInput(options, io),
    policyPath: path,
    isInWorkingDirectory,
  });
  const count = countOf(findings);
  const exitCode = count.error > 0 ? 3 : options.strict === true && count.warning > 0 ? 1 : 0;
  const relative = isInWorkingDirectory ? relativeFiles : [];
  return printResult(
    {
      text: () => checkText(path, decodeUtf8AsGo(bytes), findings, relative),
      document: () => checkDocument(path, findings, exitCode),
      exitCode,
    },
    options,
    io,
  );
}

/** As JSON in the shape that a check always has: whoever reads it need not know two. */
function reportNothingToCheck(noPolicy: NoPolicy, options: Options, io: Io): Promise<number> {
  const { problem, policyPath } = noPolicy;
  if (options.format !== "json") return reportNoPolicy(noPolicy, options, io);
  const said = explainProblem(errorVerdict(problem, { policyPath }));
  return printFailedCheck({ path: policyPath, code: problem.code, ...said }, io);
}
