/** The home of the user that runs the process, as the system knows it; `undefined` if it does not know the user. */
export function homeOfUser(): string | undefined {
  try {
    return process.getBuiltinModule("node:os").userInfo().homedir || undefined;
  } catch {
    return undefined;
  }
}

/** The name of the user that runs the process; `undefined` if the system does not know the user. */
export function nameOfUser(): string | undefined {
  try {
    return process.getBuiltinModule("node:os").userInfo().username || undefined;
  } catch {
    return undefined;
  }
}

/** Who this process acts as; 0 where the system has no users. */
export function effectiveUserId(): number {
  return process.geteuid?.() ?? 0;
}
