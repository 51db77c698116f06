/** The home of the user that runs the process, as the system knows it; `undefined` if it does not know the user. */
export function homeOfUser(): string | undefined {
  return userInfo()?.homedir || undefined;
}

/** The name of the user that runs the process; `undefined` if the system does not know the user. */
export function nameOfUser(): string | undefined {
  return userInfo()?.username || undefined;
}

function userInfo() {
  try {
    return process.getBuiltinModule("node:os").userInfo();
  } catch {
    return undefined;
  }
}

/** Who this process acts as; 0 where the system has no users. */
export function effectiveUserId(): number {
  return process.geteuid?.() ?? 0;
}
