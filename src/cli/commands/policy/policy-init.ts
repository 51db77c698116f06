import { isAbsolute } from "node:path";
import { writeNewFile } from "../../../host/new-file.ts";
import { hostPathResolver } from "../../../host/path-resolver.ts";
import { openAsker } from "../../../host/questions.ts";
import { checkPolicy } from "../../../inspect/check-policy.ts";
import { composePolicy, type FirstPolicy } from "../../../inspect/compose-policy.ts";
import { type Finding, severityOf } from "../../../inspect/findings.ts";
import { presetPolicy } from "../../../inspect/presets.ts";
import { checkText } from "../../../report/inspect-check.ts";
import { initTexts } from "../../../report/inspect-init.ts";
import { fail, ok, type Result } from "../../../result.ts";
import type { CommandProblem } from "../../../words/command-words.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import { type Io, interruptedExitCode, undeliveredExitCode } from "../../io.ts";
import { reportCommandProblem } from "../../report.ts";
import { PolicyFiles, registriesInput } from "./policy-input.ts";

/**
 * Prints or writes a first policy, after a check: one by which nothing could be accepted is not given out, unless somebody
 * insists.
 *
 * @returns the exit code.
 */
export async function policyInit(options: Options, io: Io): Promise<number> {
  const refuse = (problem: CommandProblem) => reportCommandProblem(problem, "policy init", "text", io);
  const wanted = await wantedPolicy(options, io);
  if (wanted === "interrupted") {
    await io.stderr.write(`\n${initTexts.interrupted}\n`);
    return interruptedExitCode;
  }
  if (!wanted.ok) return refuse(wanted.problem);
  const text = wanted.value;
  const bytes = Buffer.from(text);
  const { findings: found } = await checkPolicy(bytes, {
    ...new PolicyFiles(io, { ofWritable: true }).trust,
    nowSeconds: io.now(),
    paths: hostPathResolver(io.environment.PWD),
    registries: await registriesInput(options, io),
  });
  // What a distribution chose needs no comment; that its keys are not here does.
  const findings = options.preset === undefined ? found : found.filter(({ code }) => severityOf(code) === "error");
  if (findings.length > 0) await io.stderr.write(`${checkText(options.output ?? "policy.json", text, findings)}\n`);
  if (findings.some(isInvalid)) return 3;
  if (findings.some(acceptsNothing) && options.force !== true) {
    await io.stderr.write(`${initTexts.refused}\n`);
    return 3;
  }
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

/** Nothing can be judged by it, wherever it is. */
function isInvalid({ code }: Finding): boolean {
  return severityOf(code) === "error" && !code.startsWith("policy.trust.");
}

/** No image could be accepted by what was asked for: on this machine, or anywhere. */
function acceptsNothing({ code }: Finding): boolean {
  const hopeless: readonly Finding["code"][] = [
    "lint.scope.never-matches",
    "lint.keyring.no-usable-key",
    "lint.key.unsupported",
  ];
  return severityOf(code) === "error" || hopeless.includes(code);
}

async function wantedPolicy(options: Options, io: Io): Promise<Result<string, CommandProblem> | "interrupted"> {
  const { preset } = options;
  if (preset === undefined) {
    const answers = await readAnswers(options, io);
    return answers !== "interrupted" && answers.ok ? ok(composePolicy(answers.value)) : answers;
  }
  for (const option of ["registry", "key", "key-type"] as const) {
    if (options[option] === undefined) continue;
    return fail({ code: "usage.option.combination", option, why: { kind: "not-with", other: "preset" } });
  }
  return ok(presetPolicy(preset));
}

async function readAnswers(options: Options, io: Io): Promise<Result<FirstPolicy, CommandProblem> | "interrupted"> {
  const keyType = options["key-type"] ?? "gpg";
  const { registry: givenRegistry, key } = options;
  const asked = givenRegistry === undefined || key === undefined ? await ask(givenRegistry, key, io) : undefined;
  if (asked === "interrupted") return asked;
  const registry = givenRegistry ?? asked?.registry ?? "";
  const keyPath = key ?? asked?.key ?? "";
  if (registry === "") return fail({ code: "usage.option.missing", option: "registry" });
  if (keyPath === "") return fail({ code: "usage.option.missing", option: "key" });
  if (!isAbsolute(keyPath)) {
    return fail({ code: "usage.option.value", option: "key", why: { kind: "not-absolute", value: keyPath } });
  }
  return ok({ registry, keyPath, keyType });
}

interface Answers {
  readonly registry: string | undefined;
  readonly key: string | undefined;
}

/** Asks for what is missing, where somebody can answer. An answer that never comes is `undefined`. */
async function ask(
  registry: string | undefined,
  key: string | undefined,
  io: Io,
): Promise<Answers | undefined | "interrupted"> {
  const asker = await openAsker(io.onInterrupt);
  if (asker === undefined) return undefined;
  try {
    const first = registry === undefined ? await asker.ask(initTexts.askRegistry) : { text: registry };
    if (typeof first !== "object") return first ?? { registry, key };
    const second = key === undefined ? await asker.ask(initTexts.askKey) : { text: key };
    if (typeof second !== "object") return second ?? { registry: first.text, key };
    return { registry: first.text, key: second.text };
  } finally {
    asker.close();
  }
}
