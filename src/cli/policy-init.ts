import { isAbsolute } from "node:path";
import { createInterface } from "node:readline/promises";
import { isatty } from "node:tty";
import { writeNewFile } from "../host/new-file.ts";
import { hostPathResolver } from "../host/path-resolver.ts";
import { checkPolicy } from "../inspect/check-policy.ts";
import { composePolicy, type FirstPolicy } from "../inspect/compose-policy.ts";
import { severityOf } from "../inspect/findings.ts";
import { fail, ok, type Result } from "../result.ts";
import type { CommandProblem } from "../text/command-words.ts";
import { checkText } from "../text/inspect-check.ts";
import { initQuestions } from "../text/inspect-init.ts";
import { type Io, undeliveredExitCode } from "./io.ts";
import type { Options } from "./parse-arguments.ts";
import { registriesInput, trustReader } from "./policy-input.ts";
import { reportCommandProblem } from "./report.ts";

/**
 * Prints or writes a first policy, after a check: one by which nothing could be judged is not given out.
 *
 * @returns the exit code.
 */
export async function policyInit(options: Options, io: Io): Promise<number> {
  const refuse = (problem: CommandProblem) => reportCommandProblem(problem, "policy init", "text", io);
  const wanted = await readAnswers(options);
  if (!wanted.ok) return refuse(wanted.problem);
  const text = composePolicy(wanted.value);
  const bytes = Buffer.from(text);
  const findings = await checkPolicy(bytes, {
    readFile: trustReader(io),
    nowSeconds: io.now(),
    paths: hostPathResolver(io.environment.PWD),
    registries: await registriesInput(options, io),
  });
  if (findings.length > 0) await io.stderr.write(`${checkText(options.output ?? "policy.json", text, findings)}\n`);
  if (findings.some(({ code }) => severityOf(code) === "error")) return 3;

  if (options.output === undefined) return (await io.stdout.write(text)) ? 0 : undeliveredExitCode;
  const path = options.output;
  const written = writeNewFile(path, bytes, { replace: options.force === true });
  if (written.ok) return 0;
  const why =
    written.problem === "exists"
      ? ({ kind: "exists", path } as const)
      : ({ kind: "unwritable", path, reason: written.problem.reason } as const);
  return refuse({ code: "usage.option.value", option: "output", why });
}

async function readAnswers(options: Options): Promise<Result<FirstPolicy, CommandProblem>> {
  const keyType = options["key-type"] ?? "gpg";
  const asked =
    options.registry === undefined || options.key === undefined ? await ask(options.registry, options.key) : undefined;
  const registry = options.registry ?? asked?.registry ?? "";
  const keyPath = options.key ?? asked?.key ?? "";
  if (registry === "") return fail({ code: "usage.option.missing", option: "registry" });
  if (keyPath === "") return fail({ code: "usage.option.missing", option: "key" });
  if (!isAbsolute(keyPath)) {
    return fail({ code: "usage.option.value", option: "key", why: { kind: "not-absolute", value: keyPath } });
  }
  return ok({ registry, keyPath, keyType });
}

/** Asks for what is missing, where somebody can answer. */
async function ask(
  registry: string | undefined,
  key: string | undefined,
): Promise<{ readonly registry: string; readonly key: string } | undefined> {
  if (!isatty(0) || !isatty(2)) return undefined;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return {
      registry: registry ?? (await terminal.question(initQuestions.registry)).trim(),
      key: key ?? (await terminal.question(initQuestions.key)).trim(),
    };
  } finally {
    terminal.close();
  }
}
