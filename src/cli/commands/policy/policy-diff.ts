import type { NoPolicy } from "../../../engine/read-policy.ts";
import { readOperandFile, readOperandStream } from "../../../host/operand-file.ts";
import { hostPathResolver } from "../../../host/path-resolver.ts";
import { type Identity, parseIdentity } from "../../../identity/identity.ts";
import { diffPolicies, isDifferent } from "../../../inspect/diff-policies.ts";
import { MaterialReader } from "../../../inspect/material.ts";
import { maxIdentitiesBytes } from "../../../limits.ts";
import { diffDocument, diffText } from "../../../report/inspect-diff.ts";
import { fail, ok, type Result } from "../../../result.ts";
import type { CommandProblem } from "../../../words/command-words.ts";
import { formatOf } from "../../arguments/format-option.ts";
import type { Options } from "../../arguments/parse-arguments.ts";
import type { Io } from "../../io.ts";
import { reportCommandProblem } from "../../report.ts";
import { PolicyFiles, printResult, reportNoPolicy } from "./policy-input.ts";

/**
 * Says for which images two policies differ.
 *
 * @returns the exit code: 0 for none, 1 for some.
 */
export async function policyDiff(
  options: Options,
  paths: { readonly older: string; readonly newer: string },
  io: Io,
): Promise<number> {
  const list = await readList(options.identities ?? "", io);
  if (!list.ok) return reportCommandProblem(list.problem, "policy diff", formatOf(options), io);
  const identities = parseIdentities(list.value, io);
  if (!identities.ok) return reportNoPolicy(identities.problem, options, io);
  const files = new PolicyFiles(io, { ofWritable: false });
  const older = files.parsePolicy(paths.older);
  if (!older.ok) return reportNoPolicy(older.problem, options, io);
  const newer = files.parsePolicy(paths.newer);
  if (!newer.ok) return reportNoPolicy(newer.problem, options, io);

  // One reader for both: a file that both name is read once.
  const materials = new MaterialReader({ ...files.trust, nowSeconds: io.now() });
  const compared = await diffPolicies(
    { policy: older.value, materials },
    { policy: newer.value, materials },
    identities.value,
  );
  const exitCode = compared.some(isDifferent) ? 1 : 0;
  return printResult(
    {
      text: () => diffText(paths, compared),
      document: () => diffDocument(paths, compared, exitCode),
      exitCode,
    },
    options,
    io,
  );
}

/** The lines that count. */
async function readList(path: string, io: Io): Promise<Result<readonly string[], CommandProblem>> {
  const problem = (why: Extract<CommandProblem, { code: "usage.option.value" }>["why"]) =>
    fail({ code: "usage.option.value", option: "identities", why } as const);
  const read =
    path === "-" ? await readOperandStream(io.stdin(), maxIdentitiesBytes) : readOperandFile(path, maxIdentitiesBytes);
  if (!read.ok) {
    const reason = read.problem.kind === "too-large" ? "it is too large" : read.problem.reason;
    return problem({ kind: "unreadable", path, reason });
  }
  const lines = Buffer.from(read.value)
    .toString("utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  return lines.length === 0 ? problem({ kind: "no-identities", path }) : ok(lines);
}

function parseIdentities(lines: readonly string[], io: Io): Result<readonly Identity[], NoPolicy> {
  const paths = hostPathResolver(io.environment.PWD);
  const identities: Identity[] = [];
  for (const line of lines) {
    const identity = parseIdentity(line, paths);
    if (!identity.ok) return fail({ problem: identity.problem, policyPath: undefined });
    identities.push(identity.value);
  }
  return ok(identities);
}
