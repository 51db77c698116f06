/** What is asked of a server. Redirects are not followed here: only who asks knows what may go to another server. */
export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  readonly connection: Connection;
  readonly signal?: AbortSignal | undefined;
}

/** By which way a server is reached. Connections are kept for those who say the same object again. */
export interface Connection {
  /** PEM texts: those that may vouch for the server, all of them; `undefined` for what the runtime trusts. */
  readonly authorities?: readonly string[] | undefined;
  readonly client?: { readonly certificate: string; readonly key: string } | undefined;
  /** Nobody has to vouch for the server. */
  readonly isUnverified: boolean;
  readonly proxy?: URL | undefined;
}

export interface HttpResponse {
  readonly status: number;
  /** All values of a header, by its name in lower case. */
  header(name: string): readonly string[];
  /**
   * As it was sent, but for the compression that was asked for. To be read once, to the end or not at all: whoever does not want
   * it calls `discard`. Throws an `HttpBroken` where it breaks off.
   */
  readonly body: AsyncIterable<Uint8Array>;
  discard(): void;
  /** How long a short body may take in all, and a long one between two of its pieces. */
  readonly bodySeconds: number;
}

/** Why there is no answer, or not all of it. */
export type HttpFailure =
  | { readonly kind: "unreachable"; readonly reason: string; readonly wasReset: boolean }
  | { readonly kind: "timeout"; readonly phase: "connect" | "answer" | "body"; readonly seconds: number }
  | { readonly kind: "tls"; readonly reason: string }
  /** It is not HTTP, or not what HTTP allows. */
  | { readonly kind: "malformed"; readonly detail: string };

/** A body that breaks off, thrown by whoever reads it; the message is the reason. */
export class HttpBroken extends Error {
  override readonly name = "HttpBroken";
  readonly failure: HttpFailure;

  constructor(failure: HttpFailure) {
    super(reasonFor(failure));
    this.failure = failure;
  }
}

function reasonFor(failure: HttpFailure): string {
  switch (failure.kind) {
    case "timeout":
      return `nothing came for ${failure.seconds} seconds`;
    case "malformed":
      return failure.detail;
    default:
      return failure.reason;
  }
}
