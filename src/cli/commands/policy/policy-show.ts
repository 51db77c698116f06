import { MaterialReader } from "../../../inspect/material.ts";
import { showPolicy } from "../../../inspect/show-policy.ts";
import { trustDocument, trustTable } from "../../../report/inspect-show.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import type { Io } from "../../io.ts";
import { PolicyFiles, printResult, registriesInput, reportNoPolicy } from "./policy-input.ts";

/**
 * Lists all that the policy trusts.
 *
 * @returns the exit code.
 */
export async function policyShow(options: Options, io: Io): Promise<number> {
  const files = new PolicyFiles(io, { ofWritable: false });
  const policy = files.parsePolicy(options.policy);
  if (!policy.ok) return reportNoPolicy(policy.problem, options, io);
  const registries = await registriesInput(options, io);
  const rows = await showPolicy(policy.value, {
    materials: new MaterialReader({ ...files.trust, nowSeconds: io.now() }),
    registries: registries.ok ? registries.value : undefined,
  });
  const { path } = policy.value;
  return printResult(
    { text: () => trustTable(rows), document: () => trustDocument(path, rows), exitCode: 0 },
    options,
    io,
  );
}
