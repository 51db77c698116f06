import { errorText } from "../../result.ts";
import { DatabaseFailed, type DatabaseProblem } from "./database.ts";

/** What was thrown, as what may be expected; a mistake of ours, such as SQL that is none, stays what it is. */
export function postgresFailure(error: unknown): unknown {
  if (error instanceof DatabaseFailed) return error;
  const problem = problemOf(error);
  return problem === undefined ? error : new DatabaseFailed(problem);
}

/** Of the system, and of Node's and Bun's sockets and resolvers. */
const connectionErrors: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there",
  ECONNRESET: "the connection broke off",
  EPIPE: "the connection broke off",
  ENOENT: "there is no such socket",
  EACCES: "permission denied",
  ENOTSOCK: "there is no such socket",
  ETIMEDOUT: "no answer in time",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  EADDRNOTAVAIL: "no route to the host",
  ENOTFOUND: "the host is not known",
  EAI_AGAIN: "the name server does not answer",
  EAI_FAIL: "the name server does not answer",
};

/** What the packages pg and pg-pool say in words only (client.js, connection.js, pg-pool's index.js). */
const connectionTexts =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Client was closed)/;

function problemOf(error: unknown): DatabaseProblem | undefined {
  // One error for each address of a host.
  if (error instanceof AggregateError && error.errors.length > 0) return problemOf(error.errors[0]);
  const code = codeOf(error);
  const text = errorText(error);
  const broken = connectionErrors[code];
  if (broken !== undefined) return { kind: "unreachable", reason: broken };
  if (/^[0-9A-Z]{5}$/.test(code)) return serverProblem(code, text);
  if (connectionTexts.test(text))
    return { kind: "unreachable", reason: "the connection broke off, or was not made in time" };
  if (text.startsWith("The server does not support SSL")) return notPermitted("the server has no TLS");
  if (text.startsWith("There was an error establishing an SSL")) return notPermitted("the server has no TLS");
  if (text.startsWith("SASL") && text.includes("password must be"))
    return notPermitted("the server asks for a password");
  if (text.startsWith("SASL")) return notPermitted("the server does not prove that it knows the password");
  if (isAboutTls(code)) return notPermitted(`the server's certificate is not trusted (${code})`);
  return undefined;
}

/** By the classes of https://www.postgresql.org/docs/current/errcodes-appendix.html. */
function serverProblem(code: string, text: string): DatabaseProblem | undefined {
  switch (code) {
    case "57P01": // admin_shutdown
    case "57P02": // crash_shutdown
    case "57P03": // cannot_connect_now
    case "57P05": // idle_session_timeout
    case "25P03": // idle_in_transaction_session_timeout
    case "53300": // too_many_connections
      return { kind: "unreachable", reason: text };
    case "40001": // serialization_failure
    case "40P01": // deadlock_detected
    case "55P03": // lock_not_available
    case "57014": // query_canceled, by statement_timeout
      return { kind: "in-use" };
    case "42501": // insufficient_privilege
    case "25006": // read_only_sql_transaction: a stand-by
      return notPermitted(text);
    case "3D000": // invalid_catalog_name: there is no such database
    case "57P04": // database_dropped
      return { kind: "system", reason: text };
    case "42P01": // undefined_table
    case "3F000": // invalid_schema_name
      return { kind: "not-set-up" };
    case "XX001": // data_corrupted
    case "XX002": // index_corrupted
      return { kind: "damaged" };
    default:
  }
  switch (code.slice(0, 2)) {
    case "08": // connection_exception
      return { kind: "unreachable", reason: text };
    case "28": // invalid_authorization_specification
      return notPermitted(text);
    case "53": // insufficient_resources
    case "58": // system_error
      return { kind: "system", reason: text };
    default:
      return undefined;
  }
}

function notPermitted(reason: string): DatabaseProblem {
  return { kind: "not-permitted", reason };
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** OpenSSL's names of verification errors, and Node's. */
function isAboutTls(code: string): boolean {
  return /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|ERROR_IN_CERT_|EPROTO)/.test(
    code,
  );
}
