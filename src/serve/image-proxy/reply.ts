import { encodeGoJson } from "../../encoding/json-go-encode.ts";
import type { Descriptor } from "../../host/descriptors/channel.ts";
import type { VerdictDocument } from "../../report/document.ts";

/** What clients do by: nothing else is known of an error. */
export type ErrorCode = "EPIPE" | "retryable" | "other";

export interface ProxyFailure {
  readonly errorCode: ErrorCode;
  /** For a person, in one line. */
  readonly message: string;
  /** If an image was judged: its verdict, which is no acceptance. */
  readonly verdict?: VerdictDocument;
}

/** An answer to one request. The descriptors go with it, the data before the errors, and are closed when it was sent or could not be. */
export interface ProxyReply {
  readonly value: unknown;
  /** 0: there is no pipe to finish. */
  readonly pipeId: number;
  readonly descriptors: readonly Descriptor[];
  readonly failure: ProxyFailure | undefined;
  /** Of an image that was accepted, if that was asked for. */
  readonly verdict?: VerdictDocument;
}

export function valueReply(value: unknown, more: Partial<ProxyReply> = {}): ProxyReply {
  return { value, pipeId: 0, descriptors: [], failure: undefined, ...more };
}

export function failureReply(failure: ProxyFailure): ProxyReply {
  return { value: null, pipeId: 0, descriptors: [], failure };
}

/** What the published Rust client reads of one packet; a verdict that would make a reply larger is left out. */
const maxReplyWithVerdictBytes = 32_000;

/**
 * A reply as a packet: all five keys, always (clients insist), then ours, which clients of the reference skip: `code`, a code of
 * docs/codes.md, and `verdict`. Escaped as Go's encoding/json does.
 */
export function encodeReply({ value, pipeId, failure, verdict }: ProxyReply): Uint8Array {
  const reply = {
    success: failure === undefined,
    value,
    pipeid: pipeId,
    error_code: failure?.errorCode ?? "",
    error: failure?.message ?? "",
  };
  const told = failure?.verdict ?? verdict;
  if (told === undefined) return bytesOf(reply);
  const whole = bytesOf({ ...reply, code: told.code, verdict: told });
  return whole.length <= maxReplyWithVerdictBytes ? whole : bytesOf({ ...reply, code: told.code });
}

function bytesOf(reply: object): Uint8Array {
  return Buffer.from(encodeGoJson(reply));
}
