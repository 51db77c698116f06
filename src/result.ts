/** The outcome of something that may fail in expected ways: failures are values, `throw` is for bugs (exit code 70). */
export type Result<T, P> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: P };

/** What may have to be waited for; what is at hand takes no turn of the event loop. */
export type Eventually<T> = T | Promise<T>;

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function fail<P>(problem: P): { readonly ok: false; readonly problem: P } {
  return { ok: false, problem };
}

/** Closes a `switch` over a union: does not compile while a case is missing, and throws (a bug) if reached. */
export function assertNever(value: never): never {
  throw new Error(`unreachable case: ${JSON.stringify(value)}`);
}

/** What a thrown value says of itself, whatever it is: not only errors are thrown, and even to look at one may throw. */
export function errorText(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return "what was thrown cannot be told";
  }
}

/** A value an attacker may have chosen. Every use spells the word, and it does not pass for a plain value. */
export interface Untrusted<T> {
  readonly untrusted: T;
}

export function untrusted<T>(value: T): Untrusted<T> {
  return { untrusted: value };
}
