import type { PolicyChoice } from "../../engine/read-policy.ts";
import type { Options } from "./parse-arguments.ts";

/** The file that `--policy` names, or the policy that would be used anyway. */
export function policyOf({ policy }: Options): PolicyChoice {
  return policy === undefined ? { kind: "default" } : { kind: "file", path: policy };
}
