import { HttpBroken } from "../../host/http/exchange.ts";
import type { ImageProblem } from "../../image/problem.ts";
import { verdictDocument } from "../../report/document.ts";
import type { ErrorProblem, Verdict } from "../../verdict/verdict.ts";
import { problemText } from "../../words/problem-words.ts";
import { reasonText } from "../../words/reason.ts";
import type { CopyProblem } from "../core/copy-blob.ts";
import { isRetryable } from "../core/retryable.ts";
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
    case "broken":
      return problemFailure(problem.problem);
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

function errorCodeOf(problem: ErrorProblem): ErrorCode {
  return isRetryable(problem) ? "retryable" : "other";
}
