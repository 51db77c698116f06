/** What counts as agreement of `verify-policy` with what was recorded of containers/image. */
import type { Recorded } from "./recorded.ts";
import type { Ended } from "./run-aside.ts";

/** Exit codes that go with an outcome of the reference. Its errors within the policy are refusals, or say that something cannot be read. */
function exitCodesFor({ outcome, stage }: Recorded): readonly number[] {
  if (outcome === "accepted") return [0];
  if (outcome === "rejected") return [1];
  if (outcome === "hangs") return [5];
  switch (stage) {
    case "reference":
      return [2];
    case "policy":
      return [1, 3, 4, 5];
    case "source":
      return [3, 4, 5];
    default:
      return [3, 4, 5];
  }
}

export interface Differences {
  /** Exit code, digest, and where it came from. */
  readonly verdict: readonly string[];
  /** Requests, by server. */
  readonly requests: readonly string[];
}

/** `requests` are those of `Scene.requests`; `normalize` is the scene's. */
export function differencesFrom(
  recorded: Recorded,
  ended: Ended,
  requests: Readonly<Record<string, readonly string[]>>,
  normalize: (text: string) => string,
): Differences {
  const verdict: string[] = [];
  const wanted = exitCodesFor(recorded);
  if (ended.code === null || !wanted.includes(ended.code)) {
    verdict.push(`exit code ${ended.code}, not ${wanted.join(" or ")}: ${normalize(ended.stdout + ended.stderr)}`);
  }
  if (recorded.outcome === "accepted" && ended.code === 0) {
    const line: { served_by?: string | null; pinned?: string } = JSON.parse(ended.stdout);
    const servedBy = normalize(line.served_by ?? "");
    const place = repositoryOf(recorded.served ?? "");
    if (servedBy !== place) verdict.push(`served by "${servedBy}", not "${place}"`);
    if (line.pinned?.endsWith(`@${recorded.digest}`) !== true) {
      verdict.push(`pinned "${line.pinned}", not to ${recorded.digest}`);
    }
  }
  const servers = Object.keys({ ...recorded.requests, ...requests }).sort();
  return {
    verdict,
    requests: servers.flatMap((server) => {
      const [before, now] = [recorded.requests[server] ?? [], requests[server] ?? []];
      return before.join("\n") === now.join("\n")
        ? []
        : [`${server}: ${now.join(", ")}\n     not ${before.join(", ")}`];
    }),
  };
}

/** Without tag or digest. */
function repositoryOf(reference: string): string {
  return reference.replace(/@sha256:.*$/, "").replace(/:[^:/]*$/, "");
}
