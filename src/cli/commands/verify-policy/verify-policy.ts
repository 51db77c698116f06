import { Engine } from "../../../engine/engine.ts";
import { inOrder } from "../../../engine/in-order.ts";
import { readTrustFile } from "../../../host/trust-file.ts";
import type { ConfigProblem } from "../../../image/access-problem.ts";
import { tablePieces } from "../../../report/check/table.ts";
import type { CheckedImage, CheckRun } from "../../../report/checked-image.ts";
import { printableJson } from "../../../report/document.ts";
import type { Result } from "../../../result.ts";
import { openRegistries } from "../../../source/registry/open-registries.ts";
import type { RegistryAccess } from "../../../source/registry/registry-access.ts";
import type { CommandProblem } from "../../../words/command-words.ts";
import { imageOptionsOf } from "../../arguments/image-options.ts";
import { openPgpOf } from "../../arguments/openpgp-option.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import { type Io, undeliveredExitCode } from "../../io.ts";
import { reportCommandProblem } from "../../report.ts";
import { version } from "../../version.ts";
import { tellers } from "../judge-one.ts";
import { type Check, judgeReference } from "./judge-reference.ts";
import { askedImage } from "./references.ts";

const command = "verify-policy";

/**
 * Checks images in registries as those that are going to run them would see them.
 *
 * @returns the exit code: the highest of any image.
 */
export async function verifyPolicy(options: Options, operands: readonly string[], io: Io): Promise<number> {
  const refuse = (problem: CommandProblem) =>
    reportCommandProblem(
      problem,
      command,
      options.format === "json" || options.format === "jsonl" ? "json" : "text",
      io,
    );
  const chosen = imageOptionsOf(options);
  if (!chosen.ok) return refuse(chosen.problem);
  const { platform = { kind: "all" } } = chosen.value;
  if (operands.length === 0) return refuse({ code: "usage.input.empty" });

  const interrupt = new AbortController();
  io.onInterrupt(() => interrupt.abort(new Error("interrupted")));
  let opened: Promise<Result<RegistryAccess, ConfigProblem>> | undefined;
  const { trace, warn } = tellers({ command, options, io });
  const check: Check = {
    engine: new Engine({
      environment: io.environment,
      now: io.now,
      readFile: (path) => readTrustFile(path, warn),
      openPgp: openPgpOf(options),
      isPinned: true,
      trace,
      warn,
    }),
    registries: () => {
      opened ??= openRegistries({
        registriesConf: options["registries-conf"],
        registriesDirectory: options["registries.d"],
        authFile: options.authfile,
        certificatesDirectory: options["cert-dir"],
        tlsVerify: options["tls-verify"],
        environment: io.environment,
        userAgent: `sealcheck/${version}`,
      });
      return opened;
    },
    policy: options.policy === undefined ? { kind: "default" } : { kind: "file", path: options.policy },
    requireSigned: options["require-signed"] === true,
    platform,
    blobs: options.blobs === undefined ? "head" : chosen.value.blobs,
    blobMemo: new Map(),
    signal: interrupt.signal,
  };

  const startedAt = new Date();
  const asked = operands.map((reference) => askedImage(reference, io.environment.PWD));
  const results: CheckedImage[] = [];
  let exitCode = 0;
  let isDelivered = true;
  const concurrency = options.jobs ?? defaultJobs;
  for await (const result of inOrder(asked, { concurrency, signal: interrupt.signal }, (one) =>
    judgeReference(one, check),
  )) {
    exitCode = Math.max(exitCode, result.exitCode);
    if (options.format === "jsonl" && options.quiet !== true) {
      isDelivered = await io.stdout.write(`${printableJson(JSON.stringify(result))}\n`);
      if (!isDelivered) break;
    } else {
      results.push(result);
    }
  }
  if (options.format !== "jsonl" && options.quiet !== true) {
    const run: CheckRun = { results, startedAt, finishedAt: new Date(), isComplete: true, total: asked.length };
    for (const piece of tablePieces(run)) isDelivered &&= await io.stdout.write(piece);
  }
  return isDelivered ? exitCode : exitCode || undeliveredExitCode;
}

const defaultJobs = 16;
