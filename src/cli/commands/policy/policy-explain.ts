import { hostPathResolver } from "../../../host/path-resolver.ts";
import { parseIdentity } from "../../../identity/identity.ts";
import { explainIdentity } from "../../../inspect/explain-identity.ts";
import { MaterialReader } from "../../../inspect/material.ts";
import { explanationDocument, explanationText } from "../../../report/inspect-explain.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import type { Io } from "../../io.ts";
import { PolicyFiles, printResult, registriesInput, reportNoPolicy } from "./policy-input.ts";

/**
 * Says which scope decides about an image, and what it asks for.
 *
 * @returns the exit code: 0 also if no image could be accepted.
 */
export async function policyExplain(options: Options, operand: string, io: Io): Promise<number> {
  const identity = parseIdentity(operand, hostPathResolver(io.environment.PWD));
  if (!identity.ok) return reportNoPolicy({ problem: identity.problem, policyPath: undefined }, options, io);
  const files = new PolicyFiles(io, { ofWritable: true });
  const policy = files.parsePolicy(options.policy);
  if (!policy.ok) return reportNoPolicy(policy.problem, options, io);
  const nowSeconds = io.now();
  const registries = await registriesInput(options, io);
  const explanation = await explainIdentity(policy.value, identity.value, {
    materials: new MaterialReader({ ...files.trust, nowSeconds }),
    registries: registries.ok ? registries.value : undefined,
  });
  const { path } = policy.value;
  return printResult(
    {
      text: () => explanationText(path, explanation, nowSeconds),
      document: () => explanationDocument(path, explanation),
      exitCode: 0,
    },
    options,
    io,
  );
}
