import { type KeptPolicy, keptPolicy } from "../../../audit/audits/kept-policy.ts";
import { errorVerdict } from "../../../engine/error-verdict.ts";
import { ok, type Result } from "../../../result.ts";
import type { ErrorVerdict } from "../../../verdict/verdict.ts";
import { unreadTrustFileText } from "../../../words/audit-words.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import { policyOf } from "../../arguments/policy-option.ts";
import type { Io } from "../../io.ts";
import { commandEngine } from "../command-engine.ts";

/** Of the files that a policy names, those that are missing: judging says so of each image, and weeks may lie between. */
export async function warnOfUnread({ files }: KeptPolicy, io: Io): Promise<void> {
  for (const [path, file] of Object.entries(files)) {
    if ("problem" in file) await io.stderr.write(`sealcheck: ${unreadTrustFileText(path)}\n`);
  }
}

/** The policy of a command with all that it names, to be kept with an audit; or why it cannot be judged by. */
export async function readKeptPolicy(options: Options, io: Io): Promise<Result<KeptPolicy, ErrorVerdict>> {
  const engine = commandEngine({ options, io });
  const choice = policyOf(options);
  const checked = await engine.checkPolicy(choice);
  const kept = checked.ok ? keptPolicy(await engine.snapshot(choice)) : checked;
  if (kept.ok) return ok(kept.value);
  return { ok: false, problem: errorVerdict(kept.problem.problem, kept.problem) };
}
