import { hostname } from "node:os";

/** The environment variables of this process. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** What this machine is called. */
export function machineName(): string {
  return hostname();
}

/** The time of this machine in Unix seconds, with their fraction. */
export function clockSeconds(): number {
  return Date.now() / 1000;
}
