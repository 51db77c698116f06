import { errorText } from "../../result.ts";
import { HttpBroken, type HttpFailure } from "./exchange.ts";

const reasons: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: "no such address here",
  EAI_AGAIN: "the name cannot be looked up now",
  ECONNABORTED: "the connection was broken off",
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection was reset",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "the network is unreachable",
  ENOTFOUND: "there is no such host",
  EPIPE: "the connection was broken off",
  ETIMEDOUT: "the connection timed out",
};

const resets: ReadonlySet<string> = new Set(["ECONNRESET", "ECONNABORTED", "EPIPE"]);

/** What TLS libraries call it if the other side's certificate is not trusted, or there is no TLS (OpenSSL, BoringSSL). */
const tlsCode = /CERT|^ERR_(?:SSL|TLS)_|^EPROTO$|UNABLE_TO_|^ERR_OSSL/;

/** Of an error that Node or Bun gives a request. */
export function httpFailure(error: unknown): HttpFailure {
  if (error instanceof HttpBroken) return error.failure;
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  const reason = reasons[code];
  if (reason !== undefined) return { kind: "unreachable", reason, wasReset: resets.has(code) };
  if (code.startsWith("HPE_")) return { kind: "malformed", detail: errorText(error).replace(/^Parse Error: ?/, "") };
  if (tlsCode.test(code)) return { kind: "tls", reason: tlsReason(code, errorText(error)) };
  // Both runtimes say so of a connection that ends before its answer.
  const text = errorText(error);
  if (text === "aborted" || /socket hang up/i.test(text)) {
    return { kind: "unreachable", reason: "the connection was broken off", wasReset: true };
  }
  return { kind: "unreachable", reason: text, wasReset: false };
}

const tlsReasons: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by itself, and no file of certs.d trusts it",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is from an authority that is not trusted here",
  UNABLE_TO_GET_ISSUER_CERT: "its certificate is from an authority that is not trusted here",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is from an authority that is not trusted here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is from an authority that is not trusted here",
};

function tlsReason(code: string, text: string): string {
  const known = tlsReasons[code];
  if (known !== undefined) return known;
  return /WRONG_VERSION_NUMBER|wrong version number|HTTP_REQUEST|http request|PACKET_LENGTH_TOO_LONG|packet length too long/.test(
    text,
  )
    ? "it does not speak TLS"
    : `TLS fails (${text
        .replace(/^.*routines:/s, "")
        .trim()
        .slice(0, 100)})`;
}
