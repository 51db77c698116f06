import type { OpenPgpBackEnd } from "../../../crypto/openpgp/back-end.ts";
import { Engine } from "../../../engine/engine.ts";
import { errorVerdict } from "../../../engine/error-verdict.ts";
import type { PolicySnapshot } from "../../../engine/policies.ts";
import type { FileWarning } from "../../../host/file-warning.ts";
import type { Sink } from "../../../host/sink.ts";
import { readTrustFile } from "../../../host/trust-file.ts";
import { documentLine, type VerdictDocument, verdictDocument } from "../../../report/document.ts";
import { errorText } from "../../../result.ts";
import type { BatchProgress } from "../../../words/command-words.ts";
import { stepText } from "../../../words/trace-words.ts";
import { warningText } from "../../../words/warning-words.ts";
import type { Environment } from "../../environment.ts";
import { type BatchDefaults, parseBatchRequest } from "./batch-request.ts";

/** What judging lines depends on, apart from the process; crosses over to threads. */
export interface BatchSettings {
  readonly defaults: BatchDefaults;
  readonly debug: boolean;
  readonly openPgp: readonly OpenPgpBackEnd[];
  /** What another thread has read already: all lines are judged by the same policies and keys. */
  readonly known?: PolicySnapshot;
}

/** The verdicts on some lines: as JSON Lines, and counted. */
export interface JudgedBlock extends BatchProgress {
  readonly text: string;
  /** The highest exit code of them. */
  readonly exitCode: number;
}

/** A judge in this thread, and what it has read. */
export interface LocalJudge {
  readonly judge: BlockJudge;
  snapshot(): Promise<PolicySnapshot>;
}

/** Judges the lines of a block in order. */
export type BlockJudge = (lines: readonly Uint8Array[]) => Promise<JudgedBlock>;

/** A block's judge in this thread. It keeps policies and keys from one block to the next. */
export function blockJudge(
  { defaults, debug, openPgp, known }: BatchSettings,
  io: { readonly environment: Environment; readonly now: () => number; readonly stderr: Sink },
): LocalJudge {
  const warn = (warning: FileWarning) => void io.stderr.write(`${warningText(warning)}\n`);
  const engine = new Engine({
    environment: io.environment,
    now: io.now,
    readFile: (path) => readTrustFile(path, warn),
    openPgp,
    isPinned: true,
    known,
    trace: (step) => {
      if (debug) void io.stderr.write(`${stepText(step)}\n`);
    },
    warn,
  });

  const judgeLine = async (line: Uint8Array): Promise<VerdictDocument> => {
    let named: { readonly id?: string } = {};
    try {
      const { id, request } = parseBatchRequest(line, defaults);
      if (id !== undefined) named = { id };
      const verdict = request.ok ? (await engine.judge(request.value)).verdict : errorVerdict(request.problem);
      return verdictDocument(verdict, named);
    } catch (error) {
      // A bug, which must not take the other lines with it.
      const detail = errorText(error);
      return verdictDocument(errorVerdict({ code: "internal.error", detail }), named);
    }
  };

  const judge: BlockJudge = async (lines) => {
    const count = { accepted: 0, rejected: 0, error: 0 };
    let text = "";
    let exitCode = 0;
    for (const line of lines) {
      const document = await judgeLine(line);
      text += documentLine(document);
      exitCode = Math.max(exitCode, document.exitCode);
      count[document.outcome] += 1;
    }
    return { text, exitCode, ...count };
  };
  return { judge, snapshot: () => engine.snapshot(defaults.policy) };
}
