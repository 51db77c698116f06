import { sleep } from "../../host/sleep.ts";
import type { AccessFailure } from "../../image/access-problem.ts";
import type { Result } from "../../result.ts";
import { parseChallenges } from "./challenge.ts";
import { maxThrottledAttempts } from "./registry-error.ts";
import type { Answered } from "./requester.ts";
import { retryDelay } from "./retry.ts";

export interface Persistence {
  /** Asks again where a server fails: the reference does not, and goes on to the next location if there is one. */
  readonly isLastResort: boolean;
  readonly signal: AbortSignal | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told that the server wants to be asked less, and for how long it is left alone. */
  readonly onThrottled?: (seconds: number) => void;
}

/**
 * Asks again as the server wishes: after a 429 as the reference does, once more with the scope that a 401 says is missing
 * (docker/docker_client.go `makeRequestToResolvedURL`), and, as the last resort, after other failures.
 *
 * @param once asks; it is given the scope that was missing
 */
export async function persistently(
  { isLastResort, signal, now, onThrottled }: Persistence,
  once: (missingScope: string | undefined) => Promise<Result<Answered, AccessFailure>>,
): Promise<Result<Answered, AccessFailure>> {
  let delay = firstDelaySeconds;
  let failures = 0;
  let missingScope: string | undefined;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await once(missingScope);
    const status = answer.ok ? answer.value.response.status : undefined;
    const header = (name: string) => (answer.ok ? answer.value.response.header(name) : []);
    let seconds: number;
    if (status === 401 && attempt === 1 && missingScope === undefined) {
      missingScope = insufficientScope(header("www-authenticate"));
      if (missingScope === undefined) return answer;
      seconds = 0;
    } else if (status === 429 && attempt < maxThrottledAttempts) {
      seconds = retryDelay(header("retry-after"), delay, now);
      onThrottled?.(seconds);
      delay = seconds * 2;
    } else if (isLastResort && isPassing(answer) && failures < maxFailures) {
      failures += 1;
      seconds = retryDelay(header("retry-after"), failures, now);
    } else {
      return answer;
    }
    if (answer.ok) answer.value.response.discard();
    if (seconds > 0) await sleep(seconds, signal);
  }
}

/** docker/docker_client.go `backoffInitialDelay`. */
const firstDelaySeconds = 2;

/** Answers of 5xx, and connections that fail, after which the last resort is asked again. */
const maxFailures = 2;

/** Whether it may go better the next time. */
function isPassing(answer: Result<Answered, AccessFailure>): boolean {
  return answer.ok ? answer.value.response.status >= 500 : answer.problem.code === "source.unreachable";
}

/** docker/docker_client.go `needsRetryWithUpdatedScope`. */
function insufficientScope(headers: readonly string[]): string | undefined {
  for (const { scheme, untrustedParameters } of parseChallenges(headers)) {
    const scope = untrustedParameters.get("scope");
    if (scheme !== "bearer" || untrustedParameters.get("error") !== "insufficient_scope" || !scope) continue;
    if (scope.split(":").length === 3) return scope;
  }
  return undefined;
}
