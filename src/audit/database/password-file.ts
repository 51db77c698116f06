/** Whose password is looked for. */
export interface PasswordFor {
  /** A name or address, or the directory of a socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/**
 * The password in the text of a password file (PostgreSQL 17, 32.16; libpq fe-connect.c `passwordFromFile`): the first line
 * `host:port:database:user:password` whose fields are these, or `*`; in a field `\:` and `\\` stand for what follows.
 */
export function passwordIn(text: string, { host, port, database, user }: PasswordFor): string | undefined {
  const wanted = [isDefaultSocket(host) ? "localhost" : host, `${port}`, database, user];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith("#")) continue;
    const fields = fieldsOf(line);
    if (wanted.every((value, at) => fields[at] === "*" || unescaped(fields[at]) === value)) return unescaped(fields[4]);
  }
  return undefined;
}

/** Of the server as it is built by default, and as Debian builds it. */
function isDefaultSocket(host: string): boolean {
  return host === "/tmp" || host === "/var/run/postgresql" || host === "/run/postgresql";
}

/** As they are written; the last has all that is left. */
function fieldsOf(line: string): readonly string[] {
  return (
    /^((?:[^:\\]|\\.)*):((?:[^:\\]|\\.)*):((?:[^:\\]|\\.)*):((?:[^:\\]|\\.)*):((?:[^:\\]|\\.|\\$)*)/
      .exec(line)
      ?.slice(1) ?? []
  );
}

function unescaped(field: string | undefined): string | undefined {
  return field?.replaceAll(/\\(.)/g, "$1");
}
