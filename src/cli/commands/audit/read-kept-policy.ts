import { type KeptPolicy, keptPolicy } from "../../../audit/audits/kept-policy.ts";
import { Engine } from "../../../engine/engine.ts";
import { errorVerdict } from "../../../engine/error-verdict.ts";
import { readTrustFile } from "../../../host/trust-file.ts";
import { ok, type Result } from "../../../result.ts";
import type { ErrorVerdict } from "../../../verdict/verdict.ts";
import { openPgpOf } from "../../arguments/openpgp-option.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import { policyOf } from "../../arguments/policy-option.ts";
import type { Io } from "../../io.ts";
import { tellers } from "../judge-one.ts";

/** The policy of a command with all that it names, to be kept with an audit; or why it cannot be judged by. */
export async function readKeptPolicy(options: Options, io: Io): Promise<Result<KeptPolicy, ErrorVerdict>> {
  const { trace, warn } = tellers({ command: "audit init", options, io });
  const engine = new Engine({
    environment: io.environment,
    now: io.now,
    readFile: (path) => readTrustFile(path, warn),
    openPgp: openPgpOf(options),
    isPinned: true,
    trace,
    warn,
  });
  const choice = policyOf(options);
  const checked = await engine.checkPolicy(choice);
  const kept = checked.ok ? keptPolicy(await engine.snapshot(choice)) : checked;
  if (kept.ok) return ok(kept.value);
  return { ok: false, problem: errorVerdict(kept.problem.problem, kept.problem) };
}
