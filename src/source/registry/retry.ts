/** docker/docker_client.go `backoffMaxDelay`. */
const maxSeconds = 60;

/**
 * How many seconds to wait before the next attempt: what `Retry-After` says, in seconds or as a date that is to come, otherwise
 * `fallback` (docker/docker_client.go `parseRetryAfter`).
 */
export function retryDelay([header]: readonly string[], fallback: number, now: () => number): number {
  return Math.max(0, Math.min(asked(header, now) ?? fallback, maxSeconds));
}

function asked(header: string | undefined, now: () => number): number | undefined {
  if (header === undefined) return undefined;
  if (/^[+-]?\d{1,18}$/.test(header)) return Number(header);
  const seconds = httpDate.test(header) ? (Date.parse(header) - now()) / 1000 : Number.NaN;
  return seconds > 0 ? seconds : undefined;
}

/** RFC 7231 IMF-fixdate, which servers send. */
const httpDate = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;
