import { isAbsolute, join } from "node:path";
import { readBoundedFile } from "../host/bounded-file.ts";
import { type Warn, warner } from "../host/file-warning.ts";
import { reasonOf } from "../host/system-error.ts";
import { homeOfUser } from "../host/user.ts";
import { maxPolicyBytes } from "../limits.ts";
import { fail, ok, type Result } from "../result.ts";
import type { PolicyFileProblem } from "../verdict/verdict.ts";

/** The environment variables that decide where the policy is. */
export interface PolicyEnvironment {
  readonly CONTAINERS_POLICY_JSON?: string | undefined;
  readonly XDG_CONFIG_HOME?: string | undefined;
  readonly HOME?: string | undefined;
}

/** policy.json as it was read, once. */
export interface PolicyFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * The system's policy: the file that `$CONTAINERS_POLICY_JSON` names, or the first that exists of
 * `$XDG_CONFIG_HOME/containers/policy.json` (`$HOME/.config` where that is unset), `/etc/containers/policy.json` and
 * `/usr/share/containers/policy.json`: containers-policy.json(5) of image/v5 5.41. One that exists and cannot be read is an
 * error; the next might allow more.
 *
 * Where the reference would look in the working directory (a relative or empty variable) this refuses, or takes an empty
 * one as unset: a policy must not come from the directory that root happens to stand in.
 */
export function readDefaultPolicy(
  environment: PolicyEnvironment,
  warn: Warn,
  userId?: number,
): Result<PolicyFile, PolicyFileProblem> {
  const named = environment.CONTAINERS_POLICY_JSON;
  // Both runtimes put U+FFFD for what is not UTF-8, and so another file would be looked for.
  const garbled = [named, ...userPolicies(environment)].find((path) => path?.includes("\ufffd"));
  if (garbled !== undefined) {
    return fail({ code: "policy.unreadable", path: garbled, reason: "its path is not UTF-8" });
  }
  if (named !== undefined && named !== "") return readPolicyFile(named, warn, userId);

  const searched = [...userPolicies(environment), "/etc/containers/policy.json", "/usr/share/containers/policy.json"];
  for (const path of searched) {
    if (!isAbsolute(path)) {
      return fail({ code: "policy.unreadable", path, reason: "HOME or XDG_CONFIG_HOME is not an absolute path" });
    }
    const found = read(path, warn, userId);
    if (found !== "missing") return found;
  }
  return fail({ code: "policy.missing", searched });
}

/** The policy in a file that was asked for by name: it must be there. */
export function readPolicyFile(path: string, warn: Warn, userId?: number): Result<PolicyFile, PolicyFileProblem> {
  const found = read(path, warn, userId);
  return found === "missing" ? fail({ code: "policy.unreadable", path, reason: reasonOf("ENOENT") }) : found;
}

function read(path: string, warn: Warn, userId: number | undefined): Result<PolicyFile, PolicyFileProblem> | "missing" {
  const content = readBoundedFile(path, {
    maxBytes: maxPolicyBytes,
    followLinks: true,
    inspect: warner(path, warn, userId),
  });
  if (content.ok) return ok({ path, bytes: content.value });
  const { problem } = content;
  switch (problem.kind) {
    case "missing":
      return "missing";
    case "too-large":
      return fail({ code: "policy.too-large", path, maxBytes: maxPolicyBytes });
    case "system":
      return fail({ code: "policy.unreadable", path, reason: reasonOf(problem.errno) });
    default:
      return fail({ code: "policy.unreadable", path, reason: "not a regular file" });
  }
}

function userPolicies(environment: PolicyEnvironment): readonly string[] {
  const configHome = environment.XDG_CONFIG_HOME;
  if (configHome !== undefined && configHome !== "") return [join(configHome, "containers", "policy.json")];
  const home = homeDirectory(environment);
  return home === undefined ? [] : [join(home, ".config", "containers", "policy.json")];
}

/** `$HOME`, or where that is unset the user's entry in passwd(5); who has neither has no policy of their own. */
function homeDirectory(environment: PolicyEnvironment): string | undefined {
  const home = environment.HOME;
  return home !== undefined && home !== "" ? home : homeOfUser();
}
