import { exitCodeOf } from "../../codes.ts";
import { digestText } from "../../encoding/digest.ts";
import type { Judgement } from "../../engine/judgement.ts";
import type { JudgeRequest } from "../../engine/request.ts";
import { isSamePlace, type OutputFile, writeOutputFiles } from "../../host/output-file.ts";
import type { CommandProblem } from "../../words/command-words.ts";
import { formatOf } from "../arguments/format-option.ts";
import { policyOf } from "../arguments/policy-option.ts";
import type { CommandName } from "../arguments/table.ts";
import { reportCommandProblem, reportUnwritten, reportVerdict } from "../report.ts";
import { type Called, commandEngine } from "./command-engine.ts";

/** A command that judges one image, and the command line it was called with. */
export interface JudgingCommand extends Called {
  readonly command: CommandName;
}

/**
 * Judges one image by the policy, hands over what was verified if it is accepted, and prints the verdict.
 *
 * @returns the exit code.
 */
export async function judgeOne(
  request: Pick<JudgeRequest, "identity" | "image" | "platform" | "blobs">,
  called: JudgingCommand,
): Promise<number> {
  const { options } = called;
  return deliver(called, () =>
    commandEngine(called, { isForOneImage: true }).judge({
      ...request,
      policy: policyOf(options),
      requireSigned: options["require-signed"] === true,
    }),
  );
}

/**
 * Has an image judged, hands over what was verified if it is accepted, and prints the verdict.
 *
 * @param acceptedText what to say of an accepted one instead, for people; all else then goes to standard error
 * @returns the exit code.
 */
export async function deliver(
  { command, options, io }: JudgingCommand,
  judge: () => Promise<Judgement & { readonly acceptedText?: string }>,
): Promise<number> {
  const format = formatOf(options);
  const outputs = { digestFile: options["digest-file"], manifestOut: options["manifest-out"] };
  const { digestFile, manifestOut } = outputs;
  if (digestFile !== undefined && manifestOut !== undefined && isSamePlace(digestFile, manifestOut))
    return reportCommandProblem(sameOutputs, command, format, io);

  const judgement = await judge();
  const unwritten = writeOutputs(judgement, outputs);
  const { verdict, acceptedText } = judgement;
  if (options.quiet === true) return exitCodeOf(unwritten?.code ?? verdict.code);
  if (unwritten !== undefined) return reportUnwritten(verdict, unwritten, format, io);
  return reportVerdict(verdict, { format, acceptedText }, io);
}

interface OutputPaths {
  readonly digestFile: string | undefined;
  readonly manifestOut: string | undefined;
}

const sameOutputs = {
  code: "usage.option.value",
  option: "digest-file",
  why: { kind: "same-file", other: "manifest-out" },
} as const;

/** Writes what was asked for of an accepted image, before anybody is told that it is accepted. */
function writeOutputs({ verdict, manifest }: Judgement, paths: OutputPaths): CommandProblem | undefined {
  if (verdict.outcome !== "accepted") return undefined;
  const files: OutputFile[] = [];
  if (paths.digestFile !== undefined) {
    files.push({ path: paths.digestFile, content: Buffer.from(`${digestText(verdict.manifest.digest)}\n`) });
  }
  if (paths.manifestOut !== undefined) {
    if (manifest === undefined) throw new Error("there is no manifest to write");
    files.push({ path: paths.manifestOut, content: manifest });
  }
  const written = writeOutputFiles(files);
  return written.ok ? undefined : { code: "usage.output.unwritable", ...written.problem };
}
