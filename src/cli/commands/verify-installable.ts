import type { Digest } from "../../encoding/digest.ts";
import { parseManifestDigest } from "../../image/manifest.ts";
import { fail, ok, type Result } from "../../result.ts";
import type { CommandProblem } from "../../words/command-words.ts";
import type { Options } from "../arguments/parse-arguments.ts";
import type { Io } from "../io.ts";
import { reportCommandProblem } from "../report.ts";
import { judgeOne } from "./judge-one.ts";

/**
 * Judges the image of a source.
 *
 * @returns the exit code.
 */
export async function verifyInstallable(options: Options, source: string, io: Io): Promise<number> {
  const command = "verify-installable";
  const refuse = (problem: CommandProblem) => reportCommandProblem(problem, command, options.format ?? "text", io);
  const manifestDigest = manifestDigestOf(options);
  if (!manifestDigest.ok) return refuse(manifestDigest.problem);
  if (options["layout-signatures"] === true && options["load-signatures-from"] !== undefined) {
    return refuse(notWith("layout-signatures", "load-signatures-from"));
  }
  const image = {
    kind: "source",
    source,
    manifestDigest: manifestDigest.value,
    useAttachments: options["layout-signatures"] === true,
    signaturesFrom: options["load-signatures-from"],
  } as const;
  return judgeOne({ identity: options.identity ?? "", image }, { command, options, io });
}

function manifestDigestOf(options: Options): Result<Digest | undefined, CommandProblem> {
  const text = options["manifest-digest"];
  if (text === undefined) return ok(undefined);
  if (options["manifest-out"] !== undefined) return fail(notWith("manifest-out", "manifest-digest"));
  const digest = parseManifestDigest(text);
  if (digest !== undefined) return ok(digest);
  const why = { kind: "no-digest", value: text } as const;
  return fail({ code: "usage.option.value", option: "manifest-digest", why });
}

function notWith(option: string, other: string): CommandProblem {
  return { code: "usage.option.combination", option, why: { kind: "not-with", other } };
}
