import { type Code, exitCodeOf } from "../../codes.ts";
import { verdictDocument } from "../../report/document.ts";
import type { ErrorVerdict } from "../../verdict/verdict.ts";
import { isRetryable } from "../core/retryable.ts";
import { errorReply } from "../varlink/interface.ts";

/** What both interfaces say of what could not be judged. */
interface Said {
  readonly code: Code;
  readonly message: string;
}

export function said(verdict: ErrorVerdict): Said {
  return { code: verdict.code, message: verdictDocument(verdict).message };
}

/** Why nothing was judged, as an error that both interfaces have. */
export function judgingError(verdict: ErrorVerdict) {
  const told = said(verdict);
  switch (exitCodeOf(verdict.code)) {
    case 2:
      return verdict.code.startsWith("identity.")
        ? errorReply("IdentityInvalid", told)
        : errorReply("ImageUnusable", told);
    case 3:
      return errorReply("PolicyUnusable", told);
    case 4:
    case 5:
      return errorReply("ImageUnusable", told);
    default:
      return errorReply("InternalFailure", told);
  }
}

/** The same of an image that was to be opened. */
export function openingError(verdict: ErrorVerdict, isAbsent: boolean) {
  const told = said(verdict);
  if (isAbsent) return errorReply("ImageNotFound", told);
  if (exitCodeOf(verdict.code) === 5) {
    return errorReply("SourceUnavailable", { ...told, retryable: isRetryable(verdict.problem) });
  }
  return judgingError(verdict);
}
