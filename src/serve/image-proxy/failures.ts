import { HttpBroken } from "../../host/http/exchange.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { verdictDocument } from "../../report/document.ts";
import type { ErrorProblem, Verdict } from "../../verdict/verdict.ts";
import { problemText } from "../../words/problem-words.ts";
import { reasonText } from "../../words/reason.ts";
import type { CopyProblem } from "../core/copy-blob.ts";
import type { ErrorCode, ProxyFailure } from "./reply.ts";

/** An image that was not accepted. */
export function verdictFailure(verdict: Exclude<Verdict, { outcome: "accepted" }>): ProxyFailure {
  const errorCode = verdict.outcome === "error" ? errorCodeOf(verdict.problem) : "other";
  return { errorCode, message: reasonText(verdict), verdict: verdictDocument(verdict) };
}

export function problemFailure(problem: ImageProblem): ProxyFailure {
  return { errorCode: errorCodeOf(problem), message: problemText(problem) };
}

/** What was wrong with a blob once it was read (handler.go GetBlob). */
export function copyFailure(problem: CopyProblem): ProxyFailure {
  switch (problem.kind) {
    case "unread":
      return { errorCode: problem.errno === "EPIPE" ? "EPIPE" : "other", message: "nobody reads the pipe any more" };
    case "source":
      return { errorCode: problem.error instanceof HttpBroken ? "retryable" : "other", message: problem.reason };
    case "size": {
      const message = `expected ${problem.expectedBytes} bytes in blob, got ${problem.actualBytes}`;
      return { errorCode: "other", message };
    }
    case "digest":
      return { errorCode: "other", message: `corrupted blob, expecting ${problem.digest}` };
  }
}

export function otherFailure(message: string): ProxyFailure {
  return { errorCode: "other", message };
}

/**
 * Whether the same may work later (container-libs: common/pkg/retry `IsErrorRetryable`): what the network did, three statuses, and every
 * error in a registry's own words but four.
 */
function errorCodeOf(problem: ErrorProblem): ErrorCode {
  switch (problem.code) {
    case "source.unreachable":
    case "source.timeout":
    case "source.throttled":
      return "retryable";
    case "source.refused":
    case "source.unauthorized":
    case "source.not-found": {
      const { registryCode } = problem;
      if (registryCode !== undefined) return lastingCodes.has(registryCode) ? "other" : "retryable";
      return "status" in problem && problem.status >= 502 && problem.status <= 504 ? "retryable" : "other";
    }
    default:
      return "other";
  }
}

const lastingCodes: ReadonlySet<string> = new Set(["UNAUTHORIZED", "DENIED", "NAME_UNKNOWN", "MANIFEST_UNKNOWN"]);
