import { fail, ok, type Result } from "../../result.ts";

/** Where a server is, and how it is spoken to: what libpq calls a connection string. */
export interface PostgresAddress {
  /** A name, an IP address, or the directory that its socket is in. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password: string | undefined;
  /** Asked if no password is given. */
  readonly passwordFile: string | undefined;
  readonly applicationName: string;
  readonly connectSeconds: number;
  readonly encryption: PostgresEncryption;
}

export type PostgresEncryption =
  | { readonly kind: "none" }
  /** `isRequired: false`: only if the server has it, which somebody in between can deny. */
  | { readonly kind: "unverified"; readonly isRequired: boolean; readonly client: ClientFiles }
  /** `roots`: a file; if there is none, the roots of the runtime. */
  | {
      readonly kind: "verified";
      readonly isHostChecked: boolean;
      readonly roots: string | undefined;
      readonly client: ClientFiles;
    };

/** Files with the certificate of this client, and its key. */
interface ClientFiles {
  readonly certificate: string | undefined;
  readonly key: string | undefined;
}

/** What libpq asks the machine for. */
export interface AddressSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly userName: string | undefined;
  readonly home: string | undefined;
  isFile(path: string): boolean;
  isSocket(path: string): boolean;
}

export function isPostgresUrl(text: string): boolean {
  return /^postgres(ql)?:/i.test(text);
}

/** The keywords of libpq that are understood, with the variables that say the same. */
const variables = {
  host: "PGHOST",
  port: "PGPORT",
  user: "PGUSER",
  password: "PGPASSWORD",
  dbname: "PGDATABASE",
  application_name: "PGAPPNAME",
  connect_timeout: "PGCONNECT_TIMEOUT",
  sslmode: "PGSSLMODE",
  sslrootcert: "PGSSLROOTCERT",
  sslcert: "PGSSLCERT",
  sslkey: "PGSSLKEY",
} as const;

type Keyword = keyof typeof variables;

/** They would lead elsewhere, or ask for more than is done here: nothing is done rather than less. */
const notDone = [
  "PGSERVICE",
  "PGHOSTADDR",
  "PGREQUIRESSL",
  "PGCHANNELBINDING",
  "PGREQUIREAUTH",
  "PGSSLCRL",
  "PGSSLCRLDIR",
];

/**
 * Reads `postgres://user:password@host:port/database?keyword=value` as libpq does (PostgreSQL 17, 32.1.1.2), with the variables of the
 * environment for what it does not say. Other than libpq, a host that is another machine has to prove who it is, unless `sslmode` says
 * that it need not: a verdict in the database is believed.
 *
 * @returns else why not, without the text that was given: there may be a password in it.
 */
export function readPostgresAddress(text: string, around: AddressSurroundings): Result<PostgresAddress, string> {
  const said = readUrl(text);
  if (!said.ok) return said;
  const unmet = notDone.find((name) => (around.environment[name] ?? "") !== "");
  if (unmet !== undefined) return fail(`the environment has ${unmet}, which is not supported`);
  const value = (keyword: Keyword): string | undefined =>
    said.value.get(keyword) || around.environment[variables[keyword]] || undefined;

  const port = wholeNumber(value("port") ?? "5432", 65_535);
  if (port === undefined || port === 0) return fail("the port is not a number from 1 to 65535");
  const user = value("user") ?? around.userName;
  if (user === undefined) return fail("the name of the user is neither given nor known to the system");
  const host = value("host") ?? defaultHost(port, around);
  if (host.includes(",")) return fail("there can be only one host");
  const timeout = wholeNumber(value("connect_timeout") ?? "0", 86_400);
  if (timeout === undefined) return fail("connect_timeout is not a number of seconds");
  const encryption = readEncryption(host, value, around);
  if (!encryption.ok) return encryption;
  return ok({
    host,
    port,
    user,
    database: value("dbname") ?? user,
    password: value("password"),
    passwordFile: passwordFileOf(around),
    applicationName: value("application_name") ?? "sealcheck",
    connectSeconds: timeout === 0 ? defaultConnectSeconds : timeout,
    encryption: encryption.value,
  });
}

function passwordFileOf({ environment, home }: AddressSurroundings): string | undefined {
  const { PGPASSFILE: named } = environment;
  if (named !== undefined && named !== "") return named;
  return home === undefined ? undefined : `${home}/.pgpass`;
}

/** libpq waits for ever. */
const defaultConnectSeconds = 15;

function readUrl(text: string): Result<ReadonlyMap<Keyword, string>, string> {
  const notUrl = fail("this is not a URL of the form postgres://USER@HOST:PORT/DATABASE");
  const found = /^postgres(?:ql)?:\/\/(?:([^/?#@]*)@)?([^/?#@]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/i.exec(text);
  if (found === null) return notUrl;
  const [, login, place = "", path, query] = found;
  const server = /^(\[[0-9A-Fa-f:.%]+\]|[^:[\]]*)(?::(\d*))?$/.exec(place);
  if (server === null) return place.includes(",") ? fail("there can be only one host") : notUrl;
  const [, host = "", port] = server;
  const colon = login?.indexOf(":") ?? -1;
  const parts: readonly (readonly [Keyword, string | undefined])[] = [
    ["user", colon < 0 ? login : login?.slice(0, colon)],
    ["password", colon < 0 ? undefined : login?.slice(colon + 1)],
    ["host", host.replace(/^\[(.*)\]$/, "$1")],
    ["port", port],
    ["dbname", path],
  ];
  const said = new Map<Keyword, string>();
  for (const [keyword, raw] of parts) {
    const value = decoded(raw ?? "");
    if (value === undefined) return notUrl;
    said.set(keyword, value);
  }
  for (const pair of query === undefined || query === "" ? [] : query.split("&")) {
    const equals = pair.indexOf("=");
    const keyword = decoded(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? undefined : decoded(pair.slice(equals + 1));
    if (keyword === undefined || value === undefined) return notUrl;
    if (!isKeyword(keyword)) return fail(`the parameter ${JSON.stringify(keyword)} is not supported`);
    said.set(keyword, value);
  }
  return ok(said);
}

function isKeyword(text: string): text is Keyword {
  return Object.hasOwn(variables, text);
}

function decoded(text: string): string | undefined {
  try {
    const value = decodeURIComponent(text);
    return value.includes("\0") ? undefined : value;
  } catch {
    return undefined;
  }
}

function wholeNumber(text: string, max: number): number | undefined {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : undefined;
  return value !== undefined && value <= max ? value : undefined;
}

/** Where Debian, Red Hat and PostgreSQL itself put the socket; a machine without one may have the server in a container. */
function defaultHost(port: number, { isSocket }: AddressSurroundings): string {
  const directories = ["/var/run/postgresql", "/run/postgresql", "/tmp"];
  return directories.find((directory) => isSocket(`${directory}/.s.PGSQL.${port}`)) ?? "localhost";
}

function readEncryption(
  host: string,
  value: (keyword: Keyword) => string | undefined,
  { home, isFile }: AddressSurroundings,
): Result<PostgresEncryption, string> {
  const mode = value("sslmode");
  const ownFile = (name: string) => {
    const path = home === undefined ? undefined : `${home}/.postgresql/${name}`;
    return path !== undefined && isFile(path) ? path : undefined;
  };
  const given = value("sslrootcert");
  const ofSystem = given === "system";
  const roots = ofSystem ? undefined : (given ?? ownFile("root.crt"));
  const client = {
    certificate: value("sslcert") ?? ownFile("postgresql.crt"),
    key: value("sslkey") ?? ownFile("postgresql.key"),
  };
  const verified = (isHostChecked: boolean) => ok({ kind: "verified", isHostChecked, roots, client } as const);
  // As libpq has it: whoever has any certificate of a public authority would do.
  if (ofSystem && mode !== undefined && mode !== "verify-full") {
    return fail(`sslrootcert=system is for sslmode=verify-full only`);
  }
  // No TLS on a socket of this machine, whatever is asked for, as libpq has it.
  const isSocket = host.startsWith("/");
  switch (mode) {
    case undefined:
      return isSocket || (isLoopback(host) && !ofSystem) ? ok({ kind: "none" }) : verified(true);
    case "disable":
      return ok({ kind: "none" });
    case "allow":
    case "prefer":
      return ok(isSocket ? { kind: "none" } : { kind: "unverified", isRequired: false, client });
    case "require":
      if (isSocket) return ok({ kind: "none" });
      return roots === undefined ? ok({ kind: "unverified", isRequired: true, client }) : verified(false);
    case "verify-ca":
      if (isSocket) return ok({ kind: "none" });
      return roots === undefined ? fail("sslmode=verify-ca needs sslrootcert, a file") : verified(false);
    case "verify-full":
      return isSocket ? ok({ kind: "none" }) : verified(true);
    default:
      return fail("sslmode is none of disable, allow, prefer, require, verify-ca, verify-full");
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
