import type { Policy, Requirement } from "../policy/policy.ts";
import type { JsonPath } from "../policy/problem.ts";

/** The requirements of one scope, or of the default. */
export interface Section {
  /** Absent for the policy's default. */
  readonly transport: string | undefined;
  /** "" is the default of the transport. */
  readonly scope: string;
  readonly path: JsonPath;
  readonly requirements: readonly Requirement[];
}

/** All sections of a policy, in the order of the file but for the default, which comes first. */
export function sectionsOf(policy: Policy): readonly Section[] {
  const byTransport = [...policy.transports].flatMap(([transport, scopes]) =>
    [...scopes].map(([scope, requirements]) => ({
      transport,
      scope,
      path: ["transports", transport, scope],
      requirements,
    })),
  );
  return [{ transport: undefined, scope: "", path: ["default"], requirements: policy.default }, ...byTransport];
}
