import type { SignedBaseLayer } from "../policy.ts";
import type { ProblemList } from "../reader/problem-list.ts";
import { keys, readFields, type StrictObject } from "../reader/strict-object.ts";
import { readSignedIdentity } from "./signed-identity.ts";

const fieldKeys = keys(["type", "baseLayerIdentity"]);

/** REFERENCE: signature/policy_config.go `prSignedBaseLayer.UnmarshalJSON`. */
export function readSignedBaseLayer(problems: ProblemList, object: StrictObject): SignedBaseLayer | undefined {
  const member = readFields(problems, object, fieldKeys).get("baseLayerIdentity");
  const baseLayerIdentity = member && readSignedIdentity(problems, member);
  return baseLayerIdentity && { type: "signedBaseLayer", baseLayerIdentity };
}
