import { resolve } from "node:path";
import { exitCodeOf } from "../codes.ts";
import { digestText } from "../encoding/digest.ts";
import { type OutputFile, writeOutputFiles } from "../host/output-file.ts";
import type { CommandProblem } from "../text/command-words.ts";
import { stepText } from "../text/trace-words.ts";
import { warningText } from "../text/warning-words.ts";
import { ImageJudge, type Judgement } from "./image-judge.ts";
import type { Io } from "./io.ts";
import type { Options } from "./parse-arguments.ts";
import { reportCommandProblem, reportUnwritten, reportVerdict } from "./report.ts";

/**
 * Judges one image, hands over what was verified if it is accepted, and prints the verdict.
 *
 * @returns the exit code.
 */
export async function verifyInstallable(options: Options, source: string, io: Io): Promise<number> {
  const format = options.format ?? "text";
  const isQuiet = options.quiet === true;
  const outputs = { digestFile: options["digest-file"], manifestOut: options["manifest-out"] };
  if (areSame(outputs)) return reportCommandProblem(sameOutputs, "verify-installable", format, io);

  const judge = new ImageJudge({
    environment: io.environment,
    now: io.now,
    trace: (step) => {
      if (options.debug === true && !isQuiet) void io.stderr.write(`${stepText(step)}\n`);
    },
    warn: (warning) => {
      if (!isQuiet) void io.stderr.write(`${warningText(warning)}\n`);
    },
  });
  const judgement = await judge.judge({
    identity: options.identity ?? "",
    image: { source },
    policy: options.policy === undefined ? { kind: "default" } : { kind: "file", path: options.policy },
    requireSigned: options["require-signed"] === true,
  });

  const unwritten = writeOutputs(judgement, outputs);
  const { verdict } = judgement;
  if (isQuiet) return exitCodeOf(unwritten?.code ?? verdict.code);
  return unwritten === undefined ? reportVerdict(verdict, format, io) : reportUnwritten(verdict, unwritten, format, io);
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

function areSame({ digestFile, manifestOut }: OutputPaths): boolean {
  return digestFile !== undefined && manifestOut !== undefined && resolve(digestFile) === resolve(manifestOut);
}

/** Writes what was asked for of an accepted image, before anybody is told that it is accepted. */
function writeOutputs({ verdict, manifest }: Judgement, paths: OutputPaths): CommandProblem | undefined {
  if (verdict.outcome !== "accepted" || manifest === undefined) return undefined;
  const files: OutputFile[] = [];
  if (paths.digestFile !== undefined) {
    files.push({ path: paths.digestFile, content: Buffer.from(`${digestText(verdict.manifest.digest)}\n`) });
  }
  if (paths.manifestOut !== undefined) files.push({ path: paths.manifestOut, content: manifest });
  const written = writeOutputFiles(files);
  return written.ok ? undefined : { code: "usage.output.unwritable", ...written.problem };
}
