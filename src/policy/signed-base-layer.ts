import type { SignedBaseLayer } from "./policy.ts";
import type { ProblemList } from "./problem-list.ts";
import { readSignedIdentity } from "./signed-identity.ts";
import { readFields, type StrictObject } from "./strict-object.ts";

/** REFERENCE: signature/policy_config.go `prSignedBaseLayer.UnmarshalJSON`. */
export function readSignedBaseLayer(problems: ProblemList, object: StrictObject): SignedBaseLayer | undefined {
  const fields = readFields(problems, object, { required: ["type", "baseLayerIdentity"], optional: [] });
  const member = fields.get("baseLayerIdentity");
  const baseLayerIdentity = member && readSignedIdentity(problems, member);
  return baseLayerIdentity && { type: "signedBaseLayer", baseLayerIdentity };
}
