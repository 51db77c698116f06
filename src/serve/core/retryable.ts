import type { ErrorProblem } from "../../verdict/verdict.ts";

/**
 * Whether the same may work later (container-libs: common/pkg/retry `IsErrorRetryable`): what the network did, three statuses, and every
 * error in a registry's own words but four. Too many requests are none: until now they were waited for.
 */
export function isRetryable(problem: ErrorProblem): boolean {
  switch (problem.code) {
    case "source.unreachable":
    case "source.timeout":
      return true;
    case "source.refused":
    case "source.unauthorized":
    case "source.not-found":
    case "image.blob.missing": {
      const { registryCode } = problem;
      if (registryCode !== undefined) return !lastingCodes.has(registryCode);
      return "status" in problem && problem.status >= 502 && problem.status <= 504;
    }
    default:
      return false;
  }
}

const lastingCodes: ReadonlySet<string> = new Set(["UNAUTHORIZED", "DENIED", "NAME_UNKNOWN", "MANIFEST_UNKNOWN"]);
