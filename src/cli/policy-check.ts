import { decodeUtf8AsGo } from "../encoding/utf8.ts";
import { hostPathResolver } from "../host/path-resolver.ts";
import { checkPolicy } from "../inspect/check-policy.ts";
import { checkDocument, checkText, countOf } from "../text/inspect-check.ts";
import type { Io } from "./io.ts";
import type { Options } from "./parse-arguments.ts";
import { printResult, readPolicyInput, registriesInput, reportNoPolicy, trustReader } from "./policy-input.ts";

/**
 * Says what is wrong with a policy: the given one, or the one that would be used.
 *
 * @returns the exit code: 3 with errors, 1 with warnings that `--strict` counts.
 */
export async function policyCheck(options: Options, operand: string | undefined, io: Io): Promise<number> {
  const file = readPolicyInput(operand ?? options.policy, io);
  if (!file.ok) return reportNoPolicy(file.problem, options, io);
  const { path, bytes } = file.value;
  const findings = await checkPolicy(bytes, {
    readFile: trustReader(io),
    nowSeconds: io.now(),
    paths: hostPathResolver(io.environment.PWD),
    registries: await registriesInput(options, io),
  });
  const count = countOf(findings);
  const exitCode = count.error > 0 ? 3 : options.strict === true && count.warning > 0 ? 1 : 0;
  return printResult(
    {
      text: () => checkText(path, decodeUtf8AsGo(bytes), findings),
      document: () => checkDocument(path, findings, exitCode),
      exitCode,
    },
    options,
    io,
  );
}
