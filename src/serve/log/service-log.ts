import type { Peer } from "../../host/descriptors/channel.ts";
import { verdictDocument } from "../../report/document.ts";
import type { Verdict } from "../../verdict/verdict.ts";

/** One thing to be said in the log of the system, with fields for whoever searches it (systemd.journal-fields(7)). */
export interface LogEntry {
  /** Of syslog: 3 an error, 4 a warning, 5 normal but significant, 6 for information. */
  readonly priority: 3 | 4 | 5 | 6;
  /** Of several lines; what comes from elsewhere is escaped in it. */
  readonly message: string;
  readonly fields: LogFields;
}

/** The fields of our own. */
interface LogFields {
  readonly SEALCHECK_OUTCOME?: string;
  readonly SEALCHECK_CODE?: string;
  readonly SEALCHECK_IDENTITY?: string;
  readonly SEALCHECK_DIGEST?: string;
  readonly SEALCHECK_POLICY?: string;
  readonly SEALCHECK_PEER_UID?: string;
  readonly SEALCHECK_PEER_PID?: string;
}

/** Where entries go to: the journal, or standard error. */
export type LogSink = (entry: LogEntry) => void;

export interface ServiceLog {
  /** An acceptance is told only if everything is. */
  verdict(verdict: Verdict, peer: Peer | undefined): void;
  /** What was refused before anything was judged. */
  refusal(why: { readonly code: string; readonly message: string }, peer: Peer | undefined): void;
  say(priority: LogEntry["priority"], message: string, fields?: LogFields): void;
}

/** So much is told at once, and so often after that: a caller who is refused again and again must not fill the disk. */
const burst = 200;
const perSecond = 20;

/** What a service says of its work: every refusal and every error, once, with its whole explanation. */
export function serviceLog(
  sink: LogSink,
  { elapsed, tellsAll }: { readonly elapsed: () => number; readonly tellsAll: boolean },
): ServiceLog {
  const bound = new RateBound(elapsed);
  const say = (entry: LogEntry): void => {
    const leftOut = bound.admit();
    if (leftOut === undefined) return;
    if (leftOut > 0) {
      sink({ priority: 4, message: `${leftOut} messages before this one were left out`, fields: {} });
    }
    sink(entry);
  };
  return {
    verdict: (verdict, peer) => {
      if (verdict.outcome === "accepted" && !tellsAll) return;
      say(entryOf(verdict, peer));
    },
    refusal: ({ code, message }, peer) => {
      const fields = { SEALCHECK_OUTCOME: "error", SEALCHECK_CODE: code, ...askerFields(peer) };
      say({ priority: 4, message, fields });
    },
    say: (priority, message, fields = {}) => say({ priority, message, fields }),
  };
}

function entryOf(verdict: Verdict, peer: Peer | undefined): LogEntry {
  const { message, identity, manifest, policy } = verdictDocument(verdict);
  const fields: LogFields = {
    SEALCHECK_OUTCOME: verdict.outcome,
    SEALCHECK_CODE: verdict.code,
    SEALCHECK_IDENTITY: identity ?? "",
    SEALCHECK_DIGEST: manifest?.digest ?? "",
    SEALCHECK_POLICY: policy.path ?? "",
    ...askerFields(peer),
  };
  const priorities = { accepted: 6, rejected: 5, error: verdict.code === "internal.error" ? 3 : 4 } as const;
  return { priority: priorities[verdict.outcome], message, fields };
}

/** Who asks, as the kernel knows it. */
function askerFields(peer: Peer | undefined): LogFields {
  return peer === undefined ? {} : { SEALCHECK_PEER_UID: `${peer.userId}`, SEALCHECK_PEER_PID: `${peer.processId}` };
}

class RateBound {
  readonly #elapsed: () => number;
  #tokens = burst;
  #last: number;
  #leftOut = 0;

  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
    this.#last = elapsed();
  }

  /** How many were left out since the last one that was not; `undefined` if this one is. */
  admit(): number | undefined {
    const now = this.#elapsed();
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#last) / 1000) * perSecond);
    this.#last = now;
    if (this.#tokens < 1) {
      this.#leftOut += 1;
      return undefined;
    }
    this.#tokens -= 1;
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    return leftOut;
  }
}
